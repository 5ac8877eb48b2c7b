"""Digits as people write them: of any script, and with blanks, dashes and dots between them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Between the digits of one number: blanks and dashes of any kind, and these. Dashes that are not
# of the category Pd (minus, soft hyphen) and what nobody sees are told by `is_between`.
_MARKS = frozenset(".·•‧∙・。．,，、/／⁄\\|_~*:;'’`+−")
LISTING = frozenset(",，、;:|+\n")
_UNSEEN = frozenset("\ufe0f\u20e3\u3164\u115f")
_GAP = 8  # characters between two groups of one number, at most
_GAP_MARKS = 3


@dataclass(frozen=True)
class Group:
    """Digits that stand side by side; ``digits`` are the ten of ASCII, whatever was written."""

    start: int
    end: int
    digits: str


def groups(text: str) -> list[Group]:
    """The digits of ``text``, of any script, in groups that stand side by side."""
    found: list[Group] = []
    start, digits = 0, ""
    for position, character in enumerate(text):
        value = unicodedata.digit(character, None)
        if value is not None:
            start = start if digits else position
            digits += str(value)
        elif digits:
            found.append(Group(start, position, digits))
            digits = ""
    if digits:
        found.append(Group(start, len(text), digits))
    return found


def runs(text: str) -> Iterator[list[Group]]:
    """Groups with nothing between them but what may stand inside a number."""
    run: list[Group] = []
    for group in groups(text):
        if run and not is_gap(text[run[-1].end : group.start]):
            yield run
            run = []
        run.append(group)
    if run:
        yield run


def is_gap(gap: str) -> bool:
    """Whether ``gap`` may stand between two groups of one number."""
    marks = sum(not c.isspace() and not is_unseen(c) for c in gap)
    return len(gap) <= _GAP and marks <= _GAP_MARKS and all(map(is_between, gap))


def is_between(character: str) -> bool:
    """Whether people put ``character`` between the digits of a number."""
    return (
        character.isspace()
        or character in _MARKS
        or unicodedata.category(character) == "Pd"
        or is_unseen(character)
    )


def is_unseen(character: str) -> bool:
    """Whether nobody sees ``character``, such as a blank of no width."""
    return character in _UNSEEN or unicodedata.category(character) == "Cf"


def sign_of(character: str) -> str:
    """The character as one of A-Z and 0-9, or a mark that is neither."""
    value = unicodedata.digit(character, None)
    if value is not None:
        return str(value)
    plain = unicodedata.normalize("NFKC", character).upper()
    return plain if len(plain) == 1 and "A" <= plain <= "Z" else "?"
