"""Everything the app is made of, put together once from the settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from bot import embedding, programs
from bot.conversation import conversations
from bot.conversation.mood import Mood
from bot.conversation.ownership import ConversationId
from bot.conversation.streams import DESK, WAITING, Signals
from bot.conversation.turns import Turns
from bot.dialogue import Dialogue
from bot.handoff.asking import Asking
from bot.handoff.canned import CannedReplies
from bot.handoff.cases import CaseWork
from bot.handoff.colleagues import Colleagues
from bot.handoff.intake import Intake
from bot.handoff.outlook import Outlook
from bot.handoff.policies import Policies
from bot.handoff.policy import Policy
from bot.handoff.presence import PresenceBook
from bot.handoff.routing import Routing
from bot.handoff.rules import Rules
from bot.journey.identity import Identity
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.vectors import VectorStore
from bot.language import Languages
from bot.settings import DEMO_DATA, Settings
from bot.shop import DemoShop, NoShop, Shop
from bot.storage.database import Database, open_database
from bot.texts import Texts

_log = logging.getLogger(__name__)

_SWEEP_SECONDS = 30.0
_LOOK_SECONDS = 0.5
_ROUTE_SECONDS = 2.0


@dataclass(frozen=True)
class Services:
    """What web, actions and command line work with."""

    settings: Settings
    database: Database
    signals: Signals
    texts: Texts
    knowledge: Knowledge
    shop: Shop
    dialogue: Dialogue
    identity: Identity
    turns: Turns
    work: CaseWork
    colleagues: Colleagues
    canned: CannedReplies
    intake: Intake
    outlook: Outlook
    presence: PresenceBook
    routing: Routing
    policies: Policies
    asking: Asking


# Actions are made by rasa_sdk without arguments; the action endpoint sets this for their run.
in_use: ContextVar[Services] = ContextVar("in_use")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Services]:
    """The services, with the database migrated and unfinished turns taken up."""
    texts = Texts(settings.path("texts"))
    canned = CannedReplies(settings.path("canned_replies"), texts.languages)
    database = open_database(settings)
    await database.migrate()
    embedder = embedding.sentence_embedder()
    signals = Signals()
    cache = settings.path("var") / "embeddings"
    policies = Policies(
        settings.path("policies"),
        settings.path("mood"),
        lambda examples: VectorStore(embedder, cache).get(examples, "query"),
    )
    await asyncio.to_thread(policies.refresh)
    dialogue = Dialogue(
        f"http://127.0.0.1:{settings.assistant_port}",
        settings.assistant_secret,
        timeout_seconds=settings.turn_timeout_seconds,
        model_file=programs.model_file(settings).name,
    )
    outlook = Outlook(settings, texts)
    intake = Intake(database, texts, outlook)
    work = CaseWork(database, texts)
    book = PresenceBook(database)
    services = Services(
        settings=settings,
        database=database,
        signals=signals,
        texts=texts,
        knowledge=Knowledge(
            settings.path("knowledge"),
            settings.path("catalog"),
            embedder,
            shop_url=settings.shop_base_url,
            cache=cache,
            wrong_per_100=settings.wrong_answers_per_100,
        ),
        shop=shop_of(settings),
        dialogue=dialogue,
        identity=Identity(
            database,
            token_secret=settings.token_secret,
            identity_secret=settings.identity_secret,
        ),
        turns=Turns(
            database,
            dialogue,
            embedder,
            signals,
            texts,
            Languages(texts.languages),
            intake.open_case,
            patience_seconds=settings.turn_timeout_seconds,
            english=embedding.english_embedder(),
            universal=embedding.universal_embedder(),
            watch=Rules(Mood(settings.path("mood")), policies, settings),
        ),
        work=work,
        colleagues=Colleagues(database, texts),
        canned=canned,
        intake=intake,
        outlook=outlook,
        presence=book,
        routing=Routing(database, work, intake, book, Policy.of(settings)),
        policies=policies,
        asking=Asking(settings.path("requests"), embedder),
    )
    await services.turns.resume()
    background = [
        asyncio.create_task(_sweep(services)),
        asyncio.create_task(_prepare(services)),
        asyncio.create_task(_route(services)),
        # Where the app was killed between a redaction and this, it is made good.
        asyncio.create_task(database.purge()),
    ]
    try:
        yield services
    finally:
        for task in background:
            task.cancel()
        services.knowledge.close()
        await asyncio.gather(*background, return_exceptions=True)
        await services.turns.close()
        await dialogue.close()
        await database.close()


def shop_of(settings: Settings) -> Shop:
    """Customers and orders; those of the demo, whose numbers everybody knows, for the demo alone.

    A shop joins its own system here.
    """
    if settings.demo_shop or settings.shop_data != DEMO_DATA:
        return DemoShop(settings.path("shop_data"))
    return NoShop()


async def _prepare(services: Services) -> None:
    """Read the knowledge, then look for the assistant: a turn without knowledge answers nothing.

    Texts that are new are embedded first, which takes a while the first time; other languages
    follow while the main one is served. From then on changed files are read twice a second, so that
    no customer waits for an edit.
    """
    for language in (None, *services.texts.languages):
        try:
            await asyncio.to_thread(services.knowledge.refresh, language)
        except Exception:
            _log.exception("The knowledge could not be read; each question tries again.")
        if language is None:
            services.dialogue.watch()
            await asyncio.to_thread(embedding.load)
    failed = ""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        try:
            await asyncio.to_thread(services.knowledge.follow)
            await asyncio.to_thread(services.policies.refresh)
            failed = ""
        except Exception as error:
            if repr(error) != failed:
                _log.exception("Changed files could not be read; trying again.")
            failed = repr(error)


async def _sweep(services: Services) -> None:
    """Close idle conversations, now and then."""
    while True:
        try:
            closed = await conversations.close_idle(
                services.database, services.settings.idle_minutes
            )
            if closed:
                services.signals.notify(DESK)
        except Exception:
            _log.exception("Idle conversations could not be closed; trying again.")
        await asyncio.sleep(_SWEEP_SECONDS)


async def _route(services: Services) -> None:
    """Give cases to agents and take them back from who is gone."""
    failed = ""
    while True:
        await asyncio.sleep(_ROUTE_SECONDS)
        try:
            changes = await services.routing.look()
            for conversation in changes.conversations:
                services.turns.wake(conversation)
            if changes.conversations or changes.presence:
                await tell(services, *changes.conversations)
            failed = ""
        except Exception as error:
            if repr(error) != failed:
                _log.exception("Cases could not be moved; trying again.")
            failed = repr(error)


async def tell(services: Services, *changed: ConversationId, queue_moved: bool = True) -> None:
    """Wake the desk and the pages of these conversations, and of all who wait if need be."""
    topics: list[str] = []
    if queue_moved:
        services.outlook.forget()
    async with services.database.read() as connection:
        for conversation in changed:
            if found := await conversations.load(connection, conversation):
                topics.append(found.visitor)
    # Whom it concerns first: the others take their time.
    services.signals.notify(*topics, DESK, *([WAITING] if queue_moved else []))
