"""Who may speak for us, and how that changes: one explicit table of moves.

The owner of a conversation is ``bot``, ``agent:<id>`` or ``closed``. Each move starts a new
epoch, so that words prepared under an earlier owner can be told from words of now. Waiting for
a person is a state of the case, not an owner: the bot goes on helping meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

AgentId = NewType("AgentId", str)
ConversationId = NewType("ConversationId", str)


class OwnershipError(Exception):
    """The owner or epoch is no longer the one that the caller spoke for."""


class IllegalMoveError(Exception):
    """The move does not exist from the present owner."""


class Kind(StrEnum):
    """The kinds of owner."""

    BOT = "bot"
    AGENT = "agent"
    CLOSED = "closed"


class Move(StrEnum):
    """What changes the owner."""

    CLAIM = "claim"  # an agent takes the case
    RELEASE = "release"  # the agent puts the case back into the queue
    RETURN = "return"  # the agent gives the conversation back to the bot
    RESOLVE = "resolve"  # the agent ends it
    CLOSE = "close"  # nobody wrote for a while


_MOVES: dict[tuple[Kind, Move], Kind] = {
    (Kind.BOT, Move.CLAIM): Kind.AGENT,
    (Kind.AGENT, Move.RELEASE): Kind.BOT,
    (Kind.AGENT, Move.RETURN): Kind.BOT,
    (Kind.AGENT, Move.RESOLVE): Kind.CLOSED,
    (Kind.BOT, Move.CLOSE): Kind.CLOSED,
}


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


def after(owner: Owner, move: Move, agent: AgentId | None = None) -> Owner:
    """The owner after ``move``; ``agent`` is who claims.

    Raises:
        IllegalMoveError: the table has no such move from ``owner``.
    """
    kind = _MOVES.get((owner.kind, move))
    if kind is None:
        raise IllegalMoveError(f"A conversation of {owner} cannot {move}.")
    if kind is Kind.AGENT:
        if agent is None:
            raise IllegalMoveError("A claim names the agent who claims.")
        return owned_by(agent)
    return Owner(kind)
