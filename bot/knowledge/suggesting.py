"""What an agent could answer: the likeliest answers to a message, whatever the bot would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.knowledge import answering
from bot.knowledge.model import Answer, Question
from bot.knowledge.replies import tell
from bot.knowledge.search import quote

if TYPE_CHECKING:
    from bot.embedding import Embedder
    from bot.knowledge.decide import Calibration
    from bot.knowledge.knowledge import View

# What is less likely than this is no help to an agent.
LEAST = 0.1


@dataclass(frozen=True)
class Suggestion:
    """An answer for an agent to send, and what it says in the agent's own language, if asked."""

    answer: Answer
    meaning: Answer | None = None


def suggest(
    question: Question,
    decided: Sequence[Answer],
    view: View,
    embedder: Embedder,
    rules: Calibration,
    *,
    count: int,
    own: View | None,
) -> list[Suggestion]:
    """The ``count`` likeliest answers; what the bot ``decided`` to say comes first.

    With ``own``, the view of the agent's language, each comes with what it means.
    """
    found = answering.find(question, view.index, view.catalog, embedder, rules)
    options = answering.options(found, rules, view.index, view.catalog, view.articles)
    answers = [*decided, *(option.answers[0] for option in options if option.answers)]
    best = [a for a in _once(answers) if a.text.strip() and a.probability >= LEAST][:count]
    if own is None or not best:
        return [Suggestion(answer) for answer in best]
    there = answering.find(question, own.index, own.catalog, embedder, rules)
    texts = {own.index.articles[hit.article].id: hit.text for hit in there.hits}
    return [Suggestion(answer, _meaning(answer, own, texts)) for answer in best]


def _once(answers: Iterable[Answer]) -> list[Answer]:
    """Each source once, its first answer."""
    kept: dict[tuple[str | None, str | None], Answer] = {}
    for answer in answers:
        kept.setdefault((answer.article, answer.product), answer)
    return list(kept.values())


def _meaning(answer: Answer, own: View, texts: dict[str, str]) -> Answer | None:
    """The same in the language of ``own``; None where it is not known there."""
    article = own.articles.get(answer.article or "")
    if article is not None:
        text = texts.get(article.id) or quote(article.sections, np.zeros(len(article.sections)))
        return Answer(
            text, answer.probability, article.id, None, None, article.title, article.url,
            article.topic,
        )  # fmt: skip
    product = own.catalog.products.get(answer.product or "")
    attribute = own.catalog.vocabulary.attributes.get(answer.attribute or "")
    if product is None or attribute is None:
        return None
    said = tell(product, attribute, own.catalog.vocabulary)
    if said is None:
        return None
    return Answer(
        said, answer.probability, None, product.id, attribute.key, product.name, product.url,
        answer.topic,
    )  # fmt: skip
