"""Several questions in one message: each gets its answer.

"How often should I wash my Skarn, and what does it weigh?" is cut where a second question may
begin. A cut counts only if both parts are answered, each surely, and from different sources:
most messages with an "and" are one question, or a story with one. Where question marks part them
and only one has an answer, the other is named as what is not answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.knowledge import answering
from bot.knowledge.decide import Calibration
from bot.knowledge.index import Index
from bot.knowledge.model import Answer, Article, Decision, Question
from bot.knowledge.products import ProductSearch
from bot.knowledge.text import content, words

if TYPE_CHECKING:
    from bot.embedding import Embedder

# Both parts must be answers at least this likely to be right where no question mark parts them.
SURE = 0.7
# A whole that is an answer at least this likely is one question, unless a question mark cuts it.
ONE = 0.9
_LONGEST = 500
_SHORTEST = 8  # characters of a part
_CUTS = 4
# Of fewer words that mean something a question is none: "How are you?"
_OF_A_QUESTION = 2
# Where a sentence ends, or a word of addition stands before a second question.
_WORDS = {
    "en": r"and also|and|also|plus|oh and",
    "pl": r"oraz|a także|i jeszcze|poza tym|a|i",
    "id": r"dan juga|dan|terus|trus|sekalian|sama|lalu",
    "th": r"แล้วก็|แล้ว|และ|อีกอย่าง|กับ",
    "fil": r"at saka|tsaka|saka|tapos|at",
}


def _pattern(language: str) -> re.Pattern[str]:
    words = _WORDS.get(language)
    ends = r"(?<=[?!.…])\s+|\n+|;\s+"
    if words is None:
        return re.compile(ends)
    joined = rf"\s*(?:{words})\s*" if language == "th" else rf"[,]?\s+(?:{words})\s+"
    return re.compile(f"{joined}|{ends}", re.IGNORECASE)


_PATTERNS = {language: _pattern(language) for language in _WORDS}
_PLAIN = _pattern("")


def cuts(text: str, language: str) -> list[tuple[str, str]]:
    """Ways to take a message for two questions; the ends of sentences first."""
    if len(text) > _LONGEST:
        return []
    found = []
    for match in _PATTERNS.get(language, _PLAIN).finditer(text):
        first, second = text[: match.start()].strip(), text[match.end() :].strip()
        if min(len(first), len(second)) >= _SHORTEST:
            found.append((first[-1:] not in "?!", match.start(), first, second))
    return [(first, second) for _, _, first, second in sorted(found)[:_CUTS]]


def answer(
    question: Question,
    index: Index,
    catalog: ProductSearch,
    articles: Mapping[str, Article],
    embedder: Embedder,
    rules: Calibration,
) -> Decision:
    """Decide what to say to a message of one question or two."""

    def ask(part: Question) -> Decision:
        return answering.answer(part, index, catalog, articles, embedder, rules)

    best, chance = ask(question), 0.0
    reading = catalog.reader.read(question.text)
    one = best.kind == "answer" and best.confidence >= ONE
    # "The difference between this and that" is one question.
    one = one or "compare" in reading.forms or bool(reading.ranks)
    partly: Decision | None = None
    for first_text, second_text in cuts(question.text.strip(), question.language):
        certain = first_text.endswith("?")
        if one and not certain:
            continue
        first = ask(replace(question, text=first_text, vector=None))
        # A question mark makes a cut certain.
        sure = rules.answer if certain else SURE
        two = certain and second_text.endswith("?")
        if not _is_sure(first, sure) and not two:
            continue
        second = ask(
            replace(
                question,
                text=second_text,
                vector=None,
                product=first.product or question.product,
                previous=first_text,
            )
        )
        both = first.confidence * second.confidence
        if not _is_sure(first, sure) or not _is_sure(second, sure):
            if two and partly is None:
                partly = _partly((first_text, first), (second_text, second), question.language)
        elif both > chance and not _sources(first) & _sources(second):
            best, chance = _joined(first, second), both
    return partly if partly is not None and not chance else best


def _is_sure(decision: Decision, sure: float) -> bool:
    return decision.kind == "answer" and decision.confidence >= sure


def _partly(
    one: tuple[str, Decision], other: tuple[str, Decision], language: str
) -> Decision | None:
    """The answer of the one part that has one, with the other as what is not answered."""
    (_, answered), (left, missed) = (one, other) if one[1].kind == "answer" else (other, one)
    if answered.kind != "answer" or missed.kind == "answer":
        return None
    pages = {given.article for given in answered.answers if given.article}
    likeliest = missed.candidates[0].article if missed.candidates else None
    if likeliest in pages or len(content(words(left, language), language)) < _OF_A_QUESTION:
        # The page that answers the one may well answer the other too.
        return None
    return replace(answered, unanswered=left)


def _sources(decision: Decision) -> set[tuple[str | None, str | None, str | None]]:
    return {_source(answer) for answer in decision.answers}


def _source(given: Answer) -> tuple[str | None, str | None, str | None]:
    return given.article, given.product, given.attribute


def _joined(first: Decision, second: Decision) -> Decision:
    return Decision(
        "answer",
        first.confidence * second.confidence,
        (*first.answers, *second.answers),
        (*first.candidates, *second.candidates),
        second.product or first.product,
    )
