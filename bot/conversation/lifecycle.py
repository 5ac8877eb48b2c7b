"""The life of a conversation and of its case: all states and all moves, in this one table.

A conversation has an owner, who may speak for us; its case, while one is open, is waiting or
claimed. Whoever changes either looks the move up here, and a move that is not here is refused.
``docs/lifecycle.md`` has the table as a diagram; ``python -m bot.conversation.lifecycle`` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IllegalMoveError(Exception):
    """The move does not exist from the present state."""


class Kind(StrEnum):
    """The kinds of owner."""

    BOT = "bot"
    AGENT = "agent"
    CLOSED = "closed"


class CaseState(StrEnum):
    """The states of a case. Of a conversation's cases at most one is waiting or claimed."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    RETURNED = "returned"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


OPEN = (CaseState.WAITING, CaseState.CLAIMED)


class Move(StrEnum):
    """What changes the owner or the case."""

    REQUEST = "request"  # a person is needed: a case is opened
    WITHDRAW = "withdraw"  # the customer needs no person any more
    CLAIM = "claim"  # an agent takes the case, or is given it
    RELEASE = "release"  # the agent puts the case back into the queue
    EXPIRE = "expire"  # the agent did not answer or is gone: it goes back by itself
    TRANSFER = "transfer"  # a colleague who was asked accepts the case
    RETURN = "return"  # the agent gives the conversation back to the bot
    RESOLVE = "resolve"  # the agent ends it
    CLOSE = "close"  # nobody wrote for a while


@dataclass(frozen=True)
class State:
    """Who owns the conversation, and the case that is open in it."""

    owner: Kind
    case: CaseState | None = None

    def __str__(self) -> str:
        return f"{self.owner}, {self.case or 'no case'}"


@dataclass(frozen=True)
class Transition:
    """One move: ``ends`` is what becomes of a case that is open no more."""

    before: State
    move: Move
    after: State
    by: str
    ends: CaseState | None = None

    @property
    def case_after(self) -> CaseState | None:
        """The state of the case after the move."""
        return self.ends or self.after.case


WITH_BOT = State(Kind.BOT)
WAITING = State(Kind.BOT, CaseState.WAITING)
WITH_AGENT = State(Kind.AGENT, CaseState.CLAIMED)
CLOSED = State(Kind.CLOSED)

TRANSITIONS = (
    Transition(WITH_BOT, Move.REQUEST, WAITING, "customer or bot"),
    Transition(WITH_BOT, Move.CLOSE, CLOSED, "time"),
    Transition(WAITING, Move.WITHDRAW, WITH_BOT, "customer", CaseState.WITHDRAWN),
    Transition(WAITING, Move.CLAIM, WITH_AGENT, "agent or assignment"),
    Transition(WITH_AGENT, Move.RELEASE, WAITING, "agent"),
    Transition(WITH_AGENT, Move.EXPIRE, WAITING, "time"),
    Transition(WITH_AGENT, Move.TRANSFER, WITH_AGENT, "colleague"),
    Transition(WITH_AGENT, Move.RETURN, WITH_BOT, "agent", CaseState.RETURNED),
    Transition(WITH_AGENT, Move.RESOLVE, CLOSED, "agent", CaseState.RESOLVED),
)
_BY_MOVE = {(found.before, found.move): found for found in TRANSITIONS}


def transition(state: State, move: Move) -> Transition:
    """The transition that ``move`` makes from ``state``.

    Raises:
        IllegalMoveError: there is no such move from there.
    """
    found = _BY_MOVE.get((state, move))
    if found is None:
        raise IllegalMoveError(f"No {move} in a conversation that is: {state}.")
    return found


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    names = {WITH_BOT: "bot", WAITING: "waiting", WITH_AGENT: "agent", CLOSED: "closed"}
    described = {
        WITH_BOT: "the bot speaks, no case",
        WAITING: "the bot speaks, a case is waiting",
        WITH_AGENT: "an agent speaks, the case is claimed",
        CLOSED: "closed, nobody speaks",
    }
    lines = ["stateDiagram-v2", f"    [*] --> {names[WITH_BOT]}"]
    lines += [f"    {name}: {described[state]}" for state, name in names.items()]
    for found in TRANSITIONS:
        ends = f", case {found.ends}" if found.ends else ""
        lines.append(
            f"    {names[found.before]} --> {names[found.after]}: {found.move} ({found.by}){ends}"
        )
    lines.append(f"    {names[CLOSED]} --> [*]")
    return "\n".join(lines)


if __name__ == "__main__":
    print(diagram())
