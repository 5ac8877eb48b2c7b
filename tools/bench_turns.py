"""What a turn costs early and late in one long conversation, from receipt to the reply's row.

The bounded state that travels with each turn is what keeps the two equal. The last line is
JSON: ``early_ms`` and ``late_ms`` are medians, ``ratio`` is late over early.

Two conversations run side by side, turn about, so that a machine that slows down slows both:
one is at its fifth turns while the other is at its five hundredth.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time

from rich.console import Console
from rich.progress import Progress

from bot.ask import assistant_for
from bot.conversation import reception
from bot.conversation.conversations import Visitor, VisitorId
from bot.services import Services
from bot.settings import load, with_secrets

EARLY, LATE, SAMPLES = 5, 500, 20

# A dialogue as it comes: questions, small talk, an order form that is begun and left.
_SAID = (
    "Is the Skarn jacket waterproof?",
    "how do I wash it?",
    "What does delivery cost?",
    "thanks",
    "where is my order",
    "10233",
    "how long does a refund take?",
    "no",
    "how heavy is the Nolund tent?",
    "hello",
)


async def _turn(services: Services, visitor: Visitor, number: int) -> float:
    # A number in the text: no cache of embeddings or of answers helps a turn that was had before.
    text = f"{_SAID[number % len(_SAID)]} ({visitor.id} {number})"
    started = time.perf_counter()
    event = await reception.receive_message(
        services.database, visitor, f"bench-{visitor.id}-{number}", text, limit=2000
    )
    services.turns.wake(event.conversation)
    await services.turns.settled(event.conversation)
    return (time.perf_counter() - started) * 1000


async def main() -> None:
    """Run and print."""
    console = Console(stderr=True)
    settings = with_secrets(load())
    async with assistant_for(settings) as services:
        long = Visitor(VisitorId("bench-long"), channel="ask")
        with Progress(console=console) as progress:
            for number in progress.track(range(LATE), description="Talking"):
                await _turn(services, long, number)
        early, late = [], []
        for sample in range(SAMPLES):
            short = Visitor(VisitorId(f"bench-{sample}"), channel="ask")
            for number in range(EARLY - 1):
                await _turn(services, short, number)
            # The same sentence in both, so that the length of the dialogue is all that differs.
            number = LATE + sample
            early.append(await _turn(services, short, number))
            late.append(await _turn(services, long, number))
    result = {
        "early_ms": round(statistics.median(early), 2),
        "late_ms": round(statistics.median(late), 2),
    }
    result["ratio"] = round(result["late_ms"] / result["early_ms"], 3)
    print(f"Turn {EARLY}: {result['early_ms']} ms; turn {LATE} and on: {result['late_ms']} ms")
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
