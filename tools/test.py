"""Runs the whole suite: the app's tests and the assistant's, on one model trained once.

Arguments go to pytest, for the app's tests only: ``python -m tools.test tests/handoff -x``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bot import programs
from bot.settings import load, with_secrets

# A Firstline and a Chromium for each take about two gigabytes.
_AT_MOST = 4

# Whole files, as what a file's tests share takes longest; each process has a Firstline of its own.
_SIDE_BY_SIDE = (
    *("-n", str(min(os.cpu_count() or 1, _AT_MOST)), "--dist", "loadfile"),
    "--no-loadscope-reorder",  # it would put the longest files last
)


def main() -> None:
    """Run both parts and exit with the first failure's status."""
    started = time.monotonic()
    settings = with_secrets(load())
    # Minutes of work the first time, on a core each: the languages, and the model with the rest of
    # the languages.
    print("Embedding what is new in the knowledge ...", flush=True)
    embedding = [_embed("en", "pl", "th")]
    if not programs.is_trained(settings):
        print("Training the model that the tests use ...", flush=True)
        programs.train(settings)
    embedding.append(_embed("id", "fil"))
    environment = {
        **os.environ,
        **programs.assistant_environment(settings),
        "FIRSTLINE_TEST_MODEL": str(programs.model_file(settings)),
    }
    beside: subprocess.Popen[str] | None = None
    if len(sys.argv) == 1:
        # The two environments' tests share nothing but the model: side by side on two cores.
        python = str(programs.rasa(settings).with_name("python"))
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/assistant"]
        beside = subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    if any([process.wait() for process in embedding]):
        raise SystemExit("The knowledge could not be embedded; the lines above say why.")
    app = [sys.executable, "-m", "pytest", "-q", *(sys.argv[1:] or _SIDE_BY_SIDE)]
    status = subprocess.call(app, env=environment)
    if beside is not None:
        printed, _ = beside.communicate()
        print(f"The assistant's tests, in its own environment:\n{printed}", flush=True)
        status = beside.returncode or status
    print(f"The suite took {time.monotonic() - started:.0f} s.")
    raise SystemExit(status)


def _embed(*languages: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tools.embed", *languages])


if __name__ == "__main__":
    main()
