"""The searchable form of all articles: short and long passages, vectors and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from bot.knowledge.learned import Learned
from bot.knowledge.model import Article, Vector
from bot.knowledge.text import content, nearest, sentences, words
from bot.knowledge.vectors import VectorStore

# Sentences of everyday life that are about no shop. They tell how near "not near" is: the raw
# cosine of these embeddings is about 0.8 for texts that have nothing in common.
_BACKGROUND = Path(__file__).with_name("background.txt")


@dataclass(frozen=True)
class Passage:
    """A searchable text. `section` counts in the article; None for its title and questions."""

    article: int
    section: int | None
    text: str


def background() -> list[str]:
    """The everyday sentences."""
    lines = _BACKGROUND.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line.strip()]


class Centred:
    """Vectors seen from the middle of the everyday sentences, where unrelated texts lie apart."""

    def __init__(self, vectors: Vector, everyday: Vector) -> None:
        self._middle = everyday.mean(axis=0)
        rows = vectors - self._middle
        self.rows: Vector = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)

    def seen(self, query: Vector) -> Vector:
        """The query from there, of unit length."""
        q = query - self._middle
        return np.asarray(q / max(float(np.linalg.norm(q)), 1e-6), dtype=np.float32)

    def nearness(self, query: Vector) -> NDArray[np.float64]:
        """Cosine of each vector with the query, from there."""
        return np.asarray(self.rows @ self.seen(query), dtype=np.float64)


def _passages(articles: Sequence[Article]) -> tuple[list[Passage], list[Passage]]:
    short, long = [], []
    for number, article in enumerate(articles):
        for text in dict.fromkeys((article.title, *article.questions)):
            short.append(Passage(number, None, text))
        for place, section in enumerate(article.sections):
            if section.heading:
                short.append(Passage(number, place, f"{article.title}: {section.heading}"))
            heading = f"{article.title}. {section.heading}".rstrip(". ")
            long.append(Passage(number, place, f"{heading}. {section.text}"))
    return short, long


def _lines(long: Sequence[Passage], articles: Sequence[Article]) -> list[Passage]:
    """Every sentence and list entry of the sections, with the title they stand under."""
    lines = []
    for passage in long:
        assert passage.section is not None
        article = articles[passage.article]
        section = article.sections[passage.section]
        under = section.heading or article.title
        for block in section.text.split("\n"):
            for line in sentences(re.sub(r"^\s*(?:[-*|]|\d+[.)])\s*", "", block)):
                lines.append(Passage(passage.article, passage.section, f"{under}: {line}"))
    return lines


class English:
    """Titles, questions, sections and their lines as the English embedder sees them."""

    def __init__(self, index: Index, store: VectorStore) -> None:
        self.lines = _lines(index.long, index.articles)
        self.line_articles = np.asarray([p.article for p in self.lines], dtype=np.intp)
        places = {(p.article, p.section): row for row, p in enumerate(index.long)}
        # The row in `long` of the section that each line stands in.
        rows = [places[line.article, line.section] for line in self.lines]
        self.line_sections = np.asarray(rows, dtype=np.intp)
        self.short, self.long, self.line = (
            store.get([p.text for p in passages], "passage")
            for passages in (index.short, index.long, self.lines)
        )


class Lexicon:
    """BM25 over documents of words, with the weight of each word."""

    def __init__(self, documents: Sequence[str], language: str) -> None:
        self.language = language
        bags = [[t.stem for t in content(words(text, language), language)] for text in documents]
        counts = Counter(stem for bag in bags for stem in set(bag))
        self._documents: dict[str, list[int]] = {stem: [] for stem in counts}
        for place, bag in enumerate(bags):
            for stem in set(bag):
                self._documents[stem].append(place)
        self.size = len(bags)
        self._idf = {stem: self._weight(count) for stem, count in counts.items()}
        self._stems = list(self._idf)
        self._model: bm25s.BM25 | None = None
        if counts:
            self._model = bm25s.BM25()
            self._model.index(bags, show_progress=False)

    def _weight(self, count: int) -> float:
        return float(np.log(1 + (self.size - count + 0.5) / (count + 0.5)))

    def weight(self, stem: str) -> float:
        """How much a word tells apart; the most for one that stands nowhere."""
        return self._idf.get(stem) or self._weight(0)

    def __contains__(self, stem: str) -> bool:
        return stem in self._idf

    def mend(self, stems: Sequence[str]) -> list[str]:
        """Each unknown word replaced by its misspelt original, where there is one."""
        return [s if s in self._idf else nearest(s, self._stems) or s for s in stems]

    def scores(self, stems: Sequence[str]) -> NDArray[np.float64]:
        """BM25 of each document."""
        known = [stem for stem in stems if stem in self._idf]
        if self._model is None or not known:
            return np.zeros(self.size, dtype=np.float64)
        return np.asarray(self._model.get_scores(known), dtype=np.float64)

    def coverage(self, stems: Sequence[str]) -> NDArray[np.float64]:
        """The share of the question's weight that each document has, 0 to 1."""
        weights = {stem: self.weight(stem) for stem in stems}
        result = np.zeros(self.size)
        for stem, weight in weights.items():
            result[self._documents.get(stem, [])] += weight
        return result / (sum(weights.values()) or 1.0)


class Index:
    """All passages of the articles of one language; immutable once made."""

    def __init__(
        self,
        articles: Sequence[Article],
        store: VectorStore,
        english: VectorStore | None = None,
        language: str = "en",
    ) -> None:
        """`english` is given where the articles are English: for questions in English too."""
        self.articles = tuple(articles)
        self.language = language
        self.short, self.long = _passages(self.articles)
        texts = background()
        self.background: Vector = store.get(texts, "query")
        self.short_vectors = Centred(
            store.get([p.text for p in self.short], "query"), self.background
        )
        self.long_vectors = Centred(
            store.get([p.text for p in self.long], "passage"), store.get(texts, "passage")
        )
        self.short_articles = np.asarray([p.article for p in self.short], dtype=np.intp)
        self.long_articles = np.asarray([p.article for p in self.long], dtype=np.intp)
        self.english = English(self, english) if english is not None else None
        # One model over the examples of all articles, in the space of all embedders there are.
        rows = self.short_vectors.rows
        if self.english is not None:
            rows = np.hstack([rows, self.english.short])
        self._learned = Learned(rows, self.short_articles, len(self.articles))

    def learned(self, vector: Vector, english: Vector | None) -> NDArray[np.float64]:
        """How much a question sounds like the examples of each article."""
        seen = self.short_vectors.seen(vector)
        if self.english is None:
            return self._learned.scores(seen)
        row = english if english is not None else np.zeros(self.english.short.shape[1])
        return self._learned.scores(np.concatenate([seen, row]))

    @cached_property
    def lexicon(self) -> Lexicon:
        """Words of whole articles."""
        return Lexicon(
            [
                "\n".join((a.title, *a.questions, *(f"{s.heading} {s.text}" for s in a.sections)))
                for a in self.articles
            ],
            self.language,
        )

    @cached_property
    def bodies(self) -> Lexicon:
        """Words of single sections, in the order of `long`."""
        return Lexicon([passage.text for passage in self.long], self.language)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word that stands in an article, as written."""
        return frozenset(
            token.word
            for passage in (*self.short, *self.long)
            for token in words(passage.text, self.language)
        )
