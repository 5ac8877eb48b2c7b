"""The programs that ``firstline run`` keeps: app, assistant and demo shop."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from bot.errors import ExpectedError
from bot.settings import PROJECT, Settings
from bot.supervisor import Program

MODEL = "firstline"
# What a model is made from: if any of these changes, the model is trained anew.
_TRAINED_FROM = ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/stories")
_COMPONENTS = ("bot/embedding.py", "bot/assistant")


class TrainingError(ExpectedError):
    """There is no model, or it could not be trained; the text says what to do."""


def rasa(settings: Settings) -> Path:
    """The ``rasa`` command of the assistant's environment.

    Raises:
        TrainingError: that environment is not there.
    """
    command = settings.path("assistant_environment") / "bin" / "rasa"
    if not command.exists():
        raise TrainingError(
            f"The assistant's environment is missing ({command}); run `make setup`."
        )
    return command


def assistant_environment(settings: Settings) -> dict[str, str]:
    """Environment variables of every Rasa process."""
    return {
        "FIRSTLINE_ASSISTANT_SECRET": settings.assistant_secret,
        "FIRSTLINE_ACTIONS_URL": f"{settings.local_url}/assistant/actions",
        "FIRSTLINE_EVENTS_URL": f"{settings.local_url}/assistant/events",
        # Two threads save 3 ms when idle and cost a fifth of the throughput.
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
    }


def settings_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for a process that reads them again."""
    return {
        f"FIRSTLINE_{name.upper()}": str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in asdict(settings).items()
    }


def app(settings: Settings) -> Program:
    """The app: web, desk, conversation, actions."""
    return Program(
        name="app",
        command=[sys.executable, "-m", "bot", "serve"],
        log=settings.path("var") / "log" / "app.log",
        environment=settings_environment(settings),
        folder=PROJECT,
    )


def assistant(settings: Settings) -> Program:
    """The assistant: stock ``rasa run`` on loopback with our plug-ins."""
    plugins = PROJECT / "bot" / "assistant"
    return Program(
        name="assistant",
        command=[
            str(rasa(settings)),
            "run",
            "--interface",
            "127.0.0.1",
            "--port",
            str(settings.assistant_port),
            "--model",
            str(model_file(settings)),
            "--endpoints",
            str(plugins / "endpoints.yml"),
            "--credentials",
            str(plugins / "credentials.yml"),
        ],
        log=settings.path("var") / "log" / "assistant.log",
        environment=assistant_environment(settings),
        folder=PROJECT,
    )


def demo_shop(settings: Settings) -> Program:
    """The demo shop's site, from an origin of its own, as a customer's site would be."""
    return Program(
        name="demo shop",
        command=[
            sys.executable,
            "-m",
            "demo",
            "--host",
            settings.host,
            "--port",
            str(settings.demo_port),
            "--assistant",
            settings.base_url,
            "--data",
            str(PROJECT / "data"),
            "--secret-env",
            "FIRSTLINE_IDENTITY_SECRET",
        ],
        log=settings.path("var") / "log" / "demo.log",
        environment={"FIRSTLINE_IDENTITY_SECRET": settings.identity_secret},
        folder=PROJECT,
    )


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def model_file(settings: Settings) -> Path:
    """Where the trained model stands."""
    return settings.path("models") / f"{MODEL}.tar.gz"


def is_trained(settings: Settings) -> bool:
    """Whether there is a model, trained from the training data as it stands now."""
    stamp = _stamp_file(settings)
    if not model_file(settings).exists() or not stamp.exists():
        return False
    try:
        return bool(json.loads(stamp.read_text("utf-8"))["sources"] == _fingerprint())
    except (ValueError, KeyError):
        return False


def train(settings: Settings) -> Path:
    """Train a model with ``rasa train``; what it prints goes to ``var/log/train.log``.

    Raises:
        TrainingError: Rasa failed; the end of what it printed goes to standard error.
    """
    fingerprint = _fingerprint()
    folder = settings.path("models")
    folder.mkdir(parents=True, exist_ok=True)
    _stamp_file(settings).unlink(missing_ok=True)
    command = [
        str(rasa(settings)),
        "train",
        "--fixed-model-name",
        MODEL,
        "--out",
        str(folder),
        "--data",
        *(str(PROJECT / name) for name in _TRAINED_FROM[2:] if (PROJECT / name).exists()),
    ]
    log = settings.path("var") / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # Rasa prints pages of its libraries' warnings; they are kept, not shown.
    with log.open("wb") as output, Console(stderr=True).status("Training the assistant …"):
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=rasa_process_environment(settings),
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode != 0 or not model_file(settings).exists():
        print("\n".join(log.read_text("utf-8", "replace").splitlines()[-25:]), file=sys.stderr)
        raise TrainingError(f"Training failed; the lines above, or all of {log}, say why.")
    _stamp_file(settings).write_text(json.dumps({"sources": fingerprint}), "utf-8")
    return model_file(settings)


def rasa_process_environment(settings: Settings) -> Mapping[str, str]:
    """The whole environment for a Rasa command that is run and waited for."""
    return {**os.environ, **assistant_environment(settings)}


def _stamp_file(settings: Settings) -> Path:
    return settings.path("models") / f"{MODEL}.json"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(str(path.relative_to(PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for name in (*_TRAINED_FROM, *_COMPONENTS):
        path = PROJECT / name
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix in (".yml", ".py"))
        elif path.exists():
            yield path
