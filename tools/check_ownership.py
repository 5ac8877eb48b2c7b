"""Runs thousands of interleavings of customers, agents, timeouts and crashes on both databases.

`python -m tools.check_ownership [--interleavings 5000] [--database sqlite|postgresql] [--seed 0]`
runs `tests/conversation/test_interleavings.py` with that many random histories on each database;
what is checked after each step stands there. Takes long; says how far it is. The last line of
standard output is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console

from bot.settings import PROJECT

_TEST = "tests/conversation/test_interleavings.py"
# Hypothesis keeps what it has seen in memory: a process for each so many histories.
_AT_ONCE = 250


def run(database: str, count: int, seed: int, folder: str, console: Console) -> tuple[int, int]:
    """Run ``count`` interleavings on ``database``; how many ran and how many steps they had.

    Their databases are kept in ``folder`` while they run. One process for each core runs some of
    them at a time, each with a seed of its own from ``seed`` on.

    Raises:
        SystemExit: one of them broke a promise; what it was is printed.
    """
    done = steps = 0
    began = time.monotonic()
    sizes = [min(_AT_ONCE, count - first) for first in range(0, count, _AT_ONCE)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as processes:
        running = [
            processes.submit(_some, database, size, seed + number * _AT_ONCE, folder)
            for number, size in enumerate(sizes)
        ]
        for ended in as_completed(running):
            ran = ended.result()
            found = re.search(r"interleavings: (\d+), steps: (\d+)", ran.stdout)
            if ran.returncode or found is None:
                processes.shutdown(wait=False, cancel_futures=True)
                print(ran.stdout[-6000:], ran.stderr[-2000:], sep="\n")
                raise SystemExit(f"Broken on {database} after {done} interleavings; see above.")
            done, steps = done + int(found[1]), steps + int(found[2])
            left = (time.monotonic() - began) / done * max(0, count - done) / 60
            console.print(f"{database}: {done:,} of {count:,}, about {left:.0f} min to go")
    return done, steps


def _some(database: str, count: int, seed: int, folder: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider"),
            *("-k", database, f"--hypothesis-seed={seed}", _TEST),
        ],
        cwd=PROJECT,
        env={
            **os.environ,
            "TMPDIR": folder,
            "FIRSTLINE_INTERLEAVINGS": str(count),
            "FIRSTLINE_ONLY_WHETHER_IT_FAILS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description="Many interleavings on both databases.")
    parser.add_argument("--interleavings", type=int, default=5000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--seed", type=int, default=0, help="other histories for another number")
    given = parser.parse_args()
    console = Console(stderr=True)
    result = {}
    # In memory where the machine allows it: a disk would be waited for most of the time.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="firstline-", dir=memory) as folder:
        Path(folder).chmod(0o711)  # where root runs this, PostgreSQL runs as another user
        for database in [given.database] if given.database else ["sqlite", "postgresql"]:
            done, steps = run(database, given.interleavings, given.seed, folder, console)
            result[database] = {"interleavings": done, "steps": steps}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
