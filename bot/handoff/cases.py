"""Cases: the unit of work in the desk, from a handoff to its end.

Claiming is a compare-and-set on case, owner and epoch in one transaction: of two agents who
claim at once one wins, and the other is told who did.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Row, Select, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import conversations, log
from bot.conversation.conversations import Conversation, Visitor
from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    AnyPayload,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    Draft,
    Event,
    FactAskedAgain,
    HandoffRequested,
    Notice,
    PersonRequested,
    Source,
)
from bot.conversation.ownership import (
    AgentId,
    ConversationId,
    Fence,
    Kind,
    Move,
    Owner,
    after,
    owned_by,
)
from bot.handoff.known import Known
from bot.journey.touchpoints import question_of, topic_of
from bot.storage import tables
from bot.storage.database import Database
from bot.texts import Texts

_case = tables.case
_agent = tables.agent
_OPEN = ("waiting", "claimed")

Disposition = Literal["solved", "not_solved", "spam"]


class CaseState(StrEnum):
    """The states of a case."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    RETURNED = "returned"
    RESOLVED = "resolved"


class CaseError(Exception):
    """The case is not in the state that the agent acted on; ``code`` and text say what is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Agent:
    """A person who answers customers."""

    id: AgentId
    name: str


@dataclass(frozen=True)
class Case:
    """One row of the table of cases."""

    id: str
    conversation: ConversationId
    state: CaseState
    reason: str
    topic: str | None
    question_seq: int | None
    agent: Agent | None
    opened_at: str
    claimed_at: str | None
    ended_at: str | None
    disposition: str | None


def _select() -> Select[Any]:
    return select(_case, _agent.c.name.label("agent_name")).join_from(
        _case, _agent, _agent.c.id == _case.c.agent_id, isouter=True
    )


def _from_row(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        conversation=ConversationId(row.conversation_id),
        state=CaseState(row.state),
        reason=row.reason,
        topic=row.topic,
        question_seq=row.question_seq,
        agent=Agent(AgentId(row.agent_id), row.agent_name) if row.agent_id else None,
        opened_at=row.opened_at,
        claimed_at=row.claimed_at,
        ended_at=row.ended_at,
        disposition=row.disposition,
    )


async def find(connection: AsyncConnection, case_id: str) -> Case:
    """The case with that id.

    Raises:
        CaseError: there is none.
    """
    row = (await connection.execute(_select().where(_case.c.id == case_id))).first()
    if row is None:
        raise CaseError("case_unknown", "There is no such case.")
    return _from_row(row)


async def open_in(connection: AsyncConnection, conversation: ConversationId) -> Case | None:
    """The case of ``conversation`` that is waiting or claimed, if there is one."""
    statement = _select().where(_case.c.conversation_id == conversation, _case.c.state.in_(_OPEN))
    row = (await connection.execute(statement)).first()
    return _from_row(row) if row else None


async def queue(connection: AsyncConnection, *, ended: int = 20) -> list[Case]:
    """All open cases, waiting ones first and the longest wait first; then the last ended ones."""
    rank = case((_case.c.state == "waiting", 0), else_=1)
    opened = _select().where(_case.c.state.in_(_OPEN)).order_by(rank, _case.c.opened_at)
    closed = (
        _select().where(_case.c.state.not_in(_OPEN)).order_by(_case.c.ended_at.desc()).limit(ended)
    )
    rows = [*await connection.execute(opened), *await connection.execute(closed)]
    return [_from_row(row) for row in rows]


async def open_case(
    connection: AsyncConnection,
    conversation: Conversation,
    reason: str,
    topic: str | None,
    asked_seq: int,
) -> list[Event]:
    """Open a case for a locked conversation; does nothing where one is open already.

    ``asked_seq`` is the event that made it necessary; the question behind it may be older.
    """
    if await open_in(connection, conversation.id):
        return []
    events = await log.read(connection, conversation.id)
    question_seq = question_of(events, before=asked_seq)
    case_id = uuid.uuid4().hex
    await connection.execute(
        insert(_case).values(
            id=case_id,
            conversation_id=conversation.id,
            state=str(CaseState.WAITING),
            reason=reason,
            topic=topic or topic_of(events),
            question_seq=question_seq,
            opened_at=clock.now(),
        )
    )
    requested = HandoffRequested(case=case_id, reason=reason, topic=topic)
    draft = Draft(payload=requested, source=Source.SYSTEM, ref=asked_seq)
    return await log.append(connection, conversation.id, [draft])


async def ask_for_person(
    database: Database, texts: Texts, visitor: Visitor, client_id: str
) -> ConversationId:
    """Open a case because ``visitor`` pressed the control for it; needs no assistant."""
    async with database.write() as connection:
        conversation = await conversations.current(connection, visitor)
        if await log.find(connection, conversation.id, client_id=client_id):
            return conversation.id
        request = Draft(payload=PersonRequested(), source=Source.CUSTOMER, client_id=client_id)
        asked = await log.append(
            connection, conversation.id, [request], last_customer_at=clock.now()
        )
        if conversation.owner.kind is Kind.BOT:
            opened = await open_case(
                connection, conversation, "asked_for_person", None, asked[0].seq
            )
            key = "queued" if opened else "still_queued"
            await log.append(
                connection,
                conversation.id,
                [_notice(texts, conversation, key)],
                fence=conversation.fence,
            )
        return conversation.id


class CaseWork:
    """What an agent does with a case. Each call is one transaction and says what came of it."""

    def __init__(self, database: Database, texts: Texts) -> None:
        self._database = database
        self._texts = texts

    async def claim(self, case_id: str, agent: Agent) -> Case:
        """Take a waiting case: from now on the agent speaks and the bot is silent.

        Raises:
            CaseError: somebody has it already, or it has ended.
        """
        async with self._database.write() as connection:
            found = await find(connection, case_id)
            conversation = await conversations.lock(connection, found.conversation)
            found = await find(connection, case_id)
            if found.state is CaseState.CLAIMED and found.agent == agent:
                return found
            _refuse_taken(found)
            # claim-once: the row changes only from the state that was seen.
            taken = await connection.execute(
                update(_case)
                .where(_case.c.id == case_id, _case.c.state == str(CaseState.WAITING))
                .values(state=str(CaseState.CLAIMED), agent_id=agent.id, claimed_at=clock.now())
            )
            if taken.rowcount != 1:
                raise CaseError("already_claimed", "A colleague took this case just now.")
            drafts = [
                Draft(
                    payload=CaseClaimed(case=case_id, name=agent.name),
                    source=Source.AGENT,
                    actor=agent.id,
                ),
                _notice(self._texts, conversation, "claimed", name=agent.name),
            ]
            columns: dict[str, Any] = {}
            if conversation.heard_since is None:
                columns["heard_since"] = conversation.last_seq
            await log.append(
                connection,
                conversation.id,
                drafts,
                fence=conversation.fence,
                owner=after(conversation.owner, Move.CLAIM, agent.id),
                **columns,
            )
            return await find(connection, case_id)

    async def reply(
        self,
        case_id: str,
        agent: Agent,
        client_id: str,
        text: str,
        asked_again: Sequence[Known] = (),
    ) -> Event:
        """Say ``text`` to the customer. The same ``client_id`` again says nothing twice.

        ``asked_again`` is what the text asks for though it is known; each is counted in the log.

        Raises:
            CaseError: the case is not this agent's, or the text is empty.
        """
        payload = AgentMessage(text=_not_empty(text), name=agent.name)
        async with self._database.write() as connection:
            found, conversation = await self._own(connection, case_id, agent)
            if known := await log.find(connection, conversation.id, client_id=client_id):
                return known
            _refuse_foreign(found, conversation, agent)
            draft = _by(agent, payload, client_id)
            fence = Fence(owned_by(agent.id), conversation.epoch)
            (said,) = await log.append(connection, conversation.id, [draft], fence=fence)
            if asked_again:
                counted = [
                    Draft(
                        payload=FactAskedAgain(fact=one.kind, known=one.seq),
                        source=Source.SYSTEM,
                        ref=said.seq,
                    )
                    for one in asked_again
                ]
                await log.append(connection, conversation.id, counted)
            return said

    async def note(self, case_id: str, agent: Agent, client_id: str, text: str) -> Event:
        """Leave a note for colleagues; any agent may, on any case.

        Raises:
            CaseError: the text is empty, or there is no such case.
        """
        payload = AgentNote(text=_not_empty(text), name=agent.name)
        async with self._database.write() as connection:
            _, conversation = await self._own(connection, case_id, agent)
            if known := await log.find(connection, conversation.id, client_id=client_id):
                return known
            draft = _by(agent, payload, client_id)
            return (await log.append(connection, conversation.id, [draft]))[0]

    async def release(self, case_id: str, agent: Agent, client_id: str) -> Case:
        """Put the case back into the queue, at its old place; the bot may speak again."""
        payload = CaseReleased(case=case_id)
        values = {"state": str(CaseState.WAITING), "agent_id": None, "claimed_at": None}
        return await self._move(case_id, agent, client_id, Move.RELEASE, payload, values)

    async def give_back(self, case_id: str, agent: Agent, client_id: str) -> Case:
        """Return the conversation to the bot; the case is done."""
        payload = CaseReturned(case=case_id)
        values = {"state": str(CaseState.RETURNED), "ended_at": clock.now()}
        return await self._move(case_id, agent, client_id, Move.RETURN, payload, values)

    async def resolve(
        self, case_id: str, agent: Agent, client_id: str, disposition: Disposition
    ) -> Case:
        """End the case and its conversation."""
        payload = CaseResolved(case=case_id, disposition=disposition)
        values = {
            "state": str(CaseState.RESOLVED),
            "ended_at": clock.now(),
            "disposition": disposition,
        }
        return await self._move(case_id, agent, client_id, Move.RESOLVE, payload, values)

    async def _move(
        self,
        case_id: str,
        agent: Agent,
        client_id: str,
        move: Move,
        payload: AnyPayload,
        values: dict[str, Any],
    ) -> Case:
        async with self._database.write() as connection:
            found, conversation = await self._own(connection, case_id, agent)
            if await log.find(connection, conversation.id, client_id=client_id):
                return found
            _refuse_foreign(found, conversation, agent)
            owner = after(conversation.owner, move)
            # What was said to the person is not for the bot to answer afterwards.
            columns: dict[str, Any] = {"answered_seq": conversation.last_seq}
            if owner.kind is Kind.CLOSED:
                columns["closed_at"] = clock.now()
            drafts = [
                _by(agent, payload, client_id),
                _notice(self._texts, conversation, str(move), name=agent.name),
            ]
            fence = Fence(owned_by(agent.id), conversation.epoch)
            await log.append(
                connection, conversation.id, drafts, fence=fence, owner=owner, **columns
            )
            await connection.execute(update(_case).where(_case.c.id == case_id).values(values))
            return await find(connection, case_id)

    async def _own(
        self, connection: AsyncConnection, case_id: str, agent: Agent
    ) -> tuple[Case, Conversation]:
        found = await find(connection, case_id)
        conversation = await conversations.lock(connection, found.conversation)
        return await find(connection, case_id), conversation


def _refuse_taken(found: Case) -> None:
    if found.state is CaseState.CLAIMED and found.agent:
        raise CaseError("already_claimed", f"{found.agent.name} has taken this case already.")
    if found.state is not CaseState.WAITING:
        raise CaseError("case_ended", "This case has ended.")


def _refuse_foreign(found: Case, conversation: Conversation, agent: Agent) -> None:
    if found.state is not CaseState.CLAIMED:
        raise CaseError("not_claimed", "Take this case first.")
    if conversation.owner != Owner(Kind.AGENT, agent.id) or found.agent is None:
        name = found.agent.name if found.agent else "A colleague"
        raise CaseError("not_yours", f"{name} has this case.")


def _not_empty(text: str) -> str:
    cleaned = text.replace("\x00", "").strip()
    if not cleaned:
        raise CaseError("text_empty", "Write something first.")
    return cleaned


def _by(agent: Agent, payload: AnyPayload, client_id: str) -> Draft:
    return Draft(payload=payload, source=Source.AGENT, actor=agent.id, client_id=client_id)


def _notice(texts: Texts, conversation: Conversation, key: str, **values: object) -> Draft:
    text = texts.say(conversation.language, f"notices.{key}", **values)
    return Draft(payload=Notice(key=key, text=text), source=Source.SYSTEM)
