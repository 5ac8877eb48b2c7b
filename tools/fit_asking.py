"""Fit what tells requests for known facts: ``python -m tools.fit_asking``.

Reads the labelled replies of ``data/requests/examples.jsonl``, prints what cross-validation
says, each writer held out in turn and then blocks of neighbouring lines, and writes
``bot/handoff/asking.json``. To be run after every change of the examples, of the wording in
``data/requests`` or of the signs. The same input gives the same weights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bot.conversation.events import AskedFor
from bot.embedding import sentence_embedder
from bot.handoff.asked_again import Requests
from bot.handoff.asking import WEIGHTS
from bot.handoff.asking_model import NOT_AT_ALL, Floats, Labels, Sentences, best, fit
from bot.handoff.known import KINDS, Known
from bot.handoff.requests_signs import may_ask, signs
from bot.knowledge.vectors import VectorStore
from bot.settings import load

# Where precision is about 0.92 for the writers whose replies had the least say in the rules.
THRESHOLD = -0.2
# Those of the rules' own maker fit the rules too well to tell the model much.
_OWN, _WEIGHT_OF_OWN = "own", 0.5
_FOLDS, _BLOCK = 5, 10


class Examples:
    """The labelled replies, as the model takes them."""

    def __init__(self, folder: Path, store: VectorStore) -> None:
        """Read, parse and embed the examples of ``folder``."""
        requests = Requests(folder)
        text = (folder / "examples.jsonl").read_text("utf-8")
        lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
        self.writers = np.array([writer(line["id"]) for line in lines])
        self.languages = np.array([line["language"] for line in lines])
        sentences: list[str] = []
        drafts: list[int] = []
        rows: list[Floats] = []
        by_rules = []
        for number, line in enumerate(lines):
            reading = requests.read(line["reply"], _known(line))
            places = may_ask(reading)
            sentences += [reading.sentences[place].original for place in places]
            drafts += [number] * len(places)
            rows.append(signs(reading, places))
            by_rules.append([kind in reading.wanted for kind in KINDS])
        self.by_rules = np.array(by_rules)
        self.sentences = Sentences(
            store.get(sentences, "query"), np.concatenate(rows), np.array(drafts, np.intp)
        )
        facts = [{one["fact"] for one in line["known"]} for line in lines]
        self.labels = Labels(
            known=np.array([[kind in own for kind in KINDS] for own in facts]),
            asked=np.array([[kind in line["asks"] for kind in KINDS] for line in lines]),
            weights=np.where(self.writers == _OWN, _WEIGHT_OF_OWN, 1.0),
        )

    def part(self, chosen: NDArray[np.bool_]) -> tuple[Sentences, Labels]:
        """The ``chosen`` drafts alone."""
        place = np.cumsum(chosen) - 1
        kept = chosen[self.sentences.drafts]
        all_, said = self.sentences, self.labels
        return (
            Sentences(all_.vectors[kept], all_.signs[kept], place[all_.drafts[kept]]),
            Labels(said.known[chosen], said.asked[chosen], said.weights[chosen]),
        )

    def held_out(self, folds: NDArray[Any], embedder: str) -> Floats:
        """The score of each draft and kind by a fit without the fold of the draft."""
        found = np.full(self.labels.known.shape, NOT_AT_ALL)
        for fold in dict.fromkeys(folds.tolist()):
            out = folds == fold
            learned = fit(*self.part(~out), embedder, THRESHOLD)
            sentences, _ = self.part(out)
            scores = learned.scores(sentences.vectors, sentences.signs)
            found[out] = best(scores, sentences.drafts, int(out.sum()))
        return found


def writer(number: str) -> str:
    """Who wrote the example of that id: ``own`` for the maker of the rules."""
    known = re.match(r"b-[a-z]+|first|kept|second", number)
    return known[0] if known else _OWN


def _known(line: Mapping[str, Any]) -> list[Known]:
    return [
        Known(msgspec.convert(one["fact"], AskedFor), one["value"], "typed", 1, "")
        for one in line["known"]
    ]


def _rates(said: NDArray[np.bool_], labels: Labels, which: NDArray[np.bool_]) -> str:
    said, asked = (own[which] & labels.known[which] for own in (said, labels.asked))
    right = int((said & asked).sum())
    precision, recall = right / max(int(said.sum()), 1), right / max(int(asked.sum()), 1)
    return f"{precision:9.3f} {recall:6.3f}"


def _print(title: str, scores: Floats, examples: Examples, names: Sequence[str]) -> None:
    print(f"\n{title:24} asked   rules: precision recall   with the model: precision recall")
    others = examples.writers != _OWN
    groups = {name: examples.writers == name for name in names} | {"all but own": others}
    for name, which in groups.items():
        asked = int((examples.labels.asked & examples.labels.known)[which].sum())
        rules = _rates(examples.by_rules, examples.labels, which)
        model = _rates(scores > THRESHOLD, examples.labels, which)
        print(f"{name:24} {asked:5} {rules:>24} {model:>32}")
    least = np.isin(examples.writers, ("kept", "second"))
    for threshold in (-1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0, 1.5):
        said = scores > threshold
        print(
            f"threshold {threshold:4.1f}: all but own {_rates(said, examples.labels, others)}"
            f"   kept and second {_rates(said, examples.labels, least)}"
        )


def main() -> None:
    """Cross-validate, fit on all examples and write the weights."""
    settings = load()
    store = VectorStore(sentence_embedder(), settings.path("var") / "embeddings")
    examples = Examples(settings.path("requests"), store)
    writers = list(dict.fromkeys(examples.writers.tolist()))
    print(f"{len(examples.writers)} replies, {len(examples.sentences.drafts)} sentences")
    held_out = examples.held_out(examples.writers, store.name)
    _print("each writer held out", held_out, examples, writers)
    blocks = np.arange(len(examples.writers)) // _BLOCK % _FOLDS
    _print("blocks held out", examples.held_out(blocks, store.name), examples, writers)
    learned = fit(examples.sentences, examples.labels, store.name, THRESHOLD)
    WEIGHTS.write_bytes(msgspec.json.encode(learned) + b"\n")


if __name__ == "__main__":
    main()
