"""Agents among themselves: asking a colleague to look at a case or to take it.

A case moves only when the colleague accepts it; until then nothing changes for the customer.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.conversation import log, masking
from bot.conversation.conversations import Conversation
from bot.conversation.events import (
    AnyPayload,
    CaseTransferred,
    ColleagueAsked,
    ColleagueDeclined,
    Draft,
    Source,
)
from bot.conversation.lifecycle import CaseState, Move
from bot.conversation.ownership import after
from bot.handoff import agents, cases
from bot.handoff.cases import Agent, Case, CaseError, notice
from bot.storage import tables
from bot.storage.database import Database
from bot.texts import Texts

_case = tables.case

Wants = Literal["look", "take"]


class Colleagues:
    """What agents ask of each other. Each call is one transaction; a `client_id` acts once."""

    def __init__(self, database: Database, texts: Texts) -> None:
        self._database = database
        self._texts = texts

    async def ask(
        self, case_id: str, agent: Agent, client_id: str, colleague: str, wants: Wants, text: str
    ) -> Case:
        """Ask ``colleague`` to look at the case or to take it; a later request replaces it.

        Raises:
            CaseError: the case is not this agent's, or there is no such colleague.
        """
        asked = await agents.find(self._database, colleague)
        if asked is None or asked.id == agent.id:
            raise CaseError("colleague_unknown", "Choose a colleague to ask.")
        async with self._database.write() as connection:
            found, conversation = await cases.locked(connection, case_id)
            if await log.find(connection, conversation.id, client_id=client_id):
                return found
            cases.refuse_foreign(found, conversation, agent)
            payload = ColleagueAsked(
                case=case_id,
                colleague=asked.id,
                wants=wants,
                text=masking.mask(text.replace("\x00", "").strip()).text,
                name=agent.name,
                colleague_name=asked.name,
            )
            await self._append(connection, conversation, agent, client_id, payload)
            return await self._set(connection, case_id, asked_agent_id=asked.id, asked_for=wants)

    async def decline(self, case_id: str, agent: Agent, client_id: str) -> Case:
        """Do not take the case, or have looked at it; who asked takes the request back by this.

        Raises:
            CaseError: nobody asked this agent, and it is not their case.
        """
        async with self._database.write() as connection:
            found, conversation = await cases.locked(connection, case_id)
            if await log.find(connection, conversation.id, client_id=client_id):
                return found
            if found.asked_agent is None or agent.id not in (
                found.asked_agent,
                found.agent and found.agent.id,
            ):
                raise CaseError("not_asked", "You are not asked about this case any more.")
            payload = ColleagueDeclined(case=case_id, name=agent.name)
            await self._append(connection, conversation, agent, client_id, payload)
            return await self._set(connection, case_id, asked_agent_id=None, asked_for=None)

    async def accept(self, case_id: str, agent: Agent, client_id: str) -> Case:
        """Take over the case that a colleague asked this agent to take.

        Raises:
            CaseError: nobody asks this agent to take it (any more).
        """
        async with self._database.write() as connection:
            found, conversation = await cases.locked(connection, case_id)
            if await log.find(connection, conversation.id, client_id=client_id):
                return found
            asked = found.asked_agent == agent.id and found.asked_for == "take"
            if not asked or found.state is not CaseState.CLAIMED or found.agent is None:
                raise CaseError("not_asked", "You are not asked to take this case any more.")
            payload = CaseTransferred(case=case_id, before=found.agent.id, name=agent.name)
            await log.append(
                connection,
                conversation.id,
                [
                    Draft(
                        payload=payload, source=Source.AGENT, actor=agent.id, client_id=client_id
                    ),
                    notice(
                        self._texts,
                        conversation,
                        "transfer",
                        name=agent.name,
                        before=found.agent.name,
                    ),
                ],
                fence=conversation.fence,
                owner=after(conversation.owner, found.state, Move.TRANSFER, agent.id),
            )
            return await self._set(
                connection,
                case_id,
                agent_id=agent.id,
                claimed_at=clock.now(),
                asked_agent_id=None,
                asked_for=None,
            )

    async def _append(
        self,
        connection: AsyncConnection,
        conversation: Conversation,
        agent: Agent,
        client_id: str,
        payload: AnyPayload,
    ) -> None:
        draft = Draft(payload=payload, source=Source.AGENT, actor=agent.id, client_id=client_id)
        await log.append(connection, conversation.id, [draft])

    async def _set(self, connection: AsyncConnection, case_id: str, **values: Any) -> Case:
        await connection.execute(update(_case).where(_case.c.id == case_id).values(values))
        return await cases.find(connection, case_id)
