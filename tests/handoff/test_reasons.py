"""The coded reasons: what brings a person in, or has one offered, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.conversation import reception
from bot.conversation.events import BotMessage, HandoffRequested, Notice
from bot.dialogue import Button, Reply, TurnResult
from bot.embedding import sentence_embedder
from bot.handoff.reasons import Reason
from bot.settings import Settings
from bot.web.desk_view import REASONS
from tests.conftest import Databases
from tests.conversation.test_mood import ANGRY, rules
from tests.conversation.world import World, visitor

pytestmark = pytest.mark.anyio

PERSON = Button("Talk to a person", "ask_for_person")
Make = Callable[[Settings], Awaitable[World]]


@pytest.fixture
async def make(databases: Databases) -> AsyncIterator[Make]:
    worlds = []

    async def made(settings: Settings) -> World:
        database = databases.prepared()
        worlds.append(await World.create(database, sentence_embedder(), rules(settings)))
        return worlds[-1]

    yield made
    for world in worlds:
        await world.close()


@pytest.fixture
async def world(make: Make) -> World:
    return await make(Settings())


def result(decision: str, *, intent: str = "product_question", **notes: object) -> TurnResult:
    buttons = (PERSON,) if decision in ("clarify", "decline") else ()
    reply = Reply(f"a {decision}", None, buttons, {"decision": decision, **notes})
    return TurnResult((reply,), intent, 0.9, (), b"[]", "m")


FORM = TurnResult(
    (Reply("Your order number?", "utter_ask_order_number", (), {}),),
    "order_status",
    0.9,
    (),
    b"[]",
    "m",
)


async def tell(world: World, text: str, answer: TurnResult) -> None:
    event = await world.say(visitor(), text)
    await world.pause()
    while not world.dialogue.release(answer):
        await world.pause()
    await world.turns.settled(event.conversation)


async def offers(world: World) -> list[str]:
    return [
        e.payload.key
        for e in await world.events(visitor())
        if isinstance(e.payload, Notice) and e.payload.key.startswith("offer_")
    ]


async def reasons(world: World) -> list[str]:
    return [
        e.payload.reason
        for e in await world.events(visitor())
        if isinstance(e.payload, HandoffRequested)
    ]


def test_agents_get_words_for_each_reason() -> None:
    assert set(REASONS) == set(Reason)


async def test_who_is_asked_back_twice_is_offered_a_person_once(world: World) -> None:
    await tell(world, "the thing for the thing", result("clarify"))
    assert await offers(world) == []
    await tell(world, "you know, that other one", result("decline"))
    await tell(world, "for the red part of it", result("clarify"))
    assert await offers(world) == ["offer_low_confidence_twice"]
    assert await world.open_cases() == []
    said = [e.payload for e in await world.events(visitor())]
    (offer,) = [p for p in said if isinstance(p, Notice)]
    assert [button.intent for button in offer.buttons] == ["ask_for_person"]
    # The button stands under the offer, and not under the reply before it as well.
    assert said[said.index(offer) - 1].buttons == []
    await world.ask_for_person(visitor())
    assert await reasons(world) == ["low_confidence_twice"]


async def test_a_shop_can_have_a_person_called_at_once(make: Make) -> None:
    world = await make(Settings(handoff_on_low_confidence=True))
    await tell(world, "the thing for the thing", result("clarify"))
    await tell(world, "you know, that other one", result("decline"))
    assert await reasons(world) == ["low_confidence_twice"]
    assert await offers(world) == []


async def test_what_a_form_asks_is_no_doubt(world: World) -> None:
    for text in ("where is my order", "I do not have it here", "one moment please"):
        await tell(world, text, FORM)
    assert await offers(world) == []


async def test_two_answers_that_did_not_help_bring_an_offer(world: World) -> None:
    for text in ("is the jacket waterproof", "how do I wash the tent"):
        await tell(world, text, result("answer"))
    answers = [e for e in await world.events(visitor()) if isinstance(e.payload, BotMessage)]
    for number, answer in enumerate(answers):
        assert await offers(world) == []
        for _ in range(2):  # the widget may send it again on a bad line
            await reception.receive_feedback(
                world.database,
                visitor(),
                f"feedback-{number}",
                answer.conversation,
                answer.seq,
                False,
            )
            world.turns.wake(answer.conversation)
            await world.turns.settled(answer.conversation)
    assert await offers(world) == ["offer_repeated_failure"]
    await world.ask_for_person(visitor())
    assert await reasons(world) == ["repeated_failure"]


async def test_a_question_put_again_brings_an_offer(world: World) -> None:
    await tell(world, "is the jacket waterproof", result("answer"))
    await tell(world, "how do I wash it", result("answer"))
    assert await offers(world) == []
    await tell(world, "Is the jacket  waterproof", result("answer"))
    assert await offers(world) == ["offer_repeated_failure"]


async def test_thanks_twice_are_no_failure(world: World) -> None:
    for _ in range(2):
        await tell(world, "thank you very much", result("smalltalk", intent="thanks"))
    assert await offers(world) == []


async def test_an_angry_customer_is_offered_a_person_and_a_yes_takes_it(world: World) -> None:
    await tell(world, ANGRY, result("answer"))
    assert await offers(world) == ["offer_negative_mood"]
    assert await world.open_cases() == []
    await tell(world, "yes please", result("clarify", intent="affirm"))
    assert await reasons(world) == ["negative_mood"]


async def test_an_angry_customer_gets_a_person_where_the_shop_wants_it(make: Make) -> None:
    world = await make(Settings(handoff_on_negative_mood=True))
    for text in (ANGRY, f"{ANGRY} Again!"):
        await tell(world, text, result("answer"))
    assert await reasons(world) == ["negative_mood"]
    # While a person is on the way nobody is offered one.
    await tell(world, f"{ANGRY} Still!", result("answer"))
    assert await offers(world) == []


# Messages that are in none of the files.
POLICY = {
    "You have charged my card twice for the same order": "policy_payment",
    "My lawyer is going to write to you about this": "policy_legal",
    "The stove exploded and my arm is burnt": "policy_safety",
    "Dwa razy obciążyliście moją kartę": "policy_payment",
    "Zgłoszę to do rzecznika praw konsumenta": "policy_legal",
    "Kuchenka wybuchła i poparzyła mi rękę": "policy_safety",
    "Kartu saya dipotong dua kali untuk satu pesanan": "policy_payment",
    "Pengacara saya akan mengirim somasi": "policy_legal",
    "Kompor meledak dan tangan saya melepuh": "policy_safety",
    "บัตรโดนตัดเงินซ้ำสองครั้ง": "policy_payment",
    "จะให้ทนายฟ้องร้านนี้": "policy_legal",
    "เตาระเบิด แขนโดนไฟลวก": "policy_safety",
    "Dalawang beses nabawasan ang card ko sa iisang order": "policy_payment",
    "Magsasampa ng kaso ang abogado ko laban sa inyo": "policy_legal",
    "Sumabog ang stove at napaso ang braso ko": "policy_safety",
}


@pytest.mark.parametrize("text", POLICY)
async def test_money_in_dispute_law_and_danger_go_to_a_person_at_once(
    world: World, text: str
) -> None:
    await tell(world, text, result("answer"))
    assert await reasons(world) == [POLICY[text]]
    (said,) = [
        e.payload for e in await world.events(visitor()) if isinstance(e.payload, BotMessage)
    ]
    # The sentence for it, and not an answer from some page.
    assert said.decision == "handoff"
    assert said.text != "a answer"


async def test_danger_reaches_a_person_though_the_assistant_is_down(world: World) -> None:
    event = await world.say(visitor(), "The stove exploded and my arm is burnt")
    await world.pause()
    while not world.dialogue.fail():
        await world.pause()
    await world.turns.settled(event.conversation)
    assert await reasons(world) == ["policy_safety"]
    told = [e.payload.key for e in await world.events(visitor()) if isinstance(e.payload, Notice)]
    assert "assistant_unavailable" not in told


async def test_ordinary_questions_of_the_same_kind_stay_with_the_bot(world: World) -> None:
    for text in (
        "Can I pay by card?",
        "How long is the warranty?",
        "Can I use the stove in the tent?",
        "Is the jacket fine for somebody with allergies?",
    ):
        await tell(world, text, result("answer"))
    assert await reasons(world) == []


async def test_a_complaint_about_a_payment_is_a_matter_of_payment(world: World) -> None:
    handed_over = result("handoff", intent="complaint", handoff={"reason": "complaint"})
    await tell(world, "You charged me twice, this is a complaint", handed_over)
    assert await reasons(world) == ["policy_payment"]


async def test_a_wish_for_a_person_alone_says_just_that(world: World) -> None:
    await tell(world, "is the jacket waterproof", result("answer"))
    await world.ask_for_person(visitor())
    assert await reasons(world) == ["asked_for_person"]


async def test_a_wish_for_a_person_after_an_order_was_shown_is_about_the_order(
    world: World,
) -> None:
    await tell(world, "where is my order 10233", result("answer", intent="order_status"))
    await world.ask_for_person(visitor())
    assert await reasons(world) == ["order"]


async def test_a_new_start_after_a_person_gave_the_conversation_back(world: World) -> None:
    for text in ("the thing for the thing", "you know, that other one"):
        await tell(world, text, result("clarify"))
    await world.ask_for_person(visitor())
    (case,) = await world.open_cases()
    ana = world.agents[0]
    await world.work.claim(case.id, ana)
    await world.work.give_back(case.id, ana, "return-001")
    await world.ask_for_person(visitor())
    assert await reasons(world) == ["low_confidence_twice", "asked_for_person"]
