"""Takes sensitive numbers out of text before it is stored, and leaves a token in their place.

A token is the same in every language, ``⟦card •••• 1111⟧`` or ``⟦pesel⟧``; the pages put words of
their own language in its place. Of a card the last four digits stay, as PCI DSS allows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from bot.conversation.cards import PART_DIGITS, split_card
from bot.conversation.digits import Group, groups
from bot.conversation.sensitive import Kind, Span, find

_TOKEN = re.compile(r"⟦(card|iban|pesel|thai_id|nik)(?: ••••(?: (\d{4}))?)?⟧")
# What the assistant reads instead: words and no digits, which could pass for an order number.
_FOR_ASSISTANT = {
    Kind.CARD: "[card number]",
    Kind.IBAN: "[IBAN]",
    Kind.PESEL: "[PESEL]",
    Kind.THAI_ID: "[national id number]",
    Kind.NIK: "[NIK]",
}
_BETWEEN_DIGITS = r"[^\w⟦⟧]{0,8}"
_DECODINGS = 3


@dataclass(frozen=True)
class Masked:
    """A text without its sensitive numbers, and the kinds of those that stood in it."""

    text: str
    kinds: list[str]


def token(kind: Kind, digits: str = "") -> str:
    """What stands in the place of a number, or of the part of a card number that has ``digits``.

    Only a card's last four digits are shown: give none for a part that has not the end.
    """
    if kind is not Kind.CARD:
        return f"⟦{kind}⟧"
    return f"⟦card •••• {digits[-4:]}⟧" if digits else "⟦card ••••⟧"


def mask(text: str) -> Masked:
    """``text`` with a token for each sensitive number in it."""
    spans = find(text)
    for span in reversed(spans):
        digits = "".join(group.digits for group in groups(text[span.start : span.end]))
        text = text[: span.start] + token(span.kind, digits) + text[span.end :]
    return Masked(text, _kinds(spans))


def mask_address(address: str | None) -> str | None:
    """A page's address without the sensitive numbers in its path or query, however encoded."""
    if not address:
        return address
    plain = address
    for _ in range(_DECODINGS):
        masked = mask(plain)
        if masked.kinds:
            return masked.text
        plain = unquote_plus(plain)
    return address


def for_assistant(text: str) -> str:
    """``text`` as the assistant gets it: with words for the tokens."""
    return _TOKEN.sub(lambda match: _FOR_ASSISTANT[Kind(match[1])], text)


def without_tokens(text: str) -> str:
    """What of ``text`` the customer wrote in words."""
    return _TOKEN.sub(" ", text)


@dataclass(frozen=True)
class Part:
    """Where a part of a card number stands in a message, and its digits."""

    start: int
    end: int
    digits: str


def split(earlier: Sequence[str], new: str) -> list[Part | None]:
    """The parts of a card number that ``new`` completes: in each of ``earlier``, then in ``new``.

    ``earlier`` are the messages before it, oldest first. The number begins with the last digits of
    one, may go on in those between, and ends with the first digits of ``new``. None stands for a
    message that has no part in it; the list is empty where there is no such number.
    """
    row = _row(new, last=False)
    for taken in range(len(row), 0, -1):
        if found := _completed(earlier, _part(row[:taken])):
            return found
    return []


def _completed(earlier: Sequence[str], end: Part) -> list[Part | None]:
    parts: list[Part | None] = [end]
    for text in reversed(earlier):
        row = _row(text, last=True)
        known = [part.digits for part in parts if part is not None]
        for first in range(len(row)):
            begin = _part(row[first:])
            if split_card([begin.digits, *known]):
                return [*[None] * (len(earlier) - len(parts)), begin, *parts]
        if len(row) != len(groups(_blank(text))):
            return []  # other numbers stand before these: the card number cannot begin earlier
        parts.insert(0, _part(row) if row else None)
    return []


def _blank(text: str) -> str:
    """``text`` as long as it is, with letters for tokens: their four digits are nobody's part."""
    return _TOKEN.sub(lambda match: "x" * len(match[0]), text)


def _row(text: str, *, last: bool) -> list[Group]:
    """The last or the first digits of ``text``: groups with nothing but marks between them."""
    found: list[Group] = []
    text = _blank(text)
    for group in reversed(groups(text)) if last else groups(text):
        if found:
            low, high = (group, found[-1]) if last else (found[-1], group)
            if not re.fullmatch(_BETWEEN_DIGITS, text[low.end : high.start]):
                break
        found.append(group)
    return found[::-1] if last else found


def _part(row: Sequence[Group]) -> Part:
    return Part(row[0].start, row[-1].end, "".join(group.digits for group in row))


def cover(text: str, part: Part, *, is_last: bool) -> str:
    """``text`` with a token for ``part``; of the last part the last four digits stay."""
    shown = token(Kind.CARD, part.digits if is_last and len(part.digits) >= PART_DIGITS else "")
    return text[: part.start] + shown + text[part.end :]


def scrub(content: Any, parts: Sequence[str]) -> Any:
    """``content``, made of what JSON has, without ``parts`` where they stand as whole numbers."""
    if isinstance(content, str):
        for part in parts:
            number = _BETWEEN_DIGITS.join(map(_digit, part))
            content = re.sub(rf"(?<!\d)(?<!•••• ){number}(?!\d)", token(Kind.CARD), content)
        return content
    if isinstance(content, list):
        return [scrub(item, parts) for item in content]
    if isinstance(content, dict):
        return {key: scrub(value, parts) for key, value in content.items()}
    return content


def _digit(digit: str) -> str:
    """A pattern for a digit in the scripts that our customers write."""
    return "[" + "".join(chr(zero + int(digit)) for zero in (0x30, 0xFF10, 0x0E50)) + "]"


def _kinds(spans: Sequence[Span]) -> list[str]:
    return list(dict.fromkeys(str(span.kind) for span in spans))
