"""Signals that wake the streams: the log is the truth, a signal only says "look again".

A stream that misses a signal loses nothing, as it reads the log from the last number it sent.
Typing signs are the one thing that travels here alone: they are never stored.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import conversations, log
from bot.conversation.conversations import Visitor
from bot.conversation.events import Event
from bot.conversation.ownership import ConversationId

DESK = "desk"
WAITING = "waiting"  # the pages of all customers who wait for a person


@dataclass(frozen=True)
class Typing:
    """Somebody begins or stops to write."""

    conversation: str
    source: str
    on: bool
    name: str | None = None


class Signals:
    """Wakes those who wait for a topic: a visitor's id, or the desk."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[Typing | str]]] = defaultdict(set)

    def notify(self, *topics: str) -> None:
        """Say that the log has news for ``topics``."""
        for topic in topics:
            for queue in self._queues.get(topic, ()):
                queue.put_nowait(topic)

    def typing(self, topic: str, sign: Typing) -> None:
        """Pass a typing sign to those who wait for ``topic``."""
        for queue in self._queues.get(topic, ()):
            queue.put_nowait(sign)

    @contextmanager
    def subscribe(self, *topics: str) -> Iterator[asyncio.Queue[Typing | str]]:
        """A queue of signals for ``topics``: a typing sign, or a topic for "look again"."""
        queue: asyncio.Queue[Typing | str] = asyncio.Queue()
        for topic in topics:
            self._queues[topic].add(queue)
        try:
            yield queue
        finally:
            for topic in topics:
                self._queues[topic].discard(queue)
                if not self._queues[topic]:
                    del self._queues[topic]


async def news(
    connection: AsyncConnection, visitor: Visitor, place: tuple[str, int] | None
) -> tuple[list[Event], tuple[str, int] | None]:
    """The visitor's events after ``place``, and the new place.

    A place in somebody else's conversation is no place: the visitor's own are sent from the
    start.
    """
    owned = await conversations.of_visitor(connection, visitor.id)
    ids = [conversation.id for conversation in owned]
    first = ids.index(ConversationId(place[0])) if place and place[0] in ids else 0
    news: list[Event] = []
    for index, conversation in enumerate(owned[first:], first):
        after = place[1] if place and index == first and place[0] == conversation.id else 0
        if conversation.last_seq > after:
            news += await log.read(connection, conversation.id, after=after)
    if news:
        place = (news[-1].conversation, news[-1].seq)
    return news, place
