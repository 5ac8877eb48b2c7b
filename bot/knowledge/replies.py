"""Sentences about a product's attributes, from the templates of the attribute file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from bot.knowledge.catalog import Attribute, Vocabulary
from bot.knowledge.model import Product
from bot.knowledge.text import fold

_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
_CHOICE = re.compile(r"\[([^|\[\]]*)\|([^|\[\]]*)\](?!\()")
# Below this many pieces the answer says how many there are.
FEW = 10


# What stands between thousands and before decimals, where it is not as in English.
_SEPARATORS = {"pl": ("\N{NO-BREAK SPACE}", ","), "id": (".", ",")}
_SYMBOL_LAST = frozenset({"pl"})


def _written(digits: str, language: str) -> str:
    thousands, decimal = _SEPARATORS.get(language, (",", "."))
    return digits.translate(str.maketrans(",.", thousands + decimal))


def money(amount: Decimal, currency: str, language: str = "en") -> str:
    """A price as written in a sentence: €289, €289.50, 289 PLN; 289 € in Polish."""
    whole = amount == amount.to_integral_value()
    digits = _written(f"{amount:,.0f}" if whole else f"{amount:,.2f}", language)
    symbol = _SYMBOLS.get(currency)
    if symbol and language not in _SYMBOL_LAST:
        return f"{symbol}{digits}"
    return f"{digits}\N{NO-BREAK SPACE}{symbol or currency}"


def number(value: float, language: str = "en") -> str:
    """A number with thousands set apart and no needless decimals."""
    return _written(f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}", language)


def listed(items: Sequence[str], last: str = "and") -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def is_plural(name: str) -> bool:
    """Whether a product's name is spoken of in the plural: socks, trousers, poles."""
    word = name.split()[-1].lower() if name.split() else ""
    return word.endswith("s") and not word.endswith("ss")


def spoken(template: str, product: Product, **values: object) -> str:
    """A template with its values in, singular or plural as the name asks."""
    plural = is_plural(product.name)
    chosen = _CHOICE.sub(lambda m: m[2] if plural else m[1], template)

    class Values(dict[str, object]):
        def __missing__(self, key: str) -> str:
            return ""

    return chosen.format_map(Values(name=product.name, **values))


def brief(product: Product, attribute: Attribute, vocabulary: Vocabulary) -> str:
    """The bare value, for lists and tables."""
    value = product.value(attribute.key)
    texts = vocabulary.texts
    if value is None:
        return texts.get("unstated", "–")
    if attribute.kind == "price":
        return money(value, product.currency, vocabulary.language)
    if attribute.kind == "flag":
        return texts.get("yes" if value else "no", str(value))
    if attribute.kind == "stock":
        there = listed([s for s, n in value.items() if n > 0], texts.get("and", "and"))
        return there or texts.get("no", "0")
    if attribute.kind == "number":
        # Signs such as g or mm are the same everywhere; the catalog's words are English.
        own = vocabulary.language == "en" or len(attribute.unit) <= 3
        return f"{number(value, vocabulary.language)} {attribute.unit if own else ''}".strip()
    if attribute.kind == "list":
        return ", ".join(str(entry) for entry in value)
    return str(value)


def tell(
    product: Product,
    attribute: Attribute,
    vocabulary: Vocabulary,
    *,
    polar: bool = False,
    sizes: Sequence[str] = (),
    colours: Sequence[str] = (),
) -> str | None:
    """The answer about one attribute of one product, or None where the catalog has no value."""
    value = product.value(attribute.key)
    answers, language = attribute.answers, vocabulary.language
    last = vocabulary.texts.get("and", "and")
    if attribute.kind == "price" and product.price is not None:
        price = money(product.price, product.currency, language)
        return _say(answers, ("value",), product, value=price)
    if attribute.kind == "stock":
        return _stock(product, answers, sizes, last)
    if attribute.kind == "summary" and product.summary:
        priced = product.price is not None
        price = money(product.price, product.currency, language) if priced else ""  # type: ignore[arg-type]
        keys = ("value",) if price else ("plain", "value")
        text = _say(answers, keys, product, value=product.summary, price=price)
        return text if price else product.summary
    if attribute.key == "sizes":
        return _sizes(product, answers, sizes, last)
    if value is None:
        return None
    if attribute.key == "colours" and colours:
        return _colours(product, attribute, vocabulary, colours)
    if attribute.kind == "list":
        entries = [str(entry) for entry in value]
        return _say(answers, ("value",), product, list=listed(entries, last))
    if attribute.kind == "flag":
        return _say(answers, ("true" if value else "false", "value"), product, value=value)
    if attribute.kind == "number":
        amount = float(value)
        special = "zero" if amount == 0 else "one" if amount == 1 else "many"
        yes = ("polar",) if polar and amount else ()
        written = number(amount, language)
        return _say(answers, (special, *yes, "value"), product, value=written)
    text = str(value).strip()
    if not answers.get("value", "").endswith("{value}"):
        text = text.rstrip(".")
    return _say(answers, (fold(text), "value"), product, value=text)


def _say(
    answers: Mapping[str, str], keys: Iterable[str], product: Product, **values: object
) -> str | None:
    for key in keys:
        if key in answers:
            return spoken(answers[key], product, **values)
    return None


def _sizes(
    product: Product, answers: Mapping[str, str], asked: Sequence[str], last: str
) -> str | None:
    sizes = [str(size) for size in product.value("sizes") or ()]
    if not sizes:
        single = "lacks_single" if asked else "single"
        return _say(answers, (single,), product) if product.stock else None
    if not asked:
        return _say(answers, ("value",), product, list=listed(sizes, last))
    parts = []
    for size in asked:
        own = next((s for s in sizes if s.upper() == size.upper()), None)
        count = product.stock.get(own, 0) if own is not None else 0
        keys = ("lacks",) if own is None else _in_stock(count, "has_none")
        values = {"asked": own or size, "list": listed(sizes, last), "count": count}
        parts.append(_say(answers, keys, product, **values))
    return " ".join(part for part in parts if part) or None


def _in_stock(count: int, none: str) -> tuple[str, ...]:
    if count <= 0:
        return (none,)
    return ("few", "has") if count < FEW else ("has",)


def _stock(
    product: Product, answers: Mapping[str, str], asked: Sequence[str], last: str
) -> str | None:
    if not product.stock:
        return None
    there = [size for size, count in product.stock.items() if count > 0]
    gone = [size for size, count in product.stock.items() if count <= 0]
    if len(product.stock) == 1:
        return _say(answers, ("one" if there else "none",), product)
    parts = []
    for size in asked:
        own = next((s for s in product.stock if s.upper() == size.upper()), None)
        count = product.stock.get(own, 0) if own else 0
        if own is None:
            keys: tuple[str, ...] = ("unknown",)
        else:
            keys = _in_stock(count, "lacks" if there else "lacks_all")
        parts.append(
            _say(
                answers, keys, product, asked=own or size, count=count,
                list=listed(there, last), sizes=listed(list(product.stock), last),
            )
        )  # fmt: skip
    if parts:
        return " ".join(part for part in parts if part) or None
    key = "none" if not there else "some" if gone else "value"
    return _say(answers, (key,), product, list=listed(there, last), others=listed(gone, last))


def _called(colour: str, names: Sequence[str], language: str) -> str:
    """A colour family as the language calls it: families are named in English."""
    return colour if language == "en" or not names else names[0]


def _colours(
    product: Product, attribute: Attribute, vocabulary: Vocabulary, asked: Sequence[str]
) -> str | None:
    own = [str(colour) for colour in product.value("colours") or ()]
    last = vocabulary.texts.get("and", "and")
    parts = []
    for colour in asked:
        exact = [c for c in own if fold(c) == colour or colour in fold(c).split()]
        names = vocabulary.colours.get(colour, ())
        family = {fold(name) for name in names}
        near = [c for c in own if family & {fold(c), *fold(c).split()}]
        key = "has" if exact else "near" if near else "lacks"
        parts.append(
            _say(
                attribute.answers, (key,), product,
                asked=exact[0] if exact else _called(colour, names, vocabulary.language),
                near=listed(near, last), list=listed(own, last),
            )
        )  # fmt: skip
    return " ".join(part for part in parts if part) or None
