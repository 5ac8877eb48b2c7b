"""Several products at once: the cheapest jacket, tents under 300, this one against that one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.catalog import Attribute, Vocabulary
from bot.knowledge.model import Product
from bot.knowledge.quantities import Limit, Match
from bot.knowledge.reading import Rank, Reading
from bot.knowledge.replies import brief
from bot.knowledge.text import fold

_SHOWN = 5
# Rows of a comparison, in this order, where one of the products has a value.
_ROWS = (
    "price", "weight_g", "waterproof_mm", "insulation", "comfort_temp_c", "r_value", "persons",
    "capacity_l", "packed_size_cm", "runtime_h", "fuel", "boil_time_min", "length_cm", "hood",
    "fit", "season", "material", "warranty_years",
)  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """A list as text, with its products in order and the attribute they are listed by."""

    text: str
    products: tuple[Product, ...]
    attribute: str
    match: Match | None = None


def holds(product: Product, limit: Limit, default: str) -> bool | None:
    """Whether the product keeps within a limit; None where the catalog has no number."""
    value = product.value(limit.key or default)
    if value is None or isinstance(value, (str, list, dict)):
        return None
    return float(value) <= limit.value if limit.below else float(value) >= limit.value


def limit_key(limit: Limit, default: str) -> str:
    """The attribute that a limit is about."""
    return limit.key or default


def listing(
    products: Sequence[Product], reading: Reading, vocabulary: Vocabulary
) -> Listing | None:
    """The list that a question asks for, or None if it asks for none."""
    kinds = {m.key for m in reading.kinds}
    if not kinds or "price" not in vocabulary.attributes or not _asks_for_several(reading):
        return None
    chosen = [p for p in products if not kinds or p.kind in kinds]
    chosen, key, match = _filtered(chosen, reading, vocabulary)
    if reading.ranks:
        return _ranked(chosen, reading.ranks, vocabulary)
    label = _label(reading, kinds, vocabulary, chosen or products)
    texts = vocabulary.texts
    open_question = [m for m in reading.attributes if m.key not in ("price", "stock", "summary")]
    if key is None and open_question:
        # "which sleeping bag is warm": no yes or no for each product, but its value tells.
        known = [m for m in open_question if any(p.value(m.key) is not None for p in chosen)]
        known.sort(key=lambda m: vocabulary.attributes[m.key].kind != "number")
        match = known[0] if known else None
        if match is None or vocabulary.attributes[match.key].key in ("care", "warranty_years"):
            return None
    if not chosen:
        return Listing(texts.get("none", "").format(kind=label), (), key or "price", match)
    chosen.sort(key=lambda p: (p.price is None, p.price or 0))
    head = texts["all"] if key is None else texts["list_one" if len(chosen) == 1 else "list"]
    shown = key or (match.key if match else "price")
    lines = [_line(p, shown, vocabulary) for p in chosen[:_SHOWN]]
    text = head.format(count=len(chosen), kind=label) + "\n\n" + "\n".join(lines)
    return Listing(text, tuple(chosen), shown if key or match else "summary", match)


def _asks_for_several(reading: Reading) -> bool:
    """Whether a kind is asked for as such: not "my jacket", not "what does the lamp cost"."""
    first = reading.kinds[0].places[0]
    before = [m for m in reading.form_matches if m.places[-1] < first]
    if any(m.key == "no_list" for m in reading.form_matches) and not reading.sizes:
        # "What size jacket do I need" asks for a size, not for jackets.
        return False
    pointing = before if reading.language == "en" else reading.form_matches
    definite = any(m.key == "definite" and _near(m, reading.kinds[0]) for m in pointing)
    if reading.ranks:
        return not any(m.key == "own" and _near(m, reading.kinds[0]) for m in pointing)
    if definite:
        return False
    led = any(m.key == "list" and first - m.places[-1] <= 3 for m in before)
    return led or bool(reading.limits)


def _near(form: Match, kind: Match) -> bool:
    """Whether a small word stands next to a kind: "my jacket", "jaket saya"."""
    return kind.places[0] - form.places[-1] in (1, 2) or form.places[0] - kind.places[-1] in (1, 2)


def _filtered(
    chosen: list[Product], reading: Reading, vocabulary: Vocabulary
) -> tuple[list[Product], str | None, Match | None]:
    key: str | None = None
    first: Match | None = None
    for limit in reading.limits:
        default = _number_key(reading, vocabulary)
        key = limit_key(limit, default)
        chosen = [p for p in chosen if holds(p, limit, default)]
    for match in reading.attributes if not (reading.limits or reading.ranks) else ():
        attribute = vocabulary.attributes[match.key]
        if attribute.kind == "flag" or match.key == "waterproof_mm":
            chosen = [p for p in chosen if p.value(match.key)]
            key, first = match.key, first or match
        elif match.key == "stock":
            chosen = [p for p in chosen if any(n > 0 for n in p.stock.values())]
            key, first = key or "stock", first or match
    for colour in reading.colours:
        family = {fold(name) for name in vocabulary.colours.get(colour.key, ())} | {colour.key}
        chosen = [
            p for p in chosen if family & {w for c in p.value("colours") or () for w in
                                           (fold(str(c)), *fold(str(c)).split())}
        ]  # fmt: skip
        key, first = "colours", first or colour
    for size in reading.sizes:
        asked = size.key.upper()
        chosen = [p for p in chosen if asked in {str(s).upper() for s in p.value("sizes") or ()}]
        key, first = "sizes", first or size
    return chosen, key, first


def _label(
    reading: Reading, kinds: set[str], vocabulary: Vocabulary, products: Sequence[Product]
) -> str:
    """The kind as the customer called it, in the plural; other than English, by its own name."""
    if reading.language != "en":
        return next((p.kind_name for p in products if p.kind in kinds), "")
    for match in reading.kinds:
        if match.key in kinds:
            said = " ".join(reading.tokens[i].word for i in match.places)
            known = vocabulary.kinds.get(match.key, ())
            return f"{said}s" if f"{said}s" in known else said
    return ""


def _number_key(reading: Reading, vocabulary: Vocabulary) -> str:
    for match in reading.attributes:
        if vocabulary.attributes[match.key].kind == "number":
            return match.key
    return "price"


def _line(product: Product, key: str, vocabulary: Vocabulary) -> str:
    price = brief(product, vocabulary.attributes["price"], vocabulary)
    value = price
    if key not in ("price", "summary"):
        attribute = vocabulary.attributes[key]
        value = f"{brief(product, attribute, vocabulary)} · {price}"
        if attribute.kind == "number" and not attribute.unit:
            value = f"{attribute.label} {value}"
    return vocabulary.texts["entry"].format(name=product.name, url=product.url, value=value)


def _leading(
    products: Sequence[Product], ranks: Sequence[Rank], vocabulary: Vocabulary
) -> tuple[Attribute, bool, list[Product]] | None:
    """The attribute that most of these products have, and the products in its order."""
    options = []
    for rank in ranks:
        attribute = vocabulary.attributes[rank.key]
        known = [p for p in products if attribute.kind in ("number", "price") and
                 p.value(rank.key) is not None]  # fmt: skip
        options.append((len(known), attribute, rank.most, known))
    count, attribute, most, known = max(options, key=lambda option: option[0])
    if not count:
        return None
    known.sort(key=lambda p: float(p.value(attribute.key)), reverse=most)
    return attribute, most, known


def _ranked(
    products: Sequence[Product], ranks: Sequence[Rank], vocabulary: Vocabulary
) -> Listing | None:
    leading = _leading(products, ranks, vocabulary)
    if leading is None:
        return None
    attribute, _, known = leading
    texts = vocabulary.texts
    best = known[0].value(attribute.key)
    winners = [p for p in known if p.value(attribute.key) == best]
    lines = [_line(p, attribute.key, vocabulary) for p in known[:3]]
    head = texts["lead" if len(winners) == 1 else "lead_shared"]
    text = head.format(name=known[0].name, value=brief(known[0], attribute, vocabulary))
    if len(known) > 1:
        text += "\n\n" + "\n".join(lines)
    return Listing(text, tuple(known), attribute.key)


def compare(products: Sequence[Product], reading: Reading, vocabulary: Vocabulary) -> Listing:
    """Two or three products against each other, by the attribute asked for or by all."""
    texts = vocabulary.texts
    leading = _leading(products, reading.ranks, vocabulary) if reading.ranks else None
    if leading is not None and len(leading[2]) == len(products):
        attribute, _, known = leading
        first, second = known[0], known[1]
        value, other = (brief(p, attribute, vocabulary) for p in (first, second))
        key = "equal" if value == other else "wins"
        text = texts[key].format(
            name=first.name, value=value, other=second.name, other_value=other,
            label=attribute.label,
        )  # fmt: skip
        return Listing(text, tuple(known), attribute.key)
    asked = [
        m for m in reading.attributes
        if m.key not in ("summary", "stock") and any(p.value(m.key) is not None for p in products)
    ]  # fmt: skip
    rows = [asked[0].key] if asked else [k for k in _ROWS if k in vocabulary.attributes]
    table = [
        "| | " + " | ".join(f"[{p.name}]({p.url})" for p in products) + " |",
        "|---" * (len(products) + 1) + "|",
    ]
    for key in rows:
        attribute = vocabulary.attributes[key]
        values = [brief(p, attribute, vocabulary) for p in products]
        if any(p.value(key) is not None for p in products) and (asked or len(set(values)) > 1):
            table.append(f"| {attribute.label} | " + " | ".join(values) + " |")
    return Listing(
        "\n".join(table), tuple(products), asked[0].key if asked else "summary",
        asked[0] if asked else None,
    )  # fmt: skip
