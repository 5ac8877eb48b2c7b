"""Whether a draft asks again for what is known: rules, and a model that weighs what they see.

A sentence that names a known kind of fact or looks like a request is embedded; the model of
``asking_model`` takes the embedding and the signs of ``requests_signs`` and decides for each
kind, also against the rules. Where there is no embedder, or it is busy, the rules of
``asked_again`` decide alone. ``tools/fit_asking.py`` fits the model.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from bot.conversation.events import AskedFor
from bot.embedding import Embedder
from bot.handoff.asked_again import Reading, Requests
from bot.handoff.asking_model import Learned
from bot.handoff.known import KINDS, Known
from bot.handoff.requests_signs import COUNT, may_ask, signs

_log = logging.getLogger(__name__)

WEIGHTS = Path(__file__).with_name("asking.json")
# A draft is checked while somebody waits to send it; the rules alone have to do after this.
PATIENCE_SECONDS = 0.7


class Asking:
    """Tells which known facts a draft asks for again."""

    def __init__(
        self, folder: Path, embedder: Embedder | None = None, weights: Path | None = WEIGHTS
    ) -> None:
        """Read the wording in ``folder``; without ``embedder`` or weights the rules decide alone.

        Weights that were fitted for another embedder or other signs are not used; the log says so.

        Raises:
            RequestsError: a file of the folder cannot be used.
        """
        self._requests = Requests(folder)
        self._embedder = embedder
        self._learned = _weights(weights, embedder) if embedder and weights else None

    async def asked(self, text: str, known: Sequence[Known]) -> list[Known]:
        """What of ``known`` the draft asks for again; never fails because of the embedder."""
        reading = self._requests.read(text, known)
        if self._learned is None or not may_ask(reading):
            return reading.newest(reading.wanted)
        try:
            wanted = await asyncio.wait_for(
                asyncio.to_thread(self._by_model, reading), PATIENCE_SECONDS
            )
        except TimeoutError:
            _log.info("A draft was checked by the rules alone; the embedder was busy.")
            wanted = reading.wanted
        return reading.newest(wanted)

    def asked_now(self, text: str, known: Sequence[Known]) -> list[Known]:
        """The same, without a limit of time; for measuring."""
        reading = self._requests.read(text, known)
        return reading.newest(self._by_model(reading) if self._learned else reading.wanted)

    def _by_model(self, reading: Reading) -> set[AskedFor]:
        places = may_ask(reading)
        if self._embedder is None or self._learned is None or not places:
            return set()
        vectors = self._embedder.queries([reading.sentences[p].original for p in places])
        scores = self._learned.scores(vectors, signs(reading, places)).max(axis=0)
        return {
            kind for kind, score in zip(KINDS, scores, strict=True)
            if score > self._learned.threshold
        }  # fmt: skip


def _weights(file: Path, embedder: Embedder) -> Learned | None:
    if not file.exists():
        return None
    learned = msgspec.json.decode(file.read_bytes(), type=Learned)
    if learned.embedder != embedder.name or np.shape(learned.signs) != (len(KINDS), COUNT):
        _log.warning(
            "%s was fitted for other sentences or signs; requests for known facts are told by the "
            "rules alone until tools/fit_asking.py has run.",
            file.name,
        )
        return None
    return learned
