"""Embeddings kept by content, so that only a text not seen before is embedded."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from bot.knowledge.model import Vector

if TYPE_CHECKING:
    from bot.embedding import Embedder

log = logging.getLogger(__name__)
Role = Literal["query", "passage"]
# Small, as a customer's question waits for the batch that is being embedded.
_BATCH = 8
_DIGEST = 16


class VectorStore:
    """Vectors by text and role. With a folder they outlive the process.

    The file is a row of records of one size (digest, vector) that only grows: a broken-off
    write leaves at most half a record at its end, which the next writer cuts off.
    """

    def __init__(self, embedder: Embedder, folder: Path | None = None) -> None:
        self._embedder = embedder
        self._known: dict[bytes, Vector] = {}
        self._record = np.dtype([("key", f"V{_DIGEST}"), ("vector", "<f4", embedder.dimensions)])
        self._file: Path | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^A-Za-z0-9.-]+", "-", embedder.name)
            self._file = folder / f"{name}-{embedder.dimensions}.vectors"
            self._load(self._file)

    def __len__(self) -> int:
        return len(self._known)

    def get(self, texts: Sequence[str], role: Role) -> Vector:
        """Vectors of the texts, one row each; new ones are embedded and kept."""
        keys = [self._key(text, role) for text in texts]
        missing: dict[bytes, str] = {}
        for key, text in zip(keys, texts, strict=True):
            if key not in self._known:
                missing[key] = text
        todo = list(missing.items())
        embed = self._embedder.queries if role == "query" else self._embedder.passages
        # In batches, each kept at once: a start that is broken off resumes where it was.
        for begin in range(0, len(todo), _BATCH):
            batch = todo[begin : begin + _BATCH]
            rows = np.asarray(embed([text for _, text in batch]), dtype=np.float32)
            for (key, _), row in zip(batch, rows, strict=True):
                self._known[key] = row
            self._append([key for key, _ in batch], rows)
        if not keys:
            return np.zeros((0, self._embedder.dimensions), dtype=np.float32)
        return np.stack([self._known[key] for key in keys])

    def _key(self, text: str, role: Role) -> bytes:
        whole = f"{self._embedder.name}\0{role}\0{text}".encode()
        return hashlib.sha256(whole).digest()[:_DIGEST]

    def _load(self, path: Path) -> None:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return
        whole = len(raw) - len(raw) % self._record.itemsize
        for row in np.frombuffer(raw[:whole], dtype=self._record):
            self._known[bytes(row["key"])] = row["vector"]

    def _append(self, keys: list[bytes], rows: Vector) -> None:
        if self._file is None:
            return
        records = np.zeros(len(keys), dtype=self._record)
        for place, (key, row) in enumerate(zip(keys, rows, strict=True)):
            records[place] = (np.void(key), row)
        try:
            with self._file.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                size = file.seek(0, 2)
                file.truncate(size - size % self._record.itemsize)
                file.write(records.tobytes())
        except OSError as error:
            log.warning("%s: embeddings are not kept: %s", self._file, error)
