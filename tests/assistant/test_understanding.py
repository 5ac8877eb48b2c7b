"""How well phrases that were not taught are understood, and dialogues in whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from talk import Talk, press

HELD_OUT = Path(__file__).with_name("held_out.txt")
# Three intents that lead to the same search: it decides whether there is an answer.
SEARCHED = {"product_question", "out_of_scope", "nlu_fallback"}


def held_out() -> list[tuple[str, str]]:
    lines = HELD_OUT.read_text(encoding="utf-8").splitlines()
    pairs = [line.split(" | ", 1) for line in lines if line and not line.startswith("#")]
    return [(intent.strip(), text.strip()) for intent, text in pairs]


def test_held_out_phrases_are_not_taught(project: Path) -> None:
    from rasa.shared.nlu.training_data.loading import load_data

    taught = {str(e.get("text")) for e in load_data(str(project / "data/nlu")).intent_examples}
    assert not taught & {text for _, text in held_out()}


def test_nine_of_ten_held_out_phrases_take_the_right_way(agent: Agent) -> None:
    async def run() -> list[str]:
        wrong = []
        for intent, text in held_out():
            got = (await agent.parse_message(text))["intent"]["name"]
            if got != intent and not {got, intent} <= SEARCHED:
                wrong.append(f"{text!r}: {got} instead of {intent}")
        return wrong

    wrong = asyncio.run(run())
    assert len(wrong) <= len(held_out()) // 10, wrong


@pytest.mark.parametrize(
    ("question", "errand"),
    [
        ("how do returns work", "I want to send back my order 10233"),
        ("how much is delivery", "where is my parcel"),
        ("how do I cancel my membership", "cancel my order 10417"),
    ],
)
def test_a_question_is_no_errand(agent: Agent, question: str, errand: str) -> None:
    asked = asyncio.run(agent.parse_message(question))["intent"]["name"]
    done = asyncio.run(agent.parse_message(errand))["intent"]["name"]
    assert asked == "product_question"
    assert done in ("return_order", "order_status", "cancel_order")


def talk(agent: Agent, *texts: str, **metadata: object) -> list[list[str]]:
    async def run() -> list[list[str]]:
        conversation = Talk(agent, **metadata)
        return [await conversation.turn(text=text) for text in texts]

    return asyncio.run(run())


def test_a_question_in_the_form_is_answered_and_the_form_goes_on(agent: Agent) -> None:
    replies = talk(agent, "where is my order", "how long does delivery take?", "10233")
    assert replies[1][0] == "answer"
    assert replies[1][1].startswith("What is your order number?")
    assert replies[2] == ["Which e-mail address did you use for the order?"]


@pytest.mark.parametrize("words", ["never mind", "no", "I don't have the number"])
def test_a_no_stops_the_form_and_offers_a_person(agent: Agent, words: str) -> None:
    replies = talk(agent, "where is my order", words, "yes")
    assert replies[1] == ["Would you like to talk to a person instead?"]
    assert replies[2] == ["a person comes"]


def test_a_handoff_that_takes_its_offer_back_is_not_followed_by_the_fallback(agent: Agent) -> None:
    # The action changes the slot that the rule's condition names: the rule has to go on with it.
    replies = talk(agent, "I want to return order 10417", "yes", "hello")
    assert replies[1] == ["a person comes"]
    assert len(replies[2]) == 1


def test_asking_for_a_person_leaves_the_form(agent: Agent) -> None:
    replies = talk(agent, "where is my order", "let me talk to a human", "hello")
    assert replies[1] == ["a person comes"]
    assert len(replies[2]) == 1


def test_only_an_order_number_begins_the_form(agent: Agent) -> None:
    replies = talk(agent, "10233", "anna.k@example.com")
    assert replies == [
        ["Which e-mail address did you use for the order?"],
        ["order 10233 anna.k@example.com"],
    ]


def test_only_an_email_begins_the_form(agent: Agent) -> None:
    replies = talk(agent, "anna.k@example.com", "10233")
    assert replies[0][0].startswith("What is your order number?")
    assert replies[1] == ["order 10233 anna.k@example.com"]


def test_three_failures_end_the_form(agent: Agent) -> None:
    replies = talk(agent, "where is my order", "1023", "it's 99999", "AB-1022", "yes")
    assert replies[1][0] == "1023 is not right"
    assert replies[3] == ["not found"]
    assert replies[4] == ["a person comes"]


def test_an_email_where_the_number_is_asked_is_no_failure(agent: Agent) -> None:
    replies = talk(agent, "where is my order", "anna.k@example.com", "10233")
    assert replies[1][0].startswith("What is your order number?")
    assert replies[2] == ["order 10233 anna.k@example.com"]


def test_who_is_signed_in_is_asked_for_nothing(agent: Agent) -> None:
    assert talk(agent, "where is my order", customer="c-1001")[0] == ["order None None"]


def test_a_yes_to_nothing_asks_what_is_needed(agent: Agent) -> None:
    assert talk(agent, "yes")[0][0].startswith("What can I help you with?")


def test_a_no_takes_the_offer_back(agent: Agent) -> None:
    replies = talk(agent, "I want to return order 10417", "no thanks", "yes")
    assert replies[1] == ["All right. Is there anything else I can help with?"]
    assert replies[2][0].startswith("What can I help you with?")


def test_an_offer_is_forgotten_when_something_else_is_said(agent: Agent) -> None:
    replies = talk(agent, "I want to return order 10417", "is the Skarn jacket waterproof", "yes")
    assert replies[2][0].startswith("What can I help you with?")


def test_an_offer_made_in_the_form_is_taken(agent: Agent) -> None:
    asked = ("where is my order", "who won the election", "what is the capital of Peru")
    assert talk(agent, *asked, "yes")[3] == ["a person comes"]


def test_what_is_not_understood_twice_ends_in_the_offer_of_a_person(agent: Agent) -> None:
    replies = talk(agent, "who won the election", "what is the capital of Peru", "yes please")
    assert replies == [["not known 1"], ["not known 2"], ["a person comes"]]


def test_every_message_gets_an_answer_in_and_out_of_the_form(agent: Agent) -> None:
    phrases = [text for _, text in held_out()][::4]
    for text in phrases:
        assert talk(agent, text)[0], text
        assert talk(agent, "where is my order", text)[1], text


@pytest.mark.parametrize("in_form", [False, True])
@pytest.mark.parametrize("rewinds", [False, True])
def test_the_fallback_speaks_once(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, in_form: bool, rewinds: bool
) -> None:
    # Without a rule for what follows it, Rasa runs it again until its circuit breaker trips.
    endpoint = agent.processor.action_endpoint  # type: ignore[union-attr]
    events = [{"event": "rewind"}] if rewinds else []
    monkeypatch.setattr(
        endpoint, "_action_default_fallback", lambda *_: (events, [{"text": "fallback"}]), False
    )

    async def run() -> list[str]:
        conversation = Talk(agent)
        await conversation.turn(press("order_status" if in_form else "greet", "x"))
        return await conversation.turn(press("session_started_by_hand", "x"))

    replies = asyncio.run(run())
    assert replies[0] == "fallback"
    assert "fallback" not in replies[1:]
