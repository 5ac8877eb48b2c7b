"""Which known things an agent's draft asks for again, in any of the shop's languages.

The wording stands in ``data/requests/<language>.yml``; a draft is read with all of them at
once, since an agent may write in another language than the customer, or mix two. Each list of a
file is a list of regular expressions:

``requests``
    ask for what follows, as far as the next of these forms: "could you send me".
``requests_after``
    ask for what stands right before: "... is missing".
``questions_after``
    ask for what stands a few words before them in the clause: "... which".
``lacks``
    ask for what follows directly: "I can't find".
``writes``
    ask for what follows ("please write"), unless ``places`` says where to write it: "on the
    parcel".
``statements``
    take what follows out of a request: "I have", "thanks for".
``refusals``
    forbid or spare what follows in the clause: "no need to".
``recipients``
    somebody else is to get it: "the courier".
``nouns``
    names of a thing, by kind. ``questions`` ask for it by themselves: "which size".
``other_before``, ``other_after``, ``other_within``
    mark another one than the known: "a new e-mail".
``not_meant``
    have a noun inside but are about something else: "a photo of the problem".
``wishes``
    ask what the shop should do ("refund or exchange?"), which is known if the question of the
    case has one of ``wish_words``.
``breaks``
    begin a new clause: "but". ``fillers`` and ``pleas`` may stand beside a bare noun that asks
    alone: "Order number, please?".

A draft of a few sentences takes some milliseconds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.conversation.events import AskedFor
from bot.errors import ExpectedError
from bot.handoff.known import KINDS, Known

_ROLES = (
    "requests", "requests_after", "questions_after", "lacks", "writes", "places", "recipients",
    "statements", "refusals", "other_before", "other_after", "other_within", "not_meant",
    "breaks", "fillers", "pleas", "wishes", "wish_words",
)  # fmt: skip
_BY_KIND = ("nouns", "questions")
# How far (in characters) a word may stand from the noun it belongs to.
_NEAR, _FAR, _NEAR_OTHER = 14, 20, 24
# A bare noun asks if no more than this much else stands beside it.
_REST_CHARACTERS, _FEW_WORDS = 3, 6
_SENTENCE = re.compile(r"[^.!?…\n]*(?:[.!?…]+(?=\s|$|[)\"'»”])|[.](?=\S)|\n|$)+")
_CLAUSE = re.compile(r"[,;:()–—]|(?<=[\u0e00-\u0e7f])\s+(?=\S)|(?<=\S)\s+(?=[\u0e00-\u0e7f])")
_THAI_END = re.compile(r"(?<=ค่ะ)\s|(?<=คะ)\s|(?<=ครับ)\s")
_LIST_ITEM = re.compile(r":?[^\S\n]*\n\s*(?:[-*•·]|\d{1,2}[.)])\s+")
_VALUE = {
    "order_number": re.compile(r"\d{4,}|[*x•]+\d{2,}"),
    "email": re.compile(r"\S@\S|\*{2,}"),
    "phone": re.compile(
        r"\+?\d[\d ()-]{5,}\d|[*x•]{2,}\s?\d{2,}|\b(?:in|with|na|dengan)\s\d{2,4}\b"
    ),
}  # fmt: skip


class RequestsError(ExpectedError):
    """A file of ``data/requests`` cannot be used; the text says which line."""


@dataclass(frozen=True)
class Span:
    """Where in a sentence something stands."""

    start: int
    end: int
    role: str


@dataclass(frozen=True)
class Reading:
    """A draft as the rules read it."""

    text: str
    given: Sequence[Known]
    sentences: list[Sentence]
    # What the rules say of each known kind, sentence by sentence.
    verdicts: list[dict[AskedFor, bool | None]]

    @property
    def wanted(self) -> set[AskedFor]:
        """The kinds that some sentence asks for, by the rules."""
        return {kind for said in self.verdicts for kind, asks in said.items() if asks}

    def newest(self, kinds: Collection[AskedFor]) -> list[Known]:
        """What is known of ``kinds``; the newest where a kind has several."""
        newest = {one.kind: one for one in self.given}
        return [newest[kind] for kind in KINDS if kind in newest and kind in kinds]


class Requests:
    """The wording of all languages, compiled."""

    def __init__(self, folder: Path) -> None:
        """Read all files of ``folder``.

        Raises:
            RequestsError: a file has an unknown list or an expression that cannot be read.
        """
        self._find: dict[str, list[re.Pattern[str]]] = {role: [] for role in _ROLES}
        self._things: dict[tuple[str, str], list[re.Pattern[str]]] = {
            (role, kind): [] for role in _BY_KIND for kind in KINDS
        }
        for file in sorted(folder.glob("*.yml")):
            given: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
            joined = bool(given.pop("joined_words", False))
            for role, lines in given.items():
                if role in _BY_KIND and isinstance(lines, dict) and set(lines) <= set(KINDS):
                    for kind, own in lines.items():
                        self._things[role, kind] += _expressions(file, own, joined=joined)
                elif role in _ROLES:
                    self._find[role] += _expressions(file, lines, joined=joined)
                else:
                    raise RequestsError(f"{file} has a list `{role}` that is not known.")

    def read(self, text: str, known: Sequence[Known]) -> Reading:
        """The draft ``text`` held against what is ``known``."""
        plain = _plain(text)
        values: dict[AskedFor, list[str]] = {}
        for one in known:
            values.setdefault(one.kind, []).append(one.value)
        sentences = [Sentence(self, words) for words in _sentences(plain)]
        verdicts = [
            {kind: sentence.verdict(kind, own, plain) for kind, own in values.items()}
            for sentence in sentences
        ]
        return Reading(plain, known, sentences, verdicts)

    def spans(self, role: str, text: str) -> list[Span]:
        """Where ``text`` has a form of that role."""
        return _find(self._find[role], text, role)

    def things(self, role: str, kind: AskedFor, text: str) -> list[Span]:
        """Where ``text`` names or asks for that kind."""
        return _find(self._things[role, kind], text, role)


class Sentence:
    """One sentence, read once for all kinds."""

    def __init__(self, requests: Requests, sentence: str) -> None:
        self._requests = requests
        self.original = sentence
        self._text = text = sentence.lower()
        hidden = requests.spans("not_meant", text)
        for span in hidden:
            text = text[: span.start] + "\x00" * (span.end - span.start) + text[span.end :]
        self._words = text
        self._spans = {role: requests.spans(role, text) for role in _ROLES}
        self._named: dict[tuple[str, AskedFor], list[Span]] = {}
        self._bounds = self._clauses()
        self._frames = self._governing()

    def _clauses(self) -> list[int]:
        starts = [m.end() for m in _CLAUSE.finditer(self._text)]
        starts += [span.start for span in self._spans["breaks"]]
        return sorted({0, *starts})

    def _clause(self, place: int) -> tuple[int, int]:
        start = max(bound for bound in self._bounds if bound <= place)
        after = [bound for bound in self._bounds if bound > place]
        return start, after[0] if after else len(self._text)

    def _governing(self) -> list[Span]:
        """Requests and statements in order, none inside another: the first and longest wins."""
        spans = [
            span
            for role in ("requests", "writes", "lacks", "statements", "refusals")
            for span in self._spans[role]
        ]
        spans.sort(key=lambda span: (span.start, -span.end))
        chosen: list[Span] = []
        for span in spans:
            if chosen and span.start < chosen[-1].end:
                continue
            if self._is_refused(span, chosen):
                continue
            chosen.append(span)
        return chosen

    def _is_refused(self, span: Span, before: Sequence[Span]) -> bool:
        start, _ = self._clause(span.start)
        return span.role != "refusals" and any(
            other.role == "refusals" and start <= other.start < span.start for other in before
        )

    def has(self, role: str) -> bool:
        """Whether a form of that role stands in the sentence."""
        return bool(self._spans[role])

    def names(self, kind: AskedFor) -> list[Span]:
        """Where the sentence names that kind or asks for it by itself."""
        return [*self._things("questions", kind), *self._things("nouns", kind)]

    def _things(self, role: str, kind: AskedFor) -> list[Span]:
        if (role, kind) not in self._named:
            self._named[role, kind] = self._requests.things(role, kind, self._words)
        return self._named[role, kind]

    def verdict(self, kind: AskedFor, values: Sequence[str], whole: str) -> bool | None:
        """Whether the sentence asks for something of that kind, and not for another one.

        None where the rules cannot tell: the kind is not named, or nothing says what of it.
        """
        questions = self._things("questions", kind)
        said = " ".join(values).lower() if kind == "problem" else ""
        if self._spans["wishes"] and self._requests.spans("wish_words", said):
            return True
        nouns = [
            noun
            for noun in self._things("nouns", kind)
            if not any(noun.start < q.end and q.start < noun.end for q in questions)
        ]
        ruled_out = False
        for thing in sorted([*questions, *nouns], key=lambda span: span.start):
            if (
                self.is_other(thing)
                or self.is_told(kind, thing, values, whole)
                or self.in_clause("recipients", thing)
            ):
                ruled_out = True
            elif asked := self._is_asked(thing):
                return True
            elif asked is False:
                ruled_out = True
        return False if ruled_out or self.is_closed(kind, values, whole) else None

    def is_closed(self, kind: AskedFor, values: Sequence[str], whole: str) -> bool:
        """Whether a sentence that does not name the kind can be asking for it at all."""
        if self._spans["refusals"] or self._spans["other_within"]:
            return True
        asks = "?" in self.original or any(
            self._spans[role] for role in ("requests", "requests_after", "questions_after", "pleas")
        )
        told = _VALUE.get(kind) is not None and any(
            re.sub(r"[ ()-]", "", value) in re.sub(r"[ ()-]", "", whole) for value in values
        )
        return told or not asks

    def _is_asked(self, thing: Span) -> bool | None:
        frame = self.frame(thing)
        if thing.role == "questions":
            return frame is None or frame.role not in ("statements", "refusals")
        if self.asked_after(thing):
            return True
        if frame is None:
            return self.stands_alone() or None
        if frame.role == "writes":
            return not self.in_clause("places", thing)
        return frame.role in ("requests", "lacks")

    def asked_after(self, thing: Span) -> bool:
        """Whether a form that asks for what stands before it follows the thing."""
        if self._refused_before(thing) or self._stated_before(thing):
            return False
        _, end = self._clause(thing.start)
        return any(
            0 <= span.start - thing.end <= 1 for span in self._spans["requests_after"]
        ) or any(
            0 <= span.start - thing.end <= _FAR and span.start < end
            for span in self._spans["questions_after"]
        )

    def _refused_before(self, thing: Span) -> bool:
        start, _ = self._clause(thing.start)
        return any(
            span.role == "refusals" and start <= span.start < thing.start for span in self._frames
        )

    def _stated_before(self, thing: Span) -> bool:
        frame = self.frame(thing)
        start, _ = self._clause(thing.start)
        return (
            frame is not None
            and frame.role == "statements"
            and start <= frame.start
            and (frame.start < thing.start or frame.start - thing.end < 1)
        )

    def frame(self, thing: Span) -> Span | None:
        """The form that a thing belongs to: before it in its clause, else before, else after."""
        start, end = self._clause(thing.start)
        frames = [
            span for span in self._frames
            if span.role != "lacks" or 0 <= thing.start - span.end <= _NEAR
        ]  # fmt: skip
        if thing.role == "questions":
            # In Polish a comma stands before "what" also where nothing is asked.
            reach = start if "?" in self.original else start - 2
            own = [span for span in frames if reach <= span.end <= thing.start + 1]
            return own[-1] if own else None
        inside = [span for span in frames if start <= span.start < end]
        before = [span for span in inside if span.start <= thing.start]
        if before:
            return before[-1]
        if inside:
            return inside[0]
        before = [span for span in frames if span.start < thing.start]
        after = [span for span in frames if span.start > thing.start]
        # What a refusal says holds for its own clause and for a list that goes on with it.
        return before[-1] if before else after[0] if after else None

    def in_clause(self, role: str, thing: Span) -> bool:
        """Whether a form of that role stands in the clause of the thing."""
        start, end = self._clause(thing.start)
        return any(start <= span.start < end for span in self._spans[role])

    def is_other(self, thing: Span) -> bool:
        """Whether another one than the known is meant, as in "a new e-mail"."""
        start, end = self._clause(thing.start)
        # Words between the adjective and the noun are fine, a conjunction is not.
        for span in self._spans["other_before"]:
            if start <= span.start and span.start <= thing.end:
                between = self._words[span.end : thing.start]
                inside = thing.start <= span.start
                if inside or (len(between.split()) <= 1 and len(between) < _NEAR):
                    return True
        reach = 3 * _NEAR_OTHER if thing.role == "questions" else _NEAR_OTHER
        if any(
            thing.start <= span.start <= min(thing.end + reach, end)
            for span in self._spans["other_after"]
            if thing.role == "questions" or self._adjoins(thing, span)
        ):
            return True
        return any(start <= span.start < end for span in self._spans["other_within"])

    def _adjoins(self, thing: Span, span: Span) -> bool:
        between = self._words[thing.end : span.start]
        return not re.search(r"[,;]| and | i | oraz | dan | at | และ", between) and (
            len(between.split()) <= 2
        )

    def is_told(self, kind: AskedFor, thing: Span, values: Sequence[str], whole: str) -> bool:
        """Whether the value itself is stated, as in "is 10233 right?"."""
        pattern = _VALUE.get(kind)
        if pattern is not None:
            start, _ = self._clause(thing.start)
            if pattern.search(self.original[start:]):
                return True
            digits = re.sub(r"[ ()-]", "", whole)
            return any(re.sub(r"[ ()-]", "", value) in digits for value in values)
        if kind == "problem":
            return False
        after = self.original[thing.start :]
        for value in values:
            if kind == "size":
                if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", self.original):
                    return True
            elif kind == "product":
                words = [w for w in re.split(r"[\s-]+", value) if len(w) >= 4]
                if any(w.casefold() in self._text for w in [value, *words[:1]]):
                    return True
            elif any(w.casefold() in after.casefold() for w in value.split() if len(w) > 1):
                return not re.search(rf",\s*{re.escape(value.split()[0])}\W*$", after, re.I)
        return False

    def stands_alone(self) -> bool:
        """Whether the sentence is but nouns and small words: "Order number, please?"."""
        rest = self._words
        spans = [
            *self._spans["fillers"],
            *(s for kind in KINDS for role in _BY_KIND
              for s in self._things(role, kind)),
        ]  # fmt: skip
        letters = list(rest)
        for span in spans:
            letters[span.start : span.end] = " " * (span.end - span.start)
        left = "".join(letters)
        count = sum(c.isalnum() or unicodedata.category(c) == "Mn" for c in left)
        # "Mobile number for the courier's text?": a thing first, few words, and no verb of ours.
        leads = not re.search(r"\w", left[: min(s.start for s in spans)]) if spans else False
        few = leads and "?" in self.original and len(rest.split()) <= _FEW_WORDS
        if count > _REST_CHARACTERS and not few:
            return False
        asking = "?" in self.original or bool(self._spans["pleas"])
        return asking or self.original.rstrip().endswith(":")


def _plain(text: str) -> str:
    """One form for what can be typed in several: quotes, blanks, joined letters, lists."""
    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("‘", "'")
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r"(?<!\n)\n\s*\n\s*(?=[-*•·]\s)", "\n", text)
    text = _LIST_ITEM.sub(lambda m: ": " if ":" in m[0] else ", ", text)
    text = re.sub(r":[^\S\n]*\n+", ": ", text)
    return re.sub(r"(?i)\b(no|nr|tel|num|nos|str|ref)\.(?=[ ?,!]|$)", r"\1", text)


def _sentences(text: str) -> list[str]:
    parts = [m[0] for m in _SENTENCE.finditer(text)]
    parts = [piece for part in parts for piece in _THAI_END.split(part)]
    return [part.strip() for part in parts if part.strip(" .!?…\n")]


def _expressions(file: Path, lines: Sequence[str], *, joined: bool) -> list[re.Pattern[str]]:
    made: list[re.Pattern[str]] = []
    for line in lines or ():
        source = f"(?:{line})" if joined else rf"(?:(?<!\w)|(?!\w))(?:{line})(?!(?<=\w)\w)"
        try:
            made.append(re.compile(source))
        except re.error as error:
            raise RequestsError(f"{file}: `{line}` is no regular expression ({error}).") from None
    return made


def _find(expressions: Sequence[re.Pattern[str]], text: str, role: str) -> list[Span]:
    return [Span(*m.span(), role) for e in expressions for m in e.finditer(text) if m[0]]
