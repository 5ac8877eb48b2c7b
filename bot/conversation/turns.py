"""The turn: what a customer said goes to the assistant, the reply into the log under the fence.

Turns of one conversation run one at a time and in order; different conversations do not wait
for each other. The cursors ``asked_seq`` and ``answered_seq`` in the database say what awaits a
reply, so a restart finds it; advancing the cursor and appending the reply are one transaction.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.conversation import conversations, log, masking
from bot.conversation.conversations import Conversation
from bot.conversation.events import (
    AgentMessage,
    AnswerRef,
    AssistantFailed,
    BotMessage,
    ButtonPressed,
    CustomerMessage,
    Draft,
    Event,
    FactGiven,
    IntentGuess,
    LanguageRecognised,
    Notice,
    OfferedButton,
    OrderLookedUp,
    Redacted,
    ReplySuppressed,
    Source,
)
from bot.conversation.lifecycle import Kind
from bot.conversation.ownership import ConversationId, OwnershipError
from bot.conversation.streams import DESK, Signals, Typing
from bot.conversation.watch import (
    Reading,
    Verdict,
    Watch,
    ends_with_feedback,
    mood_of,
    recent,
    unread,
)
from bot.dialogue import (
    AssistantError,
    AssistantSlowError,
    Button,
    Dialogue,
    Entity,
    Reply,
    Turn,
    TurnResult,
)
from bot.embedding import Embedder, MiniLM
from bot.language import Languages
from bot.storage.database import Database
from bot.texts import Texts

_Vector = NDArray[np.float32]
_log = logging.getLogger(__name__)

# How often one message may fail before the bot gives up on it (a person was offered by then).
_ATTEMPTS = 3
# After a fault of our own, such as a lost database, a conversation is taken up again after this
# pause, then after twice as long each time, up to the longest.
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0
# The intent of buttons that ask for a person.
PERSON = "ask_for_person"
_ASKED = "asked_for_person"

OpenCase = Callable[[AsyncConnection, Conversation, str, str | None, int], Awaitable[list[Event]]]
"""Opens a case for a locked conversation: reason, topic and the number of the event behind it."""


@dataclass(frozen=True)
class _Asked:
    """A customer's message that awaits the bot, and the conversation as it was read."""

    conversation: Conversation  # in the language of the message
    event: Event
    language_before: str


class AnsweredMeanwhileError(Exception):
    """Somebody else answered the message first; nothing was written."""


class RedactedMeanwhileError(Exception):
    """What the assistant was sent held a part of a card number by now; nothing was written."""


class Turns:
    """Takes customers' messages to the assistant, and its replies into the log."""

    def __init__(
        self,
        database: Database,
        dialogue: Dialogue,
        embedder: Embedder,
        signals: Signals,
        texts: Texts,
        languages: Languages,
        open_case: OpenCase,
        *,
        patience_seconds: float,
        english: MiniLM | None = None,
        universal: Embedder | None = None,
        watch: Watch | None = None,
    ) -> None:
        """What the embedders make of a message travels with it, so that nobody embeds it again.

        Without `english` and `universal` the assistant does that for itself. `watch` reads the
        mood of messages and says when a person is needed unasked; without it nobody does.
        """
        self._database = database
        self._dialogue = dialogue
        self._embedder = embedder
        self._english = english
        self._universal = universal
        self._watch = watch
        self._signals = signals
        self._texts = texts
        self._languages = languages
        self._open_case = open_case
        self._patience = patience_seconds
        self._workers: dict[ConversationId, asyncio.Task[None]] = {}
        self._again: set[ConversationId] = set()
        self._broke_off: dict[ConversationId, int] = {}  # how often in a row
        self._closed = False

    async def resume(self) -> None:
        """Take up what awaited a reply when the app stopped."""
        async with self._database.read() as connection:
            waiting = await conversations.pending(connection)
            # What was said to a person while the app went down has no mood yet.
            waiting += await conversations.with_persons(connection) if self._watch else []
        for conversation in waiting:
            self.wake(conversation)

    def wake(self, conversation: ConversationId) -> None:
        """Say that ``conversation`` may have a message that awaits the bot; returns at once."""
        self._again.add(conversation)
        worker = self._workers.get(conversation)
        if worker is None or worker.done():
            self._workers[conversation] = asyncio.create_task(self._work(conversation))

    async def settled(self, conversation: ConversationId) -> None:
        """Wait until nothing in ``conversation`` awaits the bot."""
        while (worker := self._workers.get(conversation)) is not None:
            await asyncio.wait([worker])

    def is_at_work(self, conversation: ConversationId) -> bool:
        """Whether something in ``conversation`` awaits the bot."""
        return conversation in self._workers

    def idle(self) -> bool:
        """Whether nothing awaits the bot."""
        return not self._workers

    async def close(self) -> None:
        """Stop all work; what awaits a reply is taken up at the next start."""
        self._closed = True
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, conversation: ConversationId) -> None:
        try:
            while conversation in self._again:
                self._again.discard(conversation)
                while asked := await self._next(conversation):
                    await self._take(asked)
                await self._look_over(conversation)
        except asyncio.CancelledError:
            raise
        except Exception:
            # The message stays marked as waiting and is taken up again.
            _log.exception("The turn in conversation %s broke off.", conversation)
            self._later(conversation)
        else:
            self._broke_off.pop(conversation, None)
        finally:
            if self._workers.get(conversation) is asyncio.current_task():
                del self._workers[conversation]

    def _later(self, conversation: ConversationId) -> None:
        """Wake the conversation after a pause that grows with each fault."""
        times = self._broke_off.get(conversation, 0)
        self._broke_off[conversation] = times + 1
        pause = min(_PAUSE_SECONDS * 2**times, _LONGEST_PAUSE_SECONDS)
        asyncio.get_running_loop().call_later(pause, self._wake_again, conversation)

    def _wake_again(self, conversation: ConversationId) -> None:
        if not self._closed:
            self.wake(conversation)

    async def _next(self, conversation: ConversationId) -> _Asked | None:
        async with self._database.read() as connection:
            now = await conversations.load(connection, conversation)
            if now is None or now.asked_seq <= now.answered_seq:
                return None
            for event in await log.read(connection, conversation, after=now.answered_seq):
                if isinstance(event.payload, CustomerMessage | ButtonPressed):
                    return _Asked(self._in_language_of(event, now), event, now.language)
        return None

    def _in_language_of(self, event: Event, before: Conversation) -> Conversation:
        if not isinstance(event.payload, CustomerMessage):
            return before
        words = masking.without_tokens(event.payload.text)
        spoken = self._languages.recognise(words, before.language)
        return replace(before, language=spoken)

    async def _take(self, asked: _Asked) -> None:
        """See one message through: a reply, or a sentence that says why there is none."""
        told = False
        failures = 0
        deadline = time.monotonic() + self._patience
        while asked.conversation.owner.kind is Kind.BOT:
            self._show_typing(asked, True)
            try:
                seconds = self._patience if told else max(0.5, deadline - time.monotonic())
                result = await self._ask(asked, seconds)
            except AssistantError as error:
                if await self._went_without(asked):
                    return
                # The message may be what the assistant dies of: it is not sent for ever.
                failures += 1 if error.was_sent else 0
                give_up = failures >= _ATTEMPTS
                if give_up or (not told and (error.was_slow or time.monotonic() >= deadline)):
                    told = await self._tell(asked, error, say=not told, give_up=give_up) or told
                if give_up:
                    return
            else:
                if await self._reply_or_suppress(asked, result):
                    return
            finally:
                self._show_typing(asked, False)
            # Somebody who writes while the assistant loads waits a little before being told.
            await self._dialogue.wait_ready(None if told else max(0, deadline - time.monotonic()))
            now = await self._next(asked.conversation.id)
            if now is None or now.event.seq != asked.event.seq:
                return
            asked = now
        await self._pass_over(asked)

    async def _went_without(self, asked: _Asked) -> bool:
        """Hand over at once who asks for a person or needs one, though the assistant is down."""
        said: tuple[Reply, ...] = ()
        payload = asked.event.payload
        if isinstance(payload, ButtonPressed) and payload.intent == PERSON:
            text = self._texts.say(asked.conversation.language, "answers.handoff")
            handoff = {"decision": "handoff", "confidence": 1.0, "handoff": {"reason": _ASKED}}
            said = (Reply(text, None, (), handoff),)
        elif (reading := await self._read(asked.event)) is None or reading.policy is None:
            return False
        state = asked.conversation.state or b"[]"
        await self._reply_or_suppress(asked, TurnResult(said, None, 0.0, (), state, ""))
        return True

    async def _ask(self, asked: _Asked, seconds: float) -> TurnResult:
        turn = await self._turn(asked)
        try:
            result = await asyncio.wait_for(self._dialogue.turn(turn), seconds)
        except TimeoutError:
            raise AssistantSlowError(f"No answer within {seconds:.1f} s.") from None
        if not any(reply.text for reply in result.replies):
            # Rasa turns a failing action into silence; a customer never gets that.
            raise AssistantError("The assistant had nothing to say.")
        return result

    async def _reply_or_suppress(self, asked: _Asked, result: TurnResult) -> bool:
        """Whether that was the end of it; else the message is to be sent again."""
        try:
            await self._reply(asked, result)
        except RedactedMeanwhileError:
            return False
        except (OwnershipError, AnsweredMeanwhileError):
            _log.info("A reply in %s came too late and is not shown.", asked.conversation.id)
            await self._suppress(asked, result)
        return True

    async def _turn(self, asked: _Asked) -> Turn:
        conversation, event = asked.conversation, asked.event
        text, button, vector, english, universal = None, None, None, None, None
        if isinstance(event.payload, CustomerMessage):
            text = masking.for_assistant(event.payload.text)
            vector, english, universal = await asyncio.to_thread(self._embedded, text)
        elif isinstance(event.payload, ButtonPressed):
            payload = event.payload
            button = Button(payload.title, payload.intent, dict(payload.entities))
        return Turn(
            id=f"{conversation.id}.{event.seq}",
            conversation=conversation.id,
            text=text,
            button=button,
            vector=vector,
            english=english,
            universal=universal,
            state=conversation.state,
            heard=await self._heard(conversation, event.seq),
            metadata={
                "language": conversation.language,
                "customer": conversation.customer,
                "channel": conversation.channel,
            },
        )

    def _embedded(self, text: str) -> tuple[_Vector, _Vector | None, _Vector | None]:
        """The vectors of a message: for every language, for English if it is that, universal."""
        english, universal = None, None
        if self._english is not None and self._english.knows(text):
            english = self._english.queries([text])[0]
        if self._universal is not None:
            universal = self._universal.queries([text])[0]
        return self._embedder.queries([text])[0], english, universal

    async def _heard(self, conversation: Conversation, before: int) -> list[dict[str, str]] | None:
        """What was said while a person spoke, which the assistant has not heard yet."""
        if conversation.heard_since is None:
            return None
        async with self._database.read() as connection:
            events = await log.read(connection, conversation.id, after=conversation.heard_since)
        return [
            {"from": str(event.source), "text": masking.for_assistant(event.payload.text)}
            for event in events
            if event.seq < before
            if isinstance(event.payload, CustomerMessage | AgentMessage)
        ]

    async def _read(self, event: Event) -> Reading | None:
        """What a message says besides its question; its vector is known from the turn."""
        if self._watch is None or not isinstance(event.payload, CustomerMessage):
            return None
        text = event.payload.text
        (vector,) = await asyncio.to_thread(self._embedder.queries, [text])
        return self._watch.read(text, vector)

    async def _look_over(self, conversation: ConversationId) -> None:
        """Read the mood of what the bot was not asked, and see what the customer's feedback says.

        What is said to a person is read here, behind everything that somebody waits for.
        """
        if self._watch is None:
            return
        async with self._database.read() as connection:
            now = await conversations.load(connection, conversation)
            events = await recent(connection, now) if now else []
        if now is None:
            return
        readings = {event.seq: await self._read(event) for event in unread(now, events)}
        if not readings and not ends_with_feedback(events):
            return
        async with self._database.write() as connection:
            now = await conversations.lock(connection, conversation)
            events = await recent(connection, now)
            drafts = [
                mood_of(reading, event.seq)
                for event in unread(now, events)
                if (reading := readings.get(event.seq))
            ]
            if drafts:
                await log.append(connection, conversation, drafts)
            if ends_with_feedback(events) and now.owner.kind is Kind.BOT:
                verdict = await self._watch.judge(connection, now, 0, (), None)
                if verdict is not None:
                    said = [self._notice(now, events[-1].seq, verdict)]
                    await log.append(connection, conversation, said, fence=now.fence)
                    if verdict.at_once:
                        await self._open_case(connection, now, verdict.reason, None, events[-1].seq)
        self._signals.notify(now.visitor, DESK)

    async def _reply(self, asked: _Asked, result: TurnResult) -> None:
        before, question = asked.conversation, asked.event
        reading = await self._read(question)
        recognised, drafts = _recognised(asked)
        columns: dict[str, Any] = {"state": result.state, "heard_since": None, **recognised}
        handoffs = [h for reply in result.replies if (h := reply.notes.get("handoff"))]
        drafts += facts(result.entities, question)
        if reading is not None:
            drafts.append(mood_of(reading, question.seq))
        said = self._messages(asked, result)
        async with self._database.write() as connection:
            # answered-once: the cursor moves with the reply, and only from where it was.
            now = await _still_awaited(connection, asked)
            if await _redacted_since(connection, asked):
                raise RedactedMeanwhileError
            verdict = await self._judge(connection, now, question, said, reading)
            if verdict is not None and verdict.instead:
                # The assistant's words are not said, so it goes on from where it was.
                del columns["state"]
                columns["heard_since"] = before.heard_since or question.seq - 1
                said = [self._instead(before, question, result, verdict)]
            else:
                drafts += _orders(result.replies, question)
            if verdict is not None and not verdict.instead:
                said = [*map(_without_offer, said), self._notice(before, question.seq, verdict)]
            if verdict is not None and verdict.at_once:
                topic = next((h["topic"] for h in handoffs if h.get("topic")), None)
                handoffs = [{"reason": verdict.reason, "topic": topic}]
            await log.append(
                connection,
                before.id,
                [*drafts, *said],
                fence=before.fence,
                answered_seq=question.seq,
                **columns,
            )
            for handoff in handoffs:
                now = await conversations.lock(connection, before.id)
                await self._open_case(
                    connection, now, handoff["reason"], handoff.get("topic"), question.seq
                )
        self._signals.notify(before.visitor, DESK)

    async def _judge(
        self,
        connection: AsyncConnection,
        now: Conversation,
        question: Event,
        said: Sequence[Draft],
        reading: Reading | None,
    ) -> Verdict | None:
        if self._watch is None:
            return None
        replies = [d.payload for d in said if isinstance(d.payload, BotMessage)]
        return await self._watch.judge(connection, now, question.seq, replies, reading)

    def _instead(
        self, conversation: Conversation, question: Event, result: TurnResult, verdict: Verdict
    ) -> Draft:
        """The bot's sentence on handing over, in place of what the assistant would have said."""
        key = "handoff" if verdict.reason == _ASKED else verdict.reason
        text = self._texts.say(conversation.language, f"answers.{key}")
        reply = Reply(text, None, (), {"decision": "handoff", "confidence": 1.0})
        return bot_message(conversation.id, question.seq, reply, result)

    def _notice(self, conversation: Conversation, seq: int, verdict: Verdict) -> Draft:
        """The sentence that a person was asked for, or the offer of one with its button."""
        key = f"{'handoff' if verdict.at_once else 'offer'}_{verdict.reason}"
        buttons = [] if verdict.at_once else [self._person_button(conversation)]
        text = self._texts.say(conversation.language, f"notices.{key}")
        notice = Notice(key=key, text=text, buttons=buttons)
        return Draft(payload=notice, source=Source.SYSTEM, ref=seq)

    def _person_button(self, conversation: Conversation) -> OfferedButton:
        return OfferedButton(
            token=new_token(conversation.id),
            title=self._texts.say(conversation.language, "buttons.person"),
            intent=PERSON,
        )

    async def _suppress(self, asked: _Asked, result: TurnResult) -> None:
        drafts = [
            Draft(payload=ReplySuppressed(text=reply.text), source=Source.BOT, ref=asked.event.seq)
            for reply in result.replies
            if reply.text
        ]
        await self._pass_over(asked, drafts)

    async def _pass_over(self, asked: _Asked, drafts: Sequence[Draft] = ()) -> None:
        """Leave the message to the person who speaks now."""
        reading = await self._read(asked.event)
        async with self._database.write() as connection:
            now = await conversations.lock(connection, asked.conversation.id)
            if drafts and await _redacted_since(connection, asked):
                drafts = ()  # they may quote what was taken out
            cursor = max(now.answered_seq, asked.event.seq)
            if reading is not None and asked.event.seq > now.answered_seq:
                drafts = [*drafts, mood_of(reading, asked.event.seq)]
            await log.append(connection, now.id, drafts, answered_seq=cursor)
        self._signals.notify(asked.conversation.visitor, DESK)

    async def _tell(
        self, asked: _Asked, error: AssistantError, *, say: bool, give_up: bool
    ) -> bool:
        """Log why there is no answer, and tell the customer once, with the offer of a person."""
        before = asked.conversation
        _log.warning("No answer in %s: %s (%s)", before.id, error.reason, error)
        seq = asked.event.seq
        columns, drafts = _recognised(asked)
        drafts.append(
            Draft(
                payload=AssistantFailed(reason=error.reason, detail=str(error)[:300]),
                source=Source.SYSTEM,
                ref=seq,
            )
        )
        if say:
            drafts.append(
                Draft(
                    payload=Notice(
                        key="assistant_unavailable",
                        text=self._texts.say(before.language, "notices.assistant_unavailable"),
                        buttons=[self._person_button(before)],
                    ),
                    source=Source.SYSTEM,
                    ref=seq,
                )
            )
        columns |= {"answered_seq": seq} if give_up else {}
        try:
            async with self._database.write() as connection:
                await _still_awaited(connection, asked)
                await log.append(connection, before.id, drafts, fence=before.fence, **columns)
        except (OwnershipError, AnsweredMeanwhileError):
            return False
        self._signals.notify(before.visitor, DESK)
        return say

    def _messages(self, asked: _Asked, result: TurnResult) -> list[Draft]:
        language = asked.conversation.language
        return [
            bot_message(asked.conversation.id, asked.event.seq, reply, result)
            for reply in map(partial(self._in_language, language), result.replies)
            if reply.text
        ]

    def _in_language(self, language: str, reply: Reply) -> Reply:
        """Rasa's plain responses are English; the catalogues have them in each language."""
        said = reply.response and self._texts.find(language, f"replies.{reply.response}")
        return replace(reply, text=said) if said else reply

    def _show_typing(self, asked: _Asked, on: bool) -> None:
        sign = Typing(asked.conversation.id, str(Source.BOT), on)
        self._signals.typing(asked.conversation.visitor, sign)


def _recognised(asked: _Asked) -> tuple[dict[str, Any], list[Draft]]:
    """What is stored where the message is in another language than those before."""
    language = asked.conversation.language
    if language == asked.language_before:
        return {}, []
    spoken = LanguageRecognised(language=language)
    return {"language": language}, [
        Draft(payload=spoken, source=Source.SYSTEM, ref=asked.event.seq)
    ]


async def _still_awaited(connection: AsyncConnection, asked: _Asked) -> Conversation:
    now = await conversations.lock(connection, asked.conversation.id)
    if now.answered_seq != asked.conversation.answered_seq:
        raise AnsweredMeanwhileError
    return now


def _without_offer(draft: Draft) -> Draft:
    """The reply without its button for a person, which the offer after it has."""
    if not isinstance(draft.payload, BotMessage):
        return draft
    kept = [button for button in draft.payload.buttons if button.intent != PERSON]
    payload = msgspec.structs.replace(draft.payload, buttons=kept)
    return msgspec.structs.replace(draft, payload=payload)


async def _redacted_since(connection: AsyncConnection, asked: _Asked) -> bool:
    """Whether something was taken out of the conversation after ``asked`` was read.

    masked-everywhere: reply and state of such a turn hold what is to be forgotten.
    """
    news = await log.read(connection, asked.conversation.id, after=asked.conversation.last_seq)
    return any(isinstance(event.payload, Redacted) for event in news)


def new_token(conversation: ConversationId) -> str:
    """A token for a button: it names its conversation, and nobody can guess the rest."""
    return f"{conversation}.{secrets.token_urlsafe(9)}"


# Rasa's plain responses carry no notes; these are talk, the others ask something back.
_SMALL_TALK = frozenset(
    {
        "utter_greet",
        "utter_thanks",
        "utter_goodbye",
        "utter_bot_challenge",
        "utter_abuse",
        "utter_anything_else",
    }
)


def bot_message(
    conversation: ConversationId, question: int, reply: Reply, result: TurnResult
) -> Draft:
    """The event for one reply of the bot to the event ``question``."""
    notes = reply.notes
    decision = notes.get("decision")
    if decision is None and reply.response:
        decision = "smalltalk" if reply.response in _SMALL_TALK else "clarify"
    return Draft(
        payload=BotMessage(
            text=reply.text,
            response=reply.response,
            decision=decision,
            confidence=float(notes.get("confidence", result.confidence)),
            intent=result.intent,
            intents=[IntentGuess(g.intent, g.probability) for g in result.guesses],
            topic=notes.get("topic"),
            answers=msgspec.convert(notes.get("answers", []), list[AnswerRef]),
            candidates=msgspec.convert(notes.get("candidates", []), list[AnswerRef]),
            buttons=[
                OfferedButton(
                    token=new_token(conversation),
                    title=button.title,
                    intent=button.intent,
                    entities=button.entities,
                )
                for button in reply.buttons
            ],
        ),
        source=Source.BOT,
        ref=question,
    )


_FACTS = frozenset({"order_number", "email", "phone", "product", "size"})


def facts(entities: Sequence[Entity], question: Event) -> list[Draft]:
    """The events for what the customer gave in the event ``question``."""
    how = "clicked" if isinstance(question.payload, ButtonPressed) else "typed"
    return [
        Draft(
            payload=msgspec.convert(
                {"kind": "fact.given", "fact": e.kind, "value": e.value, "how": how}, FactGiven
            ),
            source=Source.CUSTOMER,
            ref=question.seq,
        )
        for e in entities
        if e.kind in _FACTS
    ]


def _orders(replies: Sequence[Reply], question: Event) -> list[Draft]:
    return [
        Draft(
            payload=msgspec.convert(
                {"kind": "order.looked_up", **reply.notes["order"]}, OrderLookedUp
            ),
            source=Source.SYSTEM,
            ref=question.seq,
        )
        for reply in replies
        if reply.notes.get("order")
    ]
