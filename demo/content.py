"""The shop's content, read live from the data folder: an edited file shows at the next request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Shop:
    """What the shop calls itself."""

    name: str = "Demo shop"
    tagline: str = ""
    contact: str = ""
    towns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Product:
    """One file of ``catalog/``."""

    id: str
    name: str
    kind: str
    price: float
    currency: str
    summary: str
    attributes: dict[str, Any] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)

    @property
    def in_stock(self) -> bool:
        """Whether any size can be had."""
        return any(self.stock.values())


@dataclass(frozen=True)
class Article:
    """One file of ``knowledge/``: front matter, then Markdown."""

    id: str
    title: str
    topic: str
    body: str
    products: tuple[str, ...] = ()
    updated: str = ""


@dataclass(frozen=True)
class Customer:
    """A customer of the demo shop."""

    id: str
    name: str
    email: str
    language: str = "en"
    member_since: str = ""


@dataclass(frozen=True)
class Content:
    """Reads the data folder; a file is parsed again only when it changed.

    A file that cannot be read is left out: a shop with one broken page still sells the others.
    """

    folder: Path
    _kept: dict[Path, tuple[int, Any]] = field(default_factory=dict)

    def shop(self) -> Shop:
        """Name and tagline."""
        found = self._load(self.folder / "demo" / "shop.yml", _yaml)
        if not isinstance(found, dict):
            return Shop()
        return Shop(
            name=str(found.get("name") or "Demo shop"),
            tagline=str(found.get("tagline") or ""),
            contact=str(found.get("contact") or ""),
            towns=tuple(str(town) for town in found.get("towns") or ()),
        )

    def products(self) -> list[Product]:
        """All products, by name."""
        paths = sorted((self.folder / "catalog").glob("[!_.]*.yml"))
        found = [self._load(path, _product) for path in paths]
        return sorted((each for each in found if each), key=lambda product: product.name)

    def product(self, product_id: str) -> Product | None:
        """One product, or None."""
        return next((each for each in self.products() if each.id == product_id), None)

    def articles(self) -> list[Article]:
        """All articles in the shop's first language, by title."""
        folder = self.folder / "knowledge"
        # `wash-down.pl.md` is the Polish variant of `wash-down.md`.
        paths = [path for path in sorted(folder.glob("[!_.]*.md")) if "." not in path.stem]
        found = [self._load(path, _article) for path in paths if path.name != "README.md"]
        return sorted((each for each in found if each), key=lambda article: article.title)

    def article(self, article_id: str) -> Article | None:
        """One article, or None."""
        return next((each for each in self.articles() if each.id == article_id), None)

    def attributes(self) -> dict[str, tuple[str, str]]:
        """Label and unit of each attribute key, in the order of ``_attributes.yml``."""
        found = self._load(self.folder / "catalog" / "_attributes.yml", _yaml)
        entries = found.get("attributes") if isinstance(found, dict) else None
        return {
            key: (str((entry.get("en") or {}).get("label") or key), str(entry.get("unit") or ""))
            for key, entry in (entries or {}).items()
            if isinstance(entry, dict)
        }

    def customers(self) -> list[Customer]:
        """The people one can sign in as."""
        found = self._load(self.folder / "demo" / "customers.yml", _yaml)
        return [
            Customer(
                id=str(entry["id"]),
                name=str(entry.get("name") or entry["id"]),
                email=str(entry.get("email") or ""),
                language=str(entry.get("language") or "en"),
                member_since=str(entry.get("member_since") or ""),
            )
            for entry in _dicts(found)
            if "id" in entry
        ]

    def customer(self, customer_id: str | None) -> Customer | None:
        """One customer, or None."""
        return next((each for each in self.customers() if each.id == customer_id), None)

    def orders_of(self, customer_id: str) -> list[dict[str, Any]]:
        """A customer's orders as they stand in the file, the latest first."""
        found = self._load(self.folder / "demo" / "orders.yml", _yaml)
        own = [entry for entry in _dicts(found) if entry.get("customer") == customer_id]
        return sorted(own, key=lambda order: str(order.get("placed")), reverse=True)

    def _load[T](self, path: Path, parse: Callable[[Path], T]) -> T | None:
        try:
            changed = path.stat().st_mtime_ns
            kept = self._kept.get(path)
            if kept is None or kept[0] != changed:
                kept = self._kept[path] = (changed, parse(path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError):
            return None
        value: T = kept[1]
        return value


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _product(path: Path) -> Product:
    found = _yaml(path)
    return Product(
        id=path.stem,
        name=str(found["name"]),
        kind=str(found.get("kind") or ""),
        price=float(found["price"]),
        currency=str(found.get("currency") or "EUR"),
        summary=str(found.get("summary") or ""),
        attributes=dict(found.get("attributes") or {}),
        stock={str(size): int(count) for size, count in (found.get("stock") or {}).items()},
    )


def _article(path: Path) -> Article:
    text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    head: dict[str, Any] = {}
    if text.startswith("---\n"):
        parts = re.split(r"^---[ \t]*$\n?", text, maxsplit=2, flags=re.MULTILINE)
        head, text = yaml.load(parts[1], Loader=_LOADER) or {}, parts[2]
    return Article(
        id=path.stem,
        title=str(head.get("title") or path.stem.replace("-", " ").capitalize()),
        topic=str(head.get("topic") or "more"),
        body=text,
        products=tuple(str(each) for each in head.get("products") or ()),
        updated=str(head.get("updated") or ""),
    )
