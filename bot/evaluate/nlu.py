"""``firstline evaluate nlu``: train the shipped pipeline on labelled messages and score it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from bot import programs
from bot.evaluate.labelled import Line, different, rasa_names, rasa_yaml, read
from bot.evaluate.running import EvaluationError, Spent, run
from bot.settings import PROJECT, Settings

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
        model, spent = train_model(settings, taught, names, PROJECT / "config.yml", folder, log)
        job: dict[str, Any] = {
            "model": str(model),
            "validation": pairs(validated, names),
            "test": pairs(asked, names),
        }
        found = score(settings, job, folder, log)
    read_by_rasa, given = found.pop("examples"), different(taught)
    if read_by_rasa != given:
        raise EvaluationError(
            f"Rasa read {read_by_rasa} of the {given} different lines of {train}; see {log}."
        )
    found["train_seconds"] = spent.seconds
    return {name: found[name] for name in FIGURES}


def table(figures: dict[str, float | None]) -> Table:
    """The figures for people."""
    shown = Table("figure", "value", "meaning")
    for name, meaning in FIGURES.items():
        value = figures[name]
        digits = 1 if name in ("train_seconds", "ms_per_message") else 4
        shown.add_row(name, "–" if value is None else f"{value:.{digits}f}", meaning)
    return shown


def pairs(lines: Sequence[Line], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return text and Rasa's name of the intent for each line."""
    return [(line.text, names[line.intent]) for line in lines]


def train_model(
    settings: Settings,
    lines: Sequence[Line],
    names: Mapping[str, str],
    config: Path,
    folder: Path,
    log: Path,
) -> tuple[Path, Spent]:
    """Train the pipeline of ``config`` with ``rasa train nlu``; the model stands in ``folder``.

    Raises:
        EvaluationError: Rasa made no model.
    """
    data = folder / "nlu.yml"
    data.write_text(rasa_yaml(lines, names), "utf-8")
    command = [
        str(programs.rasa(settings)),
        *("train", "nlu"),
        *("--config", str(config)),
        *("--nlu", str(data)),
        *("--out", str(folder / "models")),
        *("--fixed-model-name", programs.MODEL),
    ]
    spent = run(settings, command, folder, log, f"Training from {len(lines)} lines")
    model = folder / "models" / f"{programs.MODEL}.tar.gz"
    if not model.exists():
        raise EvaluationError(f"Rasa made no model; {log} says why.")
    return model, spent


def score(settings: Settings, job: Mapping[str, Any], folder: Path, log: Path) -> dict[str, Any]:
    """Return what ``bot.assistant.scoring`` makes of a job.

    Raises:
        EvaluationError: it failed.
    """
    given, found = folder / "job.json", folder / "figures.json"
    given.write_text(json.dumps(job), "utf-8")
    python = str(programs.rasa(settings).with_name("python"))
    command = [python, "-m", "bot.assistant.scoring", str(given), str(found)]
    run(settings, command, folder, log, "Loading the model")
    result: dict[str, Any] = json.loads(found.read_text("utf-8"))
    return result
