"""A tracker store that stores nothing: the state comes with the turn and leaves with it.

The app keeps the state, in the same transaction as the reply, so a crash of the assistant loses
nothing and any assistant can take any turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.assistant.state import after_a_person, current_turn, dump_events, load_events
from bot.assistant.window import DEFAULT_TURNS, bounded


class TravellingTrackerStore(TrackerStore):
    """Reads the tracker from the current turn and leaves new events and new state there.

    Outside a turn of our channel it knows no conversation and keeps none.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        turns: int = DEFAULT_TURNS,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        if turns < 5:
            raise ValueError("tracker_store.turns must be at least 5: rules look back that far")
        self.turns = turns

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the tracker that came with the turn, or None for a new conversation."""
        turn = current_turn.get()
        if turn is None or turn.conversation != sender_id or not turn.state:
            return None
        try:
            events = load_events(turn.state)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # Rasa would swallow it and begin the dialogue anew: the channel must know.
            turn.unreadable = f"The state cannot be read: {error}"
            raise
        if turn.handed_back:
            events += after_a_person(events, self.domain, sender_id)
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        # Whatever stands behind these in `save` is new: no second read, no comparison.
        turn.known = len(tracker.events)
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """Return the same as `retrieve`: older events are in the app's log alone."""
        return await self.retrieve(conversation_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Leave the turn's new events and the bounded new state in the current turn."""
        turn = current_turn.get()
        if turn is None or turn.conversation != tracker.sender_id:
            return
        events = list(tracker.events)
        turn.new_events += [event.as_dict() for event in events[turn.known :]]
        turn.known = len(events)
        kept = bounded(events, self.domain.slots, turns=self.turns, sender_id=tracker.sender_id)
        turn.new_state = dump_events(kept)

    async def keys(self) -> Iterable[str]:
        """Return no conversations: none is kept."""
        return []
