"""Runs in each turn: who is signed in, and an agent's words for a builder in the shell."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.conversation import conversations, log
from bot.conversation.events import AgentMessage
from bot.conversation.lifecycle import Kind
from bot.conversation.shell import visitor_of
from bot.services import in_use


class ActionValidateSlotMappings(Action):
    """Tells the rules who is signed in; in the shell, prints what an agent wrote meanwhile.

    The widget shows an agent's words by its stream. The shell has none, so they come with the
    builder's next message.
    """

    def name(self) -> str:
        return "action_validate_slot_mappings"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        metadata = tracker.latest_message.get("metadata") or {}
        signed_in = SlotSet("signed_in", metadata.get("customer") is not None)
        if metadata.get("channel"):
            return [signed_in]
        async with in_use.get().database.read() as connection:
            owned = await conversations.of_visitor(connection, visitor_of(tracker.sender_id).id)
            if not owned:
                return [signed_in]
            now = owned[-1]
            conversation, _, seq = str(tracker.get_slot("shown") or "").rpartition(".")
            after = int(seq) if conversation == now.id else 0
            events = await log.read(connection, now.id, after=after)
        for event in events:
            if isinstance(event.payload, AgentMessage):
                text = f"{event.payload.name} (a person): {event.payload.text}"
                dispatcher.utter_message(text=text, firstline={"echo_of": event.seq})
        return [
            signed_in,
            SlotSet("person_speaks", now.owner.kind is Kind.AGENT),
            SlotSet("shown", f"{now.id}.{now.last_seq}"),
        ]
