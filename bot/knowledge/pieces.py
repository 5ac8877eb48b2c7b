"""One article taken apart for search: its passages and its words.

This is the slow part of indexing, and it looks at one article at a time: it is done once for
each content. `tables.py` puts the pieces of all articles together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.knowledge.model import Article
from bot.knowledge.text import content, sentences, words
from bot.knowledge.vectors import Role, Stores, VectorStore


@dataclass(frozen=True)
class Passage:
    """A searchable text. `section` counts in the article; None for its title and questions."""

    section: int | None
    text: str


def short_passages(article: Article) -> list[Passage]:
    """Title, questions, and each heading under its title."""
    said = dict.fromkeys((article.title, *article.questions, *article.elsewhere))
    return [Passage(None, text) for text in said] + [
        Passage(place, f"{article.title}: {section.heading}")
        for place, section in enumerate(article.sections)
        if section.heading
    ]


def english_passages(article: Article) -> list[Passage]:
    """The same as the English embedder reads them: what is in another language is empty."""
    elsewhere = set(article.elsewhere)
    return [
        replace(passage, text="") if passage.text in elsewhere else passage
        for passage in short_passages(article)
    ]


def long_passages(article: Article) -> list[Passage]:
    """Each section under title and heading."""
    return [
        Passage(place, f"{f'{article.title}. {section.heading}'.rstrip('. ')}. {section.text}")
        for place, section in enumerate(article.sections)
    ]


def lines(article: Article) -> list[Passage]:
    """Every sentence and list entry of the sections, with the heading or title it stands under."""
    found = []
    for place, section in enumerate(article.sections):
        under = section.heading or article.title
        for block in section.text.split("\n"):
            for line in sentences(re.sub(r"^\s*(?:[-*|]|\d+[.)])\s*", "", block)):
                found.append(Passage(place, f"{under}: {line}"))
    return found


@dataclass(frozen=True)
class Piece:
    """An article as the index needs it. Passages are named by the keys of their vectors.

    `stems` are the article's words that carry meaning, `counts` how often each stands in it,
    `bodies` which of them stand in each section (with title and heading), by number.
    """

    short: list[bytes]
    short_sections: list[int]  # -1 for title and questions
    long: list[bytes]
    english_short: list[bytes]
    english_long: list[bytes]
    lines: list[bytes]
    line_sections: list[int]
    universal_short: list[bytes]
    stems: list[str]
    counts: list[int]
    bodies: list[list[int]]
    words: list[str]
    title: list[str]  # its words, small ones too


def take_apart(article: Article, language: str, stores: Stores) -> Piece:
    """The article's piece, without what an embedder needs that is not among the stores."""
    short, long = short_passages(article), long_passages(article)
    of_lines = lines(article) if stores.english is not None else []
    whole = [article.title, *article.questions]
    whole += [f"{section.heading} {section.text}" for section in article.sections]
    tokens = words("\n".join(whole), language)
    counts = Counter(token.stem for token in content(tokens, language))
    numbers = {stem: number for number, stem in enumerate(counts)}
    bodies = []
    said = {token.word for token in tokens}
    for passage in long:
        stems = {token.stem for token in content(words(passage.text, language), language)}
        bodies.append(sorted(numbers.setdefault(stem, len(numbers)) for stem in stems))

    def keys(store: VectorStore | None, role: Role, passages: Sequence[Passage]) -> list[bytes]:
        return [] if store is None else [store.key(p.text, role) for p in passages]

    return Piece(
        short=keys(stores.every, "query", short),
        short_sections=[-1 if p.section is None else p.section for p in short],
        long=keys(stores.every, "passage", long),
        english_short=keys(stores.english, "passage", english_passages(article)),
        english_long=keys(stores.english, "passage", long),
        lines=keys(stores.english, "passage", of_lines),
        line_sections=[p.section or 0 for p in of_lines],
        universal_short=keys(stores.universal, "query", short),
        stems=list(numbers),
        counts=[counts[stem] for stem in numbers],
        bodies=bodies,
        words=sorted(said),
        title=sorted({token.word for token in words(article.title, language)}),
    )
