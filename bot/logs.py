"""What our processes write to their logs."""

from __future__ import annotations

import logging
import os

# Libraries that tell of each request or migration.
_CHATTY = ("alembic", "httpx", "rasa_sdk")


def configure() -> None:
    """Set up logging for a process of ours; ``LOG_LEVEL`` says how much is written."""
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    quiet()


def quiet() -> None:
    """Silence the libraries that talk much; rasa_sdk sets levels of its own when imported."""
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
