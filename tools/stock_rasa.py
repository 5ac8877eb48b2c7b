"""Stock Rasa on the public sets: what `rasa init` trains, scored as our own intents are.

`python -m tools.stock_rasa --data DIR [--epochs 30] [SET ...]` trains and scores what is not kept
yet. A result is kept in `var/benchmarks/` under a name made from the training file, the test file,
the pipeline and Rasa's version: another of these makes another result, and none is made twice.

Right after stock, our own pipeline is trained from the same lines, so that a kept result has the
times of both on one machine in one run.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import yaml
from rich.console import Console

from bot.errors import ExpectedError
from bot.evaluate.labelled import rasa_names, read
from bot.evaluate.nlu import pairs, score, train_model
from bot.evaluate.running import EvaluationError, Telling
from bot.settings import PROJECT, Settings, load, with_secrets

EPOCHS = 30
# Where Rasa keeps what it trains if a project's configuration, as `rasa init` writes it, names no
# pipeline of its own.
_DEFAULT = "rasa/engine/recipes/config_files/default_config.yml"


@dataclass(frozen=True)
class LabelledSet:
    """A public set of labelled messages: its files below the folder of all sets."""

    name: str
    validation: str | None = None

    def file(self, data: Path, part: str) -> Path:
        """Return the file of a part (`train`, `test`)."""
        return data / self.name / f"{part}.csv"

    def validation_file(self, data: Path) -> Path | None:
        """Return the file that the threshold is chosen on, where the set has one."""
        return data / self.name / self.validation if self.validation else None


# The order in which stock is trained: small sets early, the longest last.
LABELLED = {
    found.name: found
    for found in (
        LabelledSet("banking77"),
        LabelledSet("curekart"),
        LabelledSet("clinc150", validation="val.csv"),
    )
}


def _site_packages(settings: Settings) -> Path:
    environment = settings.path("assistant_environment")
    found = next(environment.glob("lib/python*/site-packages"), None)
    if found is None:
        raise EvaluationError(f"{environment} is no Python environment; run `make setup`.")
    return found


def rasa_version(settings: Settings) -> str:
    """Return the version of Rasa in the assistant's environment."""
    for folder in _site_packages(settings).glob("rasa-*.dist-info"):
        return folder.name.removeprefix("rasa-").removesuffix(".dist-info")
    raise EvaluationError("The assistant's environment has no Rasa; run `make setup`.")


def stock_config(settings: Settings, epochs: int) -> dict[str, Any]:
    """Return the configuration that `rasa init` gives, read from Rasa itself, with `epochs`."""
    config = yaml.safe_load((_site_packages(settings) / _DEFAULT).read_text("utf-8"))
    for component in config["pipeline"]:
        if "epochs" in component:
            component["epochs"] = epochs
    return {
        "recipe": config["recipe"],
        "assistant_id": "stock",
        "language": config["language"],
        "pipeline": config["pipeline"],
    }


def result_file(settings: Settings, chosen: LabelledSet, data: Path, epochs: int) -> Path:
    """Return where the result for a set is kept.

    Raises:
        EvaluationError: a file of the set is not there.
    """
    digest = hashlib.sha256()
    for part in ("train", "test"):
        path = chosen.file(data, part)
        try:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError as error:
            raise EvaluationError(
                f"{path} cannot be read ({error.strerror}); docs/benchmarks.md says how to get it."
            ) from None
    pipeline = json.dumps(stock_config(settings, epochs), sort_keys=True)
    digest.update(f"{pipeline}\0{rasa_version(settings)}".encode())
    return settings.path("var") / "benchmarks" / f"{digest.hexdigest()[:24]}.json"


def kept(settings: Settings, chosen: LabelledSet, data: Path, epochs: int) -> dict[str, Any] | None:
    """Return the kept result for a set; None if there is none."""
    path = result_file(settings, chosen, data, epochs)
    if not path.exists():
        return None
    result: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return result


def machine() -> dict[str, Any]:
    """Return on what is measured: processor, cores that may be used, load at the time."""
    info = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", info.read_text() if info.exists() else "", re.M)
    return {
        "processor": names[0] if names else "unknown",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def measure(settings: Settings, chosen: LabelledSet, data: Path, epochs: int) -> dict[str, Any]:
    """Train stock and ask it the test file; keep the result and return it.

    Raises:
        ExpectedError: a file cannot be used, or Rasa failed.
    """
    path = result_file(settings, chosen, data, epochs)
    taught, asked = read(chosen.file(data, "train")), read(chosen.file(data, "test"))
    names = rasa_names([*taught, *asked])
    config = stock_config(settings, epochs)
    log = settings.path("var") / "log" / f"stock-{chosen.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="firstline-stock-") as name:
        folder = Path(name)
        file = folder / "config.yml"
        file.write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
        on = machine()
        model, spent = train_model(settings, taught, names, file, folder, log)
        job: Mapping[str, Any] = {
            "model": str(model),
            "fallback": True,
            "validation": [],
            "test": pairs(asked, names),
        }
        figures = score(settings, job, folder, log)
        _, ours = train_model(settings, taught, names, PROJECT / "config.yml", folder, log)
    fallback = next(c for c in config["pipeline"] if c["name"] == "FallbackClassifier")
    del figures["examples"]
    result = {
        "set": chosen.name,
        "rasa": rasa_version(settings),
        "epochs": epochs,
        "pipeline": config["pipeline"],
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": on,
        "figures": {
            **figures,
            "threshold": fallback["threshold"],
            "train_seconds": spent.seconds,
        },
        "train": asdict(spent),
        "our_train": asdict(ours),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(result, indent=1), "utf-8")
    unfinished.replace(path)
    return result


def _open_lock(settings: Settings) -> TextIO:
    path = settings.path("var") / "benchmarks" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w")


def main() -> None:
    """Measure what is not kept yet, set after set; a set that fails does not stop the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"{EPOCHS} without it")
    parser.add_argument("sets", nargs="*", default=list(LABELLED), help=", ".join(LABELLED))
    given = parser.parse_args()
    settings = with_secrets(load())
    console = Console(stderr=True)
    for name in given.sets:
        if name not in LABELLED:
            parser.error(f"{name} is none of {', '.join(LABELLED)}")
    # One at a time on a machine: two would slow each other, and train the same set twice.
    lock = _open_lock(settings)
    with Telling("Waiting for another process that trains stock Rasa"):
        fcntl.flock(lock, fcntl.LOCK_EX)
    failed = False
    for name in given.sets:
        chosen = LABELLED[name]
        try:
            result = kept(settings, chosen, given.data, given.epochs)
            console.print(f"{name}: {'kept' if result else 'stock Rasa'}", highlight=False)
            result = result or measure(settings, chosen, given.data, given.epochs)
        except ExpectedError as error:
            console.print(f"{name}: {error}", highlight=False, markup=False)
            failed = True
            continue
        print(json.dumps({key: result[key] for key in result if key != "pipeline"}), flush=True)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
