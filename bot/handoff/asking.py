"""Whether a draft asks again: the rules first, the sentence embedder where they cannot tell.

The rules of ``asked_again`` know the usual ways to ask. A sentence that looks like a request but
fits none of them is embedded, and a logistic regression for each kind of fact, fitted on the
examples of ``data/requests/examples.jsonl``, says whether it asks. What the rules have ruled out
stays so. ``python -m bot.handoff.asking`` fits again after a change of the examples and prints
what cross-validation says.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bot.conversation.events import AskedFor
from bot.embedding import Embedder, sentence_embedder
from bot.handoff.asked_again import Reading, Requests
from bot.handoff.known import KINDS, Known

_log = logging.getLogger(__name__)

WEIGHTS = Path(__file__).with_name("asking.json")
# A draft is checked while somebody waits to send it; the rules alone have to do after this.
PATIENCE_SECONDS = 0.7
_STEPS, _RATE, _DECAY, _WEIGHT_OF_ASKED = 1_500, 2.0, 1e-3, 3.0
_SPREAD = 3.0
# By cross-validation, rules and embedder together are right in nine of ten from here on.
THRESHOLD = 0.8
_FOLDS, _BLOCK = 10, 10

Vectors = NDArray[np.float32]


class Learned(msgspec.Struct, frozen=True):
    """A logistic regression for each kind, on centred and scaled embeddings."""

    embedder: str
    threshold: float
    scale: float
    middle: list[float]
    weights: dict[str, list[float]]
    offsets: dict[str, float]

    def probabilities(self, vectors: Vectors) -> dict[str, NDArray[np.float64]]:
        """For each kind the probability that each sentence asks for it."""
        centred = (vectors - np.asarray(self.middle)) * self.scale
        return {
            kind: 1 / (1 + np.exp(-(centred @ np.asarray(own) + self.offsets[kind])))
            for kind, own in self.weights.items()
        }


class Asking:
    """Tells which known facts a draft asks for again."""

    def __init__(
        self, folder: Path, embedder: Embedder | None = None, weights: Path | None = WEIGHTS
    ) -> None:
        """Read the wording in ``folder``; without ``embedder`` or weights the rules decide alone.

        Raises:
            RequestsError: a file of the folder cannot be used.
        """
        self._requests = Requests(folder)
        self._embedder = embedder
        self._learned = (
            msgspec.json.decode(weights.read_bytes(), type=Learned)
            if embedder is not None and weights is not None and weights.exists()
            else None
        )

    async def asked(self, text: str, known: Sequence[Known]) -> list[Known]:
        """What of ``known`` the draft asks for again; never fails because of the embedder."""
        reading = self._requests.read(text, known)
        if self._learned is None or not reading.open:
            return reading.asked()
        try:
            more = await asyncio.wait_for(
                asyncio.to_thread(self._by_meaning, reading), PATIENCE_SECONDS
            )
        except TimeoutError:
            _log.info("A draft was checked by the rules alone; the embedder was busy.")
            more = set()
        return reading.asked(more)

    def asked_now(self, text: str, known: Sequence[Known]) -> list[Known]:
        """The same, without a limit of time; for measuring."""
        reading = self._requests.read(text, known)
        return reading.asked(self._by_meaning(reading) if self._learned else ())

    def _by_meaning(self, reading: Reading) -> set[AskedFor]:
        if self._embedder is None or self._learned is None or not reading.open:
            return set()
        sentences = list(reading.open)
        found = self._learned.probabilities(self._embedder.queries(sentences))
        return {
            kind
            for place, sentence in enumerate(sentences)
            for kind in reading.open[sentence]
            if found[kind][place] > self._learned.threshold
        }


def fit(
    vectors: Vectors,
    asked: NDArray[np.float64],
    known: NDArray[np.bool_],
    embedder: str,
    threshold: float,
) -> Learned:
    """Fit on (n, dimensions) ``vectors`` and (n, kinds) ``asked``, which is 1 where it asks.

    Where a kind is not ``known``, nobody said whether the sentence asks for it: that counts for
    nothing.
    """
    middle = vectors.mean(axis=0)
    centred = (vectors - middle).astype(np.float64)
    scale = _SPREAD / float(centred.std() * np.sqrt(centred.shape[1]))
    centred *= scale
    weights = np.zeros((centred.shape[1], asked.shape[1]))
    offsets = np.full(asked.shape[1], -2.0)
    importance = np.where(asked > 0, _WEIGHT_OF_ASKED, 1.0) * known
    for _ in range(_STEPS):
        wrong = (1 / (1 + np.exp(-(centred @ weights + offsets))) - asked) * importance
        weights -= _RATE * (centred.T @ wrong / len(centred) + _DECAY * weights)
        offsets -= _RATE * wrong.mean(axis=0)
    return Learned(
        embedder=embedder,
        threshold=threshold,
        scale=round(scale, 5),
        middle=[round(float(x), 5) for x in middle],
        weights={
            kind: [round(float(x), 4) for x in weights[:, place]]
            for place, kind in enumerate(KINDS)
        },
        offsets={kind: round(float(offsets[place]), 4) for place, kind in enumerate(KINDS)},
    )


class _Examples:
    """The labelled replies of one sentence, with their vectors."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        requests = Requests(folder)
        lines = [json.loads(x) for x in (folder / "examples.jsonl").read_text("utf-8").splitlines()]
        readings = [(line, requests.read(line["reply"], _known(line))) for line in lines]
        self.lines = [line for line in lines if len(requests.sentences(line["reply"])) == 1]
        kept = {line["id"] for line in self.lines}
        self.readings = [reading for line, reading in readings if line["id"] in kept]
        sentences = [requests.sentences(line["reply"])[0] for line in self.lines]
        self.vectors = embedder.queries(sentences)
        self.asked = np.array(
            [[kind in line["asks"] for kind in KINDS] for line in self.lines], float
        )
        self.known = np.array(
            [[kind in {k["fact"] for k in line["known"]} for kind in KINDS] for line in self.lines]
        )

    def open(self) -> NDArray[np.bool_]:
        """Which kinds of which reply the rules leave open."""
        return np.array(
            [
                [any(kind in kinds for kinds in reading.open.values()) for kind in KINDS]
                for reading in self.readings
            ]
        )


def _known(line: Mapping[str, Any]) -> list[Known]:
    return [
        Known(msgspec.convert(one["fact"], AskedFor), one["value"], "typed", 1, "")
        for one in line["known"]
    ]


def main() -> None:
    """Fit on all examples, write the weights, and print what cross-validation says."""
    from bot.settings import load

    embedder = sentence_embedder()
    examples = _Examples(load().path("requests"), embedder)
    count = len(examples.lines)
    # Neighbours are often two replies to one customer: they are held out together.
    folds = np.arange(count) // _BLOCK % _FOLDS
    held_out = np.zeros_like(examples.asked)
    for fold in range(_FOLDS):
        rest = folds != fold
        learned = fit(
            examples.vectors[rest], examples.asked[rest], examples.known[rest], embedder.name, 0.0
        )
        found = learned.probabilities(examples.vectors[folds == fold])
        held_out[folds == fold] = np.stack([found[kind] for kind in KINDS], axis=1)
    wanted, open_ = examples.asked > 0, examples.open()
    print(f"{count} sentences; each held out of the fit that judges it ({_FOLDS} folds)")
    print("threshold  alone: precision recall   of what the rules leave open: right wrong missed")
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95):
        said = (held_out > threshold) & examples.known
        right = int((said & wanted).sum())
        print(
            f"{threshold:9.2f}  {right / max(int(said.sum()), 1):16.3f} {right / wanted.sum():6.3f}"
            f"   {(said & wanted & open_).sum():35} {(said & ~wanted & open_).sum():5}"
            f" {(~said & wanted & open_).sum():6}"
        )
    learned = fit(examples.vectors, examples.asked, examples.known, embedder.name, THRESHOLD)
    WEIGHTS.write_bytes(msgspec.json.encode(learned) + b"\n")


if __name__ == "__main__":
    main()
