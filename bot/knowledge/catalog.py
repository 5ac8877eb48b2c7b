"""Products and the definitions of their attributes, read from YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bot.knowledge.articles import load_yaml
from bot.knowledge.files import BrokenFileError
from bot.knowledge.model import Product

ATTRIBUTES_FILE = "_attributes.yml"


@dataclass(frozen=True)
class Attribute:
    """How customers ask for an attribute and how it is answered, in one language."""

    key: str
    kind: str
    unit: str
    label: str
    words: tuple[str, ...]
    questions: tuple[str, ...]
    answers: Mapping[str, str]
    most: tuple[str, ...]
    least: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """All attribute definitions of one language, with words for kinds, colours and sizes.

    `forms` are the small words that give a question its form, `texts` sentences for lists.
    """

    attributes: Mapping[str, Attribute]
    kinds: Mapping[str, tuple[str, ...]]
    colours: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]


EMPTY = Vocabulary({}, {}, {}, {}, {}, {})


def is_product(name: str) -> bool:
    """Whether a file name in the catalog is a product's."""
    return name.endswith((".yml", ".yaml")) and not name.startswith(("_", "."))


def _read(path: Path) -> dict[str, Any]:
    loaded = load_yaml(path.read_text(encoding="utf-8-sig"))
    if not isinstance(loaded, dict):
        raise BrokenFileError("it must be lines of 'key: value'")
    return loaded


def parse_product(path: Path, shop_url: str) -> Product:
    """Read one product file; raises BrokenFileError saying what to do."""
    data = _read(path)
    product_id = str(data.get("id") or path.stem)
    if product_id != path.stem:
        raise BrokenFileError(f"its id is '{product_id}'; make id and file name the same")
    name = str(data.get("name") or "").strip()
    if not name:
        raise BrokenFileError("it has no name; add a line 'name: …'")
    attributes = data.get("attributes") or {}
    stock = data.get("stock") or {}
    if not isinstance(attributes, dict) or not isinstance(stock, dict):
        raise BrokenFileError("'attributes' and 'stock' must be lines of 'key: value'")
    try:
        price = None if data.get("price") is None else Decimal(str(data["price"]))
        pieces = {str(size): int(count) for size, count in stock.items()}
    except (InvalidOperation, TypeError, ValueError) as error:
        raise BrokenFileError("'price' and each 'stock' must be plain numbers") from error
    also = data.get("also_called") or []
    return Product(
        id=product_id,
        name=name,
        kind=str(data.get("kind") or "product").strip().lower(),
        also_called=tuple(str(entry) for entry in ([also] if isinstance(also, str) else also)),
        price=price,
        currency=str(data.get("currency") or "EUR"),
        summary=re.sub(r"\s+", " ", str(data.get("summary") or "")).strip(),
        attributes={str(key): value for key, value in attributes.items() if value is not None},
        stock=pieces,
        url=f"{shop_url.rstrip('/')}/products/{product_id}",
    )


def _tuple(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(entry) for entry in value)
    return (str(value),)


def _lists(data: dict[str, Any], key: str, language: str) -> dict[str, tuple[str, ...]]:
    block = (data.get(key) or {}).get(language) or {}
    return {str(name): _tuple(entries) for name, entries in block.items()}


def parse_vocabularies(path: Path) -> dict[str, Vocabulary]:
    """Read the attribute file: a vocabulary for each language that it has."""
    data = _read(path)
    definitions = data.get("attributes") or {}
    if not isinstance(definitions, dict):
        raise BrokenFileError("'attributes' must be lines of 'key: …'")
    languages = {
        language
        for entry in definitions.values()
        for language, value in entry.items()
        if isinstance(value, dict)
    }
    result = {}
    for language in sorted(languages):
        attributes = {}
        for key, entry in definitions.items():
            spoken = entry.get(language) or {}
            attributes[str(key)] = Attribute(
                key=str(key),
                kind=str(entry.get("kind") or "text"),
                unit=str(entry.get("unit") or ""),
                label=str(spoken.get("label") or key),
                words=_tuple(spoken.get("words")),
                questions=_tuple(spoken.get("questions")),
                answers={str(k): str(v).strip() for k, v in (spoken.get("answers") or {}).items()},
                most=_tuple(spoken.get("most")),
                least=_tuple(spoken.get("least")),
            )
        texts = (data.get("texts") or {}).get(language) or {}
        result[language] = Vocabulary(
            attributes,
            _lists(data, "kinds", language),
            _lists(data, "colours", language),
            _lists(data, "sizes", language),
            _lists(data, "forms", language),
            {str(key): str(value).strip() for key, value in texts.items()},
        )
    return result
