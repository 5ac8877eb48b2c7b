"""The Rasa project's files, and the traps in how Rasa reads them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.brokers.broker import EventBroker
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.training_data.loading import load_data

from bot.assistant import validator_cache
from bot.assistant.lookup import lookup_text, product_names
from bot.assistant.shell_broker import ShellBroker

SECRET = "FIRSTLINE_ASSISTANT_SECRET"


def test_lookup_equals_the_catalog(project: Path) -> None:
    written = (project / "data/nlu/lookup_product.yml").read_text(encoding="utf-8")
    assert written == lookup_text(project / "data/catalog"), "run: python -m bot.assistant.lookup"


def test_longer_names_come_first(project: Path) -> None:
    for names in product_names(project / "data/catalog").values():
        assert [len(name) for name in names] == sorted(map(len, names), reverse=True)


def test_the_domain_is_not_emptied_by_a_reserved_slot(domain: Domain, project: Path) -> None:
    written = yaml.safe_load((project / "domain.yml").read_text(encoding="utf-8"))
    assert "session_started_metadata" not in written["slots"]
    assert set(written["intents"]) <= set(domain.intents)
    assert domain.session_config.session_expiration_time == 0


def test_no_component_takes_the_name_of_one_of_rasas() -> None:
    # The registry's key is the bare class name, and ours would replace Rasa's.
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe

    import bot.assistant.entities
    import bot.assistant.features
    import bot.assistant.intents
    import bot.assistant.policies  # noqa: F401

    for name, registered in DefaultV1Recipe._registered_components.items():
        if name in ("SentenceEmbedding", "NearestExamples", "ShopDetails", "PersonSpeaks"):
            assert registered.clazz.__module__.startswith("bot.assistant")


def test_builders_files_are_read_without_a_secret(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SECRET, raising=False)
    endpoints = AvailableEndpoints.read_endpoints(str(project / "endpoints.yml"))
    assert endpoints.action is not None
    assert endpoints.tracker_store is None
    yaml.safe_load((project / "credentials.yml").read_text(encoding="utf-8"))


def test_the_secret_is_sent_when_it_is_set(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, "s3cret")
    endpoints = AvailableEndpoints.read_endpoints(str(project / "endpoints.yml"))
    assert endpoints.action.headers == {"X-Firstline-Secret": "key=s3cret"}
    assert endpoints.action.kwargs["enable_selective_domain"] is True
    assert endpoints.event_broker.kwargs["secret"] == "key=s3cret"


def test_the_broker_class_exists_since_a_missing_one_only_warns(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoints = AvailableEndpoints.read_endpoints(str(project / "endpoints.yml"))
    broker = asyncio.run(EventBroker.create(endpoints.event_broker))
    assert isinstance(broker, ShellBroker)
    broker.flush(timeout=0.2)


def test_the_supervised_assistant_refuses_to_start_without_its_settings(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project / "bot/assistant"
    monkeypatch.delenv("FIRSTLINE_ACTIONS_URL", raising=False)
    monkeypatch.delenv(SECRET, raising=False)
    with pytest.raises(RasaException, match="FIRSTLINE_ACTIONS_URL"):
        AvailableEndpoints.read_endpoints(str(folder / "endpoints.yml"))
    monkeypatch.setenv("FIRSTLINE_ACTIONS_URL", "http://127.0.0.1:8000/assistant/actions")
    endpoints = AvailableEndpoints.read_endpoints(str(folder / "endpoints.yml"))
    assert endpoints.tracker_store.type.endswith("TravellingTrackerStore")
    assert endpoints.event_broker is None


def test_rasa_reads_nothing_under_data_that_is_not_its_own(project: Path) -> None:
    # Every .yml below data/ with a key that Rasa knows is taken for training data.
    reserved = {"nlu", "responses", "stories", "rules", "version"}
    ours = [p for p in (project / "data").rglob("*.yml") if p.parts[-2] not in ("nlu", "rules")]
    for path in ours:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(content, dict):
            assert not reserved & set(content), path


def test_no_phrase_is_taught_twice(project: Path) -> None:
    examples = load_data(str(project / "data/nlu")).intent_examples
    seen: dict[str, str] = {}
    for example in examples:
        text = " ".join(str(example.get("text")).lower().split())
        assert seen.setdefault(text, example.get("intent")) == example.get("intent"), text


def test_the_cached_validator_accepts_and_rejects_as_rasas_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert validator_cache.install()
    action = RemoteAction("action_answer", None)
    good = {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "x"}]}
    assert action._validate_action_result(good)
    assert action._validate_action_result({})
    for bad in ({"responses": [1]}, {"events": 3}, [], {"events": [{"event": 7}]}):
        with pytest.raises(ValidationError):
            action._validate_action_result(bad)  # type: ignore[arg-type]


def test_the_cached_validator_is_only_for_the_rasa_it_was_made_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validator_cache.rasa, "__version__", "3.6.22")
    assert validator_cache.install() is False


def test_the_embedder_and_the_lookup_import_no_rasa(project: Path) -> None:
    code = "import sys, bot.embedding, bot.assistant.lookup; sys.exit('rasa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=project, check=False).returncode == 0
