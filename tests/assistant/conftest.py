# ruff: noqa: E402 - the environment is set before Rasa is imported
"""Fixtures for the assistant's tests; they run in the assistant's environment (Python 3.10).

FIRSTLINE_TEST_MODEL names a trained model to use; without it one is trained once per run.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["RASA_TELEMETRY_ENABLED"] = "false"

import pytest

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from rasa.core.agent import Agent
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.log_utils import configure_structlog
from standin import StandInEndpoint

from bot.assistant import validator_cache
from bot.assistant.tracker_store import TravellingTrackerStore

# Without it Rasa prints every step of every turn, which costs more than the turn.
logging.getLogger("rasa").setLevel(logging.CRITICAL)
configure_structlog(logging.CRITICAL)
validator_cache.install()


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def domain() -> Domain:
    return Domain.from_file(str(PROJECT / "domain.yml"))


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    given = os.environ.get("FIRSTLINE_TEST_MODEL")
    if given:
        return str(Path(given).resolve())
    import rasa

    before = Path.cwd()
    os.chdir(PROJECT)
    try:
        result = rasa.train(
            domain=str(PROJECT / "domain.yml"),
            config=str(PROJECT / "config.yml"),
            training_files=[str(PROJECT / "data" / "nlu"), str(PROJECT / "data" / "rules")],
            output=str(tmp_path_factory.mktemp("models")),
            fixed_model_name="test",
        )
    finally:
        os.chdir(before)
    assert result.model, "training failed"
    return str(result.model)


class FullStore(InMemoryTrackerStore):
    """Rasa's store in memory, except that it does not forget earlier sessions (SQL does not)."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        return await self.retrieve_full_tracker(sender_id)


def _agent(model: str, store: TrackerStore) -> Agent:
    return Agent.load(model, tracker_store=store, action_endpoint=StandInEndpoint())


@pytest.fixture(scope="session")
def agent(model: str) -> Agent:
    """The assistant as the app runs it, with stand-in actions."""
    return _agent(model, TravellingTrackerStore())


@pytest.fixture(scope="session")
def stock_agent(model: str) -> Agent:
    """The same with Rasa's own store, which keeps and replays everything."""
    return _agent(model, FullStore(Domain.empty()))
