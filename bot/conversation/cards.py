"""Payment cards: who issues a number that begins so, and whether digits can be one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stdnum import luhn


@dataclass(frozen=True)
class Brand:
    """Who issues cards: first digits, usual lengths, and lengths that are rare."""

    prefixes: tuple[tuple[str, str], ...]
    lengths: frozenset[int]
    rare: frozenset[int] = frozenset()


def _brand(prefixes: str, lengths: Sequence[int], rare: Sequence[int] = ()) -> Brand:
    ends = [prefix.split("-") for prefix in prefixes.split()]
    return Brand(tuple((e[0], e[-1]) for e in ends), frozenset(lengths), frozenset(rare))


# ISO/IEC 7812 prefixes of the networks that shops take.
_BRANDS = (
    _brand("4", [16], [13, 19]),  # Visa
    _brand("51-55 2221-2720", [16]),  # Mastercard
    _brand("34 37", [15]),  # American Express
    _brand("300-305 3095 36 38-39", [14], [15, 16, 17, 18, 19]),  # Diners Club
    _brand("6011 644-649 65", [16], [17, 18, 19]),  # Discover
    _brand("3528-3589", [16], [17, 18, 19]),  # JCB
    _brand("62 8100-8171", [16], [17, 18, 19]),  # UnionPay
    _brand(
        "5018 5020 5038 5893 6304 6759 6761-6763", [16], [12, 13, 14, 15, 17, 18, 19]
    ),  # Maestro
    _brand("2200-2204", [16], [17, 18, 19]),  # Mir
    _brand("5019 9792", [16]),  # Dankort, Troy
    _brand("508 60", [], [16]),  # RuPay, GPN
)
# Digits of the whole number that a part in one message has at least.
PART_DIGITS = 4


def split_card(parts: Sequence[str]) -> bool:
    """Whether ``parts``, written one after the other, are one card number of a usual length.

    Stricter than a number in one piece, as nothing but their order says that they belong together.
    """
    return all(len(part) >= PART_DIGITS for part in parts) and bool(is_usual_card("".join(parts)))


def is_usual_card(digits: str) -> bool | None:
    """True for a card of a usual length, False for a rare one, None for no card."""
    usual = _lengths(digits[:4]).get(len(digits))
    if usual is None or len(set(digits)) == 1 or not luhn.is_valid(digits):
        return None
    return usual


@lru_cache(maxsize=10_000)
def _lengths(first_four: str) -> dict[int, bool]:
    """The lengths of cards that begin so, and whether each is usual."""
    lengths: dict[int, bool] = {}
    for brand in _BRANDS:
        if any(low <= first_four[: len(low)] <= high for low, high in brand.prefixes):
            lengths |= {n: lengths.get(n, False) for n in brand.rare}
            lengths |= dict.fromkeys(brand.lengths, True)
    return lengths
