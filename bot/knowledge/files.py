"""A folder read live: each scan parses what changed, a broken file keeps its last good version."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)

# A look at a folder with more files than this takes long enough to be felt in every answer:
# there, what was seen a moment ago counts.
LARGE = 1_000
LOOK_EVERY_SECONDS = 0.5
# Up to so many are parsed in a moment; of more, what was parsed is kept, and kept anew once this
# share of them is new.
FEW = 50
_WORTH_KEEPING = 0.01
_Stamp = tuple[int, int, int]


class BrokenFileError(ValueError):
    """A file of the shop's owner that cannot be read; the message says what to do."""


class LiveFolder[T]:
    """Parsed files of one folder by file name.

    `wanted` chooses file names, `parse` reads one and raises BrokenFileError. Not for use by
    several threads at once; its owner holds a lock.
    """

    def __init__(
        self,
        folder: Path | None,
        wanted: Callable[[str], bool],
        parse: Callable[[Path], T],
        memory: Memory[T] | None = None,
    ) -> None:
        """With a `memory` a new process parses only what changed since the last one."""
        self.folder = folder
        self.good: dict[str, T] = {}
        self._wanted = wanted
        self._parse = parse
        self._memory = memory
        self._seen: dict[str, _Stamp] = {}
        self._looked = 0.0

    def scan(self) -> bool:
        """Read what is new or changed, forget what is gone; True if anything differs now."""
        now = time.monotonic()
        if len(self._seen) > LARGE and now - self._looked < LOOK_EVERY_SECONDS:
            return False
        found = self._look()
        self._looked = now
        if self._memory is not None and not self._seen:
            # What an earlier process read of files that are still the same.
            known = self._memory.recall()
            self._seen = {n: stamp for n, (stamp, _) in known.items() if found.get(n) == stamp}
            self.good = {name: known[name][1] for name in self._seen}
            recalled = bool(self._seen)
        else:
            recalled = False
        if found == self._seen or self.folder is None:
            return recalled
        changed = recalled
        for name in self._seen.keys() - found.keys():
            changed |= self.good.pop(name, None) is not None
        unread = [name for name in sorted(found) if found[name] != self._seen.get(name)]
        read = [name for name in unread if self._read(self.folder / name)]
        self._seen = found
        worth = len(found) > FEW and len(read) >= _WORTH_KEEPING * len(found)
        if self._memory is not None and worth:
            sound = {name: (found[name], self.good[name]) for name in found if name in self.good}
            self._memory.keep({n: e for n, e in sound.items() if n in read or n not in unread})
        return changed or bool(read)

    def _read(self, path: Path) -> bool:
        """Whether there is something new in a file."""
        try:
            self.good[path.name] = self._parse(path)
        except FileNotFoundError:
            # Removed between the listing and the reading: the next scan sees it gone.
            return False
        except (BrokenFileError, OSError, UnicodeDecodeError) as error:
            kept = "its last good version stays" if path.name in self.good else "it is left out"
            log.warning("%s: %s (%s)", path, error, kept)
            return False
        return True

    def _look(self) -> dict[str, _Stamp]:
        found: dict[str, _Stamp] = {}
        try:
            if self.folder is not None:
                with os.scandir(self.folder) as entries:
                    for entry in entries:
                        name = entry.name
                        if (name in self._seen or self._wanted(name)) and entry.is_file():
                            stat = entry.stat()
                            found[name] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except FileNotFoundError:
            return {}
        return found


class Memory[T]:
    """What the files of a folder were parsed to, in one file: 10,000 take seconds to parse.

    A file counts as the same by time, size and inode, as for the live folder.
    """

    def __init__(self, path: Path, kind: type[T], form: bytes) -> None:
        """`form` names all else that the result depends on: code and settings."""
        self._path = path
        self._form = form
        self._encode = msgspec.msgpack.Encoder().encode
        kept = tuple[bytes, dict[str, tuple[_Stamp, kind]]]  # type: ignore[valid-type]
        self._decode = msgspec.msgpack.Decoder(kept).decode

    def recall(self) -> dict[str, tuple[_Stamp, T]]:
        """Stamp and value by file name; empty if nothing is kept, or of another form."""
        try:
            form, known = self._decode(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("%s is of no use and is made anew: %s", self._path, error)
            return {}
        return known if form == self._form else {}

    def keep(self, known: dict[str, tuple[_Stamp, T]]) -> None:
        """Keep these and nothing else."""
        own = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            own.write_bytes(self._encode((self._form, known)))
            own.replace(self._path)
        except OSError as error:
            log.warning("%s is not kept: %s", self._path, error)
