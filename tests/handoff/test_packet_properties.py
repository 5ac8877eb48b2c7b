"""Whatever a conversation is made of: the packet holds it all, and says nothing else."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    AnswerRef,
    AnyPayload,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseReturned,
    CustomerMessage,
    Event,
    FactGiven,
    FeedbackGiven,
    HandoffRequested,
    Identified,
    IntentGuess,
    LanguageRecognised,
    MoodRead,
    Opened,
    OrderLookedUp,
    PersonRequested,
    ReplySuppressed,
)
from bot.handoff import packet
from bot.handoff.contract import Packet
from tests.handoff.folding import log_of, sources_of
from tools.check_packets import check_sources

WORDS = st.one_of(
    st.sampled_from(
        [
            "Where is my order 10233? It should have been here on Friday. " * 4,
            "I want a person",
            "I want a person about a repair",
            "thanks!",
            "10233",
            "อยากคืนรองเท้า ใส่แล้วคับมาก " * 9,
            "poproszę z konsultantem",
            '**bold** “quoted” "quoted" \\ back\nnew line',
            "…",
        ]
    ),
    st.text(min_size=1, max_size=300).filter(str.strip),
)
NAMES = st.sampled_from(["Ana", "Ben"])
SHARES = st.integers(0, 100).map(lambda n: n / 100)
PAGES = st.lists(
    st.builds(
        AnswerRef,
        probability=SHARES,
        title=st.sampled_from(["Who pays?", "รับซ่อมอะไรบ้าง", "The Skarn jacket"]),
        url=st.just("https://shop.example/a"),
        article=st.sampled_from(["a", "b", "c", None]),
    ),
    max_size=4,
)
GUESSES = st.lists(
    st.builds(IntentGuess, st.sampled_from(["greet", "complaint", "order_status"]), SHARES),
    max_size=3,
)
INTENTS = st.sampled_from([None, "ask_for_person", "thanks", "give_details", "product_question"])
LOOKED_UP = st.builds(
    OrderLookedUp,
    number=st.sampled_from(["10233", "10237"]),
    state=st.sampled_from(["shipped", "out-for-delivery"]),
    verified_by=st.sampled_from(["identity", "email"]),
)
FACTS = st.one_of(
    st.builds(
        FactGiven,
        fact=st.sampled_from(["order_number", "email", "phone", "product", "size"]),
        value=st.sampled_from(["10233", "a@example.com", "A@example.com", "M", "Skarn"]),
        how=st.sampled_from(["typed", "clicked"]),
    )
)


@st.composite
def conversations(draw: st.DrawFn, name: str = "c", first_case: int = 0) -> list[Event]:
    """A log as the core could have written it: at most one open case, one who speaks."""
    page = draw(st.sampled_from([None, "https://shop.example/cart?x=1", "https://shop.example"]))
    language = draw(st.sampled_from([None, "en", "th"]))
    told: list[Any] = [Opened(channel="widget", language=language, page=page)]
    said: list[int] = []
    bot_said: list[int] = []
    case, is_open, agent = first_case, False, ""

    def add(payload: AnyPayload, ref: int | None = None) -> int:
        told.append((payload, ref))
        return len(told)

    for act in draw(st.lists(st.integers(0, 99), max_size=25)):
        if act < 30:
            said.append(add(CustomerMessage(text=draw(WORDS))))
            if draw(st.booleans()):
                add(draw(FACTS), said[-1])
            if draw(st.booleans()):
                add(MoodRead(value=draw(SHARES)), said[-1])
        elif act < 40 and bot_said:
            title = draw(st.sampled_from(["Who pays?", "Talk to a person"]))
            intent = draw(st.sampled_from(["product_question", "ask_for_person", "deny"]))
            offered = draw(st.sampled_from(bot_said))
            said.append(add(ButtonPressed(title=title, intent=intent), offered))
        elif act < 60 and said and not agent:
            bot_said.append(
                add(
                    BotMessage(
                        text=draw(WORDS),
                        decision=draw(
                            st.sampled_from(["answer", "clarify", "decline", "smalltalk", None])
                        ),
                        intent=draw(INTENTS),
                        intents=draw(GUESSES),
                        answers=draw(PAGES),
                        candidates=draw(PAGES),
                    ),
                    said[-1],
                )
            )
        elif act < 66 and bot_said:
            add(FeedbackGiven(helpful=draw(st.booleans())), draw(st.sampled_from(bot_said)))
        elif act < 69 and said:
            add(draw(LOOKED_UP), said[-1])
        elif act < 71:
            add(
                draw(
                    st.sampled_from([Identified(customer="c-1"), LanguageRecognised(language="pl")])
                )
            )
        elif act < 73 and said:
            add(ReplySuppressed(text=draw(WORDS)), said[-1])
        elif act < 80 and not is_open:
            case, is_open = case + 1, True
            cause = add(PersonRequested()) if draw(st.booleans()) or not said else said[-1]
            add(HandoffRequested(case=str(case), reason="asked_for_person"), cause)
        elif act < 86 and is_open and not agent:
            agent = draw(NAMES)
            add(CaseClaimed(case=str(case), name=agent))
        elif act < 92 and agent:
            add(AgentMessage(text=draw(WORDS), name=agent))
        elif act < 95 and is_open:
            add(AgentNote(text=draw(WORDS), name=draw(NAMES)))
        elif act < 97 and agent:
            agent = ""
            add(CaseReleased(case=str(case)))
        elif agent:
            agent, is_open = "", False
            add(CaseReturned(case=str(case)))
    if not is_open:
        add(HandoffRequested(case=str(case + 1), reason="no_answer"), add(PersonRequested()))
    return log_of(told, name, day=0 if name == "earlier" else draw(st.sampled_from([1, 20])))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(earlier=st.none() | conversations("earlier", 100), now=conversations())
def test_the_packet_of_any_conversation_is_complete(
    earlier: list[Event] | None, now: list[Event]
) -> None:
    sources = sources_of(now, [earlier] if earlier else [])
    _, problems = check_sources(sources)
    assert problems == []
    built = packet.build(sources)
    assert built == packet.build(sources)
    assert msgspec.json.decode(msgspec.json.encode(built), type=Packet) == built
