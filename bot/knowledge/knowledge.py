"""The live knowledge: articles and products, always as the files now say."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.embedding import english_embedder
from bot.knowledge import answering, english
from bot.knowledge.articles import is_article, parse_article
from bot.knowledge.catalog import (
    ATTRIBUTES_FILE,
    EMPTY,
    Vocabulary,
    is_product,
    parse_product,
    parse_vocabularies,
)
from bot.knowledge.files import LiveFolder
from bot.knowledge.index import Index
from bot.knowledge.model import (
    DEFAULT_LANGUAGE,
    Article,
    Decision,
    Product,
    ProductMention,
    Question,
)
from bot.knowledge.products import ProductSearch
from bot.knowledge.vectors import VectorStore

if TYPE_CHECKING:
    from bot.embedding import Embedder

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """Everything known at one moment; a question is answered from one snapshot."""

    articles: Mapping[tuple[str, str], Article]
    products: Mapping[str, Product]
    vocabularies: Mapping[str, Vocabulary]
    store: VectorStore
    english: VectorStore
    lock: threading.RLock = field(repr=False)

    @cached_property
    def index(self) -> Index:
        """The searchable articles of the main language."""
        # One thread embeds, the others wait for its result.
        with self.lock:
            return Index([a for _, a in sorted(self.main.items())], self.store, self.english_store)

    @cached_property
    def english_store(self) -> VectorStore | None:
        """The English embedder's vectors, if the articles are in English."""
        is_english = all(a.language == english.LANGUAGE for a in self.main.values())
        return self.english if is_english else None

    @cached_property
    def main(self) -> dict[str, Article]:
        """One article an id: the main language's, else the one there is."""
        chosen: dict[str, Article] = {}
        for (article_id, language), article in sorted(self.articles.items()):
            if article_id not in chosen or language == DEFAULT_LANGUAGE:
                chosen[article_id] = article
        return chosen

    @cached_property
    def product_search(self) -> ProductSearch:
        """The catalog, ready for questions."""
        with self.lock:
            vocabulary = self.vocabularies.get(DEFAULT_LANGUAGE, EMPTY)
            return ProductSearch(
                tuple(self.products.values()),
                vocabulary,
                self.index.vocabulary,
                self.store,
                self.index.background,
                DEFAULT_LANGUAGE,
                self.english if DEFAULT_LANGUAGE == english.LANGUAGE else None,
            )


class Knowledge:
    """Answers questions from a folder of articles and a folder of products.

    Every call sees edited, added and removed files; only changed texts are embedded again.
    Safe to share between threads. Raises nothing for files that cannot be read: they are
    logged, and their last good version stays.
    """

    def __init__(
        self,
        articles: Path,
        catalog: Path | None,
        embedder: Embedder,
        *,
        shop_url: str,
        cache: Path | None = None,
    ) -> None:
        """`catalog` None is a shop of articles only; `cache` is a folder that keeps embeddings."""
        self._embedder = embedder
        self._lock = threading.RLock()
        self._store = VectorStore(embedder, cache)
        self._english = VectorStore(english_embedder(), cache)
        self._articles = LiveFolder(articles, is_article, lambda p: parse_article(p, shop_url))
        self._products = LiveFolder(catalog, is_product, lambda p: parse_product(p, shop_url))
        self._attributes = LiveFolder(catalog, ATTRIBUTES_FILE.__eq__, parse_vocabularies)
        self._snapshot: Snapshot | None = None

    def refresh(self) -> None:
        """Read changed files and embed changed texts now; every other call does so itself.

        For use at start and in the background, so that no customer waits for it.
        """
        _ = self.snapshot().product_search

    def snapshot(self) -> Snapshot:
        """Everything known now, after a look at the files."""
        with self._lock:
            changed = [
                folder.scan() for folder in (self._articles, self._products, self._attributes)
            ]
            if self._snapshot is None or any(changed):
                self._snapshot = Snapshot(
                    articles={(a.id, a.language): a for a in self._articles.good.values()},
                    products={p.id: p for _, p in sorted(self._products.good.items())},
                    vocabularies=self._attributes.good.get(ATTRIBUTES_FILE, {}),
                    store=self._store,
                    english=self._english,
                    lock=self._lock,
                )
            return self._snapshot

    def article(self, article_id: str, language: str = DEFAULT_LANGUAGE) -> Article | None:
        """The article in that language, else in the shop's main one; None if there is none."""
        snapshot = self.snapshot()
        return snapshot.articles.get((article_id, language)) or snapshot.main.get(article_id)

    def product(self, product_id: str) -> Product | None:
        """The product with that id, or None."""
        return self.snapshot().products.get(product_id)

    def articles(self) -> list[Article]:
        """All articles, one an id, in the main language where there is one."""
        return [article for _, article in sorted(self.snapshot().main.items())]

    def products(self) -> list[Product]:
        """All products, by id."""
        return list(self.snapshot().products.values())

    def find_products(self, text: str) -> list[ProductMention]:
        """Products named in a text, exactly or with typos, longest name first.

        A name that several products share gives one mention for each, at the same place.
        """
        return self.snapshot().product_search.reader.finder.find(text)

    def answer(self, question: Question) -> Decision:
        """Answer, ask back or decline; never raises for what a customer may type."""
        snapshot = self.snapshot()
        return answering.answer(
            question, snapshot.index, snapshot.product_search, snapshot.main, self._embedder
        )
