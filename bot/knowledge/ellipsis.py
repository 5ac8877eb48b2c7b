"""What a short message leaves out: "and the foam one?", "45 then?".

Such a message names no product and asks for no attribute. It means another product of the kind
talked of, told apart by a word of its own, or another value of the product talked of; what is
asked about it was asked before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.knowledge.model import Product, ProductMention
from bot.knowledge.quantities import Match
from bot.knowledge.reading import Reading

# A message with more words of meaning that nothing explains says itself what it means.
_FEW = 2
_SIZED = frozenset({"sizes", "stock"})


def completed(
    reading: Reading,
    previous: Reading,
    carried: Product,
    products: Collection[Product],
    own_words: Mapping[str, frozenset[str]],
) -> Reading:
    """The reading of a message with the product or the value that it only hints at.

    `carried` is the product talked of; `own_words` are the stems of each product's own text.
    """
    if reading.mentions or reading.ranks or reading.limits or reading.attributes:
        return reading
    left, _ = reading.open_words([*reading.kinds, Match("", reading.form_places)])
    if len(left) > _FEW or not {"follow", "other"} & reading.forms:
        return _sized(reading, previous, carried)
    another = _another(reading, {token.stem for token in left}, carried, products, own_words)
    if another is not None and _asks(previous):
        return _naming(reading, another)
    return _sized(reading, previous, carried)


def _asks(previous: Reading) -> bool:
    return bool(previous.attributes or previous.sizes or previous.colours) and not previous.ranks


def _another(
    reading: Reading,
    said: set[str],
    carried: Product,
    products: Collection[Product],
    own_words: Mapping[str, frozenset[str]],
) -> Product | None:
    """The other product that is meant, if it is but one."""
    kinds = {match.key for match in reading.kinds} - {carried.kind}
    if kinds:
        named = [product for product in products if product.kind in kinds]
        return named[0] if len(named) == 1 else None
    others = [p for p in products if p.kind == carried.kind and p.id != carried.id]
    if said and not said & own_words[carried.id]:
        told = [product for product in others if said & own_words[product.id]]
        if len(told) == 1:
            return told[0]
    if "other" in reading.forms and len(others) == 1:
        return others[0]
    return None


def _naming(reading: Reading, product: Product) -> Reading:
    """The same, with the words that point at a product as its name."""
    explained = {place for match in (*reading.sizes, *reading.colours) for place in match.places}
    open_places = [
        place
        for place, token in enumerate(reading.tokens)
        if token.word not in reading.stop and place not in explained
    ]
    places = open_places or list(range(len(reading.tokens)))
    start, end = reading.tokens[places[0]].start, reading.tokens[places[-1]].end
    mention = ProductMention(product.id, reading.text[start:end], start, end, 1.0)
    return replace(reading, mentions=(mention,), named=frozenset(places), kinds=())


def _sized(reading: Reading, previous: Reading, carried: Product) -> Reading:
    """The same, with a bare number as a size, where sizes were talked of."""
    left, _ = reading.open_words([*reading.kinds, Match("", reading.form_places)])
    if (
        len(left) > 1
        or reading.sizes
        or not (previous.sizes or {m.key for m in previous.attributes} & _SIZED)
    ):
        return reading
    known = {str(size) for size in (*(carried.value("sizes") or ()), *carried.stock)}
    found = [Match(token.raw, (i,)) for i, token in enumerate(reading.tokens) if token.raw in known]
    if not found:
        return reading
    # It goes on with the product talked of as surely as if it said "and".
    return replace(reading, sizes=tuple(found), forms=reading.forms | {"follow"})
