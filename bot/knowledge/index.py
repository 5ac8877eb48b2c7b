"""The searchable form of all articles: short and long passages, vectors and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.learned import Carried, Examples, Floats
from bot.knowledge.model import Article, Vector
from bot.knowledge.progress import Progress
from bot.knowledge.ragged import Numbers
from bot.knowledge.tables import Seen, TableMaker, Tables, as_keys
from bot.knowledge.text import nearest
from bot.knowledge.titles import Titles
from bot.knowledge.vectors import Stores, VectorStore

# Sentences of everyday life that are about no shop. They tell how near "not near" is: the raw
# cosine of these embeddings is about 0.8 for texts that have nothing in common.
_BACKGROUND = Path(__file__).with_name("background.txt")
# So many example questions an article, of any language, make articles taught.
_TAUGHT = 5
# Lines are compared with a question in this many sections at most: those that are nearest to it.
NEAREST_SECTIONS = 1_000
# As Lucene and most others have them.
_K1, _B = 1.5, 0.75
# The view of the examples holds until this share of the articles is another.
_OTHER = 0.005
Integers = NDArray[np.intp] | NDArray[np.int32]
_NOWHERE = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True)
class Unanswered:
    """Questions that are known to have no answer; `elsewhere` in other languages."""

    own: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def background() -> list[str]:
    """The everyday sentences."""
    lines = _BACKGROUND.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line.strip()]


class Centred:
    """Vectors seen from the middle of the everyday sentences, where unrelated texts lie apart."""

    def __init__(self, vectors: Vector, everyday: Vector) -> None:
        self._middle = everyday.mean(axis=0)
        self.rows = centred(vectors, everyday)

    @classmethod
    def of(cls, rows: Vector, everyday: Vector) -> Centred:
        """From vectors that are seen from there already."""
        self = cls(rows[:0], everyday)
        self.rows = rows
        return self

    def seen(self, query: Vector) -> Vector:
        """The query from there, of unit length."""
        q = query - self._middle
        return np.asarray(q / max(float(np.linalg.norm(q)), 1e-6), dtype=np.float32)

    def nearness(self, query: Vector, rows: slice = slice(None)) -> NDArray[np.float64]:
        """Cosine of each vector, or of some, with the query, from there."""
        return np.asarray(self.rows[rows] @ self.seen(query), dtype=np.float64)


def centred(vectors: Vector, everyday: Vector) -> Vector:
    """The vectors seen from the middle of the everyday ones, of unit length."""
    rows = vectors - everyday.mean(axis=0)
    # Several times as fast as the norm of numpy.linalg, which squares into a table of its own.
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.maximum(lengths, 1e-6)[:, None]
    return rows


class Lexicon:
    """BM25 over documents of words, with the weight of each word.

    The variant is that of Lucene (Kamphuis et al., 2020). It is worked out from the places of
    the question's few words, so that a change in one document costs no new table of all.
    """

    def __init__(
        self, stems: Mapping[str, int], numbers: Integers, counts: Integers, sizes: Integers
    ) -> None:
        """`numbers` and `counts` are the words of all documents, one document after the other.

        `stems` numbers the words and may grow later; `sizes` are distinct words by document.
        """
        self.size = len(sizes)
        self._numbers = stems
        owners = np.repeat(np.arange(self.size), sizes)
        order = _order(numbers)
        self._owners, self._counts = owners[order], counts[order]
        found = np.bincount(numbers, minlength=len(stems))
        self._starts = np.concatenate([[0], np.cumsum(found)])
        self._idf = np.log(1 + (self.size - found + 0.5) / (found + 0.5))
        lengths = np.bincount(owners, counts, minlength=self.size)
        mean = float(lengths.mean()) if self.size else 0.0
        self._damping = _K1 * (1 - _B + _B * lengths / (mean or 1.0))

    def _places(self, stem: str) -> slice:
        """Where a word's documents stand; empty for a word that stands nowhere."""
        number = self._numbers.get(stem, len(self._idf))
        if number >= len(self._idf):
            return slice(0, 0)
        return slice(int(self._starts[number]), int(self._starts[number + 1]))

    def weight(self, stem: str) -> float:
        """How much a word tells apart; the most for one that stands nowhere."""
        number = self._numbers.get(stem, len(self._idf))
        if number < len(self._idf):
            return float(self._idf[number])
        return float(np.log(1 + (self.size + 0.5) / 0.5))

    def __contains__(self, stem: str) -> bool:
        places = self._places(stem)
        return bool(places.stop > places.start)

    @cached_property
    def _stems(self) -> list[str]:
        return [stem for stem in list(self._numbers) if stem in self]

    def mend(self, stems: Sequence[str]) -> list[str]:
        """Each unknown word replaced by its misspelt original, where there is one."""
        return [s if s in self else nearest(s, self._stems) or s for s in stems]

    def scores(self, stems: Sequence[str]) -> NDArray[np.float64]:
        """BM25 of each document."""
        result = np.zeros(self.size)
        for stem in stems:
            places = self._places(stem)
            owners, counts = self._owners[places], self._counts[places]
            result[owners] += self.weight(stem) * counts / (counts + self._damping[owners])
        return result

    def coverage(self, stems: Sequence[str]) -> NDArray[np.float64]:
        """The share of the question's weight that each document has, 0 to 1."""
        weights = {stem: self.weight(stem) for stem in stems}
        result = np.zeros(self.size)
        for stem, weight in weights.items():
            result[self._owners[self._places(stem)]] += weight
        return result / (sum(weights.values()) or 1.0)


class English:
    """Titles, questions, sections and their lines as the English embedder sees them.

    `line_sections` has the row in `long` of the section that each line stands in.
    """

    def __init__(self, tables: Tables, store: VectorStore, unanswered: Unanswered) -> None:
        lines = tables.fields["lines"]
        self._store = store
        self._lines = lines
        self._rows = store.rows(as_keys(lines.values))
        self._places = tables.fields["line_sections"].values
        self.line_articles = lines.owners
        self.line_sections = self._places + np.repeat(
            tables.fields["long"].starts[:-1], lines.counts
        )
        self.short: Vector = tables.vectors["english_short"].values
        self.long: Vector = tables.vectors["english_long"].values
        self.unanswered = store.get(unanswered.own, "passage")

    @cached_property
    def line(self) -> Vector:
        """All lines, for a knowledge of moderate size: see `lines_near`."""
        return self._store.take(self._rows)

    def lines_near(self, asked: Vector) -> tuple[Numbers, NDArray[np.float64]]:
        """Lines, and how near each is to the nearest part of a question (rows of `asked`).

        All lines up to NEAREST_SECTIONS; of more, the lines of those that are nearest.
        """
        if len(self.long) <= NEAREST_SECTIONS:
            return np.arange(len(self._rows)), _near(self.line, asked)
        near = _near(self.long, asked)
        last = np.partition(near, -NEAREST_SECTIONS)[-NEAREST_SECTIONS]
        chosen = np.flatnonzero((near >= last)[self.line_sections])
        return chosen, _near(self._store.take(self._rows[chosen]), asked)

    def lines_of(self, article: int) -> tuple[Numbers, Vector]:
        """The lines of an article: the section of each, counted in the article, and its vector."""
        own = self._lines.rows(article)
        return self._places[own], self._store.take(self._rows[own])


class Index:
    """All passages of the articles of one language; immutable once made."""

    def __init__(
        self,
        articles: Sequence[Article],
        stores: Stores,
        language: str = "en",
        unanswered: Unanswered = Unanswered(),
        *,
        before: Index | None = None,
        kept: Path | None = None,
        tell: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        """`stores` has the English embedder's where articles and questions are English.

        The universal encoder's is used where the articles are taught. `before` is an earlier
        index of that language, of which unchanged articles are taken over; files whose names
        begin with `kept` keep them between starts. `tell` is given the progress of a longer work.
        """
        self.articles = tuple(articles)
        self.language = language
        self.unanswered = unanswered
        self.english: English | None = None
        self.universal: Examples | None = None
        if not self.taught:
            stores = replace(stores, universal=None)
        if before is not None and (
            (before.english is None) != (stores.english is None)
            or (before.universal is None) != (stores.universal is None)
        ):
            before = None
        texts = background()
        self.background: Vector = stores.every.get(texts, "query")
        sections_background = stores.every.get(texts, "passage")
        seen = Seen(
            lambda vectors: centred(vectors, self.background),
            lambda vectors: centred(vectors, sections_background),
        )
        maker = TableMaker(language, stores, seen, kept)
        self._tables: Tables = maker.make(self.articles, before._tables if before else None, tell)
        fields, vectors = self._tables.fields, self._tables.vectors
        self.short_vectors = Centred.of(vectors["short"].values, self.background)
        self.long_vectors = Centred.of(vectors["long"].values, sections_background)
        self.short_articles = fields["short"].owners
        self.long_articles = fields["long"].owners
        # The section of each short passage, -1 for titles and questions.
        self.short_sections = fields["short_sections"].values
        self.titles: Titles | None = None
        if stores.english is not None:
            self.english = English(self._tables, stores.english, unanswered)
            if not self.taught:
                self.titles = Titles(self._tables.word_numbers, fields["title"])
        stems = self._tables.stem_numbers
        # Words of whole articles.
        self.lexicon = Lexicon(
            stems, fields["stems"].values, fields["counts"].values, fields["stems"].counts
        )
        # Words of single sections, in the order of `long_vectors`.
        bodies = fields["bodies"].values
        self.bodies = Lexicon(stems, bodies, np.ones_like(bodies), fields["body_sizes"].values)
        texts = [*unanswered.own, *unanswered.elsewhere]
        self.unanswered_vectors = Centred(stores.every.get(texts, "query"), self.background)
        self._other = 0
        source, new = self._tables.compared(before._tables) if before else (_NOWHERE, [])
        if before is not None:
            gone = len(before.articles) - (len(self.articles) - len(new))
            self._other = before._other + len(new) + gone
            if self._other >= _OTHER * len(self.articles):
                self._other, before = 0, None

        def examples(name: str, none: Vector, earlier: Examples | None) -> Examples:
            # One article of thousands changes nothing in the view of all, which takes a second.
            carried = Carried(earlier, source, new) if earlier is not None else None
            return Examples(vectors[name], none, carried)

        self._examples: Examples = examples(
            "short", self.unanswered_vectors.rows, before._examples if before else None
        )
        if stores.universal is not None:
            none = stores.universal.get(texts, "query")
            self.universal = examples("universal_short", none, before.universal if before else None)

    @property
    def taught(self) -> bool:
        """Whether the articles have example questions, a few each or more."""
        examples = sum(len(article.questions) + len(article.elsewhere) for article in self.articles)
        return examples >= _TAUGHT * len(self.articles)

    def crowd(self, vector: Vector) -> Floats:
        """The share of each article, and of none (the last), in the examples that are near."""
        return self._examples.shares(self.short_vectors.seen(vector))

    def short_of(self, article: int) -> slice:
        """The rows of an article's titles, questions and headings."""
        return self._tables.fields["short"].rows(article)

    def long_of(self, article: int) -> slice:
        """The rows of an article's sections."""
        return self._tables.fields["long"].rows(article)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word that stands in an article, as written."""
        words = list(self._tables.word_numbers)
        return frozenset(words[n] for n in np.unique(self._tables.fields["words"].values))


def _order(numbers: Integers) -> Numbers:
    """The order that sorts numbers up to 2**32 and keeps equals as they stand, in linear time."""
    order = np.argsort(np.asarray(numbers & 0xFFFF, np.uint16), kind="stable")
    high = np.asarray(numbers >> 16, np.uint16)
    return order[np.argsort(high[order], kind="stable")] if high.any() else order


def _near(rows: Vector, asked: Vector) -> NDArray[np.float64]:
    """Cosine of each row with the part of the question that is nearest to it."""
    return np.asarray((rows @ asked.T).max(axis=1), dtype=np.float64)
