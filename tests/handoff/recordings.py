"""Recorded conversations, played through the real core.

A recording (``recorded/*.yml``) is a script: what a customer says and presses, what the assistant
made of it and answered, what agents do. Nothing between the script and the log is a stand-in but
the assistant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.conversation import conversations, reception
from bot.conversation.conversations import CustomerId, Visitor, VisitorId
from bot.conversation.events import BotMessage, Event, Notice
from bot.dialogue import Button, Entity, Guess, Reply, TurnResult
from bot.handoff import cases, gathering
from bot.handoff.packet import Sources
from bot.handoff.presence import Presence
from bot.journey import journeys
from bot.journey.journeys import Profile
from bot.settings import PROJECT
from bot.shop import DemoShop
from tests.conversation.world import TEXTS, World

FOLDER = Path(__file__).parent / "recorded"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))
SHOP = DemoShop(PROJECT / "data" / "demo")


@dataclass(frozen=True)
class Played:
    """A recording's last case, with what its packet is made of."""

    title: str
    sources: Sources


def read(name: str) -> dict[str, Any]:
    """The script of the recording ``name``."""
    script: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text("utf-8"))
    return script


async def play(world: World, name: str) -> Played:
    """Play the recording ``name`` and return its last case."""
    script = read(name)
    player = _Player(world, _visitor(f"{name}-{world.next_id()}", script))
    if player.visitor.customer:
        await _sign_in(world, player.visitor)
    await player.begin()
    for step in script["steps"]:
        await player.take(step)
    async with world.database.read() as connection:
        owned = await journeys.conversations_of(connection, player.visitor.id)
        last = (await cases.of(connection, owned))[-1]
        sources = await gathering.read(connection, last.id)
    return Played(script["title"], gathering.with_shop(sources, SHOP, product_name))


def product_name(product: str) -> str | None:
    """The name of a product of the demo shop."""
    file = PROJECT / "data" / "catalog" / f"{product}.yml"
    return str(yaml.safe_load(file.read_text("utf-8"))["name"]) if file.exists() else None


def _visitor(name: str, script: dict[str, Any]) -> Visitor:
    customer = script.get("customer")
    return Visitor(
        VisitorId(f"v-{name}"),
        customer=CustomerId(customer) if customer else None,
        language=script.get("language", "en"),
        page=script.get("page"),
    )


async def _sign_in(world: World, visitor: Visitor) -> None:
    assert visitor.customer is not None
    account = SHOP.customer(visitor.customer)
    assert account is not None
    async with world.database.write() as connection:
        await conversations.hold_visitor(connection, visitor)
        profile = Profile(visitor.customer, account.name, account.email)
        await journeys.remember(connection, profile)


class _Player:
    """Takes one step after another."""

    def __init__(self, world: World, visitor: Visitor) -> None:
        self.world = world
        self.visitor = visitor

    async def begin(self) -> None:
        """Days pass between visits: nobody keeps a place for who comes back."""
        for agent in self.world.agents:
            await self.world.book.choose(agent, Presence.BUSY)

    async def take(self, step: dict[str, Any]) -> None:
        if "say" in step:
            await self.world.say(self.visitor, step["say"])
            await self._answer(step)
        elif "press" in step:
            await self._press(step["press"])
            await self._answer(step)
        elif "feedback" in step:
            await self._feedback(step["feedback"])
        elif "person" in step:
            await self.world.ask_for_person(self.visitor)
        else:
            ((name, act),) = step.items()
            await self._agent(name, act)

    async def _events(self) -> list[Event]:
        return await self.world.events(self.visitor)

    async def _press(self, title: str) -> None:
        offered = [
            button.token
            for event in await self._events()
            if isinstance(event.payload, BotMessage | Notice)
            for button in event.payload.buttons
            if button.title == title
        ]
        assert offered, f"nobody offered the button {title!r}"
        database, client_id = self.world.database, self.world.next_id()
        offer = await reception.button_of(database, self.visitor, offered[-1])
        event = await reception.receive_button(database, self.visitor, client_id, *offer)
        self.world.turns.wake(event.conversation)

    async def _feedback(self, helpful: bool) -> None:
        answer = [
            event
            for event in await self._events()
            if isinstance(event.payload, BotMessage) and event.payload.decision == "answer"
        ][-1]
        await reception.receive_feedback(
            self.world.database,
            self.visitor,
            self.world.next_id(),
            answer.conversation,
            answer.seq,
            helpful,
        )

    async def _agent(self, name: str, act: str | dict[str, str]) -> None:
        agent = next(a for a in self.world.agents if a.name == name)
        (case,) = [c.id for c in await self.world.open_cases() if await self._is_ours(c)]
        assert isinstance(act, str) or len(act) == 1, f"quote the words of {act}"
        work, client_id = self.world.work, self.world.next_id()
        match act:
            case "claim":
                await work.claim(case, agent)
            case "release":
                await work.release(case, agent, client_id)
            case "return":
                await work.give_back(case, agent, client_id)
            case {"reply": text}:
                await work.reply(case, agent, client_id, text)
            case {"note": text}:
                await work.note(case, agent, client_id, text)
            case {"resolve": disposition}:
                await work.resolve(case, agent, client_id, disposition)  # type: ignore[arg-type]
            case _:
                raise ValueError(f"no agent can do {act!r}")

    async def _is_ours(self, case: cases.Case) -> bool:
        owned = await self.world.conversations(self.visitor)
        return case.conversation in {conversation.id for conversation in owned}

    async def _answer(self, step: dict[str, Any]) -> None:
        """Let the assistant answer as recorded; a step without an answer is for a person."""
        await self.world.pause()
        held = [(turn, future) for turn, future in self.world.dialogue.held if not future.done()]
        self.world.dialogue.held.clear()
        assert bool(held) == ("bot" in step), f"who answers {step}?"
        for turn, future in held:
            future.set_result(_result(step, turn.metadata["language"]))
        await self.world.turns.settled(held[0][0].conversation) if held else None  # type: ignore[arg-type]


def _result(step: dict[str, Any], language: str) -> TurnResult:
    intents = step.get("intents", {})
    guesses = tuple(Guess(intent, share) for intent, share in intents.items())
    entities = tuple(Entity(kind, str(value)) for kind, value in step.get("facts", {}).items())
    return TurnResult(
        replies=(_reply(step["bot"], language, next(iter(intents), None)),),
        intent=next(iter(intents), None),
        confidence=next(iter(intents.values()), 0.0),
        entities=entities,
        state=b"[]",
        model="recorded",
        guesses=guesses[:3],
    )


def _reply(bot: dict[str, Any], language: str, intent: str | None) -> Reply:
    """One reply as the actions give it."""
    notes: dict[str, Any] = {"intent": intent, "confidence": bot.get("confidence", 0.9)}
    also = [_page(a, language, share) for a, share in bot.get("also", {}).items()]
    person = Button(TEXTS.say(language, "buttons.person"), "ask_for_person")
    if "response" in bot:
        text = TEXTS.say(language, f"replies.{bot['response']}")
        return Reply(text, bot["response"], (), {})
    if "answer" in bot:
        page = _page(bot["answer"], language, bot["probability"])
        notes |= {"decision": "answer", "confidence": bot["probability"], "answers": [page]}
        notes |= {"topic": _front(bot["answer"], language)["topic"], "candidates": also}
        return Reply(_opening(bot["answer"], language), None, (person,), notes)
    if "ask_back" in bot:
        pages = [_page(article, language, 0.4) for article in bot["ask_back"]]
        buttons = [
            Button(page["title"], "product_question", {"article": page["article"]})
            for page in pages
        ]
        notes |= {"decision": "clarify", "candidates": pages}
        return Reply(TEXTS.say(language, "answers.clarify"), None, (*buttons, person), notes)
    if "ask" in bot:
        choices = [
            Button(title, "product_question", entities)
            for title, entities in bot["buttons"].items()
        ]
        return Reply(bot["ask"], None, (*choices,), notes | {"decision": "clarify"})
    if "order" in bot:
        order = {"number": bot["order"], "state": bot["state"], "verified_by": bot["by"]}
        notes |= {"decision": "answer", "topic": "orders", "order": order}
        text = TEXTS.say(language, f"answers.order_states.{bot['state']}", number=bot["order"])
        return Reply(text, None, (), notes)
    if "decline" in bot:
        notes |= {"decision": "decline", "candidates": also}
        return Reply(TEXTS.say(language, "answers.decline"), None, (person,), notes)
    notes |= {"decision": "handoff"}
    notes |= {"handoff": {"reason": bot["handoff"], "topic": bot.get("topic")}}
    return Reply(TEXTS.say(language, "answers.handoff"), None, (), notes)


def _page(article: str, language: str, probability: float) -> dict[str, Any]:
    return {
        "article": article,
        "title": _front(article, language)["title"],
        "url": f"https://shop.example/help/{article}",
        "probability": probability,
    }


def _split(article: str, language: str) -> Sequence[str]:
    files = [f"{article}.{language}.md", f"{article}.md"]
    file = next(f for name in files if (f := PROJECT / "data" / "knowledge" / name).exists())
    return file.read_text("utf-8").split("---\n", 2)


def _front(article: str, language: str) -> dict[str, Any]:
    front: dict[str, Any] = yaml.safe_load(_split(article, language)[1])
    return front


def _opening(article: str, language: str) -> str:
    return _split(article, language)[2].strip().split("\n\n")[0]
