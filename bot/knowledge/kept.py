"""Results of slow work kept by content, in one small database beside the embeddings.

Reading 10,000 articles takes seconds and cutting them into words takes longer; what came of it
is looked up instead, unless the file or the code that reads it is another.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)

DIGEST = 16  # bytes
_HERE = Path(__file__).parent


def digest(*parts: bytes) -> bytes:
    """A short name for a content of several parts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.digest()[:DIGEST]


def code(*names: str) -> bytes:
    """A name for the state of some files of this package: what they made is void if they change."""
    return digest(*((_HERE / name).read_bytes() for name in names))


class Kept:
    """Bytes by key. Safe to share between threads and processes; whatever fails is only logged."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder nothing is kept."""
        self._path = None if folder is None else folder / "articles.sqlite"

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is kept under these keys; those without anything are left out."""
        if self._path is None or not keys:
            return {}
        try:
            with closing(self._connection(self._path)) as connection:
                rows = (
                    (key, connection.execute(_GET, (key,)).fetchone())
                    for key in dict.fromkeys(keys)
                )
                return {key: row[0] for key, row in rows if row is not None}
        except (OSError, sqlite3.Error) as error:
            log.warning("%s cannot be read: %s; delete it if this goes on", self._path, error)
            return {}

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep these."""
        if self._path is None or not entries:
            return
        try:
            with closing(self._connection(self._path)) as connection, connection:
                connection.executemany(_PUT, entries.items())
        except (OSError, sqlite3.Error) as error:
            log.warning("%s cannot be written: %s; delete it if this goes on", self._path, error)

    def _connection(self, path: Path) -> sqlite3.Connection:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=10)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
        )
        return connection


_GET = "SELECT value FROM kept WHERE key = ?"
_PUT = "INSERT OR REPLACE INTO kept VALUES (?, ?)"
