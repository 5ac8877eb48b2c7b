"""The channel through which the app, and nothing else, takes turns with the assistant.

POST /webhooks/firstline/turn takes one turn and the dialogue's state; it returns the whole trace
of new events and the new state. GET /webhooks/firstline/ready tells what is really in use, since
Rasa falls back on other classes, or on another model, without a word.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasa
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot.assistant import validator_cache
from bot.assistant.state import EventDict, Turn, current_turn
from bot.embedding import (
    CachedEmbedder,
    english_embedder,
    sentence_embedder,
    universal_embedder,
)

logger = logging.getLogger(__name__)

# The app has a limit of its own and tells the customer about it; this one only protects the
# event loop, which a text of 200 kB would block for seconds. Longer text is read up to here.
MAX_TEXT = 4_000
# Looks like the slash it replaces and is one character too, so that positions stay right.
HARMLESS_SLASH = "\N{DIVISION SLASH}"


class BadTurnError(ValueError):
    """A turn that cannot be taken: the app's mistake, told in the message."""


@dataclass(frozen=True)
class Button:
    """A press of a button that the app had issued; it says what is meant, so no NLU is asked."""

    intent: str
    entities: dict[str, Any]
    title: str

    def parse_data(self) -> dict[str, Any]:
        """Return what the NLU pipeline would return for it."""
        intent = {"name": self.intent, "confidence": 1.0}
        return {
            "text": self.title,
            "intent": intent,
            "intent_ranking": [intent],
            "entities": [
                {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "button"}
                for name, value in self.entities.items()
            ],
        }


@dataclass(frozen=True)
class TurnRequest:
    """One turn as the app sent it, checked."""

    turn: str
    conversation: str
    text: str
    button: Button | None
    state: list[EventDict] | None
    handed_back: bool
    metadata: dict[str, Any]


def plain(text: str) -> str:
    """Return typed text so that Rasa cannot read it as a command, cut to MAX_TEXT characters.

    Rasa takes text that starts with a slash, blanks before it or not, as an intent with
    confidence 1.0 and slots to set. What a customer types is never that.
    """
    text = text[:MAX_TEXT]
    content = text.lstrip()
    if content.startswith(INTENT_MESSAGE_PREFIX):
        start = len(text) - len(content)
        return text[:start] + HARMLESS_SLASH + content[1:]
    return text


def _string(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.replace("\0", "").strip():
        raise BadTurnError(f"{name} must be a text that is not empty")
    return value


def _optional(body: dict[str, Any], name: str, kind: type) -> Any:
    value = body.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadTurnError(f"{name} must be a {kind.__name__} or null")
    return value


def _button(value: dict[str, Any] | None) -> Button | None:
    if value is None:
        return None
    entities = _optional(value, "entities", dict) or {}
    title = _optional(value, "title", str) or ""
    return Button(_string(value, "intent"), entities, plain(title))


def read_turn(body: object) -> TurnRequest:
    """Return the turn in a request's body, and keep the vectors that came with it.

    Raises BadTurnError with a sentence that names the field.
    """
    if not isinstance(body, dict):
        raise BadTurnError("the body must be a JSON object")
    button = _button(_optional(body, "button", dict))
    state = _optional(body, "state", list)
    if state is not None and not all(isinstance(event, dict) for event in state):
        raise BadTurnError("state must be the list that an earlier turn returned")
    text = button.title if button else plain(_string(body, "text"))
    if not button:
        _remember(text, body, "embedding", sentence_embedder())
        _remember(text, body, "embedding_english", english_embedder())
        _remember(text, body, "embedding_universal", universal_embedder())
    return TurnRequest(
        turn=_string(body, "turn"),
        conversation=_string(body, "conversation"),
        text=text,
        button=button,
        state=state,
        handed_back=bool(_optional(body, "heard", list)),
        metadata=_optional(body, "metadata", dict) or {},
    )


def _remember(text: str, body: dict[str, Any], name: str, embedder: CachedEmbedder) -> None:
    encoded = _optional(body, name, str)
    if not encoded:
        return
    try:
        vector = np.frombuffer(base64.b64decode(encoded, validate=True), dtype="<f4")
        embedder.remember(text, vector)
    except (binascii.Error, ValueError) as error:
        raise BadTurnError(f"{name}: {error}") from error


def describe(agent: Agent) -> dict[str, Any]:
    """Return what this assistant really runs: model, classes, endpoint of the actions."""
    processor = agent.processor
    if processor is None:
        raise ValueError("no model is loaded")
    nodes = processor.model_metadata.predict_schema.nodes.values()
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    names = [_class_name(node.uses) for node in nodes]
    return {
        "model": processor.model_metadata.model_id,
        "model_file": processor.model_filename,
        "tracker_store": _class_name(type(store)),
        "components": [n for n in names if ".nlu." in n or n.startswith("bot.")],
        "policies": [
            _class_name(node.uses)
            for node in nodes
            if ".policies." in _class_name(node.uses) and "ensemble" not in node.uses.__module__
        ],
        "rasa": rasa.__version__,
        "actions": agent.action_endpoint.url if agent.action_endpoint else None,
        "validator_cached": validator_cache.installed(),
        "embedded": sum(
            embedder().embedded
            for embedder in (sentence_embedder, english_embedder, universal_embedder)
        ),
    }


def _class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return json({"error": {"code": code, "message": message}}, status=status)


class FirstlineChannel(InputChannel):
    """Takes the app's turns. Every call must carry the secret that both processes share."""

    def __init__(self, secret: str) -> None:
        if len(secret) < 16:
            raise ValueError("the channel's secret must have at least 16 characters")
        self._expected = f"Bearer {secret}".encode()
        validator_cache.install()

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is also its path below /webhooks/."""
        return "firstline"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> FirstlineChannel:
        """Create the channel from its entry in credentials.yml."""
        return cls(secret=str((credentials or {}).get("secret") or ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes. `on_new_message` is not used: it drops what the turn returned."""
        routes = Blueprint("firstline")

        @routes.middleware("request")
        async def check_secret(request: Request) -> HTTPResponse | None:
            given = str(request.headers.get("Authorization") or "").encode("utf-8", "replace")
            if hmac.compare_digest(given, self._expected):
                return None
            return _error(401, "unauthorised", "The secret is missing or wrong.")

        @routes.get("/ready")
        async def ready(request: Request) -> HTTPResponse:
            try:
                return json(describe(request.app.ctx.agent))
            except ValueError as error:
                return _error(503, "not_ready", str(error))

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            try:
                asked = read_turn(request.json)
            except BadTurnError as error:
                return _error(400, "bad_turn", str(error))
            return await self._take(asked, request.app.ctx.agent)

        return routes

    async def _take(self, asked: TurnRequest, agent: Agent) -> HTTPResponse:
        if agent.processor is None:
            return _error(503, "not_ready", "No model is loaded.")
        if asked.button and asked.button.intent not in agent.processor.domain.intents:
            return _error(400, "bad_turn", f"there is no intent {asked.button.intent!r}")
        try:
            turn = await self._run(asked, agent)
        except Exception:
            logger.exception("Turn %s failed.", asked.turn)
            return _error(503, "turn_failed", "The turn failed; the assistant's log says why.")
        if turn.unreadable:
            return _error(400, "bad_state", turn.unreadable)
        if not turn.new_events or turn.new_state is None:
            # Rasa swallows the failures of a tracker store and answers as if all were well.
            return _error(503, "nothing_recorded", "The turn left no events.")
        return json(
            {
                "turn": asked.turn,
                "model": agent.processor.model_metadata.model_id,
                "events": turn.new_events,
                "state": turn.new_state,
            }
        )

    async def _run(self, asked: TurnRequest, agent: Agent) -> Turn:
        turn = Turn(asked.conversation, asked.state, handed_back=asked.handed_back)
        token = current_turn.set(turn)
        try:
            await agent.handle_message(
                UserMessage(
                    asked.text,
                    CollectingOutputChannel(),
                    asked.conversation,
                    parse_data=asked.button.parse_data() if asked.button else None,
                    input_channel=self.name(),
                    message_id=asked.turn,
                    metadata=asked.metadata,
                )
            )
        finally:
            current_turn.reset(token)
        return turn
