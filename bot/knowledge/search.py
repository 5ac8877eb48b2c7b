"""Which articles, and which part of each, fit a question: meaning and words together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.knowledge.index import Index
from bot.knowledge.model import Section, Vector
from bot.knowledge.text import Token, content, sentences, words

Floats = NDArray[np.float64]

# What is known of one article for one question, in this order; see `features`.
FEATURES = (
    "short",  # nearness of the nearest title, question or heading
    "long",  # nearness of the nearest section
    "section",  # share of the question's words in the section that has most of them
    "bm25",  # BM25 over the article, as a share of the best one's, times the share of words
    "unknown",  # share of the question's words that stand in no article
    "margin",  # lead over the best other article
    "offered",  # probability that the catalog has the answer
    "named",  # the question names a product
    "apart",  # it names one that the article is not about
    "attribute",  # words of the question ask for an attribute of the catalog
    "several",  # mean nearness of the article's three nearest titles, questions or headings
    "unanswered",  # nearness of the nearest question that is known to have no answer
    "before_none",  # lead of `short` over that
    "crowd",  # log of the article's share in the examples that are near, in all languages
    "crowd_margin",
    "crowd_none",  # log of the share of what has no answer
    # Of articles with example questions, as the universal encoder sees those; else 0.
    "short_universal",
    "crowd_universal",
    "crowd_margin_universal",
    "crowd_none_universal",
    "unanswered_universal",
    "before_none_universal",
    # For questions in English, as the English embedder sees them; else 0.
    "short_en",
    "long_en",
    "line_en",  # nearness of the nearest sentence or list entry
    "margin_en",
    "several_en",
    "unanswered_en",
    "before_none_en",
    # Of articles without example questions, and in English; else 0.
    "title",  # square of the nearness of the question's words, small ones too, to the title's
    "near_title",  # by how much `short` is above ALIKE
)
TOP = 6
# From here on a title, or heading, may be the question itself in other words.
ALIKE = 0.5
# A share in what is near below which nothing is told.
SMALL = 1e-3
# The opening answers the title's question; another section must fit better by this much, and by
# CLEAR more to be quoted without the opening before it.
OPENING, CLEAR = 0.1, 0.35
# Other sections are quoted too, as far as there is room, if their score is at least this share of
# the best one's: what the opening names, a section then lists.
NEARLY = 0.75


@dataclass(frozen=True)
class Hit:
    """An article found, with its features, its sections and how well each of them fits.

    `rows` are its FEATURES for the question and, where one came before that it may need, for
    that one and for both read as one.
    """

    article: int
    rows: tuple[Floats, ...]
    sections: tuple[Section, ...]
    fits: Floats

    @cached_property
    def text(self) -> str:
        """What to say from the article."""
        return quote(self.sections, self.fits)


@dataclass(frozen=True)
class Query:
    """A question made ready for search."""

    vector: Vector
    stems: tuple[str, ...]
    offered: float = 0.0
    english: Vector | None = None  # rows: the whole question, then its sentences
    named: frozenset[str] = frozenset()  # products
    attribute: bool = False
    universal: Vector | None = None
    words: tuple[str, ...] = ()  # all of them, as written


def query(
    text: str,
    vector: Vector,
    index: Index,
    offered: float = 0.0,
    english: Vector | None = None,
    named: frozenset[str] = frozenset(),
    attribute: bool = False,
    universal: Vector | None = None,
) -> Query:
    """Prepare a question; misspelt words are replaced by the articles' own."""
    tokens: Sequence[Token] = words(text, index.language)
    stems = [t.stem for t in content(tokens, index.language)]
    stems = list(dict.fromkeys(index.lexicon.mend(stems)))
    rows = english if index.english is not None else None
    said = tuple(token.word for token in tokens)
    return Query(vector, tuple(stems), offered, rows, named, attribute, universal, said)


def _best(scores: Floats, owners: NDArray[np.intp], size: int) -> Floats:
    best = np.full(size, -9.0)
    np.maximum.at(best, owners, scores)
    return best


def _several(scores: Floats, owners: NDArray[np.intp], size: int, count: int = 3) -> Floats:
    """The mean of the best scores of each owner (ascending); of those it has, if they are fewer."""
    rest, total, found = scores.copy(), np.zeros(size), np.zeros(size)
    for _ in range(count):
        best = np.full(size, -np.inf)
        np.maximum.at(best, owners, rest)
        has = best > -np.inf
        total[has] += best[has]
        found += has
        # One row of each owner is done with. Sorting all rows would take ten times as long.
        rows = np.flatnonzero((rest == best[owners]) & has[owners])
        rest[rows[np.diff(owners[rows], prepend=-1) > 0]] = -np.inf
    return np.asarray(total / np.maximum(found, 1))


def _near(rows: Vector, asked: Vector) -> Floats:
    """Cosine of each row with the part of the question that is nearest to it."""
    return np.asarray((rows @ asked.T).max(axis=1), dtype=np.float64)


def _margin(rough: Floats) -> Floats:
    """The lead of each over the best other."""
    order = np.sort(rough)
    second = order[-2] if len(rough) > 1 else order[-1] - 2
    lead = rough - np.where(rough == order[-1], second, order[-1])
    return np.asarray(np.clip(lead, -2, 2), dtype=np.float64)


def features(asked: Query, index: Index) -> Floats:
    """One row of FEATURES for each article."""
    size = len(index.articles)
    if size == 0:
        return np.zeros((0, len(FEATURES)))
    alike = index.short_vectors.nearness(asked.vector)
    short = _best(alike, index.short_articles, size)
    long = _best(index.long_vectors.nearness(asked.vector), index.long_articles, size)
    text = index.lexicon.coverage(asked.stems)
    section = _best(index.bodies.coverage(asked.stems), index.long_articles, size)
    bm25 = index.lexicon.scores(asked.stems)
    bm25 = bm25 / bm25.max() * text if bm25.max() > 0 else bm25
    weights = {s: index.lexicon.weight(s) for s in asked.stems}
    total = sum(weights.values())
    unknown = sum(w for s, w in weights.items() if s not in index.lexicon) / total if total else 0
    margin = _margin(_rough(short, long, bm25))
    crowd = np.log(index.crowd(asked.vector) + SMALL)
    several = _several(alike, index.short_articles, size)
    apart = np.zeros(size)
    if asked.named:
        about = (asked.named & set(article.products) for article in index.articles)
        apart = np.asarray([float(not products) for products in about])
    vain = index.unanswered_vectors.nearness(asked.vector).max(initial=0.0)
    columns = (
        short, long, section, bm25, unknown, margin, asked.offered, bool(asked.named), apart,
        asked.attribute, several, vain, short - vain,
        crowd[:-1], _margin(crowd[:-1]), crowd[-1], *_universal(asked, index),
        *_english(asked, index), *_title(asked, index, short),
    )  # fmt: skip
    return np.stack([np.broadcast_to(c, size) for c in columns], axis=1)


def in_vain(vector: Vector, index: Index) -> tuple[float, float]:
    """How near a question is to those without an answer: the nearest, and log of their share."""
    nearest = index.unanswered_vectors.nearness(vector).max(initial=0.0)
    return float(nearest), float(np.log(index.crowd(vector)[-1] + SMALL))


def _universal(asked: Query, index: Index) -> tuple[Floats | float, ...]:
    if asked.universal is None or index.universal is None:
        return (0.0,) * sum(name.endswith("_universal") for name in FEATURES)
    examples = index.universal
    size = len(index.articles)
    short = _best(examples.nearness(asked.universal), examples.owners, size)
    crowd = np.log(examples.shares(asked.universal) + SMALL)
    vain = examples.nearest_none(asked.universal)
    return short, crowd[:-1], _margin(crowd[:-1]), crowd[-1], vain, short - vain


def _english(asked: Query, index: Index) -> tuple[Floats | float, ...]:
    size = len(index.articles)
    if asked.english is None or index.english is None:
        return (0.0,) * sum(name.endswith("_en") for name in FEATURES)
    english = index.english
    alike = _near(english.short, asked.english)
    short = _best(alike, index.short_articles, size)
    long = _best(_near(english.long, asked.english), index.long_articles, size)
    lines, nearness = english.lines_near(asked.english)
    line = _best(nearness, english.line_articles[lines], size)
    line = np.where(line < -1, long, line)
    margin = _margin(_rough_english(short, long, line))
    vain = _near(english.unanswered, asked.english).max(initial=0.0)
    return (
        short, long, line, margin, _several(alike, index.short_articles, size),
        vain, short - vain,
    )  # fmt: skip


def _title(asked: Query, index: Index, short: Floats) -> tuple[Floats | float, ...]:
    if index.titles is None:
        return 0.0, 0.0
    return index.titles.nearness(asked.words) ** 2, np.maximum(short - ALIKE, 0.0)


def _rough(short: Floats, long: Floats, bm25: Floats) -> Floats:
    return 3.0 * short + 6.0 * long + 1.5 * bm25


def _rough_english(short: Floats, long: Floats, line: Floats) -> Floats:
    return 1.2 * short + 2.0 * long + 2.5 * line


def rank(table: Floats, *, taught: bool = True) -> Floats:
    """A rough order of articles before any probability, by meaning and words.

    Articles that were not `taught` example questions have only their text to go by.
    """

    def column(name: str) -> Floats:
        return np.asarray(table[:, FEATURES.index(name)], dtype=np.float64)

    plain = _rough(column("short"), column("long"), column("bm25"))
    if not taught:
        in_english = 1.5 * column("long") + 0.2 * column("bm25") + column("long_en")
        in_english += 0.6 * column("title") + 2.4 * column("near_title")
        return in_english + 0.8 * column("line_en") if column("line_en").any() else plain
    plain = plain + 0.5 * (column("crowd") + column("crowd_universal"))
    # Where the English embedder speaks it leads; for other languages its columns are 0.
    return 0.4 * plain + _rough_english(column("short_en"), column("long_en"), column("line_en"))


def section_scores(asked: Query, index: Index, chosen: Sequence[int]) -> list[Floats]:
    """How well each section of the articles fits; the opening stands for title and questions."""
    coverage = index.bodies.coverage(asked.stems)
    english = index.english if asked.english is not None else None
    result = []
    for article in chosen:
        long, short = index.long_of(article), index.short_of(article)
        own = 2.0 * index.long_vectors.nearness(asked.vector, long) + 0.6 * coverage[long]
        alike = index.short_vectors.nearness(asked.vector, short)
        if english is not None and asked.english is not None:
            line = np.zeros(len(own))
            places, vectors = english.lines_of(article)
            np.maximum.at(line, places, _near(vectors, asked.english))
            # The nearest line tells more than the section as a whole.
            own = own - index.long_vectors.nearness(asked.vector, long) + 2.0 * line
            alike = (alike + _near(english.short[short], asked.english)) / 2
        opening = 0.0
        for place, near in zip(index.short_sections[short], alike, strict=True):
            if place < 0:
                opening = max(opening, float(near))
            else:
                own[place] += 0.5 * near
        own[0] += 0.5 * opening + OPENING
        result.append(own)
    return result


def search(asked: Query, index: Index, around: Sequence[Query] = (), top: int = TOP) -> list[Hit]:
    """The most promising articles of each query, unordered but for a rough score.

    `around` are the question before and both together, or nothing.
    """
    tables = [features(query, index) for query in (asked, *around)]
    if not len(tables[0]):
        return []
    best = [
        np.argsort(-rank(table, taught=index.taught), kind="stable")[:top].tolist()
        for table in tables
    ]
    chosen = list(dict.fromkeys(article for own in best for article in own))
    # What to quote is chosen by both together, if anything came before.
    sections = section_scores(asked if not around else around[-1], index, chosen)
    return [
        Hit(article, tuple(t[article] for t in tables), index.articles[article].sections, fits)
        for article, fits in zip(chosen, sections, strict=True)
    ]


def quote(sections: Sequence[Section], scores: Floats, limit: int = 140) -> str:
    """What to say from an article, at most about `limit` words of Markdown, in its own order.

    The section that fits best and, as far as there is room, others that fit nearly as well. The
    opening comes with them unless another fits far better.
    """
    best = int(np.argmax(scores))
    chosen = [best]
    count = len(section_text(sections[best], limit).split())
    wanted = [0] if scores[best] - scores[0] < CLEAR else []
    wanted += [
        int(i) for i in np.argsort(-scores, kind="stable") if scores[i] >= NEARLY * scores[best]
    ]
    for place in wanted:
        size = len(sections[place].text.split())
        if place not in chosen and count + size <= limit:
            chosen.append(place)
            count += size
    return "\n\n".join(_with_heading(sections[place], limit) for place in sorted(chosen))


def _with_heading(section: Section, limit: int) -> str:
    title = f"**{section.heading}**\n\n" if section.heading else ""
    return title + section_text(section, limit)


def section_text(section: Section, limit: int = 90) -> str:
    """The section's Markdown, cut after whole paragraphs, list entries or sentences."""
    blocks = section.text.split("\n\n")
    taken: list[str] = []
    count = 0
    for block in blocks:
        size = len(block.split())
        if count + size <= limit:
            taken.append(block)
            count += size
            continue
        lines = block.split("\n")
        is_list = len(lines) > 1 and lines[0].lstrip().startswith(("-", "*", "1.", "|"))
        units = lines if is_list else sentences(block)
        kept: list[str] = []
        for unit in units:
            size = len(unit.split())
            if count + size > limit and (taken or kept):
                break
            kept.append(unit)
            count += size
        if kept:
            taken.append(("\n" if is_list else " ").join(kept))
        break
    return "\n\n".join(taken).strip()
