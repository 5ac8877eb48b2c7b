"""The app checks that the assistant is the one that was set up: Rasa falls back silently."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.dialogue import COMPONENTS, TRACKER_STORE, Dialogue, Guess, _difference, guesses_from

RIGHT: dict[str, Any] = {
    "tracker_store": TRACKER_STORE,
    "components": sorted(COMPONENTS),
    "model_file": "firstline.tar.gz",
}


def test_the_assistant_as_it_was_set_up_is_accepted() -> None:
    assert _difference(RIGHT, "firstline.tar.gz") == ""


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tracker_store": "rasa.core.tracker_store.InMemoryTrackerStore"}, "tracker store"),
        ({"components": []}, "SentenceEmbedding"),
        ({"model_file": "20260101-old.tar.gz"}, "20260101-old"),
    ],
)
def test_silent_fall_backs_of_rasa_are_refused(wrong: dict[str, Any], says: str) -> None:
    assert says in _difference(RIGHT | wrong, "firstline.tar.gz")


def test_the_three_likeliest_meanings_come_with_a_turn_and_rasas_fallback_is_none() -> None:
    shares = {"nlu_fallback": 0.6, "complaint": 0.2, "order_status": 0.5, "greet": 0.1, "deny": 0.0}
    ranking = [{"name": name, "confidence": share} for name, share in shares.items()]
    assert guesses_from({"intent_ranking": ranking}) == (
        Guess("order_status", 0.5),
        Guess("complaint", 0.2),
        Guess("greet", 0.1),
    )
    assert guesses_from({}) == ()


@pytest.mark.anyio
async def test_an_assistant_that_says_nonsense_while_it_starts_is_found_later() -> None:
    said = iter([b"[]", b"null", b"{}"])

    async def ready(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = next(said, json.dumps(RIGHT | {"model": "m"}).encode())
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    async with await asyncio.start_server(ready, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        dialogue = Dialogue(f"http://127.0.0.1:{port}", "secret", timeout_seconds=5)
        dialogue.watch()
        assert await dialogue.wait_ready(10)
        await dialogue.close()
