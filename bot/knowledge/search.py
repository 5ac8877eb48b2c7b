"""Which articles, and which part of each, fit a question: meaning and words together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    "learned",  # how much the question sounds like the article's examples, see `learned.py`
    "learned_margin",
    # For questions in English, as the English embedder sees them; else 0.
    "short_en",
    "long_en",
    "line_en",  # nearness of the nearest sentence or list entry
    "margin_en",
    "several_en",
)
TOP = 6
# The opening answers the title's question; another section must fit better by this much, and by
# CLEAR more to be quoted without the opening before it.
OPENING, CLEAR = 0.1, 0.35
# The opening often names what a section then lists: that section is quoted with it if its score
# is at least this share of the opening's.
NEARLY = 0.85


@dataclass(frozen=True)
class Hit:
    """An article found, with its features and how well each of its sections fits."""

    article: int
    features: Floats
    sections: Floats


@dataclass(frozen=True)
class Query:
    """A question made ready for search."""

    vector: Vector
    stems: tuple[str, ...]
    offered: float = 0.0
    english: Vector | None = None  # rows: the whole question, then its sentences
    named: frozenset[str] = frozenset()  # products
    attribute: bool = False


def query(
    text: str,
    vector: Vector,
    index: Index,
    offered: float = 0.0,
    english: Vector | None = None,
    named: frozenset[str] = frozenset(),
    attribute: bool = False,
) -> Query:
    """Prepare a question; misspelt words are replaced by the articles' own."""
    tokens: Sequence[Token] = words(text, index.language)
    stems = [t.stem for t in content(tokens, index.language)]
    stems = list(dict.fromkeys(index.lexicon.mend(stems)))
    rows = english if index.english is not None else None
    return Query(vector, tuple(stems), offered, rows, named, attribute)


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
    both = (np.full(size, float(value)) for value in (unknown, asked.offered))
    learned = index.learned(asked.vector, asked.english[0] if asked.english is not None else None)
    several = _several(alike, index.short_articles, size)
    named = np.full(size, float(bool(asked.named)))
    apart = named.copy()
    if asked.named:
        about = [bool(asked.named & set(article.products)) for article in index.articles]
        apart = named * ~np.asarray(about)
    attribute = np.full(size, float(asked.attribute))
    plain = (short, long, section, bm25, next(both), margin, next(both), named, apart, attribute)
    return np.stack((*plain, several, learned, _margin(learned), *_english(asked, index)), axis=1)


def _english(asked: Query, index: Index) -> tuple[Floats, ...]:
    size = len(index.articles)
    if asked.english is None or index.english is None:
        return (np.zeros(size),) * 5
    english = index.english
    alike = _near(english.short, asked.english)
    short = _best(alike, index.short_articles, size)
    long = _best(_near(english.long, asked.english), index.long_articles, size)
    lines, nearness = english.lines_near(asked.english)
    line = _best(nearness, english.line_articles[lines], size)
    line = np.where(line < -1, long, line)
    margin = _margin(_rough_english(short, long, line))
    return short, long, line, margin, _several(alike, index.short_articles, size)


def _rough(short: Floats, long: Floats, bm25: Floats) -> Floats:
    return 3.0 * short + 6.0 * long + 1.5 * bm25


def _rough_english(short: Floats, long: Floats, line: Floats) -> Floats:
    return 1.2 * short + 2.0 * long + 2.5 * line


def rank(table: Floats) -> Floats:
    """A rough order of articles before any probability, by meaning and words."""

    def column(name: str) -> Floats:
        return np.asarray(table[:, FEATURES.index(name)], dtype=np.float64)

    plain = _rough(column("short"), column("long"), column("bm25"))
    plain = plain + 6.0 * column("learned")
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


def search(asked: Query, index: Index, top: int = TOP) -> list[Hit]:
    """The most promising articles, unordered but for a rough score."""
    table = features(asked, index)
    if not len(table):
        return []
    order = np.argsort(-rank(table), kind="stable")[:top]
    sections = section_scores(asked, index, order.tolist())
    return [Hit(int(a), table[a], own) for a, own in zip(order, sections, strict=True)]


def quote(sections: Sequence[Section], scores: Floats, limit: int = 110) -> str:
    """What to say from an article, at most about `limit` words of Markdown.

    The opening, with the section that fits best after it if that one fits nearly as well or
    better; that section alone if it fits far better, or if both are too long and it fits better.
    """
    best = int(np.argmax(scores))
    opening = section_text(sections[0], limit)
    if best == 0 and len(sections) > 1:
        second = 1 + int(np.argmax(scores[1:]))
        detail = f"{opening}\n\n**{sections[second].heading}**\n\n{sections[second].text.strip()}"
        fits = len(detail.split()) <= limit
        return detail if fits and scores[second] >= NEARLY * scores[0] else opening
    if best == 0:
        return opening
    chosen = sections[best]
    title = f"**{chosen.heading}**\n\n" if chosen.heading else ""
    text = title + section_text(chosen, limit)
    both = f"{opening}\n\n{text}"
    if scores[best] - scores[0] < CLEAR and len(both.split()) <= limit:
        return both
    return text


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
