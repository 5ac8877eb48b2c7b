"""How a customer comes to a person: a case is opened, and they are told honestly what to expect."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal, NoReturn

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import conversations, log
from bot.conversation.conversations import Conversation, Visitor
from bot.conversation.events import (
    CaseWithdrawn,
    Draft,
    Event,
    FactGiven,
    HandoffRequested,
    Notice,
    PersonRequested,
    PromiseMade,
    Source,
)
from bot.conversation.lifecycle import CaseState, Kind, Move, State, transition
from bot.conversation.ownership import ConversationId
from bot.conversation.reception import RefusedError
from bot.handoff import cases, need
from bot.handoff.cases import notice
from bot.handoff.contact import ContactKind, normal
from bot.handoff.outlook import Outlook, Waiting
from bot.handoff.reasons import telling
from bot.journey import journeys
from bot.journey.touchpoints import question_of, topic_of
from bot.storage import tables
from bot.storage.database import Database
from bot.texts import Texts

_case = tables.case


class Intake:
    """Opens cases for customers, and lets them take the wish back."""

    def __init__(self, database: Database, texts: Texts, outlook: Outlook) -> None:
        self._database = database
        self._texts = texts
        self._outlook = outlook

    async def open_case(
        self,
        connection: AsyncConnection,
        conversation: Conversation,
        reason: str,
        topic: str | None,
        asked_seq: int,
        *,
        quietly: bool = False,
    ) -> list[Event]:
        """Open a case for a locked conversation; does nothing where one is open already.

        ``asked_seq`` is the event that made it necessary; the question behind it may be older.
        The customer is told what to expect, unless ``quietly``: then somebody takes the case in
        the same transaction.
        """
        if await cases.open_in(connection, conversation.id):
            return []
        opened = transition(State(conversation.owner.kind), Move.REQUEST)
        events = await log.read(connection, conversation.id)
        reason = telling(reason, events)
        wanted = need.find(events, asked_seq)
        case_id = uuid.uuid4().hex
        await connection.execute(
            insert(_case).values(
                id=case_id,
                conversation_id=conversation.id,
                state=str(opened.case_after),
                reason=reason,
                topic=topic or topic_of(events),
                question_seq=wanted.seq if wanted else question_of(events, before=asked_seq),
                opened_at=clock.now(),
                at_head=False,
            )
        )
        requested = HandoffRequested(case=case_id, reason=reason, topic=topic)
        drafts = [Draft(payload=requested, source=Source.SYSTEM, ref=asked_seq)]
        if quietly:
            return await log.append(connection, conversation.id, drafts)
        waiting = await self._outlook.of(connection, conversation.id)
        if waiting is not None and waiting.promise is not None:
            due_at = clock.stamp(waiting.promise.due_at)
            await connection.execute(
                update(_case).where(_case.c.id == case_id).values(due_at=due_at)
            )
            promised = PromiseMade(case=case_id, due_at=due_at, reason=waiting.promise.reason.value)
            drafts.append(Draft(payload=promised, source=Source.SYSTEM))
        if waiting is not None:
            reached = await reached_at(connection, conversation, events)
            drafts.append(self._told(conversation, waiting, reached))
        return await log.append(connection, conversation.id, drafts, fence=conversation.fence)

    def _told(
        self, conversation: Conversation, waiting: Waiting, reached: tuple[ContactKind, str] | None
    ) -> Draft:
        """What the customer reads: the place and the time, or the promise.

        Who may have to go before a person comes is asked for an address, or told the one that
        we know.
        """
        key, values = self._outlook.words(conversation.language, waiting)
        if not waiting.may_be_long:
            return notice(self._texts, conversation, key, **values)
        sentences = [self._texts.say(conversation.language, f"notices.{key}", **values)]
        if reached is None:
            sentences.append(self._texts.say(conversation.language, "notices.contact_ask"))
        else:
            kind, value = reached
            known = f"notices.contact_known_{kind}"
            sentences.append(self._texts.say(conversation.language, known, value=value))
        form: Literal["contact"] | None = "contact" if reached is None else None
        said = Notice(key=key, text=" ".join(sentences), form=form)
        return Draft(payload=said, source=Source.SYSTEM)

    async def ask_for_person(self, visitor: Visitor, client_id: str) -> ConversationId:
        """Open a case because ``visitor`` pressed the control for it; needs no assistant."""
        async with self._database.write() as connection:
            conversation = await conversations.current(connection, visitor)
            if await log.find(connection, conversation.id, client_id=client_id):
                return conversation.id
            request = Draft(payload=PersonRequested(), source=Source.CUSTOMER, client_id=client_id)
            asked = await log.append(
                connection, conversation.id, [request], last_customer_at=clock.now()
            )
            if conversation.owner.kind is not Kind.BOT:
                return conversation.id
            key = "queued"
            if await cases.open_in(connection, conversation.id):
                key = "still_queued"
            said = notice(self._texts, conversation, key)
            await log.append(connection, conversation.id, [said], fence=conversation.fence)
            await self.open_case(connection, conversation, "asked_for_person", None, asked[0].seq)
            return conversation.id

    async def withdraw(self, visitor: Visitor, client_id: str) -> ConversationId:
        """The customer needs no person any more; does nothing where no case is waiting."""
        async with self._database.write() as connection:
            conversation = await conversations.current(connection, visitor)
            found = await cases.open_in(connection, conversation.id)
            if found is None or found.state is not CaseState.WAITING:
                return conversation.id
            made = transition(State(conversation.owner.kind, found.state), Move.WITHDRAW)
            payload = CaseWithdrawn(case=found.id)
            drafts = [
                Draft(payload=payload, source=Source.CUSTOMER, client_id=client_id),
                notice(self._texts, conversation, "withdrawn"),
            ]
            await log.append(connection, conversation.id, drafts, fence=conversation.fence)
            await connection.execute(
                update(_case)
                .where(_case.c.id == found.id)
                .values(state=str(made.case_after), ended_at=clock.now())
            )
            return conversation.id

    async def take_contact(
        self, visitor: Visitor, client_id: str, kind: ContactKind, value: str
    ) -> ConversationId:
        """Note where the customer can be reached when a person has time.

        Raises:
            RefusedError: that is no e-mail address or telephone number.
        """
        known = normal(kind, value)
        if known is None:
            await self._refuse(visitor, kind)
        async with self._database.write() as connection:
            conversation = await conversations.current(connection, visitor)
            if await log.find(connection, conversation.id, client_id=client_id):
                return conversation.id
            fact = FactGiven(fact=kind, value=known, how="typed")
            draft = Draft(payload=fact, source=Source.CUSTOMER, client_id=client_id)
            await log.append(connection, conversation.id, [draft])
            if conversation.owner.kind is Kind.BOT:
                said = notice(self._texts, conversation, f"contact_{kind}", value=known)
                await log.append(connection, conversation.id, [said], fence=conversation.fence)
            return conversation.id

    async def _refuse(self, visitor: Visitor, kind: ContactKind) -> NoReturn:
        async with self._database.read() as connection:
            found = await conversations.open_of(connection, visitor.id)
        language = found.language if found else visitor.language
        if kind == "email":
            raise RefusedError("email_wrong", self._texts.say(language, "answers.email_wrong"))
        raise RefusedError("phone_wrong", self._texts.say(language, "answers.phone_wrong"))


async def reached_at(
    connection: AsyncConnection, conversation: Conversation, events: Sequence[Event]
) -> tuple[ContactKind, str] | None:
    """Where the customer can be reached: what they gave last, else what their account has."""
    for event in reversed(events):
        if isinstance(event.payload, FactGiven):
            if event.payload.fact == "email":
                return "email", event.payload.value
            if event.payload.fact == "phone":
                return "phone", event.payload.value
    known = await journeys.profile(connection, conversation.customer)
    return ("email", known.email) if known and known.email else None
