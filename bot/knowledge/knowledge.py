"""The live knowledge: articles and products, always as the files now say."""

from __future__ import annotations

import logging
import operator
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.embedding import english_embedder, universal_embedder
from bot.knowledge import answering, english, files, several, suggesting
from bot.knowledge.articles import is_article, is_unanswered, parse_article, parse_unanswered
from bot.knowledge.catalog import (
    EMPTY,
    ProductText,
    Vocabulary,
    is_attributes,
    is_product,
    is_product_texts,
    parse_definitions,
    parse_product,
    parse_product_texts,
    vocabularies,
)
from bot.knowledge.decide import WRONG_PER_100, calibration
from bot.knowledge.digest import code, digest
from bot.knowledge.files import LiveFolder, Memory
from bot.knowledge.index import Index, Unanswered
from bot.knowledge.model import (
    DEFAULT_LANGUAGE,
    Article,
    Candidate,
    Decision,
    Product,
    ProductMention,
    Question,
)
from bot.knowledge.products import ProductSearch
from bot.knowledge.progress import Progress
from bot.knowledge.vectors import Stores, VectorStore

if TYPE_CHECKING:
    from bot.embedding import Embedder
    from bot.knowledge.suggesting import Suggestion

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 2.0
# Who follows the files looks at them each second, unless it is busy with what it has found.
_FOLLOWED_SECONDS = 30.0
_ARTICLES_FORM = code("articles.py", "model.py")


@dataclass
class Workshop:
    """Where views are made, by one thread at a time, and what is at hand for the next ones."""

    store: VectorStore
    english: VectorStore
    universal: VectorStore
    kept: Path | None  # how the names of files begin that keep what was made of the articles
    lock: threading.RLock = field(default_factory=threading.RLock)
    # The view made last, by language: the next one takes over what did not change, and who
    # cannot wait for it is answered from this one.
    latest: dict[str, View] = field(default_factory=dict)
    # Articles as languages have them, by id and language, with the versions they are made of.
    shown: dict[tuple[str, str], tuple[tuple[Article | None, ...], Article]] = field(
        default_factory=dict
    )
    progress: Progress | None = None

    def tell(self, progress: Progress) -> None:
        """Take note of texts that are being embedded."""
        self.progress = progress


@dataclass(frozen=True)
class Snapshot:
    """Everything known at one moment; a question is answered from one snapshot."""

    articles: Mapping[tuple[str, str], Article]
    products: Mapping[str, Product]
    vocabularies: Mapping[str, Vocabulary]
    product_texts: Mapping[str, Mapping[str, ProductText]]
    unanswered: Mapping[str, tuple[str, ...]]
    workshop: Workshop = field(compare=False, repr=False)
    views: dict[str, View] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages that articles or catalog speak, the main one first."""
        found = {language for _, language in self.articles} | set(self.vocabularies)
        return (DEFAULT_LANGUAGE, *sorted(found - {DEFAULT_LANGUAGE}))

    @cached_property
    def main(self) -> dict[str, Article]:
        """One article an id: the main language's, else the one there is."""
        chosen: dict[str, Article] = {}
        for (article_id, language), article in sorted(self.articles.items()):
            if article.sections and (article_id not in chosen or language == DEFAULT_LANGUAGE):
                chosen[article_id] = article
        return chosen

    def view(self, language: str, *, whole: bool = False) -> View:
        """What is known, ready for questions in ``language``; the main language's if unknown.

        The example questions of other languages are of use once they are embedded: a view made
        before is as it is, unless it shall be `whole`.
        """
        language = language if language in self.languages else DEFAULT_LANGUAGE
        if language in self.views and not whole:
            return self.views[language]
        # One thread embeds. Who asks meanwhile waits a moment, and then is answered from what was
        # known before, or from the main language's view, which finds by meaning: the first time
        # a language takes a minute, many new articles take longer.
        shop = self.workshop
        instead = shop.latest.get(language) or self.views.get(DEFAULT_LANGUAGE)
        if not shop.lock.acquire(timeout=-1 if instead is None else _PATIENCE_SECONDS):
            assert instead is not None
            return instead
        try:
            view = self.views.get(language)
            if view is None or (not view.is_whole and self._is_whole(language)):
                self.views[language] = shop.latest[language] = self._made(language)
            return self.views[language]
        finally:
            shop.lock.release()

    def _elsewhere(self, language: str) -> list[str]:
        """Known questions without an answer in the other languages."""
        return [q for name, own in self.unanswered.items() if name != language for q in own]

    def _is_embedded(self, text: str) -> bool:
        store = self.workshop.store
        return store.key(text, "query") in store

    def _is_whole(self, language: str) -> bool:
        """Whether all that is asked in other languages is embedded."""
        own = (self._in_language(article, language) for article in self.main.values())
        texts = (*(q for a in own for q in a.elsewhere), *self._elsewhere(language))
        return all(self._is_embedded(text) for text in texts)

    def _made(self, language: str) -> View:
        is_whole = self._is_whole(language)
        articles = {i: self._in_language(a, language) for i, a in sorted(self.main.items())}
        if not is_whole:
            articles = {
                i: replace(a, elsewhere=tuple(filter(self._is_embedded, a.elsewhere)))
                for i, a in articles.items()
            }
        is_english = language == english.LANGUAGE and all(
            a.text_language == english.LANGUAGE for a in articles.values()
        )
        shop = self.workshop
        own = shop.english if is_english else None
        latest = shop.latest.get(language)
        elsewhere = filter(self._is_embedded, self._elsewhere(language))
        stores = Stores(shop.store, own, shop.universal)
        index = Index(
            list(articles.values()),
            stores,
            language,
            Unanswered(self.unanswered.get(language, ()), tuple(elsewhere)),
            before=latest.index if latest is not None else None,
            kept=shop.kept,
            tell=shop.tell,
        )
        texts = self.product_texts.get(language, {})
        products = [texts[i].of(p) if i in texts else p for i, p in self.products.items()]
        catalog = ProductSearch(
            products,
            self.vocabularies.get(language) or self.vocabularies.get(DEFAULT_LANGUAGE, EMPTY),
            index.vocabulary,
            stores,
            index.background,
            language,
        )
        return View(language, articles, index, catalog, is_whole)

    def _in_language(self, original: Article, language: str) -> Article:
        """The article as customers of a language find and read it.

        The titles and questions of the other languages still find it. Without a translated text
        the original's is shown. The very same object as before, if no version has changed.
        """
        versions = tuple(self.articles.get((original.id, name)) for name in self._sorted_languages)
        before, shown = self.workshop.shown.get((original.id, language), ((), original))
        if len(before) == len(versions) and all(map(operator.is_, before, versions)):
            return shown
        article = self._combined(original, language, versions)
        self.workshop.shown[original.id, language] = versions, article
        return article

    @cached_property
    def _sorted_languages(self) -> tuple[str, ...]:
        return tuple(sorted(self.languages))

    def _combined(
        self, original: Article, language: str, versions: Sequence[Article | None]
    ) -> Article:
        translated = self.articles.get((original.id, language), original)
        own = dict.fromkeys((*translated.questions, original.title, *original.questions))
        others = dict.fromkeys(q for a in versions if a for q in (a.title, *a.questions))
        return replace(
            original,
            title=translated.title,
            language=translated.language,
            questions=tuple(own),
            elsewhere=tuple(q for q in others if q not in own and q != translated.title),
            sections=translated.sections or original.sections,
            text_language=translated.language if translated.sections else original.text_language,
        )


@dataclass(frozen=True)
class View:
    """Articles and catalog of one snapshot in one language, ready for questions."""

    language: str
    articles: Mapping[str, Article]
    index: Index
    catalog: ProductSearch
    is_whole: bool


class Knowledge:
    """Answers questions from a folder of articles and a folder of products.

    Every call sees edited, added and removed files (in a folder of more than 1,000 within half a
    second); only changed texts are embedded again. While another thread embeds many, a call is
    answered from what was known before.
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
        wrong_per_100: int = WRONG_PER_100,
    ) -> None:
        """`catalog` None is a shop of articles only; `cache` is a folder that keeps embeddings.

        Of 100 answers given at most `wrong_per_100` shall be wrong: what is less sure is asked
        back or declined.
        """
        self._wrong_per_100 = wrong_per_100
        self._embedder = embedder
        self._lock = threading.RLock()
        self._unanswered = LiveFolder(articles, is_unanswered, parse_unanswered)
        kept = memory = None
        if cache is not None:
            # Two folders of articles may share a cache: embeddings are the same in both.
            kept = cache / f"articles-{digest(str(articles.resolve()).encode()).hex()[:8]}"
            form = _ARTICLES_FORM + shop_url.encode()
            memory = Memory(kept.with_suffix(".msgpack"), Article, form)
        self._workshop = Workshop(
            VectorStore(embedder, cache),
            VectorStore(english_embedder(), cache),
            VectorStore(universal_embedder(), cache),
            kept,
        )
        self._articles = LiveFolder(
            articles, is_article, lambda p: parse_article(p, shop_url), memory
        )
        self._products = LiveFolder(catalog, is_product, lambda p: parse_product(p, shop_url))
        self._attributes = LiveFolder(catalog, is_attributes, parse_definitions)
        self._product_texts = LiveFolder(catalog, is_product_texts, parse_product_texts)
        self._snapshot: Snapshot | None = None
        self._followed: float | None = None

    def refresh(self, language: str | None = None) -> None:
        """Read changed files and embed changed texts now; every other call does so itself.

        For use at start and in the background, so that no customer waits for it. `language` None
        is the main one.
        """
        self.snapshot().view(language or DEFAULT_LANGUAGE)

    def follow(self) -> None:
        """Read changed files and embed changed texts for all languages that were asked for.

        What other languages' customers ask is taken in too once it is embedded.
        """
        self._followed = None
        snapshot = self.snapshot()
        self._followed = time.monotonic()
        for language in list(self._workshop.latest):
            snapshot.view(language, whole=True)

    def _is_followed(self) -> bool:
        """Whether a large folder is looked at in the background: then no question does that."""
        followed = self._followed
        if followed is None or len(self._articles.good) <= files.LARGE:
            return False
        return time.monotonic() - followed < _FOLLOWED_SECONDS

    def close(self) -> None:
        """Break off what is being embedded; what is done is kept."""
        if (progress := self.progress) is not None:
            progress.stop()

    @property
    def progress(self) -> Progress | None:
        """How far new texts are embedded; None if nothing waits for that."""
        progress = self._workshop.progress
        return progress if progress is not None and progress.done < progress.total else None

    def snapshot(self) -> Snapshot:
        """Everything known now, after a look at the files."""
        with self._lock:
            if self._snapshot is not None and self._is_followed():
                return self._snapshot
            changed = [
                folder.scan()
                for folder in (
                    self._articles,
                    self._unanswered,
                    self._products,
                    self._attributes,
                    self._product_texts,
                )
            ]
            if self._snapshot is None or any(changed):
                self._snapshot = Snapshot(
                    articles={(a.id, a.language): a for a in self._articles.good.values()},
                    products={p.id: p for _, p in sorted(self._products.good.items())},
                    vocabularies=vocabularies(self._attributes.good.values()),
                    product_texts=dict(self._product_texts.good.values()),
                    unanswered=dict(self._unanswered.good.values()),
                    workshop=self._workshop,
                )
            return self._snapshot

    def article(self, article_id: str, language: str = DEFAULT_LANGUAGE) -> Article | None:
        """The article as that language has it, else as the main one; None if there is none."""
        view = self.snapshot().view(language)
        return view.articles.get(article_id)

    def product(self, product_id: str, language: str = DEFAULT_LANGUAGE) -> Product | None:
        """The product with that id in that language, else in the main one; None without it."""
        return self.snapshot().view(language).catalog.products.get(product_id)

    def articles(self) -> list[Article]:
        """All articles, one an id, in the main language where there is one."""
        return [article for _, article in sorted(self.snapshot().main.items())]

    def products(self) -> list[Product]:
        """All products, by id."""
        return list(self.snapshot().products.values())

    def find_products(self, text: str, language: str = DEFAULT_LANGUAGE) -> list[ProductMention]:
        """Products named in a text, exactly or with typos, longest name first.

        A name that several products share gives one mention for each, at the same place.
        """
        return self.snapshot().view(language).catalog.reader.finder.find(text)

    def answer(self, question: Question) -> Decision:
        """Answer, ask back or decline; never raises for what a customer may type."""
        view = self.snapshot().view(question.language)
        rules = calibration(question.language, self._wrong_per_100, taught=view.index.taught)
        return several.answer(
            question, view.index, view.catalog, view.articles, self._embedder, rules
        )

    def rank(self, question: Question) -> list[Candidate]:
        """All articles with the probability that they answer, the best first; nothing decided."""
        view = self.snapshot().view(question.language)
        rules = calibration(question.language, self._wrong_per_100, taught=view.index.taught)
        return answering.ranking(question, view.index, view.catalog, self._embedder, rules)

    def suggest(
        self, question: Question, *, count: int = 3, meaning: str | None = None
    ) -> list[Suggestion]:
        """The likeliest answers for an agent to send, however sure; best first.

        With a language as `meaning`, each comes with what it says in that language.
        """
        snapshot = self.snapshot()
        view = snapshot.view(question.language)
        rules = calibration(question.language, self._wrong_per_100, taught=view.index.taught)
        decided = self.answer(question)
        own = snapshot.view(meaning) if meaning else None
        return suggesting.suggest(
            question, decided.answers, view, self._embedder, rules, count=count, own=own
        )
