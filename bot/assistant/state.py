"""The state of a dialogue as it travels with a turn: a list of plain event dictionaries."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses

EventDict = dict[str, Any]

# What a stored event does not need: it names its model, and repeats itself in the parse.
_METADATA_NOT_KEPT = ("model_id", "assistant_id")
_PARSE_NOT_KEPT = ("text_tokens", "metadata", "message_id", "intent_ranking")

# What a person's part of the conversation ends, whatever the bot was in the middle of.
SLOTS_ENDED_BY_A_PERSON = ("person_speaks", "offered", "unanswered", "order_failures")


@dataclass
class Turn:
    """What one turn brings to the tracker store, and what it leaves there."""

    conversation: str
    state: list[EventDict] | None
    handed_back: bool = False
    new_events: list[EventDict] = field(default_factory=list)
    new_state: list[EventDict] | None = None
    known: int = 0
    unreadable: str = ""


# Set by the channel for the length of one turn: how state gets past Rasa, which hands the
# tracker store nothing but a conversation's id.
current_turn: ContextVar[Turn | None] = ContextVar("firstline_turn", default=None)


@lru_cache(maxsize=1)
def _event_types() -> dict[str, type[Event]]:
    # Rasa walks all subclasses for each event it reads, which is most of the reading's cost.
    types: dict[str, type[Event]] = {}
    for cls in all_subclasses(Event):
        types.setdefault(cls.type_name, cls)
    return types


def load_events(dumped: Iterable[EventDict]) -> list[Event]:
    """Return the events of a dumped state. Raises ValueError for an unknown or broken one."""
    events: list[Event] = []
    for item in dumped:
        cls = _event_types().get(str(item.get("event")))
        if cls is None:
            raise ValueError(f"unknown event {item.get('event')!r} in the state")
        event = cls._from_parameters(dict(item))
        if event is None:
            raise ValueError(f"unreadable event {item.get('event')!r} in the state")
        events.append(event)
    return events


def dump_events(events: Iterable[Event]) -> list[EventDict]:
    """Return events as a state to travel: without what no later turn looks at."""
    return [_slim(event.as_dict()) for event in events]


def _slim(event: EventDict) -> EventDict:
    if "metadata" in event:
        kept = {k: v for k, v in event["metadata"].items() if k not in _METADATA_NOT_KEPT}
        event = {**event, "metadata": kept}
        if not kept:
            del event["metadata"]
    if event.get("parse_data"):
        parse = {k: v for k, v in event["parse_data"].items() if k not in _PARSE_NOT_KEPT}
        event = {**event, "parse_data": parse}
    if event["event"] == "bot" and isinstance(event.get("data"), dict):
        event = {**event, "data": {k: v for k, v in event["data"].items() if v is not None}}
    return event


def after_a_person(events: list[Event], domain: Domain, conversation: str) -> list[Event]:
    """Return what to append to `events` once a person handed the conversation back.

    The customer talked with a person meanwhile: a half-filled form or an open offer of ours
    would answer words that were never meant for it. So no form is active, nothing is asked.
    """
    tracker = DialogueStateTracker.from_events(conversation, events, domain.slots)
    extra: list[Event] = []
    if tracker.active_loop_name:
        extra.append(ActiveLoop(None))
    for name in (REQUESTED_SLOT, *SLOTS_ENDED_BY_A_PERSON):
        slot = tracker.slots.get(name)
        if slot is not None and slot.value != slot.initial_value:
            extra.append(SlotSet(name, slot.initial_value))
    if extra:
        extra.append(ActionExecuted(ACTION_LISTEN_NAME))
    return extra
