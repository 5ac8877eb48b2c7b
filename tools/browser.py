"""The browser for tests: one on the machine, else Playwright's download, else Debian's package.

``python tools/browser.py`` makes sure that there is one and prints where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class NoBrowserError(Exception):
    """There is no browser and none could be had; the text says what to do."""


def find() -> str:
    """Path of a Chromium.

    Raises:
        NoBrowserError: there is none, and neither Playwright nor apt-get could bring one.
    """
    path = _on_machine() or _from_playwright() or _from_debian()
    if path is None:
        raise NoBrowserError(
            "No Chromium was found, and none could be downloaded. Install one (Debian: "
            "apt-get install chromium) or name it in FIRSTLINE_TEST_BROWSER."
        )
    return path


def _on_machine() -> str | None:
    named = os.environ.get("FIRSTLINE_TEST_BROWSER")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


def _from_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    def path() -> str | None:
        with sync_playwright() as playwright:
            executable = playwright.chromium.executable_path
        return executable if Path(executable).exists() else None

    if found := path():
        return found
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=600)
    return path() if done.returncode == 0 else None


def _from_debian() -> str | None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]):
        subprocess.run(command, capture_output=True, check=False, timeout=900)
    return _on_machine()


if __name__ == "__main__":
    try:
        print(find())
    except NoBrowserError as error:
        raise SystemExit(str(error)) from None
