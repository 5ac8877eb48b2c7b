"""A folder read live: each scan parses what changed, a broken file keeps its last good version."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)


class BrokenFileError(ValueError):
    """A file of the shop's owner that cannot be read; the message says what to do."""


class LiveFolder[T]:
    """Parsed files of one folder by file name.

    `wanted` chooses file names, `parse` reads one and raises BrokenFileError. Not for use by
    several threads at once; its owner holds a lock.
    """

    def __init__(
        self, folder: Path | None, wanted: Callable[[str], bool], parse: Callable[[Path], T]
    ) -> None:
        self.folder = folder
        self.good: dict[str, T] = {}
        self._wanted = wanted
        self._parse = parse
        self._seen: dict[str, tuple[int, int, int]] = {}

    def scan(self) -> bool:
        """Read what is new or changed, forget what is gone; True if anything differs now."""
        found: dict[str, tuple[int, int, int]] = {}
        try:
            if self.folder is not None:
                with os.scandir(self.folder) as entries:
                    for entry in entries:
                        if self._wanted(entry.name) and entry.is_file():
                            stat = entry.stat()
                            found[entry.name] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except FileNotFoundError:
            found = {}
        if found == self._seen:
            return False
        changed = False
        for name in self._seen.keys() - found.keys():
            changed |= self.good.pop(name, None) is not None
        for name in sorted(found):
            if found[name] == self._seen.get(name) or self.folder is None:
                continue
            try:
                self.good[name] = self._parse(self.folder / name)
                changed = True
            except FileNotFoundError:
                # Removed between the listing and the reading: the next scan sees it gone.
                continue
            except (BrokenFileError, OSError, UnicodeDecodeError) as error:
                kept = "its last good version stays" if name in self.good else "it is left out"
                log.warning("%s: %s (%s)", self.folder / name, error, kept)
        self._seen = found
        return changed
