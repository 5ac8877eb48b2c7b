"""How a question in English is put to the embedder that knows English alone."""

from __future__ import annotations

import re

LANGUAGE = "en"
_SENTENCES = 2


def parts(text: str) -> list[str]:
    """The whole question, then its sentences: those of three words or more, the last ones."""
    apart = [s for s in re.split(r"(?<=[.!?])\s+|\n+", text) if len(s.split()) >= 3]
    return [text, *apart[-_SENTENCES:]] if len(apart) > 1 else [text]
