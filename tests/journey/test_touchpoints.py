"""What a touchpoint says of a conversation, told by its events."""

from __future__ import annotations

import pytest

from bot.conversation.events import (
    AgentMessage,
    AnyPayload,
    BotMessage,
    CaseClaimed,
    CaseResolved,
    CaseReturned,
    CaseWithdrawn,
    Closed,
    CustomerMessage,
    Event,
    FactAskedAgain,
    FeedbackGiven,
    HandoffRequested,
    Opened,
    OrderLookedUp,
    Source,
)
from bot.conversation.ownership import ConversationId
from bot.journey.stages import TABLE, Stage, stage_of
from bot.journey.touchpoints import Outcome, Touchpoint, fold

SAID = CustomerMessage(text="Where is my parcel?")
ANSWER = BotMessage(text="On its way.", decision="answer", topic="orders")
UNSURE = BotMessage(text="I do not know.", decision="decline")
CASE = HandoffRequested(case="1", reason="asked_for_person")
CLAIMED = CaseClaimed(case="1", name="Ana")
WITHDRAWN = CaseWithdrawn(case="1")
IDLE = Closed(reason="idle")


def told(*payloads: AnyPayload | tuple[AnyPayload, str]) -> Touchpoint:
    """The touchpoint of a conversation with these events, each with its agent if it has one."""
    events = []
    for seq, given in enumerate((Opened(channel="widget"), *payloads), 1):
        payload, actor = given if isinstance(given, tuple) else (given, None)
        events.append(
            Event(
                conversation=ConversationId("c"),
                seq=seq,
                at=f"2026-11-21T10:00:{seq:02}.000000Z",
                epoch=1,
                source=Source.SYSTEM,
                payload=payload,
                actor=actor,
            )
        )
    return fold(events)


@pytest.mark.parametrize(
    ("payloads", "outcome"),
    [
        ([SAID], Outcome.IN_PROGRESS),
        ([SAID, UNSURE, IDLE], Outcome.ABANDONED),
        ([SAID, CASE, WITHDRAWN, IDLE], Outcome.ABANDONED),
        ([SAID, CASE, WITHDRAWN, SAID, ANSWER], Outcome.RESOLVED_ASSUMED),
        ([SAID, ANSWER, IDLE], Outcome.RESOLVED_ASSUMED),
        ([SAID, ANSWER, FeedbackGiven(helpful=True), IDLE], Outcome.RESOLVED_CONFIRMED),
        ([SAID, ANSWER, FeedbackGiven(helpful=False), IDLE], Outcome.ABANDONED),
        ([SAID, ANSWER, CASE], Outcome.ESCALATED),
        ([SAID, CASE, ANSWER], Outcome.ESCALATED),
        ([CASE, CLAIMED, CaseReturned(case="1")], Outcome.RESOLVED_ASSUMED),
        ([CASE, CLAIMED, CaseResolved(case="1", disposition="solved")], Outcome.RESOLVED_ASSUMED),
        ([CASE, CLAIMED, CaseResolved(case="1", disposition="not_solved")], Outcome.ESCALATED),
        ([CASE, CLAIMED, CaseResolved(case="1", disposition="spam")], Outcome.ABANDONED),
    ],
)
def test_the_outcome_of_a_contact(payloads: list[AnyPayload], outcome: Outcome) -> None:
    assert told(*payloads).outcome is outcome


def test_one_person_who_helps_twice_is_one_person_and_no_transfer() -> None:
    ana = (AgentMessage(text="Hello", name="Ana"), "ana")
    touchpoint = told(SAID, CASE, (CLAIMED, "ana"), ana, ana)
    assert (touchpoint.handoffs, touchpoint.persons_met, touchpoint.transfers) == (1, 1, 0)


def test_a_change_of_person_is_a_transfer_and_costs_effort() -> None:
    ana = (AgentMessage(text="Hello", name="Ana"), "ana")
    ben = (AgentMessage(text="Hello", name="Ben"), "ben")
    one, two = told(SAID, CASE, ana, ana), told(SAID, CASE, ana, ben)
    assert (two.persons_met, two.transfers) == (2, 1)
    assert two.effort == one.effort + 1


def test_repeating_a_question_costs_effort_twice() -> None:
    again = CustomerMessage(text="Where is my parcel?", repeats=2)
    assert told(SAID, ANSWER, again).effort == 3


def test_the_question_is_the_last_that_asked_something() -> None:
    hello = BotMessage(text="Hello!", decision="smalltalk", intent="greet")
    events = told(SAID, ANSWER, CustomerMessage(text="thanks"))
    assert events.question_seq == 4  # nobody has answered it yet: it may be a question
    assert told(CustomerMessage(text="Hi"), hello).question_seq == 2


def test_the_fold_reads_no_words() -> None:
    erased = CustomerMessage(text="")
    kept, gone = told(SAID, ANSWER, IDLE), told(erased, ANSWER, IDLE)
    assert kept == gone


def test_a_log_without_its_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with its opening"):
        fold([])


def test_a_question_about_delivery_is_a_doubt_before_an_order_and_care_after() -> None:
    delivery = BotMessage(text="Two days.", decision="answer", topic="delivery")
    order = OrderLookedUp(number="10233", state="shipped", verified_by="email")
    assert told(SAID, delivery).stage is Stage.PURCHASE
    assert told(SAID, order, delivery).stage is Stage.CARE


@pytest.mark.parametrize("order_known", [True, False])
def test_every_topic_has_a_stage(order_known: bool) -> None:
    for topic in [*TABLE, None, "something new"]:
        assert stage_of(topic, order_known=order_known) in Stage


def test_what_an_agent_asked_again_is_counted_and_costs_no_effort_of_its_own() -> None:
    ana = (AgentMessage(text="Your order number and your name?", name="Ana"), "ana")
    again = (FactAskedAgain(fact="order_number", known=2), FactAskedAgain(fact="name"))
    touchpoint = told(SAID, CASE, (CLAIMED, "ana"), ana, *again)
    assert touchpoint.asked_again == 2
    assert touchpoint.effort == told(SAID, CASE, (CLAIMED, "ana"), ana).effort
