"""Products and the definitions of their attributes, read from YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bot.knowledge.articles import load_yaml
from bot.knowledge.files import BrokenFileError
from bot.knowledge.model import DEFAULT_LANGUAGE, Product

_ATTRIBUTES = re.compile(r"_attributes(?:\.(?P<language>[a-z]{2,3}))?\.yml")
_PRODUCTS = re.compile(r"_products\.(?P<language>[a-z]{2,3})\.yml")


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

    `forms` are the small words that give a question its form, `texts` sentences for lists,
    `units` say for a unit as customers write it which attribute it measures and how many of the
    catalog's units it is, `numbers` are number words.
    """

    attributes: Mapping[str, Attribute]
    kinds: Mapping[str, tuple[str, ...]]
    colours: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, tuple[str, ...]]
    forms: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]
    units: Mapping[str, tuple[str, float]]
    numbers: Mapping[str, int]
    language: str = DEFAULT_LANGUAGE


EMPTY = Vocabulary({}, {}, {}, {}, {}, {}, {}, {})


@dataclass(frozen=True)
class ProductText:
    """What one language says of a product; what it lacks stays as in the product's own file."""

    name: str
    kind_name: str
    also_called: tuple[str, ...]
    summary: str
    attributes: Mapping[str, Any]

    def of(self, product: Product) -> Product:
        """The product in this language; its own names are still known."""
        return replace(
            product,
            name=self.name or product.name,
            kind_name=self.kind_name or product.kind_name,
            also_called=(*self.also_called, product.name, *product.also_called),
            summary=self.summary or product.summary,
            attributes={**product.attributes, **self.attributes},
        )


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
        kind_name=str(data.get("kind") or "product").strip().lower().replace("-", " "),
    )


def _tuple(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(entry) for entry in value)
    return (str(value),)


def is_attributes(name: str) -> bool:
    """Whether a file defines attributes: `_attributes.yml` or `_attributes.<language>.yml`."""
    return _ATTRIBUTES.fullmatch(name) is not None


def is_product_texts(name: str) -> bool:
    """Whether a file has the products' texts of one language: `_products.<language>.yml`."""
    return _PRODUCTS.fullmatch(name) is not None


def parse_product_texts(path: Path) -> tuple[str, dict[str, ProductText]]:
    """Read the language and the texts by product; raises BrokenFileError saying what to do."""
    name = _PRODUCTS.fullmatch(path.name)
    assert name is not None
    texts = {}
    for product_id, entry in _read(path).items():
        if not isinstance(entry, dict):
            raise BrokenFileError(f"'{product_id}' must have lines of 'key: value'")
        texts[str(product_id)] = ProductText(
            name=str(entry.get("name") or "").strip(),
            kind_name=str(entry.get("kind_name") or "").strip(),
            also_called=_tuple(entry.get("also_called")),
            summary=re.sub(r"\s+", " ", str(entry.get("summary") or "")).strip(),
            attributes=dict(entry.get("attributes") or {}),
        )
    return name["language"], texts


@dataclass(frozen=True)
class Definitions:
    """One attribute file: what holds in every language, and blocks by language."""

    kinds: Mapping[str, tuple[str, str]]
    blocks: Mapping[str, Mapping[str, Any]]


_BLOCKS = ("kinds", "colours", "sizes", "forms", "texts", "units", "numbers")


def parse_definitions(path: Path) -> Definitions:
    """Read an attribute file; raises BrokenFileError saying what to do.

    `_attributes.yml` has kinds, units and the blocks of its own languages;
    `_attributes.<language>.yml` is one language's block.
    """
    data = _read(path)
    attributes = data.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise BrokenFileError("'attributes' must be lines of 'key: …'")
    name = _ATTRIBUTES.fullmatch(path.name)
    assert name is not None
    if name["language"]:
        return Definitions({}, {name["language"]: data})
    kinds = {
        str(key): (str(entry.get("kind") or "text"), str(entry.get("unit") or ""))
        for key, entry in attributes.items()
    }
    languages = {k for entry in attributes.values() for k, v in entry.items() if type(v) is dict}
    blocks = {
        language: {
            "attributes": {key: entry.get(language) or {} for key, entry in attributes.items()},
            **{block: (data.get(block) or {}).get(language) or {} for block in _BLOCKS},
        }
        for language in sorted(languages)
    }
    return Definitions(kinds, blocks)


def vocabularies(files: Iterable[Definitions]) -> dict[str, Vocabulary]:
    """A vocabulary for each language that the files define."""
    read = list(files)
    kinds = {key: kind for file in read for key, kind in file.kinds.items()}
    return {
        language: _vocabulary(language, block, kinds)
        for file in read
        for language, block in file.blocks.items()
    }


def _vocabulary(
    language: str, block: Mapping[str, Any], kinds: Mapping[str, tuple[str, str]]
) -> Vocabulary:
    def lists(name: str) -> dict[str, tuple[str, ...]]:
        return {str(key): _tuple(value) for key, value in (block.get(name) or {}).items()}

    attributes = {}
    for key, spoken in (block.get("attributes") or {}).items():
        kind, unit = kinds.get(str(key), ("text", ""))
        attributes[str(key)] = Attribute(
            key=str(key),
            kind=kind,
            unit=unit,
            label=str(spoken.get("label") or key),
            words=_tuple(spoken.get("words")),
            questions=_tuple(spoken.get("questions")),
            answers={str(k): str(v).strip() for k, v in (spoken.get("answers") or {}).items()},
            most=_tuple(spoken.get("most")),
            least=_tuple(spoken.get("least")),
        )
    return Vocabulary(
        attributes,
        lists("kinds"),
        lists("colours"),
        lists("sizes"),
        lists("forms"),
        {str(key): str(value).strip() for key, value in (block.get("texts") or {}).items()},
        {
            str(unit): (str(value[0]), float(value[1]))
            for unit, value in (block.get("units") or {}).items()
        },
        {str(word): int(value) for word, value in (block.get("numbers") or {}).items()},
        language,
    )
