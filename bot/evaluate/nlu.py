"""``firstline evaluate nlu``: train the shipped pipeline on labelled messages and score it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot import programs
from bot.errors import ExpectedError
from bot.evaluate.labelled import Line, different, rasa_names, rasa_yaml, read
from bot.settings import PROJECT, Settings

# The part of messages that is taken to be out of scope when the threshold is chosen on validation
# lines. Less than in training, where intents left out stand for it: they are harder to tell from
# the others than what people really ask besides.
OUT_OF_SCOPE_SHARE = 0.15
_TOLD = re.compile(r"(?:Embedded|Scored) \d+ of \d+ .*")
_POLL_SECONDS = 0.5
_TELL_EVERY_SECONDS = 15.0

# In the order in which they are shown, with what they say.
FIGURES = {
    "accuracy": "all lines told right, out of scope as one more intent",
    "in_scope_accuracy": "lines in scope told right, not refused",
    "accuracy_without_threshold": "all lines told right if none is refused for its confidence",
    "oos_recall": "lines out of scope that are refused",
    "oos_precision": "refused lines that are out of scope",
    "auroc": "in scope against out of scope, by confidence",
    "mcc": "Matthews correlation over all intents",
    "macro_f1": "mean F1 of the intents",
    "threshold": "below this confidence a message is refused",
    "best_mcc": "the best that any threshold would give; for comparison only",
    "train_seconds": "training, in seconds",
    "ms_per_message": "one message, in milliseconds",
}


class EvaluationError(ExpectedError):
    """The evaluation could not be done; says what to do."""


def evaluate(
    settings: Settings, train: Path, validation: Path | None, test: Path
) -> dict[str, float | None]:
    """Return the figures of ``FIGURES`` for a model trained on ``train`` and asked ``test``.

    Raises:
        ExpectedError: a file cannot be used, or Rasa failed.
    """
    taught = read(train)
    validated = read(validation) if validation else []
    asked = read(test)
    names = rasa_names([*taught, *validated, *asked])
    log = settings.path("var") / "log" / "evaluate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="firstline-evaluate-") as name:
        folder = Path(name)
        model, train_seconds = _train(settings, taught, names, folder, log)
        job: dict[str, Any] = {
            "model": str(model),
            "share": OUT_OF_SCOPE_SHARE,
            "validation": _pairs(validated, names),
            "test": _pairs(asked, names),
        }
        found = _score(settings, job, folder, log)
    read_by_rasa, given = found.pop("examples"), different(taught)
    if read_by_rasa != given:
        raise EvaluationError(
            f"Rasa read {read_by_rasa} of the {given} different lines of {train}; see {log}."
        )
    found["train_seconds"] = train_seconds
    return {name: found[name] for name in FIGURES}


def table(figures: dict[str, float | None]) -> Table:
    """The figures for people."""
    shown = Table("figure", "value", "meaning")
    for name, meaning in FIGURES.items():
        value = figures[name]
        digits = 1 if name in ("train_seconds", "ms_per_message") else 4
        shown.add_row(name, "–" if value is None else f"{value:.{digits}f}", meaning)
    return shown


def _pairs(lines: Sequence[Line], names: dict[str, str]) -> list[tuple[str, str]]:
    return [(line.text, names[line.intent]) for line in lines]


def _train(
    settings: Settings, lines: Sequence[Line], names: dict[str, str], folder: Path, log: Path
) -> tuple[Path, float]:
    data = folder / "nlu.yml"
    data.write_text(rasa_yaml(lines, names), "utf-8")
    command = [
        str(programs.rasa(settings)),
        *("train", "nlu"),
        *("--config", str(PROJECT / "config.yml")),
        *("--nlu", str(data)),
        *("--out", str(folder / "models")),
        *("--fixed-model-name", programs.MODEL),
    ]
    started = time.monotonic()
    _run(settings, command, folder, log, f"Training from {len(lines)} lines")
    model = folder / "models" / f"{programs.MODEL}.tar.gz"
    if not model.exists():
        raise EvaluationError(f"Rasa made no model; {log} says why.")
    return model, time.monotonic() - started


def _score(settings: Settings, job: dict[str, Any], folder: Path, log: Path) -> dict[str, Any]:
    given, found = folder / "job.json", folder / "figures.json"
    given.write_text(json.dumps(job), "utf-8")
    python = str(programs.rasa(settings).with_name("python"))
    command = [python, "-m", "bot.assistant.scoring", str(given), str(found)]
    _run(settings, command, folder, log, "Loading the model")
    result: dict[str, Any] = json.loads(found.read_text("utf-8"))
    return result


def _run(settings: Settings, command: list[str], folder: Path, log: Path, doing: str) -> None:
    """Run a command to its end, telling on standard error how far it is.

    Raises:
        EvaluationError: it failed; the end of what it printed goes to standard error.
    """
    environment = {
        **programs.rasa_process_environment(settings),
        # Nothing is trained twice here, and a cache of thousands of examples is slow to write.
        "RASA_MAX_CACHE_SIZE": "0",
        "LOG_LEVEL": "INFO",
    }
    console = Console(stderr=True)
    begin = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output, console.status(f"{doing} …") as status:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output
        )
        try:
            told = _tell(console, "", f"{doing} …")
            last = time.monotonic()
            while process.poll() is None:
                time.sleep(_POLL_SECONDS)
                now = _told_last(log, begin)
                status.update(f"{doing} … {now}")
                if time.monotonic() - last > _TELL_EVERY_SECONDS:
                    told, last = _tell(console, told, now), time.monotonic()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode != 0:
        print("\n".join(log.read_text("utf-8", "replace").splitlines()[-25:]), file=sys.stderr)
        raise EvaluationError(f"{doing} failed; the lines above, or all of {log}, say why.")


def _tell(console: Console, told: str, now: str) -> str:
    """Print a line where there is no terminal to show it in place; return what was told last."""
    if now and now != told and not console.is_terminal:
        console.print(now, highlight=False, markup=False)
    return now or told


def _told_last(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(max(begin, log.stat().st_size - 4_096))
        found = _TOLD.findall(file.read().decode("utf-8", "replace"))
    return found[-1].strip() if found else ""
