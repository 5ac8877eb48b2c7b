"""What the rules see in a draft, as numbers that the model of ``asking`` weighs.

Each sentence gets one row of signs for each known kind of fact: what the rules of
``asked_again`` found about the names of that kind in it, which forms stand beside them, what the
sentences around it name, and how near the known value is. A sign is 0 or 1, or a number of that
size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.conversation.events import AskedFor
from bot.handoff.asked_again import Reading, Sentence
from bot.handoff.known import KINDS

_FORMS = (
    "requests", "requests_after", "questions_after", "lacks", "writes", "places", "statements",
    "refusals", "recipients", "other_before", "other_after", "other_within", "not_meant", "pleas",
    "breaks", "wishes",
)  # fmt: skip
_FRAMES = ("requests", "writes", "lacks", "statements", "refusals")
_REQUESTS = ("requests", "requests_after", "questions_after", "lacks", "writes", "pleas")
_PIECE = 4  # Characters of a value that are looked for in a text at a time.
_MOSTLY = 0.8
_LIST_GAP = 3  # Words between two things of a list, at most.

# How many signs a row of `_Draft.row` has.
COUNT = 68 + len(_FORMS) + len(_FRAMES)

Signs = NDArray[np.float64]


def may_ask(reading: Reading) -> list[int]:
    """The places of the sentences that can be asking: they name a known kind or look like it."""
    kinds = {one.kind for one in reading.given}
    return [
        place
        for place, sentence in enumerate(reading.sentences)
        if _asks(sentence)
        or any(reading.verdicts[place].values())
        or any(sentence.names(kind) for kind in kinds)
    ]


def signs(reading: Reading, places: Sequence[int]) -> Signs:
    """The (places, kinds, signs) of the sentences at ``places``; zeros where a kind is unknown."""
    given = {kind: [k.value for k in reading.given if k.kind == kind] for kind in KINDS}
    draft = _Draft(reading, {kind: values for kind, values in given.items() if values})
    table = np.zeros((len(places), len(KINDS), COUNT))
    for row, place in enumerate(places):
        for column, kind in enumerate(KINDS):
            if kind in draft.given:
                table[row, column] = draft.row(place, kind)
    return table


class _Draft:
    """What all sentences of a draft have in common."""

    def __init__(self, reading: Reading, given: dict[AskedFor, list[str]]) -> None:
        self.given = given
        self._reading = reading
        self._near = {kind: _near(values, reading.text) for kind, values in given.items()}
        self._names = [
            {kind: bool(sentence.names(kind)) for kind in KINDS} for sentence in reading.sentences
        ]
        self._asks = [_asks(sentence) for sentence in reading.sentences]

    def row(self, place: int, kind: AskedFor) -> list[float]:
        """The signs of one sentence for one kind."""
        sentence = self._reading.sentences[place]
        verdict = self._reading.verdicts[place][kind]
        things = sentence.names(kind)
        frames = [sentence.frame(thing) for thing in things]
        values = self.given[kind]
        question = "?" in sentence.original
        named = bool(things)
        asks = self._asks[place]
        own_names = self._names[place]
        nothing = not any(own_names.values())
        here = _near(values, sentence.original)
        of_others = max(
            (_near(own, sentence.original) for k, own in self.given.items() if k != kind),
            default=0.0,
        )
        before, after = self._around(place, kind, -1), self._around(place, kind, 1)
        told = any(sentence.is_told(kind, t, values, self._reading.text) for t in things)
        other = any(sentence.is_other(thing) for thing in things)
        return [
            # What the rules say, and of what.
            verdict is True,
            verdict is None,
            verdict is False,
            verdict is None and named,
            verdict is False and named,
            any(thing.role == "questions" for thing in things),
            any(thing.role == "nouns" for thing in things),
            other,
            told,
            any(sentence.in_clause("recipients", thing) for thing in things),
            any(sentence.asked_after(thing) for thing in things),
            any(sentence.in_clause("requests", thing) for thing in things),
            any(sentence.in_clause("pleas", thing) for thing in things),
            sentence.is_closed(kind, values, self._reading.text),
            named and sentence.stands_alone(),
            # The forms in the sentence, and the one that governs the kind.
            *(sentence.has(form) for form in _FORMS),
            *(any(f is not None and f.role == role for f in frames) for role in _FRAMES),
            named and None in frames,
            # How it asks.
            question,
            sentence.original.rstrip().endswith("?"),
            sentence.original.rstrip().endswith(":"),
            asks,
            asks and named,
            question and named,
            asks and named and not other and not told,
            asks and nothing,
            question and nothing,
            not asks and named,
            _is_last(sentence, kind),
            # The value that is known, and others.
            here,
            self._near[kind],
            of_others,
            here > _MOSTLY,
            self._near[kind] > _MOSTLY,
            of_others > _MOSTLY,
            bool(re.search(r"\d{4}", sentence.original)),
            bool(re.search(r"\S@\S", sentence.original)),
            # What else is named, as in a list of things to send.
            any(own_names[k] for k in self.given if k != kind),
            any(own_names[k] for k in KINDS if k not in self.given),
            sum(own_names.values()) / len(KINDS),
            named and _is_list(sentence),
            nothing,
            any(v is True for k, v in self._reading.verdicts[place].items() if k != kind),
            any(said.get(kind) is True for said in self._reading.verdicts),
            # The sentences around it.
            *before,
            *after,
            asks and nothing and before[0],
            question and nothing and before[0] and not before[3],
            named and bool(before[1]),
            named and bool(before[4]),
            named and not asks and bool(after[5]),
            any(self._names[p][kind] for p in range(len(self._names)) if p != place),
            any(self._asks[p] for p in range(len(self._names)) if p != place),
            place == 0,
            place == len(self._names) - 1,
            len(self._names) > 1,
            # Its size.
            len(self.given) / len(KINDS),
            len(self.given) == 1,
            float(np.log1p(len(sentence.original))) / 5,
            bool(re.search(r"[\u0e00-\u0e7f]", sentence.original)),
        ]

    def _around(self, place: int, kind: AskedFor, step: int) -> list[float]:
        """Of the sentence beside: names it, asks, question, wanted, ends with ":", refers."""
        beside = place + step
        if not 0 <= beside < len(self._names):
            return [0.0] * 6
        sentence = self._reading.sentences[beside]
        names = self._names[beside]
        return [
            names[kind],
            any(sentence.has(form) for form in _REQUESTS),
            "?" in sentence.original,
            self._reading.verdicts[beside][kind] is True,
            sentence.original.rstrip().endswith(":"),
            self._asks[beside] and not any(names.values()),
        ]


def _asks(sentence: Sentence) -> bool:
    return "?" in sentence.original or any(sentence.has(form) for form in _REQUESTS)


def _is_last(sentence: Sentence, kind: AskedFor) -> bool:
    """Whether the last thing that the sentence names is of that kind."""
    ends = {k: max((t.end for t in sentence.names(k)), default=-1) for k in KINDS}
    return ends[kind] >= 0 and ends[kind] == max(ends.values())


def _is_list(sentence: Sentence) -> bool:
    """Whether two things that it names stand side by side, as "name, e-mail" do."""
    things = sorted((t.start, t.end, k) for k in KINDS for t in sentence.names(k))
    text = sentence.original
    return any(
        one[2] != two[2]
        and one[1] <= two[0]
        and len(text[one[1] : two[0]].split()) <= _LIST_GAP
        and re.search(r"[,;/+&\n-]|\b(?:and|or|i|oraz|lub|dan|at|และ|กับ)\b", text[one[1] : two[0]])
        is not None
        for one, two in pairwise(things)
    )


def _near(values: Sequence[str], text: str) -> float:
    """How much of the nearest of ``values`` stands in ``text``, by pieces of four characters."""
    pieces = _pieces(text)
    return max(len(own & pieces) / max(len(own), 1) for own in map(_pieces, values))


def _pieces(text: str) -> set[str]:
    plain = re.sub(r"[\s()-]+", " ", text.lower())
    return {plain[i : i + _PIECE] for i in range(max(1, len(plain) - _PIECE + 1))}
