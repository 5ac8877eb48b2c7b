"""Policies: messages that a person has to take over at once, by the shop's own examples.

``data/policies/*.yml`` holds, for payment, law and safety, messages that belong to it, such as
only sound like it, and words that weigh by themselves. A regression over the sentence embedding
that the turn has made already, and those words, tells them apart; it is one linear equation, so
an edit is taken up at once. ``policies.json`` keeps what follows from the files as they are
shipped, so that a start need not embed the examples. ``python -m tools.check_policies`` prints how
good it is.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.conversation import mood
from bot.errors import ExpectedError
from bot.handoff.reasons import POLICIES, Reason

SHIPPED = Path(__file__).with_name("policies.json")
# Chosen on held-out examples (tools/check_policies.py): of messages that only sound like it, or
# that are plain complaints, one in fifty is above.
THRESHOLD = 0.4
_PENALTY = 1.0
_WORD_WEIGHT = 0.2
_MOST_WORDS = 2

Floats = NDArray[np.float64]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""The query vectors of texts, one row each."""


class PoliciesError(ExpectedError):
    """A file of policies cannot be used; the text says what to do."""


@dataclass(frozen=True)
class Example:
    """A message, its language, and the policy it belongs to; none for what only sounds like it."""

    text: str
    language: str
    policy: Reason | None


@dataclass(frozen=True)
class Weights:
    """One column per policy, in the order of ``POLICIES``: score = bias + features @ matrix."""

    bias: Floats
    matrix: Floats

    def scores(self, features: Floats) -> Floats:
        """How much each message belongs to each policy; about 1 if it does, about 0 if not."""
        return np.asarray(self.bias + features @ self.matrix)


def read(folder: Path, ordinary: Path) -> tuple[list[Example], list[re.Pattern[str]]]:
    """All examples, and the words of each policy.

    The messages of ``ordinary``, those that mood is learned from, belong to no policy.

    Raises:
        PoliciesError: a file is missing or cannot be read.
    """
    examples, words = [], []
    for policy in POLICIES:
        content = _read(folder / f"{policy.removeprefix('policy_')}.yml")
        words.append(mood.pattern(content.get("words", {})))
        for key, owner in (("examples", policy), ("not", None)):
            examples += [
                Example(text, language, owner)
                for language, texts in content.get(key, {}).items()
                for text in texts
            ]
    examples += [
        Example(text, language, None)
        for language, own in mood.read(ordinary).items()
        for key in ("negative", "calm")
        for text in own.get(key, [])
    ]
    return examples, words


def _read(path: Path) -> dict[str, dict[str, list[str]]]:
    try:
        content: Any = yaml.safe_load(path.read_text("utf-8"))
        return {
            key: {str(language): [str(t) for t in texts] for language, texts in own.items()}
            for key, own in content.items()
        }
    except (OSError, yaml.YAMLError) as error:
        raise PoliciesError(f"{path} cannot be read; correct it: {error}") from None
    except (AttributeError, TypeError):
        raise PoliciesError(
            f"{path} must hold words, examples and not, each with a list a language."
        ) from None


def features(
    texts: Sequence[str], vectors: NDArray[Any], words: Sequence[re.Pattern[str]]
) -> Floats:
    """What is seen of messages: their vectors, then how many words of each policy they have."""
    counted = [
        [_WORD_WEIGHT * min(len(own.findall(text)), _MOST_WORDS) for own in words] for text in texts
    ]
    return np.hstack([np.asarray(vectors, dtype=np.float64), np.asarray(counted)])


def fit(seen: Floats, policies: Sequence[Reason | None]) -> Weights:
    """The ridge regression of what each message belongs to."""
    belongs = np.asarray([[float(own == policy) for policy in POLICIES] for own in policies])
    middle, share = seen.mean(axis=0), belongs.mean(axis=0)
    centred = seen - middle
    square = centred.T @ centred + _PENALTY * np.eye(seen.shape[1])
    matrix = np.linalg.solve(square, centred.T @ (belongs - share))
    return Weights(share - middle @ matrix, matrix)


def digest(examples: Sequence[Example], words: Sequence[re.Pattern[str]]) -> str:
    """Of all that the weights follow from."""
    lines = [f"{e.policy}\t{e.text}" for e in examples] + [own.pattern for own in words]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


class Policies:
    """Says which policy a message falls under; follows the files when ``refresh`` is called."""

    def __init__(self, folder: Path, ordinary: Path, embed: Embed) -> None:
        """``folder`` and ``ordinary`` as ``read`` takes them; ``embed`` for edited examples."""
        self._folder, self._ordinary, self._embed = folder, ordinary, embed
        self._guard = threading.Lock()
        self._seen: object = None
        self._words: list[re.Pattern[str]] = []
        self._weights: Weights | None = None

    def refresh(self) -> None:
        """Read the files if they changed; embeds examples that are not those shipped.

        Raises:
            PoliciesError: a file cannot be read; what was read before stays in force.
        """
        with self._guard:
            now = [
                (path, path.stat().st_mtime_ns)
                for folder in (self._folder, self._ordinary)
                for path in sorted(folder.glob("*.yml"))
            ]
            if now == self._seen:
                return
            examples, words = read(self._folder, self._ordinary)
            weights = _shipped(digest(examples, words))
            if weights is None:
                texts = [example.text for example in examples]
                seen = features(texts, self._embed(texts), words)
                weights = fit(seen, [example.policy for example in examples])
            self._words, self._weights, self._seen = words, weights, now

    def of(self, text: str, vector: NDArray[np.float32]) -> Reason | None:
        """The policy that ``text`` falls under, if one; ``vector`` is its query embedding."""
        if self._weights is None or not vector.any():
            return None
        (scores,) = self._weights.scores(features([text], vector[None, :], self._words))
        best = int(scores.argmax())
        return POLICIES[best] if scores[best] >= THRESHOLD else None


def _shipped(wanted: str) -> Weights | None:
    if not SHIPPED.exists():
        return None
    kept = json.loads(SHIPPED.read_text("utf-8"))
    if kept["digest"] != wanted:
        return None
    return Weights(np.asarray(kept["bias"]), np.asarray(kept["matrix"]))
