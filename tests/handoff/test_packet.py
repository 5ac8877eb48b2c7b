"""The packet's contract, and what of a conversation it says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import get_args, get_type_hints

import jsonschema
import msgspec
import pytest

from bot.conversation.events import (
    AgentMessage,
    AnswerRef,
    AnyPayload,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseReturned,
    CustomerMessage,
    FactGiven,
    FeedbackGiven,
    HandoffRequested,
    IntentGuess,
    LanguageRecognised,
    MoodRead,
    OfferedButton,
    Opened,
    OrderLookedUp,
    PersonRequested,
)
from bot.handoff import contract, packet
from bot.handoff.contract import Need, Packet
from bot.settings import PROJECT
from bot.shop import DemoShop
from tests.handoff.folding import log_of, sources_of

OPENED = Opened(channel="widget", language="en")


def test_the_committed_schema_is_the_one_of_the_types() -> None:
    committed = json.loads(contract.SCHEMA_FILE.read_text("utf-8"))
    assert committed == contract.schema(), "write it again: python -m bot.handoff.contract"
    jsonschema.Draft202012Validator.check_schema(committed)


def _types() -> dict[str, type[msgspec.Struct]]:
    return {
        name: kind
        for name, kind in vars(contract).items()
        if isinstance(kind, type)
        and issubclass(kind, msgspec.Struct)
        and kind.__module__ == contract.__name__
    }


@pytest.mark.parametrize("name", _types())
def test_the_document_has_every_field_with_its_meaning(name: str) -> None:
    text = (PROJECT / "docs" / "packet.md").read_text("utf-8")
    found = re.search(rf"^### `{name}`$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/packet.md has no section on {name}"
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", found[1], re.MULTILINE))
    hints = get_type_hints(_types()[name], include_extras=True)
    told = {
        field: meta.description
        for field, hint in hints.items()
        for meta in get_args(hint)[1:]
        if isinstance(meta, msgspec.Meta)
    }
    assert rows == told


def made(*payloads: AnyPayload | tuple[AnyPayload, int | None]) -> Packet:
    """The packet of the last handoff in a conversation of these events."""
    return packet.build(sources_of(log_of([OPENED, *payloads])))


def said(text: str, repeats: int | None = None) -> CustomerMessage:
    return CustomerMessage(text=text, repeats=repeats)


def answered(text: str = "So it is.", intent: str = "product_question") -> BotMessage:
    page = AnswerRef(probability=0.9, title="A page", url="https://shop.example/a", article="a")
    return BotMessage(text=text, decision="answer", intent=intent, answers=[page])


def handed_over(intent: str | None = "ask_for_person") -> BotMessage:
    return BotMessage(text="I have asked our team.", decision="handoff", intent=intent)


def opened(case: str = "1", reason: str = "asked_for_person") -> HandoffRequested:
    return HandoffRequested(case=case, reason=reason)


def need_of(*payloads: AnyPayload | tuple[AnyPayload, int | None]) -> str | None:
    need = made(*payloads).need
    return need.text if need else None


QUESTION = said("How long may I return a jacket?")


@pytest.mark.parametrize(
    "wish",
    [
        "I want to talk to a person",
        "human!!!",
        "can I speak to somebody please?",
        "poproszę z konsultantem",
        "bisa bicara dengan staf?",
        "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ",
        "gusto kong makausap ang tao",
    ],
)
def test_the_bare_wish_for_a_person_is_not_the_need(wish: str) -> None:
    events = (QUESTION, (answered(), 2), said(wish), (handed_over(), 4), (opened(), 4))
    assert need_of(*events) == "How long may I return a jacket?"


@pytest.mark.parametrize(
    "wish",
    [
        "I want a person about a repair",
        "czy mogę porozmawiać z kimś o reklamacji kurtki?",
        "mau bicara sama orang soal refund",
        "ขอคุยกับเจ้าหน้าที่เรื่องคืนเงิน",
        "gusto kong makausap ang tao tungkol sa refund",
    ],
)
def test_a_wish_for_a_person_that_says_what_about_is_the_need(wish: str) -> None:
    need = made(QUESTION, (answered(), 2), said(wish), (handed_over(), 4), (opened(), 4)).need
    assert need is not None
    assert need.text == wish
    assert need.before is not None
    assert need.before.text == "How long may I return a jacket?"


def test_thanks_and_answers_to_the_bots_asking_back_are_not_the_need() -> None:
    asks = BotMessage(text="Your order number?", response="utter_ask_order_number",
                      decision="clarify", intent="order_status")  # fmt: skip
    number = FactGiven(fact="order_number", value="10233", how="typed")
    events = (
        said("where is my parcel"), (asks, 2),
        said("my order number is 10233"), (number, 4), (answered(intent="give_details"), 4),
        said("ok thanks"), (BotMessage(text="Welcome!", decision="smalltalk", intent="thanks"), 7),
        PersonRequested(), (opened(), 9),
    )  # fmt: skip
    assert need_of(*events) == "where is my parcel"


def test_a_pressed_button_is_the_need_with_the_question_it_makes_clear() -> None:
    asks = BotMessage(text="Is it one of these?", decision="clarify", intent="product_question")
    press = ButtonPressed(title="Who pays for a return?", intent="product_question")
    need = made(said("how about the money"), (asks, 2), (press, 3), (answered(), 4),
                PersonRequested(), (opened(), 6)).need  # fmt: skip
    assert need is not None
    assert (need.text, need.how, need.seq) == ("Who pays for a return?", "clicked", 4)
    assert need.asked_as is not None
    assert need.asked_as.text == "how about the money"


def test_a_button_that_gives_a_detail_is_not_the_need() -> None:
    asks = BotMessage(text="Which size?", decision="clarify", intent="product_question")
    press = ButtonPressed(title="M", intent="product_question", entities={"size": "M"})
    size = FactGiven(fact="size", value="M", how="clicked")
    events = (QUESTION, (asks, 2), (press, 3), (size, 4), PersonRequested(), (opened(), 6))
    assert need_of(*events) == "How long may I return a jacket?"


def test_a_question_asked_while_waiting_is_the_need_of_who_asked_nothing_before() -> None:
    assert need_of(PersonRequested(), (opened(), 2)) is None
    events = (PersonRequested(), (opened(), 2), said("my zip is broken"))
    assert need_of(*events) == "my zip is broken"


def test_a_second_handoff_has_a_need_of_its_own() -> None:
    first = (QUESTION, PersonRequested(), (opened("1"), 3), CaseClaimed(case="1", name="Ana"),
             said("thank you, that fits"), CaseReturned(case="1"))  # fmt: skip
    again = (said("And my socks, may I return them?"), PersonRequested(), (opened("2"), 9))
    assert need_of(*first, *again) == "And my socks, may I return them?"
    bare = (PersonRequested(), (opened("2"), 8))
    assert need_of(*first, *bare) == "How long may I return a jacket?"


def test_a_long_need_is_cut_at_a_sentence_and_keeps_its_question() -> None:
    story = "I was on a trip with my family and it rained for three days in a row. "
    text = story * 3 + "Can I get the jacket mended before Friday? " + story * 2
    need = made(said(text), PersonRequested(), (opened(), 3)).need
    assert isinstance(need, Need)
    assert need.text in " ".join(text.split())
    assert "Can I get the jacket mended before Friday?" in need.text
    assert len(need.text) <= 160
    assert not need.whole


def test_a_fact_keeps_every_event_that_gave_or_confirmed_it() -> None:
    number = FactGiven(fact="order_number", value="10233", how="typed")
    email = FactGiven(fact="email", value="a@example.com", how="typed")
    shown = OrderLookedUp(number="10233", state="shipped", verified_by="email")
    built = made(said("order 10233"), (number, 2), said("a@example.com"), (email, 4), (shown, 4),
                 said("10233!"), (number, 7), PersonRequested(), (opened(), 9))  # fmt: skip
    facts = {fact.kind: fact for fact in built.facts}
    assert [(s.how, s.seq) for s in facts["order_number"].sources] == [
        ("typed", 2),
        ("verified", 6),
        ("typed", 7),
    ]
    assert (facts["order_number"].how, facts["order_number"].seq) == ("verified", 2)
    assert facts["email"].how == "verified"


def test_an_answer_has_the_last_reaction_and_the_question_that_came_again() -> None:
    built = made(QUESTION, (answered(), 2), (FeedbackGiven(helpful=True), 3),
                 (FeedbackGiven(helpful=False), 3), said(QUESTION.text, repeats=2),
                 (answered(), 6), PersonRequested(), (opened(), 8))  # fmt: skip
    first, second = built.answers
    assert first.reaction is not None
    assert (first.reaction.helpful, first.reaction.seq) == (False, 5)
    assert first.asked_again == 6
    assert second.reaction is None
    told = next(line for line in built.summary if line.kind == "told")
    assert told.text == ("Was told: “So it is.” – did not help – asked again after it, “So it is.”")


def test_a_mood_that_turns_is_a_line_and_a_good_one_is_none() -> None:
    def with_moods(*values: float) -> list[str]:
        events: list[tuple[AnyPayload, int | None]] = []
        for value in values:
            events += [(said(f"words at {value}"), None), (MoodRead(value=value), len(events) + 2)]
        built = made(*events, PersonRequested(), (opened(), len(events) + 2))
        assert [point.value for point in built.mood] == list(values)
        return [line.text for line in built.summary if line.kind == "mood"]

    assert with_moods(0.2, 0.3) == []
    assert with_moods(0.2, 0.7, 0.8) == ["Mood: turned negative at “words at 0.7”"]
    assert with_moods(0.8, 0.1) == ["Mood: better again at “words at 0.1”"]


def test_the_next_agent_reads_what_the_last_one_said() -> None:
    built = made(QUESTION, PersonRequested(), (opened("1"), 3), CaseClaimed(case="1", name="Ana"),
                 AgentMessage(text="You have 60 days.", name="Ana"), CaseReturned(case="1"),
                 said("Not in my case"), PersonRequested(), (opened("2"), 9))  # fmt: skip
    before = next(line for line in built.summary if line.kind == "before")
    assert before.text == (
        "Before: handoff 2 of this conversation, with Ana – given back to the bot – "
        "“You have 60 days.”"
    )
    assert [link.seq for part in before.parts for link in part.events] == [4, 10, 5, 7, 6]


DECLINED = BotMessage(text="I do not know that.", decision="decline", intent="product_question")
HELPED, NO_HELP = FeedbackGiven(helpful=True), FeedbackGiven(helpful=False)


def line_of(built: Packet, kind: str) -> str:
    return next(line.text for line in built.summary if line.kind == kind)


def test_the_question_it_began_with_comes_along_until_it_is_answered() -> None:
    follow_up = said("Worn outside once only. When is the money back?")

    def needs(reaction: FeedbackGiven) -> str:
        return line_of(
            made(said("The Kettra boots are too tight, may they go back?"), (answered(), 2),
                 (reaction, 3), follow_up, (answered(), 5), PersonRequested(), (opened(), 7)),
            "needs",
        )  # fmt: skip

    assert needs(NO_HELP).endswith(
        ", first asked “The Kettra boots are too tight, may they go back?”"
    )
    assert "Kettra" not in needs(HELPED)


def test_a_question_about_the_same_order_comes_along_though_it_was_answered() -> None:
    taken_for = {"decision": "answer", "intent": "order_status"}
    built = made(said("my parcel should be here since Friday"),
                 (BotMessage(text="It is on its way.", **taken_for), 2),  # type: ignore[arg-type]
                 said("the tracking has not moved for days"),
                 (BotMessage(text="Give it time.", **taken_for), 4),  # type: ignore[arg-type]
                 PersonRequested(), (opened(), 6))  # fmt: skip
    assert built.need is not None
    assert built.need.first is not None
    assert built.need.first.seq == 2


def test_an_impatient_repeat_gives_way_to_the_clear_question() -> None:
    question = said("is there a customs form for bringing a tent to Norway")
    built = made(question, (DECLINED, 2), said("I said customs. For a tent. To Norway!"),
                 (handed_over("product_question"), 4), (opened("1", "no_answer"), 4),
                 CaseClaimed(case="1", name="Ana"),
                 AgentMessage(text="Hello.", name="Ana"))  # fmt: skip
    assert built.need is not None
    assert (built.need.seq, built.need.said_again, built.need.open) == (2, [4], [])
    assert line_of(built, "needs") == (
        "Needs: “is there a customs form for bringing a tent to Norway” – said again in other words"
    )


def test_a_question_with_another_point_is_no_repeat() -> None:
    built = made(said("is the Skarn jacket waterproof"), (DECLINED, 2),
                 said("is the Skarn jacket warm"), (DECLINED, 4),
                 PersonRequested(), (opened(), 6))  # fmt: skip
    assert built.need is not None
    assert built.need.text == "is the Skarn jacket warm"
    assert built.need.first is not None
    assert built.need.first.text == "is the Skarn jacket waterproof"


def test_every_open_question_is_named_and_no_answered_one() -> None:
    built = made(said("Do you ship to Iceland?"), (answered(), 2), (NO_HELP, 3),
                 said("Which socks are warm?"), (answered(), 5), (HELPED, 6),
                 said("Can the gift wrapping be red?"), (DECLINED, 8),
                 said("Is the Skarn jacket vegan?"), (DECLINED, 10),
                 PersonRequested(), (opened(), 12))  # fmt: skip
    assert built.need is not None
    assert built.need.text == "Is the Skarn jacket vegan?"
    assert built.need.first is not None
    assert built.need.first.text == "Do you ship to Iceland?"
    assert [quote.text for quote in built.need.open] == ["Can the gift wrapping be red?"]


def test_what_was_asked_after_an_agent_put_the_case_back_is_open_until_answered() -> None:
    nobody = (QUESTION, PersonRequested(), (opened("1"), 3), CaseClaimed(case="1", name="Ana"),
              AgentMessage(text="I ask the workshop.", name="Ana"), CaseReleased(case="1"),
              said("did you hear from them?"), (DECLINED, 8),
              CaseClaimed(case="1", name="Ben"))  # fmt: skip
    need = made(*nobody).need
    assert need is not None
    assert need.text == QUESTION.text
    assert [quote.text for quote in need.open] == ["did you hear from them?"]
    ben = (AgentMessage(text="Yes, it can be done.", name="Ben"), CaseReleased(case="1"))
    need = made(*nobody, *ben).need
    assert need is not None
    assert need.open == []


def test_the_language_is_named_only_of_who_wrote_something() -> None:
    assert "writes" not in line_of(made(PersonRequested(), (opened(), 2)), "who")

    def shown_by(*payloads: AnyPayload | tuple[AnyPayload, int | None]) -> list[int]:
        parts = made(*payloads, PersonRequested(), (opened(), len(payloads) + 2)).summary[0].parts
        return [e.seq for part in parts if part.kind == "language" for e in part.events]

    assert shown_by(QUESTION, (answered(), 2)) == [2]
    assert shown_by(said("Hi"), (LanguageRecognised(language="en"), 2), QUESTION) == [3]


def test_what_number_and_e_mail_proved_is_said_of_a_visitor() -> None:
    shown = OrderLookedUp(number="10233", state="shipped", verified_by="email")
    built = made(said("10233 a@example.com"), (shown, 2), PersonRequested(), (opened(), 4))
    assert line_of(built, "who") == (
        "Who: a visitor from the website, not signed in, "
        "order 10233 verified by number and e-mail, writes English"
    )


def test_an_order_that_has_not_arrived_has_the_day_it_was_expected_on() -> None:
    def given(expected: date, delivered: date | None = None) -> str:
        shown = OrderLookedUp(number="10233", state="delayed", verified_by="email")
        sources = sources_of(log_of([OPENED, said("10233"), (shown, 2), PersonRequested(),
                                     (opened(), 4)]))  # fmt: skip
        known = DemoShop(PROJECT / "data" / "demo").order("10233")
        assert known is not None
        delivery = replace(known.delivery, expected=expected, delivered=delivered)
        order = replace(known, delivery=delivery)
        return line_of(packet.build(replace(sources, orders=[order])), "given")

    order = "Has given: order number 10233 (verified) – delayed"
    assert given(date(2026, 11, 18)) == f"{order} – was expected 18 Nov"
    assert given(date(2026, 11, 23)) == f"{order} – expected 23 Nov"
    assert given(date(2026, 11, 18), date(2026, 11, 19)) == order


def test_what_was_told_is_the_sentence_nearest_to_the_question() -> None:
    text = "**Countries**\n\nWe deliver to the whole EU. We do not deliver to Norway or Iceland."
    page = AnswerRef(probability=0.9, title="Countries", url="https://shop.example/c", article="c")
    reply = BotMessage(text=text, decision="answer", intent="product_question", answers=[page])
    built = made(said("do you deliver to Norway?"), (reply, 2), PersonRequested(), (opened(), 4))
    assert line_of(built, "told") == "Was told: “We do not deliver to Norway or Iceland. …”"


def test_a_question_for_a_detail_is_no_answer_and_old_thoughts_are_left_out() -> None:
    def asks(**more: object) -> BotMessage:
        guess = IntentGuess("order_status", 0.9)
        return BotMessage(text="Which?", decision="clarify", intents=[guess], **more)  # type: ignore[arg-type]

    size = OfferedButton(token="t", title="M", intent="product_question", entities={"size": "M"})
    page = AnswerRef(probability=0.4, title="A page", url="https://shop.example/a", article="a")
    built = made(said("where is it"), (asks(response="utter_ask_order_number"), 2),
                 said("10233"), (asks(), 4), said("the jacket"), (asks(buttons=[size]), 6),
                 said("the zip"), (asks(candidates=[page]), 8),
                 PersonRequested(), (opened(), 10))  # fmt: skip
    assert [answer.seq for answer in built.answers] == [9]
    assert [thought.question_seq for thought in built.thoughts] == [4, 6, 8]


def test_the_transcript_says_who_gave_the_case_back_and_where_it_began() -> None:
    built = made(QUESTION, PersonRequested(), (opened("1"), 3), CaseClaimed(case="1", name="Ana"),
                 CaseReturned(case="1"), PersonRequested(), (opened("2"), 7))  # fmt: skip
    entries = {entry.kind: entry for entry in built.transcript}
    assert entries["case.returned"].name == "Ana"
    assert entries["conversation.opened"].detail == "widget en"
