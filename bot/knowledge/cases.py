"""The questions that `calibrate.py` asks, each with what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.knowledge.articles import load_yaml
from bot.knowledge.english import LANGUAGE
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.model import Article, Question, Section

QUESTIONS = {
    path.name.split(".")[1]: path for path in Path(__file__).parent.glob("calibration.*.yml")
}
FAQS = Path(__file__).with_name("calibration_faqs.yml")
FOLDS = 10
# What the shop knows to have no answer, and what a page is about and does not tell.
NONE, NEAR = "unanswered", "near_misses"


@dataclass(frozen=True)
class Case:
    """A question with what is right: articles, a catalog finding, or nothing."""

    question: Question
    articles: tuple[str, ...] = ()
    product: str | None = None
    attributes: tuple[str, ...] = ()
    fold: int = 0
    group: str = ""


def cases(knowledge: Knowledge, language: str) -> list[Case]:
    """All questions of a language to fit on."""
    data: dict[str, list[Any]] = load_yaml(QUESTIONS[language].read_text(encoding="utf-8"))
    unanswered = knowledge.snapshot().unanswered.get(language, ())
    made = [Case(Question(text, language), group=NONE) for text in unanswered]
    made += [Case(Question(text, language), group=NEAR) for text in data.get(NEAR, ())]
    for group in ("articles", "catalog", "roundabout", "follow_ups", "switches"):
        for entry in data[group]:
            asked = tuple(entry.get("attribute", ()))
            carried = entry.get("from") if asked else None
            question = Question(
                entry["text"], language, product=carried, previous=entry.get("previous")
            )
            named = entry["product"] if asked else None
            made.append(
                Case(question, tuple(entry.get("article") or ()), named, asked, group=group)
            )
    alone = [case for case in made if case.group == "articles"]
    products = [product.id for product in knowledge.products()]
    for number, case in enumerate(alone[::3]):
        # The same in a talk about a product, and after another question: it must turn into
        # neither.
        before = alone[(7 * number + 1) % len(alone)]
        about = replace(case.question, product=products[number % len(products)])
        after = replace(case.question, previous=before.question.text)
        made.append(replace(case, question=about))
        if before.articles != case.articles:
            made.append(replace(case, question=after, group="switches"))
    # Each text falls into one fold, whatever was said before it.
    folds = {text: i % FOLDS for i, text in enumerate(dict.fromkeys(c.question.text for c in made))}
    return [replace(case, fold=folds[case.question.text]) for case in made]


@dataclass(frozen=True)
class Faq:
    """A FAQ of an organisation: articles without example questions, and what is asked of it."""

    articles: tuple[Article, ...]
    cases: tuple[Case, ...]


def faqs() -> list[Faq]:
    """All FAQs to fit on, in English."""
    data: dict[str, dict[str, list[Any]]] = load_yaml(FAQS.read_text(encoding="utf-8"))
    return [Faq(_entries(faq["entries"]), _asked(faq["questions"])) for faq in data.values()]


def _entries(entries: Sequence[dict[str, str]]) -> tuple[Article, ...]:
    return tuple(
        Article(
            id=entry["id"],
            title=entry["question"],
            topic="",
            language=LANGUAGE,
            sections=(Section("", entry["answer"]),),
            questions=(),
            products=(),
            updated=None,
            url="",
        )
        for entry in entries
    )


def _asked(questions: Sequence[dict[str, Any]]) -> tuple[Case, ...]:
    return tuple(
        Case(
            Question(entry["text"]),
            tuple(entry["ids"]),
            fold=number % FOLDS,
            group="faqs" if entry["ids"] else NEAR,
        )
        for number, entry in enumerate(questions)
    )
