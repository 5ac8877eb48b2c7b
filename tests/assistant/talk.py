"""Scripted turns for tests: through our store, or through Rasa's own."""

from __future__ import annotations

import json
import uuid
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant.state import Turn, current_turn, load_events


def press(intent: str, text: str = "", **entities: str) -> dict[str, Any]:
    """A turn whose meaning is given, so that no NLU runs."""
    ranking = {"name": intent, "confidence": 1.0}
    found = [{"entity": n, "value": v, "start": 0, "end": 0} for n, v in entities.items()]
    return {"text": text, "intent": ranking, "entities": found, "intent_ranking": [ranking]}


def message(conversation: str, parse_data: dict[str, Any] | None, text: str, **metadata: object):  # noqa: ANN201
    return UserMessage(
        text,
        CollectingOutputChannel(),
        conversation,
        parse_data=parse_data,
        input_channel="firstline",
        message_id=uuid.uuid4().hex,
        metadata=dict(metadata),
    )


class Talk:
    """One conversation whose state travels, through JSON as over the wire."""

    def __init__(self, agent: Agent, **metadata: object) -> None:
        self.agent = agent
        self.id = uuid.uuid4().hex
        self.metadata = metadata
        self.state: list[dict[str, Any]] | None = None
        self.events: list[dict[str, Any]] = []

    async def turn(
        self, parse_data: dict[str, Any] | None = None, text: str = "", *, handed_back: bool = False
    ) -> list[str]:
        """Take a turn; return the texts of the replies."""
        turn = Turn(self.id, self.state, handed_back=handed_back)
        token = current_turn.set(turn)
        text = text or (parse_data or {}).get("text", "")
        try:
            await self.agent.handle_message(message(self.id, parse_data, text, **self.metadata))
        finally:
            current_turn.reset(token)
        assert turn.new_state is not None
        self.state = json.loads(json.dumps(turn.new_state))
        self.events = json.loads(json.dumps(turn.new_events))
        return [event["text"] for event in self.events if event["event"] == "bot"]

    def tracker(self, domain: Domain) -> DialogueStateTracker:
        return DialogueStateTracker.from_events(
            self.id, load_events(self.state or []), domain.slots
        )


def essence(event: dict[str, Any]) -> tuple[Any, ...]:
    """What must be the same in two runs of the same turn: all but times and ids."""
    names = ("name", "value", "text", "policy", "confidence", "is_interrupted", "key")
    return (event["event"], *(json.dumps(event.get(name)) for name in names))
