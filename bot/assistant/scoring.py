"""Scores a trained model on labelled texts: `python -m bot.assistant.scoring JOB.json OUT.json`.

JOB has `model`, `validation` (or null) and `test`; both lists of [text, intent], where
the intent `oos` means out of scope. With `fallback` true the model's own FallbackClassifier
decides what is refused, as for a pipeline that is not ours. OUT gets the figures that
docs/evaluation.md explains.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.assistant.nearest import choose_threshold

OUT_OF_SCOPE = "oos"
_TELL_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Scored:
    """Texts with their true intents, and what the model said."""

    true: NDArray[np.str_]
    said: NDArray[np.str_]
    confidence: NDArray[np.float64]
    # Which texts the model's own FallbackClassifier refused.
    fallback: NDArray[np.bool_] | bool = False

    @property
    def outside(self) -> NDArray[np.bool_]:
        """Which texts are out of scope in truth."""
        return np.asarray(self.true == OUT_OF_SCOPE)

    def predicted(self, threshold: float | None) -> NDArray[np.str_]:
        """Return the predictions: out of scope below the threshold, or by the model's fallback."""
        refused = self.fallback if threshold is None else self.confidence < threshold
        return np.where(refused, OUT_OF_SCOPE, self.said)


def validated_threshold(scored: Scored, share: float) -> float:
    """Return the threshold that serves best on texts of both kinds."""
    refused = scored.said == OUT_OF_SCOPE
    right = scored.said == scored.true
    return choose_threshold(scored.confidence, right, refused, scored.outside, share)


def best_mcc(scored: Scored) -> float:
    """Return the highest Matthews correlation that any threshold would give."""
    names, codes = np.unique(
        np.concatenate([scored.true, scored.said, [OUT_OF_SCOPE]]), return_inverse=True
    )
    count = len(scored.true)
    true, said, outside = codes[:count], codes[count : 2 * count], codes[-1]
    truths = np.bincount(true, minlength=len(names)).astype(float)
    given = np.bincount(said, minlength=len(names)).astype(float)
    right = float((true == said).sum())
    best = _mcc(right, count, truths, given)
    order = np.argsort(scored.confidence, kind="stable")
    for place, row in enumerate(order):
        # From here on this text is below the threshold.
        given[said[row]] -= 1
        given[outside] += 1
        right += float(true[row] == outside) - float(true[row] == said[row])
        following = order[place + 1] if place + 1 < count else None
        if following is None or scored.confidence[following] > scored.confidence[row]:
            best = max(best, _mcc(right, count, truths, given))
    return best


def _mcc(right: float, count: int, truths: NDArray[Any], given: NDArray[Any]) -> float:
    spread = (count**2 - (truths**2).sum()) * (count**2 - (given**2).sum())
    return float((right * count - truths @ given) / spread**0.5) if spread > 0 else 0.0


def figures(scored: Scored, threshold: float | None) -> dict[str, float | None]:
    """Return the figures by name; None for those about out of scope where there is none.

    Without a threshold the model's own FallbackClassifier refuses.
    """
    from sklearn.metrics import f1_score, matthews_corrcoef, roc_auc_score

    predicted = scored.predicted(threshold)
    right = predicted == scored.true
    outside, inside = scored.outside, ~scored.outside
    refused = predicted == OUT_OF_SCOPE
    both = bool(outside.any() and inside.any())
    # Who is sure that a text is out of scope is least sure that it is in scope.
    in_scope = np.where(scored.said == OUT_OF_SCOPE, -scored.confidence, scored.confidence)
    return {
        "accuracy": float(right.mean()),
        "in_scope_accuracy": float(right[inside].mean()) if inside.any() else None,
        "accuracy_without_threshold": float((scored.said == scored.true).mean()),
        "oos_recall": float(refused[outside].mean()) if outside.any() else None,
        "oos_precision": (
            float(outside[refused].mean()) if outside.any() and refused.any() else None
        ),
        "auroc": float(roc_auc_score(inside, in_scope)) if both else None,
        "mcc": float(matthews_corrcoef(scored.true, predicted)),
        "macro_f1": float(
            f1_score(
                scored.true,
                predicted,
                labels=sorted(set(scored.true)),
                average="macro",
                zero_division=0,
            )
        ),
        "best_mcc": best_mcc(scored),
    }


class Model:
    """A model of Rasa, asked text by text as the assistant asks it."""

    def __init__(self, path: str) -> None:
        from rasa.core.agent import Agent

        from bot.assistant.intents import NearestExamples

        self._agent = Agent.load(path)
        if self._agent.processor is None:
            raise ValueError(f"{path} is no model")
        nodes = self._agent.processor.graph_runner._instantiated_nodes.values()
        self._classifier = next(
            (n._component for n in nodes if isinstance(n._component, NearestExamples)), None
        )

    @property
    def threshold(self) -> float | None:
        """The threshold that was determined from the training examples; None if not by us."""
        return self._classifier.threshold if self._classifier else None

    @property
    def share(self) -> float:
        """The part of messages that its pipeline takes to be out of scope; 0 if not ours."""
        return self._classifier.out_of_scope_share if self._classifier else 0.0

    @property
    def examples(self) -> int | None:
        """How many examples it was trained from; None if another pipeline's classifier was."""
        if self._classifier is None:
            return None
        return self._classifier.model.examples if self._classifier.model else 0

    async def score(self, lines: Sequence[tuple[str, str]], what: str) -> Scored:
        """Return what it says of each text, without a fallback."""
        from bot.assistant.channel import plain

        said, confidence, fallback = [], [], []
        told = time.monotonic()
        for done, (text, _) in enumerate(lines, 1):
            parsed = await self._agent.parse_message(plain(text))
            fallback.append(parsed["intent"]["name"] == "nlu_fallback")
            # A fallback stands before what the classifier had said.
            ranking = [i for i in parsed["intent_ranking"] if i["name"] != "nlu_fallback"]
            said.append(ranking[0]["name"] if ranking else OUT_OF_SCOPE)
            confidence.append(ranking[0]["confidence"] if ranking else 0.0)
            if time.monotonic() - told > _TELL_EVERY_SECONDS:
                told = time.monotonic()
                print(f"Scored {done} of {len(lines)} {what} texts", flush=True)
        true = np.array([intent for _, intent in lines])
        return Scored(true, np.array(said), np.array(confidence), np.array(fallback))


async def run(job: dict[str, Any]) -> dict[str, Any]:
    """Return the figures for a job, with threshold, examples read and milliseconds a text."""
    model = Model(job["model"])
    threshold = None if job.get("fallback") else model.threshold
    if job["validation"] and threshold is not None:
        validation = await model.score(job["validation"], "validation")
        if validation.outside.any() and not validation.outside.all():
            threshold = validated_threshold(validation, model.share)
    await model.score([("hello", OUT_OF_SCOPE)], "")  # loads the embedders
    started = time.perf_counter()
    scored = await model.score(job["test"], "test")
    took = time.perf_counter() - started
    return {
        **figures(scored, threshold),
        "threshold": threshold,
        "examples": model.examples,
        "ms_per_message": 1000 * took / len(job["test"]),
    }


def main() -> None:
    """Read the job, write the figures."""
    import logging

    from rasa.utils.log_utils import configure_structlog

    logging.getLogger("rasa").setLevel(logging.CRITICAL)
    configure_structlog(logging.CRITICAL)
    job, out = map(Path, sys.argv[1:3])
    found = asyncio.run(run(json.loads(job.read_text(encoding="utf-8"))))
    out.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
