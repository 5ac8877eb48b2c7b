"""Every sentence that a customer can see, one catalogue per language (``data/texts/<code>.yml``).

A key is a path such as ``notices.claimed``. A language that lacks a sentence falls back to
English, so a new language can grow line by line; a test names what is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.errors import ExpectedError

FALLBACK = "en"
# Tagalog is what browsers may call Filipino, and "in" what old Java calls Indonesian.
_OTHER_CODES = {"tl": "fil", "in": "id"}


class TextsError(ExpectedError):
    """A catalogue is missing or damaged; the text says what to do."""


class Texts:
    """The catalogues of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._catalogues = {path.stem: _flat(_read(path)) for path in sorted(folder.glob("*.yml"))}
        if FALLBACK not in self._catalogues:
            raise TextsError(f"{folder} has no {FALLBACK}.yml, the catalogue all others rest on.")

    @property
    def languages(self) -> list[str]:
        """Codes of the languages that have a catalogue."""
        return list(self._catalogues)

    def supported(self, language: str | None) -> str:
        """The catalogue's code nearest to ``language`` (``pl-PL`` is ``pl``); else English."""
        code = (language or FALLBACK).lower().split("-")[0].strip()
        code = _OTHER_CODES.get(code, code)
        return code if code in self._catalogues else FALLBACK

    def find(self, language: str, key: str) -> str | None:
        """The sentence ``key`` in ``language`` or in English; None where neither has it."""
        own = self._catalogues.get(self.supported(language), {})
        return own.get(key, self._catalogues[FALLBACK].get(key))

    def say(self, language: str, key: str, **values: object) -> str:
        """The sentence ``key`` with ``values`` filled in.

        Raises:
            KeyError: no catalogue has that key.
        """
        sentence = self.find(language, key)
        if sentence is None:
            raise KeyError(f"No catalogue has the text {key!r}.")
        return sentence.format(**values) if values else sentence

    def group(self, language: str, name: str) -> dict[str, str]:
        """All sentences below ``name``, by the rest of their key."""
        prefix = name + "."
        return {
            key[len(prefix) :]: self.say(language, key)
            for key in self._catalogues[FALLBACK]
            if key.startswith(prefix)
        }


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise TextsError(f"{path} is not valid YAML; correct it: {error}") from None
    if not isinstance(content, dict):
        raise TextsError(f"{path} must hold keys and sentences.")
    return content


def _flat(content: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + str(key)] = str(value).strip()
    return flat
