"""Intents and search on public data beside stock Rasa: `make bench-quality DATA=DIR`.

Runs ours on the sets in DIR, one folder each, and writes `docs/benchmarks.json` and from it
`docs/benchmarks.md`. Then trains stock Rasa for the sets that have no kept result, in the
background with progress, and writes both again after each. Interrupted, the training goes on, and
`--document` takes what it has made into the document without another run of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bot import programs
from bot.errors import ExpectedError
from bot.evaluate import nlu, retrieval
from bot.evaluate.running import EvaluationError, Telling, run
from bot.settings import PROJECT, Settings, load, with_secrets
from tools import stock_rasa
from tools.bench_document import FAQS, document
from tools.stock_rasa import EPOCHS, LABELLED, machine

RESULTS = PROJECT / "docs" / "benchmarks.json"
DOCUMENT = PROJECT / "docs" / "benchmarks.md"
_POLL_SECONDS = 2.0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def version() -> str:
    """Return the commit that is measured, with a plus if files of it were changed."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "bot", "config.yml")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")


def measure_intents(settings: Settings, name: str, data: Path) -> dict[str, Any]:
    """Return our result on a set of labelled messages."""
    chosen, on = LABELLED[name], machine()
    figures = nlu.evaluate(
        settings,
        chosen.file(data, "train"),
        chosen.validation_file(data),
        chosen.file(data, "test"),
    )
    return {"made": _now(), "version": version(), "machine": on, "figures": figures}


def measure_search(settings: Settings, name: str, data: Path) -> dict[str, Any]:
    """Return our result on a FAQ, and that of plain methods on the same lines.

    Each is counted twice: by the one id of each line, and by any id of the line's text.
    """
    entries = retrieval.read_faq(data / name / "faq.csv")
    queries = retrieval.read_queries(data / name / "queries.csv", entries)
    texts = list(dict.fromkeys(query.text for query in queries))
    on = machine()
    found = retrieval.ask(settings, entries, texts, "en")
    rankings = {"ours": {text: found[text].ranking for text in texts}}
    for method, orders in _plain_methods(settings, entries, texts).items():
        rankings[method] = {
            text: tuple(entries[place].id for place in order)
            for text, order in zip(texts, orders, strict=True)
        }
    right = retrieval.right_ids(queries)
    known = [query for query in queries if query.id]
    methods = {
        method: {
            "single": retrieval.shares([(ranked[q.text], {q.id}) for q in known]),
            "any": retrieval.shares([(ranked[q.text], right[q.text]) for q in known]),
        }
        for method, ranked in rankings.items()
    }
    return {
        "made": _now(),
        "version": version(),
        "machine": on,
        "figures": retrieval.figures(queries, found),
        "methods": methods,
        "most_single": _most_single(known),
    }


def _most_single(queries: Sequence[retrieval.Query]) -> float:
    """Return the most that P@1 by single labels can be: a text has but one first place."""
    counts: dict[str, dict[str, int]] = {}
    for query in queries:
        own = counts.setdefault(query.text, {})
        own[query.id] = own.get(query.id, 0) + 1
    return sum(max(own.values()) for own in counts.values()) / len(queries)


def _plain_methods(
    settings: Settings, entries: Sequence[retrieval.Entry], texts: Sequence[str]
) -> dict[str, list[list[int]]]:
    log = settings.path("var") / "log" / "faq-baselines.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    python = str(programs.rasa(settings).with_name("python"))
    with tempfile.TemporaryDirectory(prefix="firstline-baselines-") as name:
        job, out = Path(name) / "job.json", Path(name) / "out.json"
        pairs = [(entry.question, entry.answer) for entry in entries]
        job.write_text(json.dumps({"entries": pairs, "texts": list(texts)}), "utf-8")
        command = [python, "-m", "tools.faq_baselines", str(job), str(out)]
        run(settings, command, Path(name), log, "Asking the plain methods")
        result: dict[str, list[list[int]]] = json.loads(out.read_text("utf-8"))
    return result


class Results:
    """What is measured so far, kept in `docs/benchmarks.json` and shown in the document."""

    def __init__(self) -> None:
        self._all: dict[str, Any] = {"sets": {}, "runs": []}
        if RESULTS.exists():
            self._all = json.loads(RESULTS.read_text("utf-8"))

    def add(self, name: str, what: str, result: dict[str, Any]) -> None:
        """Take in a result of a set (`ours`, `stock`) and write everything."""
        self._all["sets"].setdefault(name, {})[what] = result
        entry = {
            "made": result["made"],
            "set": name,
            "what": what if what == "ours" else f"stock Rasa, {result['epochs']} epochs",
            "version": result.get("version") or f"Rasa {result['rasa']}",
            "figure": _headline(name, result["figures"]),
        }
        if entry not in self._all["runs"]:
            self._all["runs"].append(entry)
        self._all["runs"].sort(key=lambda run: run["made"])
        self.write()

    def write(self) -> None:
        """Write both files."""
        RESULTS.write_text(json.dumps(self._all, indent=1, ensure_ascii=False) + "\n", "utf-8")
        DOCUMENT.write_text(document(self._all), "utf-8")


def _headline(name: str, figures: dict[str, Any]) -> str:
    key, shown = ("p_at_1", "P@1") if name in FAQS else ("accuracy", "accuracy")
    return f"{shown} {figures[key]:.3f}"


def _take_kept(
    settings: Settings, results: Results, names: Sequence[str], data: Path, epochs: int
) -> list[str]:
    """Take kept results of stock in; return the sets that have none."""
    missing = []
    for name in names:
        result = stock_rasa.kept(settings, LABELLED[name], data, epochs)
        if result is None:
            missing.append(name)
        else:
            results.add(name, "stock", result)
    return missing


def train_stock(
    settings: Settings, results: Results, names: Sequence[str], data: Path, epochs: int
) -> None:
    """Take in stock's results, and train what is not kept, in a process that outlives this one.

    Raises:
        EvaluationError: a training failed; its log is named.
    """
    missing = _take_kept(settings, results, names, data, epochs)
    if not missing:
        return
    log = settings.path("var") / "log" / "bench-stock.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tools.stock_rasa", "--data", str(data.resolve())]
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["nice", "-n", "10", *command, "--epochs", str(epochs), *missing],
            cwd=PROJECT,
            env={**os.environ, **programs.settings_environment(settings)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        with Telling(f"Stock Rasa in the background (process {process.pid}, log {log})") as telling:
            while missing:
                ended = process.poll() is not None
                left = _take_kept(settings, results, missing, data, epochs)
                if ended and left:
                    raise EvaluationError(f"Stock Rasa failed on {', '.join(left)}; see {log}.")
                missing = left
                told = log.read_text("utf-8", "replace").splitlines()[-1:]
                telling.now(f"{', '.join(missing)}: {' '.join(told)}")
                time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        Console(stderr=True).print(
            f"Stock Rasa goes on in the background (process {process.pid}, log {log}). Later, "
            f"`.venv/bin/python -m tools.bench_quality --data {data} --epochs {epochs} --document` "
            "takes in what it has made.",
            soft_wrap=True,
        )
        raise


def main() -> None:
    """Measure, train, write."""
    known = [*LABELLED, *FAQS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--sets", default=",".join(known), help="some of them, with commas")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="of stock's networks")
    parser.add_argument(
        "--document", action="store_true", help="only take in what of stock is kept"
    )
    given = parser.parse_args()
    names = [name for name in given.sets.split(",") if name]
    for name in names:
        if name not in known:
            parser.error(f"{name} is none of {', '.join(known)}")
        if not (given.data / name).is_dir():
            parser.error(f"{given.data / name} is no folder; docs/benchmarks.md says what it needs")
    settings = with_secrets(load())
    results = Results()
    labelled = [name for name in names if name in LABELLED]
    try:
        if given.document:
            results.write()
            left = _take_kept(settings, results, labelled, given.data, given.epochs)
            print(f"No result of stock yet: {', '.join(left)}" if left else "Stock is complete.")
            return
        for name in names:
            measure = measure_search if name in FAQS else measure_intents
            results.add(name, "ours", measure(settings, name, given.data))
        train_stock(settings, results, labelled, given.data, given.epochs)
    except ExpectedError as error:
        raise SystemExit(f"bench-quality: {error}") from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    print(f"Written: {DOCUMENT}")


if __name__ == "__main__":
    main()
