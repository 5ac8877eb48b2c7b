"""The searchable form of all articles: short and long passages, vectors and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.knowledge import pieces
from bot.knowledge.kept import Kept
from bot.knowledge.learned import Learned
from bot.knowledge.model import Article, Vector
from bot.knowledge.pieces import Passage, Piece, Pieces
from bot.knowledge.progress import Progress
from bot.knowledge.text import nearest
from bot.knowledge.vectors import Role, Rows, VectorStore

# Sentences of everyday life that are about no shop. They tell how near "not near" is: the raw
# cosine of these embeddings is about 0.8 for texts that have nothing in common.
_BACKGROUND = Path(__file__).with_name("background.txt")
# Lines are compared with a question in this many sections at most: those that are nearest to it.
NEAREST_SECTIONS = 1_000
# As `bm25s` and Lucene have them.
_K1, _B = 1.5, 0.75
Numbers = NDArray[np.intp]


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

    def nearness(self, query: Vector, rows: slice = slice(None)) -> NDArray[np.float64]:
        """Cosine of each vector, or of some, with the query, from there."""
        return np.asarray(self.rows[rows] @ self.seen(query), dtype=np.float64)


class Lexicon:
    """BM25 over documents of words, with the weight of each word.

    The variant is that of Lucene (Kamphuis et al., 2020). It is worked out from the places of
    the question's few words, so that a change in one document costs no new table of all.
    """

    def __init__(
        self, stems: Mapping[str, int], numbers: Numbers, counts: Numbers, sizes: Numbers
    ) -> None:
        """`numbers` and `counts` are the words of all documents, one document after the other.

        `stems` numbers the words and may grow later; `sizes` are distinct words by document.
        """
        self.size = len(sizes)
        self._numbers = stems
        owners = np.repeat(np.arange(self.size), sizes)
        order = np.argsort(numbers, kind="stable")
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
        return places.stop > places.start

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


@dataclass(frozen=True)
class _Part:
    """A piece with its words and vectors by number."""

    words: tuple[str, ...]
    short_sections: Numbers
    line_sections: Numbers
    stems: Numbers
    counts: Numbers
    bodies: Numbers
    body_sizes: Numbers
    short: Rows
    long: Rows
    english_short: Rows
    english_long: Rows
    lines: Rows


class English:
    """Titles, questions, sections and their lines as the English embedder sees them.

    `line_sections` has the row in `long` of the section that each line stands in.
    """

    def __init__(self, parts: Sequence[_Part], store: VectorStore, long_starts: Numbers) -> None:
        self._store = store
        self._rows = _joined(part.lines for part in parts)
        self._starts = _starts(len(part.lines) for part in parts)
        counts = np.diff(self._starts)
        self.line_articles = np.repeat(np.arange(len(parts)), counts)
        self._places = _joined(part.line_sections for part in parts)
        self.line_sections = self._places + np.repeat(long_starts[:-1], counts)
        self.short = store.take(_joined(part.english_short for part in parts))
        self.long = store.take(_joined(part.english_long for part in parts))

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
        chosen = np.flatnonzero(near[self.line_sections] >= last)
        return chosen, _near(self._store.take(self._rows[chosen]), asked)

    def lines_of(self, article: int) -> tuple[Numbers, Vector]:
        """The lines of an article: the section of each, counted in the article, and its vector."""
        own = slice(self._starts[article], self._starts[article + 1])
        return self._places[own], self._store.take(self._rows[own])


class Index:
    """All passages of the articles of one language; immutable once made."""

    def __init__(
        self,
        articles: Sequence[Article],
        store: VectorStore,
        english: VectorStore | None = None,
        language: str = "en",
        *,
        before: Index | None = None,
        kept: Kept | None = None,
        tell: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        """`english` is given where the articles are English: for questions in English too.

        `before` is an earlier index of that language, of which unchanged articles are taken
        over; `kept` keeps articles taken apart. `tell` is given the progress of a longer work.
        """
        self.articles = tuple(articles)
        self.language = language
        self.english: English | None = None
        if before is not None and (before.english is None) != (english is None):
            before = None
        # Numbers of words; it only grows, and is shared with the index before.
        self._stems: dict[str, int] = before._stems if before is not None else {}
        self._parts = self._taken_apart(store, english, before, Pieces(kept or Kept(None)), tell)
        parts = [part for _, part in self._parts.values()]
        texts = background()
        self.background: Vector = store.get(texts, "query")
        self.short_vectors = Centred(store.take(_joined(p.short for p in parts)), self.background)
        self.long_vectors = Centred(
            store.take(_joined(p.long for p in parts)), store.get(texts, "passage")
        )
        # Where each article's passages begin; one more at the end.
        self._short_starts = _starts(len(p.short) for p in parts)
        self._long_starts = _starts(len(p.long) for p in parts)
        self.short_articles = np.repeat(np.arange(len(parts)), np.diff(self._short_starts))
        self.long_articles = np.repeat(np.arange(len(parts)), np.diff(self._long_starts))
        # The section of each short passage, -1 for titles and questions.
        self.short_sections = _joined(p.short_sections for p in parts)
        if english is not None:
            self.english = English(parts, english, self._long_starts)
        # Words of whole articles.
        self.lexicon = Lexicon(
            self._stems,
            _joined(p.stems for p in parts),
            _joined(p.counts for p in parts),
            np.asarray([len(p.stems) for p in parts], dtype=np.intp),
        )
        # Words of single sections, in the order of `long_vectors`.
        bodies = _joined(p.bodies for p in parts)
        self.bodies = Lexicon(
            self._stems, bodies, np.ones_like(bodies), _joined(p.body_sizes for p in parts)
        )
        # One model over the examples of all articles, in the space of all embedders there are.
        examples = [self.short_vectors.rows]
        if self.english is not None:
            examples.append(self.english.short)
        self._learned = Learned(examples, self.short_articles, len(self.articles))

    def learned(self, vector: Vector, english: Vector | None) -> NDArray[np.float64]:
        """How much a question sounds like the examples of each article."""
        seen = self.short_vectors.seen(vector)
        if self.english is None:
            return self._learned.scores(seen)
        row = english if english is not None else np.zeros(self.english.short.shape[1])
        return self._learned.scores(np.concatenate([seen, row]))

    def short_of(self, article: int) -> slice:
        """The rows of an article's titles, questions and headings."""
        return slice(self._short_starts[article], self._short_starts[article + 1])

    def long_of(self, article: int) -> slice:
        """The rows of an article's sections."""
        return slice(self._long_starts[article], self._long_starts[article + 1])

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word that stands in an article, as written."""
        return frozenset().union(*(part.words for _, part in self._parts.values()))

    def _taken_apart(
        self,
        store: VectorStore,
        english: VectorStore | None,
        before: Index | None,
        known: Pieces,
        tell: Callable[[Progress], None],
    ) -> dict[str, tuple[Article, _Part]]:
        """Each article with its part, all its texts embedded."""
        old = before._parts if before is not None else {}
        new = [a for a in self.articles if a.id not in old or not _same(old[a.id][0], a)]
        made = known.of(new, self.language, store, english)
        _embed(new, made, store, english, tell)
        parts = {
            article.id: (article, self._part(piece, store, english))
            for article, piece in zip(new, made, strict=True)
        }
        return {a.id: parts[a.id] if a.id in parts else old[a.id] for a in self.articles}

    def _part(self, piece: Piece, store: VectorStore, english: VectorStore | None) -> _Part:
        numbers = self._stems
        stems = np.asarray([numbers.setdefault(s, len(numbers)) for s in piece.stems], np.intp)
        bodies = np.asarray([n for body in piece.bodies for n in body], np.intp)
        none = np.zeros(0, dtype=np.int64)
        return _Part(
            words=piece.words,
            short_sections=np.asarray(piece.short_sections, np.intp),
            line_sections=np.asarray(piece.line_sections, np.intp),
            stems=stems,
            counts=np.asarray(piece.counts, np.intp),
            bodies=stems[bodies],
            body_sizes=np.asarray([len(body) for body in piece.bodies], np.intp),
            short=store.rows(piece.short),
            long=store.rows(piece.long),
            english_short=english.rows(piece.english_short) if english else none,
            english_long=english.rows(piece.english_long) if english else none,
            lines=english.rows(piece.lines) if english else none,
        )


def _same(one: Article, other: Article) -> bool:
    # Equality of 10,000 articles takes a moment; most are the very same.
    return one is other or one == other


def _joined(arrays: Iterable[NDArray[np.int64]]) -> Numbers:
    every = list(arrays)
    return np.concatenate(every) if every else np.zeros(0, dtype=np.intp)


def _starts(counts: Iterable[int]) -> Numbers:
    """Where each one begins if they stand one after the other; the end of all as the last."""
    return np.cumsum([0, *counts], dtype=np.intp)


def _embed(
    articles: Sequence[Article],
    made: Sequence[Piece],
    store: VectorStore,
    english: VectorStore | None,
    tell: Callable[[Progress], None],
) -> None:
    """Embed the passages whose vectors are not kept yet."""
    work: dict[tuple[VectorStore, Role], dict[bytes, str]] = {}

    def want(
        owner: VectorStore, role: Role, keys: Sequence[bytes], texts: Callable[[], list[Passage]]
    ) -> None:
        if not all(key in owner for key in keys):
            todo = work.setdefault((owner, role), {})
            for key, passage in zip(keys, texts(), strict=True):
                if key not in owner:
                    todo[key] = passage.text

    for article, piece in zip(articles, made, strict=True):
        short = partial(pieces.short_passages, article)
        long = partial(pieces.long_passages, article)
        want(store, "query", piece.short, short)
        want(store, "passage", piece.long, long)
        if english is not None:
            want(english, "passage", piece.english_short, short)
            want(english, "passage", piece.english_long, long)
            want(english, "passage", piece.lines, partial(pieces.lines, article))
    if work:
        texts = [text for todo in work.values() for text in todo.values()]
        progress = Progress(len(texts), sum(map(len, texts)))
        tell(progress)
        for (owner, role), todo in work.items():
            owner.add(todo, role, progress)


def _near(rows: Vector, asked: Vector) -> NDArray[np.float64]:
    """Cosine of each row with the part of the question that is nearest to it."""
    return np.asarray((rows @ asked.T).max(axis=1), dtype=np.float64)
