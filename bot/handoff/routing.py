"""What happens to cases by itself: who is gone loses them, and who fits best is given them.

``look`` is called every few seconds. Each change is one transaction that asks again, once nobody
else can change the case, whether its cause still holds; so it may run in several apps at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import conversations
from bot.conversation.conversations import Conversation, VisitorId
from bot.conversation.lifecycle import CaseState, Kind
from bot.conversation.ownership import AgentId, ConversationId
from bot.handoff import cases, presence
from bot.handoff.cases import Case, CaseWork, Cause
from bot.handoff.intake import Intake
from bot.handoff.policy import Policy
from bot.handoff.presence import Colleague, Presence, PresenceBook
from bot.storage import tables
from bot.storage.database import Database

_case = tables.case
_conversation = tables.conversation
# So long a case is given to others first, and not to who has just left it.
_REST_MINUTES = 10


@dataclass(frozen=True)
class Changes:
    """What a look changed."""

    conversations: list[ConversationId] = field(default_factory=list)
    presence: bool = False


class Routing:
    """Moves cases that need it."""

    def __init__(
        self,
        database: Database,
        work: CaseWork,
        intake: Intake,
        book: PresenceBook,
        policy: Policy,
        *,
        looks_since: str | None = None,
    ) -> None:
        """``looks_since`` is when the app began to see who is there; now if None.

        An app that was down saw nobody, which is not the agents' absence.
        """
        self._database = database
        self._work = work
        self._intake = intake
        self._book = book
        self._policy = policy
        self._looks_since = looks_since or clock.now()

    async def look(self) -> Changes:
        """Send away who is gone, put their cases back, and assign what waits."""
        gone = await self._book.send_away(
            lost_before=self._lost_before(),
            idle_before=clock.ago(minutes=self._policy.idle_minutes),
        )
        moved = await self.put_back()
        moved += await self.assign()
        return Changes(moved, presence=bool(gone))

    def _lost_before(self) -> str:
        lost = clock.ago(seconds=self._policy.gone_seconds)
        return lost if self._looks_since < lost else ""

    async def put_back(self) -> list[ConversationId]:
        """Put cases whose agent is gone or silent at the head of the queue."""
        moved = []
        async with self._database.read() as connection:
            there = {c.agent.id: c for c in await presence.colleagues(connection)}
            claimed = await cases.claimed(connection)
        for case in claimed:
            cause = None
            async with self._database.read() as connection:
                conversation = await conversations.load(connection, case.conversation)
            if conversation and case.agent:
                cause = self.cause(case, conversation, there.get(case.agent.id))
            if cause is None:
                continue
            is_so = _StillSo(self, there, cause)
            if await self._work.expire(case.id, cause, is_so):
                moved.append(case.conversation)
        return moved

    def cause(
        self, case: Case, conversation: Conversation, holder: Colleague | None
    ) -> Cause | None:
        """Why a claimed case goes back by itself; None if it does not.

        The agent's page is gone; or they never answered since they took it; or they are away
        while the customer waits for an answer. A case with a promised time is not hurried.
        """
        since = case.claimed_at or case.opened_at
        lost = self._lost_before()
        if (holder.seen_at if holder else since) < lost or (holder and holder.why == "left"):
            return "gone"
        late = clock.ago(minutes=self._policy.claim_minutes)
        if holder and holder.state is Presence.AWAY:
            answered = max(case.last_reply_at or since, since)
            if answered < conversation.last_customer_at < late:
                return "away"
        answered_since = case.last_reply_at is not None and case.last_reply_at >= since
        if case.due_at is None and not answered_since and since < late:
            return "unanswered"
        return None

    async def assign(self) -> list[ConversationId]:
        """Give waiting cases to the agents who fit best, as far as these have room."""
        async with self._database.read() as connection:
            if not await cases.waiting(connection):
                return []
        async with self._database.write() as connection:
            there = await presence.colleagues(connection, hold=True)
            waiting = await cases.waiting(connection)
            held = await conversations.load_all(connection, [c.conversation for c in waiting])
            knew = await self._knew(connection, {c.visitor for c in held.values()})
            moved = []
            for case in waiting:
                conversation = held[case.conversation]
                known = knew.get(conversation.visitor)
                # Where agents take cases themselves, only who knows the customer is given one.
                able = there if self._policy.assigns else [c for c in there if c.agent.id == known]
                chosen = best(case, conversation.language, able, known)
                if chosen is None:
                    continue
                await self._work.claim_in(connection, case.id, chosen.agent, assigned=True)
                await presence.given(connection, chosen.agent.id)
                moved.append(conversation.id)
                there = await presence.colleagues(connection)
        return moved

    async def reopen(self, conversation: ConversationId) -> bool:
        """Give a customer who writes again soon after a case was resolved to the same agent.

        Only to one who is available; else the bot answers.
        """
        async with self._database.read() as connection:
            seen = await conversations.load(connection, conversation)
            if seen is None or seen.previous is None or seen.owner.kind is not Kind.BOT:
                return False
        async with self._database.write() as connection:
            now = await conversations.lock(connection, conversation)
            last = await self._last_resolved(connection, now)
            if last is None or now.owner.kind is not Kind.BOT:
                return False
            there = await presence.colleagues(connection, hold=True)
            holder = next((c for c in there if c.agent.id == last), None)
            if holder is None or not holder.has_room:
                return False
            if await cases.any_of(connection, conversation):
                return False
            await self._intake.open_case(
                connection, now, "reopened", None, now.last_seq, quietly=True
            )
            opened = await cases.open_in(connection, conversation)
            if opened is None:
                return False
            await self._work.claim_in(connection, opened.id, holder.agent, assigned=True)
            await presence.given(connection, holder.agent.id)
            return True

    async def _last_resolved(
        self, connection: AsyncConnection, conversation: Conversation
    ) -> AgentId | None:
        """The agent who resolved the conversation before this one, not long ago."""
        statement = select(_case.c.agent_id).where(
            _case.c.conversation_id == conversation.previous,
            _case.c.state == str(CaseState.RESOLVED),
            _case.c.disposition != "spam",
            _case.c.ended_at > clock.ago(minutes=self._policy.reopen_minutes),
        )
        row = (await connection.execute(statement)).first()
        return AgentId(row.agent_id) if row else None

    async def _knew(
        self, connection: AsyncConnection, visitors: Collection[VisitorId]
    ) -> dict[VisitorId, AgentId]:
        """For each of the visitors the agent who ended their last case, if not long ago."""
        statement = (
            select(_conversation.c.visitor_id, _case.c.agent_id)
            .join(_conversation, _conversation.c.id == _case.c.conversation_id)
            .where(
                _conversation.c.visitor_id.in_(visitors),
                _case.c.state.in_((str(CaseState.RESOLVED), str(CaseState.RETURNED))),
                _case.c.ended_at > clock.ago(minutes=self._policy.reopen_minutes),
                _case.c.agent_id.is_not(None),
            )
            .order_by(_case.c.ended_at)
        )
        rows = await connection.execute(statement)
        return {VisitorId(row.visitor_id): AgentId(row.agent_id) for row in rows}


@dataclass(frozen=True)
class _StillSo:
    """Asked within the transaction: whether the cause seen before it still holds."""

    routing: Routing
    there: dict[AgentId, Colleague]
    cause: Cause

    def __call__(self, case: Case, conversation: Conversation) -> bool:
        holder = self.there.get(case.agent.id) if case.agent else None
        return self.routing.cause(case, conversation, holder) == self.cause


def best(
    case: Case, language: str, there: Sequence[Colleague], known: AgentId | None = None
) -> Colleague | None:
    """Who is given the case: of those with room the one who fits best; None if nobody has room.

    First who knows the customer, then who writes the language, then who knows the topic, then
    who has the smallest share of their capacity taken, then who was given a case longest ago.
    A language that somebody present writes is waited for, rather than given to who does not. Who
    has just left the case is not given it again at once.
    """
    if any(c.speaks(language) for c in there if c.state is not Presence.AWAY):
        there = [c for c in there if c.speaks(language)]
    able = [c for c in there if c.has_room and not _has_just_left(case, c)]
    return min(
        able,
        key=lambda c: (
            c.agent.id != known,
            not c.speaks(language),
            not c.knows(case.topic),
            c.holds / c.capacity,
            c.given_at or "",
            c.agent.id,
        ),
        default=None,
    )


def _has_just_left(case: Case, colleague: Colleague) -> bool:
    """Whether the agent put the case back, or lost it, and has not come back to the desk since."""
    if case.left_agent != colleague.agent.id or case.left_at is None:
        return False
    return colleague.since <= case.left_at and case.left_at > clock.ago(minutes=_REST_MINUTES)
