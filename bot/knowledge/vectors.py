"""Embeddings kept by content, so that only a text not seen before is embedded."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import re
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.model import Vector
from bot.knowledge.progress import Progress

if TYPE_CHECKING:
    from bot.embedding import Embedder

log = logging.getLogger(__name__)
Role = Literal["query", "passage"]
Rows = NDArray[np.int64]
# Small, as a customer's question waits for the batch that is being embedded.
_BATCH = 8
_DIGEST = 16


class VectorStore:
    """Vectors by text and role. With a folder they outlive the process.

    The file is a row of records of one size (digest, vector) that only grows: a broken-off
    write leaves at most half a record at its end, which the next writer cuts off. It is mapped
    into memory, so that a start reads the digests and no more.

    Each vector has a row number: its place in the file, or, below 0, in a list of those that
    could not be written.
    """

    def __init__(self, embedder: Embedder, folder: Path | None = None) -> None:
        self.name = embedder.name
        self.dimensions = embedder.dimensions
        self._embedder = embedder
        self._rows: dict[bytes, int] = {}
        self._record = np.dtype([("key", f"V{_DIGEST}"), ("vector", "<f4", self.dimensions)])
        self._unwritten: list[Vector] = []
        self._written: NDArray[Any] = np.zeros(0, dtype=self._record)
        self._file: int | None = None
        if folder is not None:
            name = re.sub(r"[^A-Za-z0-9.-]+", "-", self.name)
            self._open(folder / f"{name}-{self.dimensions}.vectors")

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, texts: Sequence[str], role: Role) -> Vector:
        """Vectors of the texts, one row each; new ones are embedded and kept."""
        keys = [self.key(text, role) for text in texts]
        self.add(dict(zip(keys, texts, strict=True)), role)
        return self.take(self.rows(keys))

    def key(self, text: str, role: Role) -> bytes:
        """What a text is kept under."""
        whole = f"{self.name}\0{role}\0{text}".encode()
        return hashlib.sha256(whole).digest()[:_DIGEST]

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def rows(self, keys: Sequence[bytes]) -> Rows:
        """The row numbers of texts that were added before."""
        return np.fromiter(map(self._rows.__getitem__, keys), dtype=np.int64, count=len(keys))

    def take(self, rows: Rows) -> Vector:
        """The vectors with those row numbers."""
        written = rows >= 0
        if written.all():
            return np.asarray(self._written["vector"][rows], dtype=np.float32)
        result = np.empty((len(rows), self.dimensions), dtype=np.float32)
        result[written] = self._written["vector"][rows[written]]
        for place in np.flatnonzero(~written):
            result[place] = self._unwritten[-1 - rows[place]]
        return result

    def add(self, texts: Mapping[bytes, str], role: Role, progress: Progress | None = None) -> None:
        """Embed those texts, by key, that are not kept yet.

        In batches, each written at once: what is broken off resumes where it was.
        """
        todo = [(key, text) for key, text in texts.items() if key not in self._rows]
        # A batch costs what its longest text costs.
        todo.sort(key=lambda entry: len(entry[1]))
        embed = self._embedder.queries if role == "query" else self._embedder.passages
        for begin in range(0, len(todo), _BATCH):
            batch = todo[begin : begin + _BATCH]
            vectors = np.asarray(embed([text for _, text in batch]), dtype=np.float32)
            self._keep([key for key, _ in batch], vectors)
            if progress is not None:
                progress.advance(len(batch), sum(len(text) for _, text in batch))

    def _open(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            log.warning("%s: embeddings are not kept: %s", path, error)
            return
        weakref.finalize(self, os.close, self._file)
        self._map()
        keys = np.ascontiguousarray(self._written["key"]).tobytes()
        self._rows = {
            keys[place : place + _DIGEST]: row
            for row, place in enumerate(range(0, len(keys), _DIGEST))
        }

    def _map(self) -> None:
        """See all whole records that the file has now."""
        assert self._file is not None
        count = os.fstat(self._file).st_size // self._record.itemsize
        if count:
            with open(self._file, "rb", closefd=False) as file:
                # As a plain array: looking things up in a memmap costs more.
                self._written = np.asarray(np.memmap(file, self._record, mode="r", shape=(count,)))

    def _keep(self, keys: list[bytes], vectors: Vector) -> None:
        first = self._write(keys, vectors)
        for place, (key, vector) in enumerate(zip(keys, vectors, strict=True)):
            if first is None:
                self._unwritten.append(vector)
                self._rows[key] = -len(self._unwritten)
            else:
                self._rows[key] = first + place

    def _write(self, keys: list[bytes], vectors: Vector) -> int | None:
        """Append records; the first one's row, None if they could not be written."""
        if self._file is None:
            return None
        records = np.zeros(len(keys), dtype=self._record)
        for place, (key, vector) in enumerate(zip(keys, vectors, strict=True)):
            records[place] = (np.void(key), vector)
        try:
            # Other processes append to the same file.
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                size = os.fstat(self._file).st_size
                whole = size - size % self._record.itemsize
                os.ftruncate(self._file, whole)
                raw = records.tobytes()
                if os.write(self._file, raw) != len(raw):
                    raise OSError("the disk is full")
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError as error:
            log.warning("Embeddings are not kept: %s", error)
            return None
        self._map()
        return whole // self._record.itemsize


@dataclass(frozen=True)
class Stores:
    """The vectors of each embedder that an index is made with."""

    every: VectorStore  # the embedder of all languages
    english: VectorStore | None = None
    universal: VectorStore | None = None
