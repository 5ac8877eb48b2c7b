"""The channel over HTTP, on a server in this process with the trained model."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.agent import Agent
from sanic import Sanic

from bot.assistant.channel import MAX_TEXT, FirstlineChannel, plain, read_turn
from bot.embedding import sentence_embedder

SECRET = "a-secret-of-the-tests"
ALLOWED = {"product_question", "out_of_scope", "nlu_fallback"}


class Server:
    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}/webhooks/firstline"

    def call(self, path: str, body: Any = None, secret: str | None = SECRET) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        request = urllib.request.Request(self.base + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def turn(self, text: str | None = None, **more: object) -> tuple[int, Any]:
        body = {"turn": uuid.uuid4().hex, "conversation": uuid.uuid4().hex, "text": text, **more}
        return self.call("/turn", body)


@pytest.fixture(scope="module")
def server(agent: Agent) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = Sanic(f"test_{uuid.uuid4().hex}", configure_logging=False)
    app.ctx.agent = agent
    channel = FirstlineChannel(SECRET)

    async def unused(_: object) -> None:
        raise AssertionError("on_new_message drops its result and is not used")

    app.blueprint(channel.blueprint(unused), url_prefix="/webhooks/firstline")
    loop = asyncio.new_event_loop()
    started = threading.Event()

    async def serve() -> None:
        running = await app.create_server("127.0.0.1", port, return_asyncio_server=True)
        await running.startup()
        await running.start_serving()
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    assert started.wait(20)
    yield Server(port)
    loop.call_soon_threadsafe(loop.stop)


def event_of(answer: Any, kind: str) -> Any:
    return next(event for event in answer["events"] if event["event"] == kind)


def intent_of(answer: Any) -> str:
    return str(event_of(answer, "user")["parse_data"]["intent"]["name"])


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "ä" * 5])
def test_without_the_secret_nothing_is_answered(server: Server, secret: str | None) -> None:
    if secret == "ä" * 5:
        secret = urllib.request.quote(secret)
    assert server.call("/ready", secret=secret)[0] == 401
    status, body = server.call("/turn", {"turn": "1", "conversation": "c", "text": "hi"}, secret)
    assert status == 401
    assert body["error"]["code"] == "unauthorised"


def test_ready_names_the_classes_in_use_since_rasa_falls_back_silently(
    server: Server, agent: Agent
) -> None:
    status, ready = server.call("/ready")
    assert status == 200
    assert ready["model"] == agent.model_id
    assert ready["tracker_store"] == "bot.assistant.tracker_store.TravellingTrackerStore"
    assert "bot.assistant.features.SentenceEmbedding" in ready["components"]
    assert "bot.assistant.intents.NearestExamples" in ready["components"]
    assert "bot.assistant.entities.ShopDetails" in ready["components"]
    assert "rasa.core.policies.rule_policy.RulePolicy" in ready["policies"]
    assert "bot.assistant.policies.PersonSpeaks" in ready["policies"]
    assert ready["rasa"] == "3.6.21"
    assert ready["validator_cached"] is True


def test_a_turn_returns_the_whole_trace_and_the_state(server: Server) -> None:
    status, first = server.turn("hello", turn="t-1")
    assert status == 200
    assert first["turn"] == "t-1"
    assert event_of(first, "user")["message_id"] == "t-1"
    bot = event_of(first, "bot")
    assert bot["metadata"]["utter_action"] == "utter_greet"
    assert intent_of(first) == "greet"
    status, second = server.turn("and how much is delivery?", state=first["state"])
    assert status == 200
    assert len(second["state"]) > len(first["state"])
    assert [e["event"] for e in second["events"]].count("user") == 1


COMMANDS = [
    "/restart",
    " /restart",
    "\t\n /back",
    "/session_start",
    '/give_details{"order_number":"10233"}',
    '  /give_details{"order_number": {"a": 1}}',
    "/ask_for_person",
    "//greet",
    "\u2003/greet",
    "\u00a0/greet@1.0",
    "\x1c/restart",
]


@pytest.mark.parametrize("text", COMMANDS)
def test_text_that_starts_with_a_slash_is_only_text(server: Server, text: str) -> None:
    _, before = server.turn("hello")
    status, answer = server.turn(text, state=before["state"])
    assert status == 200
    user = event_of(answer, "user")
    assert user["parse_data"]["intent"].get("confidence") != 1.0
    assert user["parse_data"]["intent"]["name"] not in ("restart", "back", "session_start")
    kinds = {event["event"] for event in answer["events"]}
    assert not kinds & {"restart", "rewind", "session_started"}
    slots = {e["name"]: e["value"] for e in answer["events"] if e["event"] == "slot"}
    assert not isinstance(slots.get("order_number"), dict)
    assert event_of(answer, "bot")["text"]


BLANKS = st.text(" \t\n\r\x1c\u00a0\u2003\u200b\ufeff", max_size=3)
NAMES = st.sampled_from(
    ["restart", "back", "session_start", "ask_for_person", "give_details", "greet@0.9", ""]
)
PAYLOADS = st.sampled_from(["", '{"order_number": {"a": 1}}', '{"signed_in": true}', "{", " now"])
COMMANDS_AND_OTHERS = st.one_of(
    st.builds(lambda *parts: "".join(parts), BLANKS, st.just("/"), NAMES, PAYLOADS),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
).filter(lambda text: bool(text.replace("\0", "").strip()))


@pytest.fixture(scope="module")
def begun(server: Server) -> Any:
    """The state of a conversation that has begun."""
    return server.turn("hello")[1]["state"]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=COMMANDS_AND_OTHERS)
def test_no_text_at_all_is_read_as_a_command(server: Server, begun: Any, text: str) -> None:
    status, answer = server.turn(text, state=begun)
    assert status == 200
    parsed = event_of(answer, "user")["parse_data"]
    # A command is the only meaning of a message that Rasa reads as one; NLU ranks several.
    assert len(parsed["intent_ranking"]) > 1
    assert not {e["event"] for e in answer["events"]} & {"restart", "rewind", "session_started"}
    slots = {e["name"]: e["value"] for e in answer["events"] if e["event"] == "slot"}
    assert not isinstance(slots.get("order_number"), dict)
    assert slots.get("signed_in") is not True


def test_a_slash_later_in_the_text_stays() -> None:
    assert plain("size 38/40, please") == "size 38/40, please"
    assert plain("  /x") == "  \N{DIVISION SLASH}x"
    assert len(plain("/" * 9)) == 9


def test_a_button_says_what_is_meant_and_no_nlu_runs(server: Server) -> None:
    button = {
        "intent": "give_details",
        "entities": {"order_number": "10233"},
        "title": "Order 10233",
    }
    status, answer = server.turn(None, button=button)
    assert status == 200
    user = event_of(answer, "user")
    assert user["text"] == "Order 10233"
    assert user["parse_data"]["intent"] == {"name": "give_details", "confidence": 1.0}
    slots = {e["name"]: e["value"] for e in answer["events"] if e["event"] == "slot"}
    assert slots["order_number"] == "10233"


def test_a_button_of_an_unknown_intent_is_refused(server: Server) -> None:
    status, answer = server.turn(None, button={"intent": "fly", "entities": {}, "title": "x"})
    assert status == 400
    assert "fly" in answer["error"]["message"]


def test_a_button_whose_title_is_a_command_is_only_text(server: Server) -> None:
    status, answer = server.turn(None, button={"intent": "greet", "title": "/restart"})
    assert status == 200
    assert intent_of(answer) == "greet"
    assert not event_of(answer, "user")["text"].startswith("/")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"turn": "1", "conversation": "c"},
        {"turn": "1", "conversation": "c", "text": ""},
        {"turn": "1", "conversation": "c", "text": " \n "},
        {"turn": "1", "conversation": "c", "text": "\0"},
        {"turn": "1", "conversation": "c", "text": 7},
        {"turn": "1", "conversation": "", "text": "hi"},
        {"conversation": "c", "text": "hi"},
        {"turn": "1", "conversation": "c", "text": "hi", "state": {}},
        {"turn": "1", "conversation": "c", "text": "hi", "state": ["x"]},
        {"turn": "1", "conversation": "c", "text": "hi", "metadata": []},
        {"turn": "1", "conversation": "c", "text": "hi", "embedding": "!!"},
        {"turn": "1", "conversation": "c", "text": "hi", "embedding_english": "!!"},
        {"turn": "1", "conversation": "c", "text": "hi", "embedding_universal": "!!"},
        {"turn": "1", "conversation": "c", "text": "hi", "embedding": "AAAAAA=="},
        {"turn": "1", "conversation": "c", "button": {"title": "x"}},
        {"turn": "1", "conversation": "c", "button": {"intent": "greet", "entities": []}},
    ],
)
def test_a_bad_body_is_refused_with_a_reason(server: Server, body: object) -> None:
    # Among them: empty text, which Rasa answers as an intent, and None, at which it raises.
    status, answer = server.call("/turn", body)
    assert status == 400
    assert answer["error"]["code"] == "bad_turn"
    assert answer["error"]["message"]


def test_a_state_that_cannot_be_read_is_refused(server: Server) -> None:
    status, answer = server.turn("hello", state=[{"event": "from_the_future"}])
    assert status == 400
    assert answer["error"]["code"] == "bad_state"


def test_no_new_events_is_an_error_since_rasa_hides_a_failing_store(
    server: Server, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("cannot")

    monkeypatch.setattr(agent.tracker_store._tracker_store, "save", fail)
    status, answer = server.turn("hello")
    assert status == 503
    assert answer["error"]["code"] == "nothing_recorded"


def test_a_turn_that_raises_is_an_error_and_the_next_one_works(
    server: Server, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("cannot")

    with monkeypatch.context() as patch:
        patch.setattr(agent.processor, "handle_message", fail)
        assert server.turn("hello")[1]["error"]["code"] == "turn_failed"
    assert server.turn("hello")[0] == 200


def test_text_of_200_kb_does_not_block(server: Server) -> None:
    text = "is it waterproof " * 12_000
    status, answer = server.turn(text)
    assert status == 200
    assert len(event_of(answer, "user")["text"]) == MAX_TEXT


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "🙂" * 50, "กันน้ำไหม", "\u202eabc", "%s {0}"])
def test_strange_text_is_answered(server: Server, text: str) -> None:
    status, answer = server.turn(text)
    assert status == 200
    assert event_of(answer, "bot")


def test_an_action_that_fails_leaves_a_trace_and_a_state(server: Server) -> None:
    # Rasa goes on in silence: that there is no reply is the app's to notice.
    status, answer = server.turn("is the crash helmet waterproof")
    assert status == 200
    assert answer["state"]


def test_the_vector_that_came_with_the_turn_is_used(server: Server) -> None:
    embedder = sentence_embedder()
    vector = embedder.queries(["how much does delivery cost"])[0]
    encoded = base64.b64encode(vector.astype("<f4").tobytes()).decode()
    status, answer = server.turn("zzzz qqqq xxxx", embedding=encoded)
    assert status == 200
    assert intent_of(answer) == "product_question"


def test_a_text_whose_vectors_came_with_the_turn_is_not_embedded_again(server: Server) -> None:
    def encoded(size: int) -> str:
        vector = np.full(size, size**-0.5, dtype="<f4")
        return base64.b64encode(vector.tobytes()).decode()

    before = server.call("/ready")[1]["embedded"]
    status, _ = server.turn(
        "what is the postage to the moon",
        embedding=encoded(384),
        embedding_english=encoded(384),
        embedding_universal=encoded(512),
    )
    assert status == 200
    assert server.call("/ready")[1]["embedded"] == before
    server.turn("what is the postage to the moon and back", embedding=encoded(384))
    assert server.call("/ready")[1]["embedded"] == before + 2


def test_the_vector_belongs_to_the_text_as_it_is_parsed() -> None:
    vector = np.zeros(sentence_embedder().dimensions, dtype="<f4")
    vector[7] = 1
    read_turn(
        {
            "turn": "1",
            "conversation": "c",
            "text": "/vector",
            "embedding": base64.b64encode(vector.tobytes()).decode(),
        }
    )
    assert sentence_embedder().queries([plain("/vector")])[0][7] == 1


def test_a_verified_customer_is_asked_for_nothing(server: Server) -> None:
    status, answer = server.turn("where is my order", metadata={"customer": "c-1001"})
    assert status == 200
    assert event_of(answer, "bot")["text"].startswith("order ")


def test_the_secret_must_not_be_empty_or_short() -> None:
    for secret in ("", "short"):
        with pytest.raises(ValueError, match="16 characters"):
            FirstlineChannel(secret)
    with pytest.raises(ValueError, match="16 characters"):
        FirstlineChannel.from_credentials(None)
