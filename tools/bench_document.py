"""The text of `docs/benchmarks.md`, made from the results in `docs/benchmarks.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bot.evaluate import nlu

FAQS = ("covidfaq",)
_PROSE = Path(__file__).with_suffix(".yml")
_SECONDS = ("train_seconds", "ms_per_message", "ms_per_query")
_METHODS = {
    "ours": "Firstline",
    "tf_idf": "TF-IDF of the entries' questions",
    "minilm": "MiniLM alone, question and answer",
    "e5": "e5 alone, question and answer",
    "fused": "these three, fused by their ranks",
}
_COUNTS = {"p_at_1": "P@1", "p_at_3": "P@3", "p_at_5": "P@5", "mrr": "MRR"}


def document(results: Mapping[str, Any]) -> str:
    """Return the whole document for results as `docs/benchmarks.json` has them."""
    prose = yaml.safe_load(_PROSE.read_text("utf-8"))
    sets: dict[str, Any] = prose["sets"]
    measured = results["sets"]
    parts = [prose["intro"], "## Intents\n"]
    for name in sets:
        if name not in FAQS and name in measured:
            parts += _intents(sets[name], measured[name])
    parts += _training(sets, measured)
    parts.append("## Search\n")
    for name in FAQS:
        if "ours" in measured.get(name, {}):
            parts += _search(sets[name], measured[name]["ours"])
    parts.append("## The sets\n")
    parts.append("None of them is part of Firstline; get them from their authors.\n")
    for entry in sets.values():
        parts.append(f"### {entry['title']}\n")
        parts.append(f"Source: {entry['source']}\n\nLicence: {entry['licence']}\n")
        parts.append(entry["form"])
    parts += _runs(sets, results["runs"])
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}" if name in _SECONDS else f"{value:.3f}"


def _when(result: Mapping[str, Any]) -> str:
    return f"{result['made'][:10]}"


def _intents(entry: Mapping[str, Any], measured: Mapping[str, Any]) -> Iterator[str]:
    columns = {"Firstline": measured.get("ours"), "stock Rasa": measured.get("stock")}
    present = {title: result for title, result in columns.items() if result}
    if stock := present.pop("stock Rasa", None):
        present[f"stock Rasa {stock['rasa']}, {stock['epochs']} epochs"] = stock
    yield f"### {entry['title']}: intents\n"
    yield f"{entry['about']}\n"
    rows = [
        [f"`{name}`", *(_shown(name, r["figures"].get(name)) for r in present.values())]
        for name in nlu.FIGURES
        if any(name in r["figures"] for r in present.values())
    ]
    yield _table(["figure", *present], rows)
    if stock:
        given = next(c for c in stock["pipeline"] if c["name"] == "FallbackClassifier")
        yield (
            f"Stock refuses what its FallbackClassifier refuses: below {given['threshold']}, or "
            f"with a second intent nearer than {given['ambiguity_threshold']}.\n"
        )
    yield from entry.get("remarks", ())


def _training(sets: Mapping[str, Any], measured: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for name, entry in sets.items():
        stock = measured.get(name, {}).get("stock")
        if stock:
            ours, theirs = stock["our_train"], stock["train"]
            ratio = ours["seconds"] / theirs["seconds"]
            processor = ours["processor_seconds"] / theirs["processor_seconds"]
            rows.append(
                [
                    entry["title"],
                    f"{ours['seconds']:,.0f} ({ours['processor_seconds']:,.0f})",
                    f"{theirs['seconds']:,.0f} ({theirs['processor_seconds']:,.0f})",
                    f"{ratio:.3f} ({processor:.3f})",
                    _when(stock),
                    f"{stock['machine']['processor']}, {stock['machine']['cores']} cores, "
                    f"load {stock['machine']['load']}",
                ]
            )
    if rows:
        yield "### Training, in seconds\n"
        yield (
            "By the clock, and in brackets of all processors together, which other programs on the "
            "machine disturb less. Both are trained one after the other in the same run, ours with "
            "the embedding of all lines, both with the start of Rasa; where stock's result was "
            "kept, the times of both are of the day given here. `train_seconds` above is of the "
            "last run of ours.\n"
        )
        head = ["data", "Firstline", "stock Rasa", "ratio", "day", "machine"]
        yield _table(head, rows)
        yield from (
            f"{sets[name]['title']}: {stock['note']}\n"
            for name in sets
            if (stock := measured.get(name, {}).get("stock")) and "note" in stock
        )


def _search(entry: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {entry['title']}: articles\n"
    yield f"{entry['about']}\n"
    yield (
        "Counted in two ways: by the one id of each line, of which no search can get more than "
        f"{ours['most_single']:.3f} right at the first place, as the same text cannot have two "
        "answers there; and by any id that the line's text stands with.\n"
    )
    head = ["one id a line", *_COUNTS.values()]
    for way in ("single", "any"):
        rows = [
            [title, *(_shown(name, ours["methods"][method][way][name]) for name in _COUNTS)]
            for method, title in _METHODS.items()
        ]
        yield _table(head, rows)
        head = ["any id of the text", *_COUNTS.values()]
    figures = ours["figures"]
    yield (
        f"The decision that ships leaves {_shown('', figures['false_abstention'])} of these "
        "questions, all of which have an answer, without one: it asks back or declines. A question "
        f"takes {_shown('ms_per_query', figures['ms_per_query'])} ms. Made {_when(ours)} on "
        f"{ours['machine']['processor']}, {ours['machine']['cores']} cores.\n"
    )
    yield (
        "The plain methods are run on the same lines in the same run (`tools/faq_baselines.py`). "
        "Which texts each of them sees was chosen by these very questions, in their favour: of the "
        "fusions that were tried, none has a higher P@1 or MRR. What that order would cost other "
        "FAQs is told in [decision 19](decisions/0019-an-entry-by-its-title.md).\n"
    )


def _runs(sets: Mapping[str, Any], runs: Sequence[Mapping[str, str]]) -> Iterator[str]:
    yield "## Every run on a test file\n"
    yield (
        "A test file that is asked often becomes one that is fitted to. These are all the times "
        "that a version of ours or stock was asked one of these.\n"
    )
    rows = [
        [
            f"{run['made'][:16].replace('T', ' ')}",
            sets[run["set"]]["title"],
            "Firstline" if run["what"] == "ours" else run["what"],
            run["version"],
            run["figure"],
        ]
        for run in runs
    ]
    yield _table(["UTC", "data", "what", "version", "figure"], rows)
