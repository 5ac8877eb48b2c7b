"""Cases: the unit of work in the desk, from a handoff to its end.

Whoever changes a case holds its conversation meanwhile, in one transaction: of two agents who
claim at once one wins, and the other is told who did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, Select, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import conversations, log, masking
from bot.conversation.conversations import Conversation
from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    AnyPayload,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CustomerMessage,
    Draft,
    Event,
    FactAskedAgain,
    Notice,
    Source,
)
from bot.conversation.lifecycle import OPEN, CaseState, Kind, Move, State, transition
from bot.conversation.ownership import AgentId, ConversationId, Fence, Owner, after, owned_by
from bot.handoff.known import Known
from bot.storage import tables
from bot.storage.database import Database
from bot.texts import Texts

_case = tables.case
_agent = tables.agent
_OPEN = tuple(map(str, OPEN))
# What is over with a case once its agent is another or none.
_NOBODY_ASKED: dict[str, Any] = {"asked_agent_id": None, "asked_for": None}

Cause = Literal["unanswered", "gone", "away"]
Disposition = Literal["solved", "not_solved", "spam"]


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
    first_reply_at: str | None = None
    last_reply_at: str | None = None
    at_head: bool = False
    due_at: str | None = None
    asked_agent: AgentId | None = None
    asked_for: str | None = None
    left_agent: AgentId | None = None
    left_at: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the case is waiting or claimed."""
        return self.state in OPEN


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
        first_reply_at=row.first_reply_at,
        last_reply_at=row.last_reply_at,
        at_head=row.at_head,
        due_at=row.due_at,
        asked_agent=AgentId(row.asked_agent_id) if row.asked_agent_id else None,
        asked_for=row.asked_for,
        left_agent=AgentId(row.left_agent_id) if row.left_agent_id else None,
        left_at=row.left_at,
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


async def waiting(connection: AsyncConnection) -> list[Case]:
    """The waiting cases in the order in which they are served: who came back, then who waits
    longest.
    """
    statement = (
        _select()
        .where(_case.c.state == str(CaseState.WAITING))
        .order_by(_case.c.at_head.desc(), _case.c.opened_at)
    )
    return [_from_row(row) for row in await connection.execute(statement)]


async def claimed(connection: AsyncConnection) -> list[Case]:
    """The cases that agents hold."""
    statement = _select().where(_case.c.state == str(CaseState.CLAIMED))
    return [_from_row(row) for row in await connection.execute(statement)]


async def any_of(connection: AsyncConnection, conversation: ConversationId) -> bool:
    """Whether the conversation ever had a case."""
    statement = select(_case.c.id).where(_case.c.conversation_id == conversation).limit(1)
    return (await connection.execute(statement)).first() is not None


async def queue(connection: AsyncConnection, *, ended: int = 20) -> list[Case]:
    """All open cases, waiting ones first and the longest wait first; then the last ended ones."""
    rank = case((_case.c.state == "waiting", 0), else_=1)
    opened = (
        _select()
        .where(_case.c.state.in_(_OPEN))
        .order_by(rank, _case.c.at_head.desc(), _case.c.opened_at)
    )
    closed = (
        _select().where(_case.c.state.not_in(_OPEN)).order_by(_case.c.ended_at.desc()).limit(ended)
    )
    rows = [*await connection.execute(opened), *await connection.execute(closed)]
    return [_from_row(row) for row in rows]


async def of(connection: AsyncConnection, owned: Sequence[ConversationId]) -> list[Case]:
    """All cases of the conversations ``owned``, the oldest first."""
    statement = _select().where(_case.c.conversation_id.in_(owned)).order_by(_case.c.opened_at)
    return [_from_row(row) for row in await connection.execute(statement)]


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
            return await self.claim_in(connection, case_id, agent)

    async def claim_in(
        self, connection: AsyncConnection, case_id: str, agent: Agent, *, assigned: bool = False
    ) -> Case:
        """Take a waiting case in the transaction of ``connection``; see ``claim``."""
        found, conversation = await locked(connection, case_id)
        if found.state is CaseState.CLAIMED and found.agent == agent:
            return found
        _refuse_taken(found)
        owner = after(conversation.owner, found.state, Move.CLAIM, agent.id)
        await connection.execute(
            update(_case)
            .where(_case.c.id == case_id)
            .values(
                state=str(CaseState.CLAIMED),
                agent_id=agent.id,
                claimed_at=clock.now(),
                **_NOBODY_ASKED,
            )
        )
        claimed = CaseClaimed(case=case_id, name=agent.name, assigned=assigned)
        drafts = [
            Draft(payload=claimed, source=Source.AGENT, actor=agent.id),
            notice(self._texts, conversation, "claimed", name=agent.name),
        ]
        columns: dict[str, Any] = {}
        if conversation.heard_since is None:
            columns["heard_since"] = conversation.last_seq
        await log.append(
            connection,
            conversation.id,
            drafts,
            fence=conversation.fence,
            owner=owner,
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
        masked = masking.mask(_not_empty(text))
        payload = AgentMessage(text=masked.text, name=agent.name, masked=masked.kinds)
        async with self._database.write() as connection:
            found, conversation = await locked(connection, case_id)
            if known := await log.find(connection, conversation.id, client_id=client_id):
                return known
            refuse_foreign(found, conversation, agent)
            draft = _by(agent, payload, client_id)
            fence = Fence(owned_by(agent.id), conversation.epoch)
            now = clock.now()
            await connection.execute(
                update(_case)
                .where(_case.c.id == case_id)
                .values(first_reply_at=found.first_reply_at or now, last_reply_at=now)
            )
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
        masked = masking.mask(_not_empty(text))
        payload = AgentNote(text=masked.text, name=agent.name, masked=masked.kinds)
        async with self._database.write() as connection:
            found, conversation = await locked(connection, case_id)
            if known := await log.find(connection, conversation.id, client_id=client_id):
                return known
            if found.asked_for == "look" and found.asked_agent == agent.id:
                # Who was asked to look has said something.
                await connection.execute(
                    update(_case).where(_case.c.id == case_id).values(_NOBODY_ASKED)
                )
            draft = _by(agent, payload, client_id)
            return (await log.append(connection, conversation.id, [draft]))[0]

    async def release(self, case_id: str, agent: Agent, client_id: str) -> Case:
        """Put the case back into the queue, at its old place; the bot may speak again."""
        payload = CaseReleased(case=case_id)
        values = _back(agent)
        return await self._move(case_id, agent, client_id, Move.RELEASE, payload, values)

    async def give_back(
        self, case_id: str, agent: Agent, client_id: str, seen: int | None = None
    ) -> Case:
        """Return the conversation to the bot; the case is done.

        ``seen`` is the last event that the agent has before their eyes, if that is known.

        Raises:
            CaseError: the case is not this agent's, or the customer has written since ``seen``.
        """
        payload = CaseReturned(case=case_id)
        values = {"ended_at": clock.now()}
        return await self._move(case_id, agent, client_id, Move.RETURN, payload, values, seen)

    async def resolve(
        self,
        case_id: str,
        agent: Agent,
        client_id: str,
        disposition: Disposition,
        seen: int | None = None,
    ) -> Case:
        """End the case and its conversation; ``seen`` as in ``give_back``.

        Raises:
            CaseError: the case is not this agent's, or the customer has written since ``seen``.
        """
        payload = CaseResolved(case=case_id, disposition=disposition)
        values = {"ended_at": clock.now(), "disposition": disposition}
        return await self._move(case_id, agent, client_id, Move.RESOLVE, payload, values, seen)

    async def expire(
        self, case_id: str, cause: Cause, is_so: Callable[[Case, Conversation], bool]
    ) -> Case | None:
        """Put a case whose agent is gone or silent at the head of the queue.

        ``is_so`` is asked again once nobody can change the case; None if it says no.
        """
        async with self._database.write() as connection:
            found, conversation = await locked(connection, case_id)
            if found.state is not CaseState.CLAIMED or found.agent is None:
                return None
            if not is_so(found, conversation):
                return None
            payload = CaseReleased(case=case_id, cause=cause)
            draft = Draft(payload=payload, source=Source.SYSTEM, actor=found.agent.id)
            values = {**_back(found.agent), "at_head": True}
            return await self._moved(
                connection, found, conversation, Move.EXPIRE, draft, values, found.agent.name
            )

    async def _move(
        self,
        case_id: str,
        agent: Agent,
        client_id: str,
        move: Move,
        payload: AnyPayload,
        values: dict[str, Any],
        seen: int | None = None,
    ) -> Case:
        async with self._database.write() as connection:
            found, conversation = await locked(connection, case_id)
            if await log.find(connection, conversation.id, client_id=client_id):
                return found
            refuse_foreign(found, conversation, agent)
            if seen is not None:
                since = await log.read(connection, conversation.id, after=seen)
                if any(isinstance(e.payload, CustomerMessage | ButtonPressed) for e in since):
                    raise CaseError(
                        "customer_wrote", "The customer has written meanwhile; read that first."
                    )
            draft = _by(agent, payload, client_id)
            return await self._moved(
                connection, found, conversation, move, draft, values, agent.name
            )

    async def _moved(
        self,
        connection: AsyncConnection,
        found: Case,
        conversation: Conversation,
        move: Move,
        draft: Draft,
        values: dict[str, Any],
        name: str,
    ) -> Case:
        """The agent speaks no more."""
        made = transition(State(conversation.owner.kind, found.state), move)
        owner = Owner(made.after.owner)
        # What was said to the person is not for the bot to answer afterwards.
        columns: dict[str, Any] = {"answered_seq": conversation.last_seq}
        if owner.kind is Kind.CLOSED:
            columns["closed_at"] = clock.now()
        drafts = [draft, notice(self._texts, conversation, str(move), name=name)]
        await log.append(
            connection,
            conversation.id,
            drafts,
            fence=conversation.fence,
            owner=owner,
            **columns,
        )
        await connection.execute(
            update(_case)
            .where(_case.c.id == found.id)
            .values(state=str(made.case_after), **_NOBODY_ASKED, **values)
        )
        return await find(connection, found.id)


def _back(agent: Agent) -> dict[str, Any]:
    """The columns of a case that ``agent`` has no more, and that waits again."""
    return {
        "agent_id": None,
        "claimed_at": None,
        "left_agent_id": agent.id,
        "left_at": clock.now(),
    }


async def locked(connection: AsyncConnection, case_id: str) -> tuple[Case, Conversation]:
    """The case and its conversation, held against other writers until the transaction ends.

    Raises:
        CaseError: there is no such case.
    """
    found = await find(connection, case_id)
    conversation = await conversations.lock(connection, found.conversation)
    return await find(connection, case_id), conversation


def _refuse_taken(found: Case) -> None:
    if found.state is CaseState.CLAIMED and found.agent:
        raise CaseError("already_claimed", f"{found.agent.name} has taken this case already.")
    if found.state is not CaseState.WAITING:
        raise CaseError("case_ended", "This case has ended.")


def refuse_foreign(found: Case, conversation: Conversation, agent: Agent) -> None:
    """Refuse an act on a case that is not this agent's.

    Raises:
        CaseError: nobody has the case, or a colleague has it.
    """
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


def notice(texts: Texts, conversation: Conversation, key: str, **values: object) -> Draft:
    """A sentence of ours to the customer, by its key below ``notices`` in the texts."""
    text = texts.say(conversation.language, f"notices.{key}", **values)
    return Draft(payload=Notice(key=key, text=text), source=Source.SYSTEM)
