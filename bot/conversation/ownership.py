"""Who may speak for us: the owner of a conversation, and the fence that keeps others silent.

The owner is ``bot``, ``agent:<id>`` or ``closed``; ``bot.conversation.lifecycle`` has the table of
moves. Each change of owner starts a new epoch, so that words prepared under an earlier owner can
be told from words of now. Waiting for a person is a state of the case, not an owner: the bot goes
on helping meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from bot.conversation.lifecycle import (
    CaseState,
    IllegalMoveError,
    Kind,
    Move,
    State,
    transition,
)

AgentId = NewType("AgentId", str)
ConversationId = NewType("ConversationId", str)


class OwnershipError(Exception):
    """The owner or epoch is no longer the one that the caller spoke for."""


@dataclass(frozen=True)
class Owner:
    """Who may speak: the bot, one agent, or nobody any more."""

    kind: Kind
    agent: AgentId | None = None

    def __str__(self) -> str:
        return f"agent:{self.agent}" if self.kind is Kind.AGENT else str(self.kind)

    @classmethod
    def parse(cls, text: str) -> Owner:
        """The owner that ``text``, as the table holds it, stands for."""
        if text.startswith("agent:"):
            return cls(Kind.AGENT, AgentId(text[6:]))
        return cls(Kind(text))


BOT = Owner(Kind.BOT)
CLOSED = Owner(Kind.CLOSED)


def owned_by(agent: AgentId) -> Owner:
    """The owner that ``agent`` is."""
    return Owner(Kind.AGENT, agent)


@dataclass(frozen=True)
class Fence:
    """The owner and epoch for which somebody speaks; an append under it holds only for these."""

    owner: Owner
    epoch: int


def after(owner: Owner, case: CaseState | None, move: Move, agent: AgentId | None = None) -> Owner:
    """The owner after ``move``, while ``case`` is open; ``agent`` is who claims or accepts.

    Raises:
        IllegalMoveError: there is no such move from there.
    """
    found = transition(State(owner.kind, case), move)
    if found.after.owner is not Kind.AGENT:
        return Owner(found.after.owner)
    if agent is None:
        raise IllegalMoveError(f"A {move} names the agent who speaks from then on.")
    return owned_by(agent)
