"""``firstline evaluate retrieval``: put a FAQ through the shipped search and ask it questions."""

from __future__ import annotations

import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.table import Table

from bot import logs
from bot.embedding import sentence_embedder
from bot.evaluate import curves
from bot.evaluate.csv_file import FileError, rows
from bot.evaluate.running import EvaluationError, Telling
from bot.knowledge import Knowledge, Question
from bot.knowledge.articles import parse_article
from bot.settings import Settings

_SHOP = "https://faq.example"
_POLL_SECONDS = 0.5
_LANGUAGE = re.compile(r"[a-z]{2,3}")

# In the order in which they are shown, with what they say.
FIGURES = {
    "p_at_1": "questions whose right entry is found first",
    "p_at_3": "questions whose right entry is among the first three",
    "p_at_5": "questions whose right entry is among the first five",
    "mrr": "mean of 1 / place of the right entry",
    "abstain_recall": "questions without an answer that are not answered",
    "false_abstention": "questions with an answer that are not answered",
    "ms_per_query": "one question, in milliseconds",
}
# These, too, if the pictures are asked for.
CURVES = {
    "calibration_error": "how far the confidence is from the share that is right",
    "calibration_error_low": "lower end of its 95 % interval",
    "calibration_error_high": "upper end of its 95 % interval",
}


@dataclass(frozen=True)
class Entry:
    """An entry of a FAQ."""

    id: str
    question: str
    answer: str


@dataclass(frozen=True)
class Query:
    """A question to a FAQ; `id` is the entry that answers it, empty if none does."""

    text: str
    id: str


@dataclass(frozen=True)
class Found:
    """What search made of a text: all ids, the best first, and whether it would be answered.

    `confidence` is the probability that the best one is right.
    """

    ranking: tuple[str, ...]
    answered: bool
    seconds: float
    confidence: float


def read_faq(path: Path) -> list[Entry]:
    """Read a CSV file with the columns ``id``, ``question`` and ``answer``.

    Raises:
        FileError: it cannot be used; says which line and what to do.
    """
    entries: dict[str, Entry] = {}
    for where, row in rows(path, ("id", "question", "answer")):
        for column, cell in row.items():
            if not cell:
                raise FileError(f"{where} has no {column}; add it or remove the line.")
        entry = Entry(**row)
        if entry.id in entries:
            raise FileError(f"{where}: the id {entry.id!r} stands there twice; rename one.")
        entries[entry.id] = entry
    return list(entries.values())


def read_queries(path: Path, entries: Sequence[Entry]) -> list[Query]:
    """Read a CSV file with the columns ``text`` and ``id``; an empty id has no answer.

    Raises:
        FileError: it cannot be used; says which line and what to do.
    """
    known = {entry.id for entry in entries}
    queries = []
    for where, row in rows(path, ("text", "id")):
        if not row["text"]:
            raise FileError(f"{where} has no text; add it or remove the line.")
        if row["id"] and row["id"] not in known:
            raise FileError(
                f"{where}: no entry of the FAQ has the id {row['id']!r}; "
                f"correct it, or leave it empty if none is the answer."
            )
        queries.append(Query(row["text"], row["id"]))
    return queries


def evaluate(
    settings: Settings, faq: Path, queries: Path, language: str, pictures: Path | None = None
) -> dict[str, float | None]:
    """Return the figures of ``FIGURES`` for a FAQ asked some questions.

    With a folder for `pictures` the reliability diagram and the curve of coverage and risk are
    drawn there, and the figures of ``CURVES`` follow.

    Raises:
        ExpectedError: a file or the folder cannot be used.
    """
    entries = read_faq(faq)
    asked = read_queries(queries, entries)
    if pictures is not None:
        curves.prepare(pictures)
    found = ask(settings, entries, [query.text for query in asked], language)
    result = figures(asked, found)
    if pictures is None:
        return result
    return {**result, **curves.write(pictures, f"Search in {faq.name}", sureness(asked, found))}


def ask(
    settings: Settings, entries: Sequence[Entry], texts: Collection[str], language: str
) -> dict[str, Found]:
    """Return what the shipped search makes of each different text.

    Raises:
        EvaluationError: the language is no code, or an entry makes no article.
    """
    if not _LANGUAGE.fullmatch(language):
        raise EvaluationError(f"{language!r} is no code of a language; give one such as en or pl.")
    logs.quiet()
    # Of our own making: any text can be an id, but not every text a file's name.
    ids = {f"entry-{number}": entry.id for number, entry in enumerate(entries)}
    found: dict[str, Found] = {}
    with tempfile.TemporaryDirectory(prefix="firstline-evaluate-") as name:
        folder = Path(name)
        for article, entry in zip(ids, entries, strict=True):
            _write(folder / f"{article}.{language}.md", entry)
        knowledge = Knowledge(
            folder,
            None,
            sentence_embedder(),
            shop_url=_SHOP,
            wrong_per_100=settings.wrong_answers_per_100,
        )
        _embed(knowledge, language, f"Embedding {len(entries)} entries")
        different = list(dict.fromkeys(texts))
        with Telling(f"Asking {len(different)} different questions") as telling:
            for done, text in enumerate(different):
                telling.now(f"{done} of {len(different)}")
                question = Question(text, language)
                started = time.perf_counter()
                decision = knowledge.answer(question)
                seconds = time.perf_counter() - started
                ranked = knowledge.rank(question)
                found[text] = Found(
                    tuple(ids[c.article] for c in ranked if c.article),
                    decision.kind == "answer",
                    seconds,
                    ranked[0].probability if ranked else 0.0,
                )
    return found


def _embed(knowledge: Knowledge, language: str, doing: str) -> None:
    """Make the index, and load what only a question needs, telling how far it is."""
    with Telling(doing) as telling, ThreadPoolExecutor(1) as other:
        embedding = other.submit(knowledge.answer, Question("hello", language))
        while not wait([embedding], _POLL_SECONDS).done:
            telling.now(str(knowledge.progress or ""))
        embedding.result()


def _write(path: Path, entry: Entry) -> None:
    head = yaml.safe_dump({"title": entry.question}, allow_unicode=True, width=float("inf"))
    path.write_text(f"---\n{head}---\n{entry.answer}\n", "utf-8")
    if not parse_article(path, _SHOP).sections:
        raise EvaluationError(
            f"The answer of the entry {entry.id!r} is nothing but headings; add a sentence."
        )


def figures(queries: Sequence[Query], found: Mapping[str, Found]) -> dict[str, float | None]:
    """Return the figures; None for those that no question speaks to."""
    right = right_ids(queries)
    known = [query for query in queries if right[query.text]]
    unknown = [query for query in queries if not right[query.text]]
    rankings = {text: result.ranking for text, result in found.items()}
    asked = {query.text for query in queries}
    return {
        **shares([(rankings[query.text], right[query.text]) for query in known]),
        "abstain_recall": _share([not found[query.text].answered for query in unknown]),
        "false_abstention": _share([not found[query.text].answered for query in known]),
        "ms_per_query": 1000 * sum(found[text].seconds for text in asked) / len(asked),
    }


def sureness(queries: Sequence[Query], found: Mapping[str, Found]) -> list[curves.Pair]:
    """Return for each question how sure its best entry is, and whether that is right.

    Of a question without an answer it never is.
    """
    right = right_ids(queries)
    return [
        (found[q.text].confidence, bool(right[q.text] & set(found[q.text].ranking[:1])))
        for q in queries
    ]


def right_ids(queries: Sequence[Query]) -> dict[str, set[str]]:
    """Return for each text all ids that it stands with; none if it has no answer."""
    right: dict[str, set[str]] = defaultdict(set)
    for query in queries:
        right[query.text] |= {query.id} - {""}
    return right


def shares(lines: Sequence[tuple[Sequence[str], Collection[str]]]) -> dict[str, float | None]:
    """Return P@1, P@3, P@5 and MRR of lines: a ranking, and the ids that are right."""
    places = [
        next((place for place, found in enumerate(ranking, 1) if found in right), None)
        for ranking, right in lines
    ]
    return {
        **{f"p_at_{k}": _share([p is not None and p <= k for p in places]) for k in (1, 3, 5)},
        "mrr": sum(1 / p for p in places if p) / len(places) if places else None,
    }


def _share(marks: Sequence[bool]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def table(figures: Mapping[str, float | None]) -> Table:
    """The figures for people."""
    shown = Table("figure", "value", "meaning")
    for name, meaning in {**FIGURES, **CURVES}.items():
        if name in CURVES and name not in figures:
            continue
        value = figures[name]
        digits = 1 if name == "ms_per_query" else 4
        shown.add_row(name, "–" if value is None else f"{value:.{digits}f}", meaning)
    return shown
