"""The app's way to the assistant: one turn and its state in; replies, trace and new state out.

The assistant keeps nothing between turns, so any assistant can take any turn and a turn can be
sent again. This module knows Rasa's wire format and nothing else does on the app's side.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import httpx
import msgspec
import numpy as np
from numpy.typing import NDArray

_log = logging.getLogger(__name__)

# What must be plugged in for the promises to hold; Rasa falls back to others without a word.
TRACKER_STORE = "bot.assistant.tracker_store.TravellingTrackerStore"
COMPONENTS = frozenset(
    {"bot.assistant.features.SentenceEmbedding", "bot.assistant.intents.NearestExamples"}
)

_POLL_SECONDS = 0.25
# Longer than all that is allowed for connecting, sending and reading: nothing may hold it up.
_LOOK_SECONDS = 10.0


class AssistantError(Exception):
    """The assistant answered with an error."""

    reason: Literal["unavailable", "slow", "error"] = "error"
    was_sent = True  # the turn reached the assistant, so the turn may be what ails it
    was_slow = False


class AssistantUnavailableError(AssistantError):
    """Nobody answers at the assistant's address, or who answers is not what we set up."""

    reason = "unavailable"
    was_sent = False


class AssistantDiedError(AssistantError):
    """The connection broke during the turn."""

    reason = "unavailable"


class AssistantSlowError(AssistantError):
    """The assistant took longer than the setting ``turn_timeout_seconds``."""

    reason = "slow"
    was_slow = True


@dataclass(frozen=True)
class Button:
    """A quick reply that the bot offers."""

    title: str
    intent: str
    entities: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """One message or button press of a customer, with all that the assistant needs to know."""

    id: str
    conversation: str
    text: str | None
    button: Button | None = None
    vector: NDArray[np.float32] | None = None
    english: NDArray[np.float32] | None = None  # the vector of a text in English, as MiniLM has it
    universal: NDArray[np.float32] | None = None  # as the Universal Sentence Encoder has it
    state: bytes | None = None
    heard: Sequence[dict[str, str]] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """One message of the bot: its words, its buttons, what the action said about it."""

    text: str
    response: str | None
    buttons: tuple[Button, ...]
    notes: dict[str, Any]


@dataclass(frozen=True)
class Entity:
    """Something that the customer named."""

    kind: str
    value: str


@dataclass(frozen=True)
class Guess:
    """An intent that a message may have, with its probability."""

    intent: str
    probability: float


@functools.cache
def _authorities() -> ssl.SSLContext:
    """Whom we trust; reading their certificates takes a while, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


# How many of the likeliest intents are kept: more would not help a person who reads them.
_GUESSES = 3


@dataclass(frozen=True)
class TurnResult:
    """What the assistant made of a turn."""

    replies: tuple[Reply, ...]
    intent: str | None
    confidence: float
    entities: tuple[Entity, ...]
    state: bytes
    model: str
    guesses: tuple[Guess, ...] = ()


class Dialogue:
    """Talks to one assistant at ``url``; knows whether it is ready and is the one we set up."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        timeout_seconds: float,
        model_file: str | None = None,
    ) -> None:
        """Talk to ``url``; ``model_file`` is the name of the model that should answer."""
        self._model_file = model_file
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {secret}"},
            timeout=httpx.Timeout(timeout_seconds, connect=2.0),
            trust_env=False,
            verify=_authorities(),
        )
        self._ready = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self.model: str | None = None
        self.fault = "The assistant is starting."

    @property
    def is_ready(self) -> bool:
        """Whether the assistant answered last time, with the classes meant to be in use."""
        return self._ready.is_set()

    def watch(self) -> None:
        """Look for the assistant until it is ready; returns at once."""
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._until_ready())

    async def wait_ready(self, seconds: float | None = None) -> bool:
        """Wait until the assistant is ready, at most ``seconds``; whether it is."""
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Stop watching and close the connections."""
        if self._watcher:
            self._watcher.cancel()
        await self._client.aclose()

    async def turn(self, turn: Turn) -> TurnResult:
        """Let the assistant answer ``turn``.

        Raises:
            AssistantUnavailableError: it cannot be reached.
            AssistantDiedError: it went away during the turn.
            AssistantSlowError: it did not answer in time.
            AssistantError: it answered with an error.
        """
        if not self.is_ready:
            raise AssistantUnavailableError(self.fault)
        try:
            response = await self._client.post(
                "/webhooks/firstline/turn",
                content=msgspec.json.encode(_request(turn)),
                headers={"Content-Type": "application/json"},
            )
        except httpx.TimeoutException as error:
            raise AssistantSlowError(type(error).__name__) from error
        except httpx.TransportError as error:
            self._lost(f"The assistant went away ({type(error).__name__}).")
            if isinstance(error, httpx.ConnectError):
                raise AssistantUnavailableError(type(error).__name__) from error
            raise AssistantDiedError(type(error).__name__) from error
        if response.status_code == httpx.codes.BAD_REQUEST and turn.state is not None:
            # The state was made by another version: beginning anew beats never answering again.
            _log.warning("The assistant cannot read the state of %s; it begins anew.", turn.id)
            return await self.turn(replace(turn, state=None))
        if response.status_code != httpx.codes.OK:
            raise AssistantError(f"The assistant answered with status {response.status_code}.")
        return _result(response.content)

    def _lost(self, why: str) -> None:
        self.fault = why
        self._ready.clear()
        self.watch()

    async def _until_ready(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    response = await self._client.get("/webhooks/firstline/ready", timeout=2.0)
                response.raise_for_status()
                about = response.json()
                fault = _difference(about, self._model_file)
            except (httpx.HTTPError, ValueError) as error:
                fault = f"The assistant is not ready ({type(error).__name__})."
            except Exception as error:
                # Whatever it is, without this watch the assistant would be gone for good.
                fault = f"Looking for the assistant failed ({error!r})."
            if not fault:
                self.model = about["model"]
                self.fault = ""
                self._ready.set()
                _log.info("The assistant is ready with model %s.", about.get("model_file"))
                return
            if fault != self.fault:
                _log.warning(fault)
                self.fault = fault
            await asyncio.sleep(_POLL_SECONDS)


def _difference(about: dict[str, Any], model_file: str | None) -> str:
    """What in use is not what is meant to be, as a sentence; empty if all is right."""
    if about.get("tracker_store") != TRACKER_STORE:
        return (
            f"The assistant uses the tracker store {about.get('tracker_store')}, not "
            f"{TRACKER_STORE}; check bot/assistant/endpoints.yml and its log."
        )
    missing = COMPONENTS - set(about.get("components", []))
    if missing:
        return (
            f"The assistant's model lacks {', '.join(sorted(missing))}; "
            "check config.yml and run `firstline train`."
        )
    if model_file is not None and about.get("model_file") != model_file:
        # Rasa takes the newest model it finds where the one named is missing, without a word.
        return (
            f"The assistant runs the model {about.get('model_file')}, not {model_file}; "
            "run `firstline train`."
        )
    return ""


def _request(turn: Turn) -> dict[str, Any]:
    return {
        "turn": turn.id,
        "conversation": turn.conversation,
        "text": turn.text,
        "button": None
        if turn.button is None
        else {
            "intent": turn.button.intent,
            "entities": turn.button.entities,
            "title": turn.button.title,
        },
        "embedding": _encoded(turn.vector),
        "embedding_english": _encoded(turn.english),
        "embedding_universal": _encoded(turn.universal),
        "state": None if turn.state is None else msgspec.Raw(turn.state),
        "heard": turn.heard,
        "metadata": turn.metadata,
    }


def _encoded(vector: NDArray[np.float32] | None) -> str | None:
    if vector is None:
        return None
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


class _Answer(msgspec.Struct):
    """The body of an answer; the state stays as it came."""

    model: str
    events: list[dict[str, Any]]
    state: msgspec.Raw


def _result(body: bytes) -> TurnResult:
    try:
        return _read(msgspec.json.decode(body, type=_Answer))
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError, AttributeError) as error:
        # An action may have sent anything, such as a button whose payload is no JSON.
        raise AssistantError(f"The assistant's answer cannot be read: {error!r}") from error


def _read(answer: _Answer) -> TurnResult:
    heard: dict[str, Any] = next((e for e in answer.events if e["event"] == "user"), {})
    parsed = heard.get("parse_data") or {}
    intent = parsed.get("intent") or {}
    return TurnResult(
        replies=tuple(reply_from_event(e) for e in answer.events if e["event"] == "bot"),
        intent=intent.get("name"),
        confidence=float(intent.get("confidence") or 0.0),
        entities=entities_from(parsed),
        state=bytes(answer.state),
        model=answer.model,
        guesses=guesses_from(parsed),
    )


def guesses_from(parsed: dict[str, Any]) -> tuple[Guess, ...]:
    """The likeliest intents in Rasa's parse data, the likeliest first.

    Rasa puts its own fallback in front where no intent is likely; that is no meaning.
    """
    ranked = [
        Guess(str(guess["name"]), round(float(guess["confidence"]), 4))
        for guess in parsed.get("intent_ranking") or ()
        if guess["name"] != "nlu_fallback"
    ]
    ranked.sort(key=lambda guess: -guess.probability)
    return tuple(ranked[:_GUESSES])


def entities_from(parsed: dict[str, Any]) -> tuple[Entity, ...]:
    """The entities in Rasa's parse data, each once.

    A product's value is its id; for people the words that the customer used say more.
    """
    text = str(parsed.get("text") or "")
    found: dict[Entity, None] = {}
    for entity in parsed.get("entities") or ():
        value = str(entity["value"])
        if entity["entity"] == "product":
            value = text[entity.get("start", 0) : entity.get("end", 0)] or value
        found[Entity(entity["entity"], value)] = None
    return tuple(found)


def reply_from_event(event: dict[str, Any]) -> Reply:
    """The reply that a ``bot`` event of Rasa's trace holds."""
    metadata = event.get("metadata") or {}
    data = event.get("data") or {}
    return Reply(
        text=event.get("text") or "",
        response=metadata.get("utter_action"),
        buttons=tuple(_button(button) for button in data.get("buttons") or ()),
        notes=metadata.get("firstline") or {},
    )


def _button(raw: dict[str, Any]) -> Button:
    """A button in Rasa's form: its payload is ``/intent`` or ``/intent{"entity": "value"}``."""
    name, brace, rest = str(raw["payload"]).lstrip("/").partition("{")
    entities = msgspec.json.decode(brace + rest) if brace else {}
    return Button(
        title=str(raw["title"]),
        intent=name,
        entities={key: str(value) for key, value in entities.items()},
    )
