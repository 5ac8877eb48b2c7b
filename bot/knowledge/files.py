"""A folder read live: each scan parses what changed, a broken file keeps its last good version."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bot.knowledge.kept import Kept, digest

log = logging.getLogger(__name__)

# A look at a folder with more files than this takes long enough to be felt in every answer:
# there, what was seen a moment ago counts.
LARGE = 1_000
LOOK_EVERY_SECONDS = 1.0
_Stamp = tuple[int, int, int]


class BrokenFileError(ValueError):
    """A file of the shop's owner that cannot be read; the message says what to do."""


class LiveFolder[T]:
    """Parsed files of one folder by file name.

    `wanted` chooses file names, `parse` reads the bytes of one and raises BrokenFileError. Not
    for use by several threads at once; its owner holds a lock.
    """

    def __init__(
        self,
        folder: Path | None,
        wanted: Callable[[str], bool],
        parse: Callable[[Path, bytes], T],
        memory: Memory[T] | None = None,
    ) -> None:
        """With a `memory`, content that was read before, by whatever process, is not parsed."""
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
        if found == self._seen or self.folder is None:
            return False
        changed = False
        for name in self._seen.keys() - found.keys():
            changed |= self.good.pop(name, None) is not None
        contents = {}
        for name in sorted(found):
            if found[name] != self._seen.get(name):
                try:
                    contents[name] = (self.folder / name).read_bytes()
                except FileNotFoundError:
                    # Removed between the listing and the reading: the next scan sees it gone.
                    continue
                except OSError as error:
                    self._warn(name, error)
        changed |= self._read(self.folder, contents)
        self._seen = found
        return changed

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

    def _read(self, folder: Path, contents: dict[str, bytes]) -> bool:
        known = self._memory.recall(contents) if self._memory is not None else {}
        parsed: dict[str, T] = {}
        for name, content in contents.items():
            if name in known:
                continue
            try:
                parsed[name] = self._parse(folder / name, content)
            except (BrokenFileError, UnicodeDecodeError) as error:
                self._warn(name, error)
        if self._memory is not None:
            self._memory.keep(contents, parsed)
        self.good |= known | parsed
        return bool(known or parsed)

    def _warn(self, name: str, error: Exception) -> None:
        kept = "its last good version stays" if name in self.good else "it is left out"
        log.warning("%s: %s (%s)", self.folder and self.folder / name, error, kept)


class Memory[T]:
    """What was parsed, kept by name and content of the file."""

    def __init__(self, kept: Kept, kind: type[T], form: bytes) -> None:
        """`form` names all else that the result depends on: code and settings."""
        self._kept = kept
        self._form = form
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(kind).decode

    def recall(self, contents: dict[str, bytes]) -> dict[str, T]:
        """What is kept of these files, by name."""
        keys = {name: self._key(name, content) for name, content in contents.items()}
        found = self._kept.get(list(keys.values()))
        known = {}
        for name, key in keys.items():
            try:
                if key in found:
                    known[name] = self._decode(found[key])
            except msgspec.MsgspecError as error:
                # A damaged file of what is kept costs time, and nothing else.
                log.warning("%s: what is kept of it cannot be read: %s", name, error)
        return known

    def keep(self, contents: dict[str, bytes], parsed: dict[str, T]) -> None:
        """Keep what these files were parsed to."""
        self._kept.put(
            {self._key(n, contents[n]): self._encode(value) for n, value in parsed.items()}
        )

    def _key(self, name: str, content: bytes) -> bytes:
        return digest(self._form, name.encode("utf-8", "surrogateescape"), content)
