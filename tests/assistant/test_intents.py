"""The intent classifier: what it tells, how sure it is, that it is kept whole."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rasa.core.agent import Agent
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.assistant.features import SentenceEmbedding
from bot.assistant.intents import NearestExamples
from bot.assistant.nearest import (
    DEFAULT_THRESHOLD,
    IntentModel,
    Sentences,
    choose_threshold,
    estimate_threshold,
)
from bot.embedding import english_embedder, sentence_embedder, universal_embedder

CONTEXT = ExecutionContext(GraphSchema({}), node_name="intents")
RESOURCE = Resource("intents")
TAUGHT = {
    "order": [
        "where is my order",
        "has my parcel been sent",
        "track my package",
        "when does my parcel arrive",
        "my order has not come yet",
    ],
    "refund": [
        "I want my money back",
        "how do I get a refund",
        "refund my payment",
        "when is my money returned",
    ],
    "opening": ["when do you open", "opening hours", "are you open on Sunday"],
}


def featurized(messages: list[Message]) -> list[Message]:
    config = SentenceEmbedding.get_default_config()
    embedding = SentenceEmbedding.create(config, None, None, CONTEXT)  # type: ignore[arg-type]
    return embedding.process(messages)


def trained(folder: Path, taught: dict[str, list[str]], **config: object) -> NearestExamples:
    """A classifier after training, and after Rasa's storage has had it."""
    storage = LocalModelStorage(folder)
    full = {**NearestExamples.get_default_config(), **config}
    component = NearestExamples.create(full, storage, RESOURCE, CONTEXT)
    examples = [Message({TEXT: t, INTENT: i}) for i, texts in taught.items() for t in texts]
    component.train(TrainingData(featurized(examples)))
    return NearestExamples.load(full, storage, RESOURCE, CONTEXT)


def told(component: NearestExamples, *texts: str) -> list[Message]:
    return component.process(featurized([Message({TEXT: text}) for text in texts]))


def confidence(message: Message) -> float:
    return float(message.get("intent")["confidence"])


@pytest.fixture(scope="module")
def component(tmp_path_factory: pytest.TempPathFactory) -> NearestExamples:
    return trained(tmp_path_factory.mktemp("intents"), TAUGHT)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("has my order been shipped", "order"),
        ("can I have my money back please", "refund"),
        ("are you open today", "opening"),
    ],
)
def test_what_was_not_taught_word_for_word_is_recognised(
    component: NearestExamples, text: str, intent: str
) -> None:
    (message,) = told(component, text)
    assert message.get("intent")["name"] == intent
    assert confidence(message) > component.threshold


@pytest.mark.parametrize(
    ("text", "intent"), [("wo ist mein Paket", "order"), ("¿a qué hora abren?", "opening")]
)
def test_another_language_than_the_examples_has_the_same_intents(
    component: NearestExamples, text: str, intent: str
) -> None:
    (message,) = told(component, text)
    assert message.get("intent")["name"] == intent


def test_gibberish_and_strange_questions_are_less_sure_than_any_example(
    component: NearestExamples,
) -> None:
    taught = told(component, *(text for texts in TAUGHT.values() for text in texts))
    strange = told(
        component,
        "xqzw blorf",
        "the mitochondria is the powerhouse of the cell",
        "¿quién ganó las elecciones?",
        "????",
        "😀",
    )
    assert max(map(confidence, strange)) < min(map(confidence, taught))
    assert all(confidence(m) <= 1 for m in taught)


def test_the_ranking_falls_and_begins_with_the_intent(component: NearestExamples) -> None:
    for message in told(component, "where is my money", "open", "parcel"):
        ranking = message.get("intent_ranking")
        assert ranking[0] == message.get("intent")
        values = [intent["confidence"] for intent in ranking]
        assert values == sorted(values, reverse=True)
        assert sorted(intent["name"] for intent in ranking) == sorted(TAUGHT)


def test_the_ranking_is_as_long_as_it_is_set(tmp_path: Path) -> None:
    component = trained(tmp_path, TAUGHT, ranking_length=2)
    assert len(told(component, "hello")[0].get("intent_ranking")) == 2


def test_what_is_kept_gives_the_same_answers(tmp_path: Path) -> None:
    storage = LocalModelStorage(tmp_path)
    config = NearestExamples.get_default_config()
    before = NearestExamples.create(config, storage, RESOURCE, CONTEXT)
    examples = [Message({TEXT: t, INTENT: i}) for i, texts in TAUGHT.items() for t in texts]
    before.train(TrainingData(featurized(examples)))
    after = NearestExamples.load(config, storage, RESOURCE, CONTEXT)
    texts = ("my parcel is late", "refund", "xqzw", "wo ist mein Paket", "")
    for old, new in zip(told(before, *texts), told(after, *texts), strict=True):
        assert old.get("intent_ranking") == new.get("intent_ranking")
    assert before.threshold == after.threshold
    with storage.read_from(RESOURCE) as folder:
        assert {path.suffix for path in folder.iterdir()} == {".json", ".npz"}


@pytest.mark.parametrize(
    "taught",
    [
        {"order": TAUGHT["order"], "refund": TAUGHT["refund"]},
        {"order": TAUGHT["order"], "refund": ["I want my money back"]},
        {"order": ["where is my order"], "refund": ["I want my money back"]},
    ],
    ids=["two intents", "one of one example", "two examples"],
)
def test_few_intents_and_few_examples(tmp_path: Path, taught: dict[str, list[str]]) -> None:
    component = trained(tmp_path, taught)
    first, second = told(component, "where is my order", "I want my money back")
    assert first.get("intent")["name"] == "order"
    assert second.get("intent")["name"] == "refund"


@pytest.mark.parametrize("texts", [["where is my order"], TAUGHT["order"]])
def test_a_single_intent_is_sure_of_its_examples_only(tmp_path: Path, texts: list[str]) -> None:
    component = trained(tmp_path, {"order": texts})
    same, strange = told(component, "where is my order", "the president of France")
    assert confidence(same) == pytest.approx(1, abs=0.01)
    assert confidence(strange) < confidence(same)
    assert component.threshold == DEFAULT_THRESHOLD


def test_nothing_to_learn_from_and_nothing_to_read(
    tmp_path: Path, component: NearestExamples
) -> None:
    untaught = trained(tmp_path, {})
    (message,) = told(untaught, "hello")
    assert message.get("intent") == {"name": None, "confidence": 0.0}
    for message in [*told(component, "", "  "), *component.process([Message({TEXT: "hi"})])]:
        assert message.get("intent") == {"name": None, "confidence": 0.0}
        assert message.get("intent_ranking") == []
    assert component.process([]) == []


def test_an_empty_text_passes_the_whole_pipeline(agent: Agent) -> None:
    parsed = asyncio.run(agent.parse_message(""))
    assert parsed["intent"]["name"] == "nlu_fallback"


def test_the_threshold_in_the_settings_is_the_one_the_examples_ask_for(agent: Agent) -> None:
    assert agent.processor is not None
    nodes = agent.processor.graph_runner._instantiated_nodes.values()
    (found,) = (n._component for n in nodes if isinstance(n._component, NearestExamples))
    (fallback,) = (n._component for n in nodes if isinstance(n._component, FallbackClassifier))
    # Training prints it; put it into config.yml when many examples have changed.
    assert fallback.component_config["threshold"] == pytest.approx(found.threshold, abs=0.05)


def test_below_its_own_threshold_it_can_fall_back_itself(tmp_path: Path) -> None:
    component = trained(tmp_path, TAUGHT, fallback=True)
    right, strange = told(component, "where is my order", "xqzw blorf")
    assert right.get("intent")["name"] == "order"
    assert strange.get("intent") == {"name": "nlu_fallback", "confidence": component.threshold}
    assert strange.get("intent_ranking")[1]["name"] in TAUGHT


def test_other_languages_are_read_by_the_embedder_that_knows_them() -> None:
    english = english_embedder()
    for text in ("where is my order", "10233", "ok", "is the jacket waterprof or not"):
        assert english.knows(text), text
    for text in ("wo ist meine Bestellung", "quiero hablar con una persona", "xqzw", "ที่ไหน"):
        assert not english.knows(text), text


def test_the_same_examples_give_the_same_threshold() -> None:
    texts = [(text, intent) for intent, all_of in TAUGHT.items() for text in all_of]

    def threshold(pairs: Sequence[tuple[str, str]]) -> float:
        words = [text for text, _ in pairs]
        embedders = (english_embedder(), sentence_embedder(), universal_embedder())
        vectors = Sentences(*(embedder.queries(words) for embedder in embedders))
        return estimate_threshold(vectors, [intent for _, intent in pairs], 0.25)

    assert 0.1 < threshold(texts) < 0.9
    assert threshold(texts) == threshold(texts)


def test_the_threshold_weighs_who_is_refused_wrongly_against_who_is_not_refused() -> None:
    sure = np.array([0.9, 0.8, 0.7, 0.4, 0.5, 0.3])
    outside = np.array([False, False, False, False, True, True])
    right = ~outside
    never = np.zeros(6, dtype=bool)
    assert choose_threshold(sure, right, never, outside, share=0.0) <= 0.4
    assert 0.5 < choose_threshold(sure, right, never, outside, share=0.9) <= 0.7
    # What says of itself that it is out of scope is refused without a threshold.
    assert choose_threshold(sure, right, outside, outside, share=0.9) <= 0.4


def test_of_thresholds_that_few_texts_cannot_tell_apart_the_middle_is_taken() -> None:
    inside = np.linspace(0.5, 0.9, 40)
    outside = np.array([0.1, 0.15, 0.2, 0.3])
    sure = np.concatenate([inside, outside])
    out = np.arange(len(sure)) >= len(inside)
    found = choose_threshold(sure, ~out, np.zeros(len(sure), dtype=bool), out, share=0.15)
    # From 0.3 to 0.5 nobody is wrong.
    assert found == pytest.approx(0.4, abs=0.03)


def test_what_is_strange_to_one_embedder_alone_is_still_known() -> None:
    known = np.eye(4, 8, dtype=np.float32)
    intents = ["a", "a", "b", "b"]
    model = IntentModel.fit(Sentences(known, known, known), intents)
    asked, elsewhere = known[:1], np.eye(8, dtype=np.float32)[7:]
    sure = float(model.read(Sentences(asked, asked, asked)).confidence[0])
    one = float(model.read(Sentences(asked, asked, elsewhere)).confidence[0])
    none = float(model.read(Sentences(elsewhere, elsewhere, elsewhere)).confidence[0])
    assert none < one < sure
    assert one > 0.6 * sure


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        NearestExamples.validate_config({"out_of_scope_share": share})
