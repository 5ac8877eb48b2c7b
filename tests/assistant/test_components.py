"""NLU components and the policy: shapes, wiring, what a message turns into."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from rasa.core.agent import Agent
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from talk import Talk, press

from bot.assistant.entities import ShopDetails, find_details
from bot.assistant.features import SentenceEmbedding, sentences_of
from bot.assistant.policies import PersonSpeaks
from bot.embedding import english_embedder, sentence_embedder, universal_embedder

CONTEXT = ExecutionContext(GraphSchema({}), node_name="node")


def component() -> SentenceEmbedding:
    config = SentenceEmbedding.get_default_config()
    return SentenceEmbedding.create(config, None, None, CONTEXT)  # type: ignore[arg-type]


def sentence(message: Message) -> np.ndarray:
    _, features = message.get_dense_features(attribute=TEXT)
    assert features is not None
    return features.features


def test_a_message_gets_one_sentence_vector_of_all_embedders() -> None:
    (message,) = component().process([Message({TEXT: "is it waterproof"})])
    sequence, _ = message.get_dense_features(attribute=TEXT)
    assert sequence is None
    vectors = sentences_of([message])
    assert vectors.every[0] == pytest.approx(sentence_embedder().queries(["is it waterproof"])[0])
    assert vectors.english[0] == pytest.approx(english_embedder().queries(["is it waterproof"])[0])
    assert vectors.universal[0] == pytest.approx(
        universal_embedder().queries(["is it waterproof"])[0], abs=1e-5
    )
    width = sum(rows.shape[1] for rows in (vectors.every, vectors.english, vectors.universal))
    assert sentence(message).shape == (1, width)


def test_a_message_in_another_language_has_no_english_vector() -> None:
    vectors = sentences_of(component().process([Message({TEXT: "czy kurtka jest wodoodporna"})]))
    assert vectors.every.any()
    assert vectors.universal.any()
    assert not vectors.english.any()


@pytest.mark.parametrize("text", ["", "   ", "\0"])
def test_empty_text_gets_zeros_since_none_breaks_the_classifier(text: str) -> None:
    (message,) = component().process([Message({TEXT: text})])
    assert not sentence(message).any()


def test_training_examples_without_text_are_left_alone() -> None:
    data = TrainingData([Message({TEXT: "hi"}), Message({"intent": "greet"})])
    component().process_training_data(data)
    assert sentence(data.training_examples[0]).any()
    assert not data.training_examples[1].features


FOUND = {
    "10233": [("order_number", "10233")],
    "order #10233, please": [("order_number", "10233")],
    "10233 or 10417": [("order_number", "10233"), ("order_number", "10417")],
    "(10233)": [("order_number", "10233")],
    "where is 10233?": [("order_number", "10233")],
    "1023": [("odd_number", "1023")],
    "102334": [("odd_number", "102334")],
    "AB-1022": [("odd_number", "AB-1022")],
    "20000 mm": [],
    "it costs €12345": [],
    "12345 euro": [],
    "12.345": [],
    "call +44 20 7946 0958": [("phone", "+442079460958")],
    "0612345678": [("phone", "0612345678")],
    "tel 0171 5550123, order 10233": [("phone", "01715550123"), ("order_number", "10233")],
    "Anna.K@Example.com": [("email", "anna.k@example.com")],
    "10233 anna.k@example.com": [("order_number", "10233"), ("email", "anna.k@example.com")],
    "10233@example.com": [("email", "10233@example.com")],
    "anna@example": [("odd_email", "anna@example")],
    "size M": [("size", "M")],
    "M": [("size", "M")],
    "in xl?": [("size", "XL")],
    "a medium": [("size", "M")],
    "the boots in 43": [("size", "43")],
    "EU 42.5": [("size", "42.5")],
    "between M and L": [("size", "M"), ("size", "L")],
    "in 42 days": [],
    "I'm fine": [],
    "what is the R value": [],
    "wash it at 40": [],
    "": [],
}


@pytest.mark.parametrize("text", FOUND)
def test_details_by_their_form(text: str) -> None:
    found = find_details(text)
    assert [(entity["entity"], entity["value"]) for entity in found] == FOUND[text]
    for entity in found:
        assert 0 <= entity["start"] < entity["end"] <= len(text)


@pytest.mark.parametrize("text", ["0" * 4000, "a@" * 2000, "- " * 2000, "1 2 " * 1000, "@" * 4000])
def test_no_text_makes_the_patterns_slow(text: str) -> None:
    import time

    start = time.perf_counter()
    find_details(text)
    assert time.perf_counter() - start < 0.5


def test_entities_are_added_to_those_already_there() -> None:
    extractor = ShopDetails.create({}, None, None, CONTEXT)  # type: ignore[arg-type]
    message = Message({TEXT: "10233", "entities": [{"entity": "product", "value": "x"}]})
    extractor.process([message])
    assert [entity["entity"] for entity in message.get("entities")] == ["product", "order_number"]
    assert message.get("entities")[1]["extractor"] == "ShopDetails"


def test_a_product_is_found_by_any_of_its_names(agent: Agent) -> None:
    for text in ("is the Skarn jacket light", "tell me about the skarn shell", "skarn?"):
        parsed = asyncio.run(agent.parse_message(text))
        products = [e["value"] for e in parsed["entities"] if e["entity"] == "product"]
        assert products == ["skarn-jacket"], text


def test_while_a_person_speaks_the_bot_only_listens(domain: Domain) -> None:
    policy = PersonSpeaks(PersonSpeaks.get_default_config(), None, None, CONTEXT)  # type: ignore[arg-type]
    events = [ActionExecuted("action_listen"), UserUttered("hi", {"name": "greet"})]
    tracker = DialogueStateTracker.from_events("x", events, domain.slots)
    assert policy.predict_action_probabilities(tracker, domain).max_confidence == 0
    tracker.update(SlotSet("person_speaks", True))
    prediction = policy.predict_action_probabilities(tracker, domain)
    assert prediction.max_confidence_index == domain.index_for_action("action_listen")
    assert prediction.is_no_user_prediction


def test_a_person_who_speaks_silences_an_open_form_too(agent: Agent, domain: Domain) -> None:
    async def run() -> None:
        talk = Talk(agent)
        await talk.turn(press("order_status", "where is my order"))
        assert await talk.turn(text="PERSON") == []
        assert await talk.turn(press("give_details", "10233", order_number="10233")) == []
        assert await talk.turn(press("product_question", "how much is delivery")) == []
        assert await talk.turn(text="BOT") != []

    asyncio.run(run())
