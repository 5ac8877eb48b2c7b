"""Fit how mood is read again: ``python -m tools.fit_mood``.

Learns from the example messages in ``data/mood/`` and writes ``bot/conversation/mood.json``.
First a regression over the embedding, then one over what that says and the plain signs; both
together are one sum. The messages of the languages are much the same in content, so a message is
judged by weights that saw neither its language nor the same place in any other language's list.
Prints figures for several strengths of the penalty and takes the one with the least log loss.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.conversation import mood
from bot.embedding import sentence_embedder
from bot.evaluate.curves import calibration_error
from bot.knowledge.calibrate import fit
from bot.settings import PROJECT

FOLDER = PROJECT / "data" / "mood"
RIDGES = (100.0, 300.0, 1000.0, 3000.0)
SIGNS_RIDGE = 3.0
FOLDS = 5
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Messages:
    """All example messages: what is seen of them, what is right, and which belong together."""

    vectors: Floats
    signs: Floats
    negative: Floats
    language: NDArray[np.str_]
    fold: NDArray[np.int64]


def read() -> Messages:
    """The messages of all languages."""
    data = mood.read(FOLDER)
    words = mood.pattern({name: own["words"] for name, own in data.items()})
    rows = [
        (language, place % FOLDS, is_negative, text)
        for language, own in data.items()
        for is_negative, key in ((1.0, "negative"), (0.0, "calm"))
        for place, text in enumerate(own[key])
    ]
    texts = [text for *_, text in rows]
    return Messages(
        vectors=np.asarray(sentence_embedder().queries(texts), dtype=np.float64),
        signs=np.asarray([mood.signs(text, words) for text in texts]),
        negative=np.asarray([is_negative for _, _, is_negative, _ in rows]),
        language=np.asarray([language for language, *_ in rows]),
        fold=np.asarray([fold for _, fold, *_ in rows], dtype=np.int64),
    )


@dataclass(frozen=True)
class Weights:
    """Bias and weights of the sum whose logistic is the probability."""

    bias: float
    signs: Floats
    vector: Floats

    def logits(self, vectors: Floats, signs: Floats) -> Floats:
        """The sums of those messages."""
        return np.asarray(self.bias + vectors @ self.vector + signs @ self.signs)


def learn(messages: Messages, rows: NDArray[np.bool_], ridge: float) -> Weights:
    """The weights from those rows; the second regression sees held-out sums of the first."""
    sums = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = rows & (messages.fold == fold)
        if held.any():
            first = fit(messages.vectors[rows & ~held], messages.negative[rows & ~held], ridge)
            sums[held] = first.bias + messages.vectors[held] @ np.asarray(first.weights)
    seen = np.column_stack([sums, messages.signs])[rows]
    second = fit(seen, messages.negative[rows], SIGNS_RIDGE)
    share, *signs = second.weights
    first = fit(messages.vectors[rows], messages.negative[rows], ridge)
    return Weights(
        second.bias + share * first.bias, np.asarray(signs), share * np.asarray(first.weights)
    )


def held_out(messages: Messages, ridge: float) -> Floats:
    """The probability of each message, from weights that saw neither its language nor its fold."""
    probability = np.zeros(len(messages.negative))
    for language in np.unique(messages.language):
        for fold in range(FOLDS):
            held = (messages.language == language) & (messages.fold == fold)
            seen = (messages.language != language) & (messages.fold != fold)
            weights = learn(messages, seen, ridge)
            logits = weights.logits(messages.vectors[held], messages.signs[held])
            probability[held] = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return probability


def auroc(scores: Floats, truth: Floats) -> float:
    """The probability that a negative message scores above a calm one; ties count half."""
    above, below = scores[truth == 1][:, None], scores[truth == 0][None, :]
    return float(((above > below) + 0.5 * (above == below)).mean())


def log_loss(probability: Floats, truth: Floats) -> float:
    """The mean surprise at what is true, in nats."""
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    return float(-(truth * np.log(p) + (1 - truth) * np.log(1 - p)).mean())


def _figures(name: str, probability: Floats, truth: Floats) -> str:
    wrong = float(((probability >= mood.NEGATIVE) != (truth == 1)).mean())
    return (
        f"  {name:5} AUROC {auroc(probability, truth):.3f}  wrong at .5 {wrong:.3f}  "
        f"calibration error {calibration_error(probability, truth):.3f}  "
        f"log loss {log_loss(probability, truth):.3f}"
    )


def report(messages: Messages, probability: Floats) -> None:
    """Print the held-out figures by language and of all."""
    groups: Sequence[str] = [*np.unique(messages.language)]
    for language in groups:
        own = messages.language == language
        print(_figures(language, probability[own], messages.negative[own]))
    print(_figures("all", probability, messages.negative))


def main() -> None:
    """Choose the penalty, fit on all, write the file."""
    messages = read()
    losses = {}
    for ridge in RIDGES:
        probability = held_out(messages, ridge)
        losses[ridge] = log_loss(probability, messages.negative)
        print(f"penalty {ridge:g}:")
        report(messages, probability)
    chosen = min(losses, key=losses.__getitem__)
    weights = learn(messages, np.ones(len(messages.negative), dtype=bool), chosen)
    made = {
        "bias": round(weights.bias, 4),
        "signs": {n: round(float(w), 4) for n, w in zip(mood.SIGNS, weights.signs, strict=True)},
        "vector": [round(float(w), 4) for w in weights.vector],
    }
    mood.WEIGHTS.write_text(json.dumps(made) + "\n", encoding="utf-8")
    print(f"{len(messages.negative)} messages, penalty {chosen:g}; {made['signs']}")
    print(f"wrote {mood.WEIGHTS}")


if __name__ == "__main__":
    main()
