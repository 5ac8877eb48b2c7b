"""The bounded window: what of a dialogue must travel on so that the next turn comes out the same.

Rasa replays a conversation's events at every turn, so a turn costs more the longer the
conversation is. Instead we keep the last turns as they were, and before them a few events that
rebuild the state at the cut: slots, the form in progress, the pause.

Three things that look simpler fail. Counting raw turns: an event that takes turns back would
eat the rebuilt state. Taking turns back before storing: Rasa's own replay then differs. Keeping
only the newest N events: slots and forms are lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    ConversationPaused,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

# At least 5, and longer than the longest rule in data/rules counts customer's turns.
DEFAULT_TURNS = 5
# Cut only when there are this many turns more than are kept: a cut costs a replay.
SLACK = 2
# A form swallows its turns (they do not count as applied), so a form that never ends would
# never be cut. Past this many times `turns` raw turns, cut before the last but one of them.
HARD_CAP_FACTOR = 5


def bounded(
    events: Sequence[Event],
    slots: Iterable[Slot],
    *,
    turns: int = DEFAULT_TURNS,
    sender_id: str = "default",
) -> list[Event]:
    """Return the events to keep of `events`, whose replay gives the same next turn.

    `slots` are the domain's slots with their initial values. From `turns` to one more of the
    customer's turns are kept. Events are shared, not copied.
    """
    if turns < 1:
        raise ValueError("a window keeps at least one turn")
    slots = list(slots)
    kept = _since_last_start(events)
    raw_turns = [event for event in kept if isinstance(event, UserUttered)]
    if len(raw_turns) < turns + SLACK:
        return kept
    tracker = DialogueStateTracker(sender_id, slots)
    tracker.events.extend(kept)
    counted = [event for event in tracker.applied_events() if isinstance(event, UserUttered)]
    if len(counted) >= turns + SLACK:
        return _cut_before(kept, counted[-turns], slots, sender_id)
    if len(raw_turns) >= HARD_CAP_FACTOR * turns:
        return _cut_before(kept, raw_turns[-2], slots, sender_id)
    return kept


def snapshot(events: Sequence[Event], slots: Iterable[Slot], *, sender_id: str) -> list[Event]:
    """Return the fewest events that bring a new tracker to the state after `events`.

    What they cannot bring back is the dialogue's history: only slots, active form and pause.
    """
    tracker = DialogueStateTracker(sender_id, list(slots))
    for event in events:
        tracker.update(event)
    result: list[Event] = [SessionStarted()]
    result += [
        SlotSet(name, slot.value)
        for name, slot in tracker.slots.items()
        if slot.value != slot.initial_value
    ]
    loop = tracker.active_loop
    if loop is not None and tracker.active_loop_name:
        result += [
            ActionExecuted(ACTION_LISTEN_NAME),
            _trigger(events, loop.trigger_message),
            ActionExecuted(loop.name),
            ActiveLoop(loop.name),
        ]
        if loop.rejected:
            result.append(ActionExecutionRejected(loop.name))
    if tracker.is_paused():
        result.append(ConversationPaused())
    return result


def _since_last_start(events: Sequence[Event]) -> list[Event]:
    for index in range(len(events) - 1, -1, -1):
        if isinstance(events[index], (SessionStarted, Restarted)):
            return list(events[index:])
    return list(events)


def _cut_before(
    events: list[Event], first: UserUttered, slots: list[Slot], sender_id: str
) -> list[Event]:
    position = next(i for i, event in enumerate(events) if event is first)
    cut = next(
        (
            i
            for i in range(position, -1, -1)
            if isinstance(event := events[i], ActionExecuted)
            and event.action_name == ACTION_LISTEN_NAME
        ),
        None,
    )
    if cut is None:
        return events
    before = snapshot(events[:cut], slots, sender_id=sender_id)
    for event in before:
        if not isinstance(event, UserUttered):
            event.timestamp = events[cut].timestamp
            event.metadata = dict(events[cut].metadata)
    return before + events[cut:]


def _trigger(events: Sequence[Event], message: dict | None) -> UserUttered:
    """Return the message that began the form; it is part of the form's state."""
    for event in reversed(events):
        if isinstance(event, UserUttered) and event.parse_data is message:
            return event
    data = message or {}
    return UserUttered(data.get("text"), data.get("intent"), data.get("entities"), data or None)
