"""The summary: at most six lines, made by rules from the packet's parts.

Each line is made of parts, and each part names the events that say it and holds their words or
codes in ``value``. Nothing else goes into a line but its label and fixed words, so a line cannot
say what no event says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from bot import clock
from bot.handoff.contract import (
    AgentWords,
    Answer,
    EventLink,
    Fact,
    Handoff,
    Line,
    LineKind,
    Need,
    Order,
    OtherCase,
    Packet,
    Part,
    Spell,
)
from bot.handoff.need import kept, sentences_of, shortened
from bot.handoff.unanswered import words_of
from bot.handoff.weight import plain

LABELS: dict[LineKind, str] = {
    "who": "Who",
    "needs": "Needs",
    "given": "Has given",
    "told": "Was told",
    "mood": "Mood",
    "before": "Before",
}
_LANGUAGES = {"en": "English", "pl": "Polish", "id": "Indonesian", "th": "Thai", "fil": "Filipino"}
_FACTS = {
    "order_number": "order number",
    "email": "e-mail",
    "phone": "phone",
    "product": "product",
    "size": "size",
}
_HOW = {
    "typed": "typed",
    "clicked": "clicked",
    "looked_up": "looked up",
    "verified": "verified",
}
_CHANNELS = {"widget": "the website", "shell": "the Rasa shell", "ask": "the command line"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
_ENDS = {
    "released": "put back into the queue",
    "returned": "given back to the bot",
    "solved": "solved",
    "not_solved": "not solved",
    "spam": "spam",
    "resolved": "resolved",
}

# These go with the part before them: "Delivery – did not help".
_ATTACHED = frozenset({"order_state", "expected", "reaction", "asked_again", "ended", "words"})

MOST_FACTS, MOST_ANSWERS = 6, 4
# Characters of words quoted beside others.
QUOTE, FIRST_QUOTE, ANSWER_QUOTE, AGENT_QUOTE = 80, 120, 110, 140
MOST_AGENTS = 2
MOST_PROVEN = 2
RECENT_DAYS = 7
# From here on a mood is negative; what changed by less than the step has not changed.
NEGATIVE_MOOD, MOOD_STEP = 0.5, 0.15


def lines(packet: Packet) -> list[Line]:
    """The lines of ``packet``; one without a part is left out."""
    made: list[tuple[LineKind, list[Part]]] = [
        ("who", _who(packet)),
        ("needs", _needs(packet)),
        ("given", _given(packet)),
        ("told", _told(packet)),
        ("mood", _mood(packet)),
        ("before", _before(packet)),
    ]
    return [
        Line(kind=kind, text=rendered(kind, parts), parts=parts) for kind, parts in made if parts
    ]


def rendered(kind: LineKind, parts: Sequence[Part]) -> str:
    """A line in English."""
    text = ""
    for part in parts:
        joint = " – " if part.kind in _ATTACHED else ", "
        text += (joint if text else "") + part.text
    return f"{LABELS[kind]}: {text}"


def _here(*seqs: int) -> list[EventLink]:
    return [EventLink(seq=seq) for seq in seqs]


def _quoted(words: str, whole: bool = True) -> str:
    return f"“{words}”" if whole else f"“{words} …”"


def _who(packet: Packet) -> list[Part]:
    customer = packet.customer
    opening = packet.transcript[0].seq
    if customer.seq is not None:
        name = f"{customer.name or customer.id} (verified)"
        made = [Part(kind="customer", value=customer.id, text=name, events=_here(customer.seq))]
    else:
        where = _CHANNELS.get(packet.channel, packet.channel)
        proven = [order for order in packet.orders if order.proof == "email"]
        text = f"a visitor from {where}, not {'signed in' if proven else 'verified'}"
        made = [Part(kind="visitor", value=packet.channel, text=text, events=_here(opening))]
        for order in proven[:MOST_PROVEN]:
            text = f"order {order.number} verified by number and e-mail"
            link = _here(order.seq)
            made.append(Part(kind="proven_order", value=order.number, text=text, events=link))
    written = [e for e in packet.transcript if e.kind == "customer.message"]
    recognised = [
        e for e in packet.transcript
        if e.kind == "language.recognised" and e.detail == packet.language
    ]  # fmt: skip
    if written:
        # Where it was not recognised, the words themselves show it: they are in the page's one.
        text = f"writes {_LANGUAGES.get(packet.language, packet.language)}"
        link = _here((recognised or written)[-1].seq)
        made.append(Part(kind="language", value=packet.language, text=text, events=link))
    if packet.page:
        path = urlsplit(packet.page).path
        where = path if path.strip("/") else urlsplit(packet.page).netloc or packet.page
        made.append(
            Part(kind="page", value=packet.page, text=f"came from {where}", events=_here(opening))
        )
    return made


def _needs(packet: Packet) -> list[Part]:
    need = packet.need
    if need is None:
        current = next((h for h in packet.handoffs if h.current), None)
        if current is None:
            return []
        seq = current.asked_seq or current.seq
        asked = next((e for e in packet.transcript if e.seq == seq), None)
        value = (asked.text or asked.kind) if asked else current.reason
        text = "a person; nothing else was said"
        return [Part(kind="person", value=plain(value), text=text, events=_here(seq))]
    pressed = " (clicked)" if need.how == "clicked" else ""
    text = _quoted(need.text, need.whole) + pressed
    made = [Part(kind="need", value=need.text, text=text, code=need.how, events=_here(need.seq))]
    if need.said_again:
        made.append(_asked_again(packet, need.said_again[-1], "said again in other words"))
    if need.asked_as:
        text = f"asked as {_quoted(need.asked_as.text)}"
        seq = need.asked_as.seq
        made.append(Part(kind="asked_as", value=need.asked_as.text, text=text, events=_here(seq)))
    if need.before:
        text = f"before that {_quoted(need.before.text)}"
        seq = need.before.seq
        made.append(Part(kind="asked_before", value=need.before.text, text=text, events=_here(seq)))
    made += _also_asked(packet, need)
    if need.said_before:
        seqs = [*need.said_before, need.seq]
        times = f"said {len(seqs)} times"
        made.append(Part(kind="repeated", value=need.text, text=times, events=_here(*seqs)))
    return made


def _also_asked(packet: Packet, need: Need) -> list[Part]:
    """The question it began with, and the other open ones."""
    made = []
    if need.first:
        words, whole = shortened(need.first.text, FIRST_QUOTE)
        text = f"first asked {_quoted(words, whole)}"
        link = _here(need.first.seq)
        made.append(Part(kind="asked_first", value=words, text=text, events=link))
    for quote in need.open:
        words, whole = shortened(quote.text, QUOTE)
        text = f"also open {_quoted(words, whole)}"
        made.append(Part(kind="unanswered", value=words, text=text, events=_here(quote.seq)))
    return made


def _asked_again(packet: Packet, seq: int, text: str) -> Part:
    said = next((e.text for e in packet.transcript if e.seq == seq), None)
    words, _ = shortened(said or "", QUOTE)
    return Part(kind="asked_again", value=words, text=text, events=_here(seq))


def _given(packet: Packet) -> list[Part]:
    made = []
    for fact in packet.facts[-MOST_FACTS:]:
        made.append(_fact(fact))
        order = next((o for o in packet.orders if o.number == fact.value), None)
        if fact.kind == "order_number" and order is not None and order.shown_as is not None:
            state = order.shown_as
            text = state.replace("-", " ")
            made.append(Part(kind="order_state", value=state, text=text, events=_here(order.seq)))
            made += _expected(order, packet.opened_at)
    return made


def _expected(order: Order, now: str) -> list[Part]:
    """When an order that has not arrived should come, or should have come by ``now``.

    The day is the shop's, see `Order`; the event is the one that showed the order.
    """
    over = ("delivered", "cancelled", "return-requested", "returned", "refunded")
    if order.expected is None or order.delivered is not None or order.state in over:
        return []
    past = order.expected < now[:10]
    day = date.fromisoformat(order.expected)
    return [
        Part(
            kind="expected",
            value=order.expected,
            text=f"{'was ' if past else ''}expected {day.day} {_MONTHS[day.month - 1]}",
            code="past" if past else "to_come",
            events=_here(order.seq),
        )
    ]


def _fact(fact: Fact) -> Part:
    return Part(
        kind="fact",
        value=fact.value,
        code=fact.kind,
        text=f"{_FACTS[fact.kind]} {fact.value} ({_HOW[fact.how]})",
        events=_here(*dict.fromkeys(source.seq for source in fact.sources)),
    )


def _told(packet: Packet) -> list[Part]:
    """The answers, the rejected ones before all others where there are many.

    What helped before the handoff before this one is settled and left out.
    """
    until = next((i for i, h in enumerate(packet.handoffs) if h.current), 0)
    settled = packet.handoffs[until - 1].seq if until > 0 else 0
    told = [
        a
        for a in packet.answers
        if (a.decision in ("answer", "decline") or a.reaction)
        and not (a.seq < settled and a.reaction and a.reaction.helpful)
    ]
    rejected = [a.seq for a in told if a.reaction and not a.reaction.helpful]
    others = [a.seq for a in told if a.seq not in rejected]
    kept = {*rejected[-MOST_ANSWERS:]}
    kept |= {*others[-(MOST_ANSWERS - len(kept)) :]} if len(kept) < MOST_ANSWERS else set()
    return [part for answer in told if answer.seq in kept for part in _answer(packet, answer)]


def _answer(packet: Packet, answer: Answer) -> list[Part]:
    if answer.decision == "decline":
        made = [_declined(answer)]
    else:
        made = [_words_of(answer, packet.language)]
    if answer.reaction is not None:
        helped = answer.reaction.helpful
        made.append(
            Part(
                kind="reaction",
                value="true" if helped else "false",
                text="helped" if helped else "did not help",
                events=_here(answer.reaction.seq),
            )
        )
    if answer.asked_again is not None:
        made.append(_asked_again(packet, answer.asked_again, "asked again after it"))
    return made


def _declined(answer: Answer) -> Part:
    if answer.question is None:
        return Part(kind="declined", value="decline", text="no answer", events=_here(answer.seq))
    words, whole = shortened(answer.question.text, QUOTE)
    return Part(
        kind="declined",
        value=words,
        text=f"no answer to {_quoted(words, whole)}",
        events=_here(answer.question.seq, answer.seq),
    )


def _words_of(answer: Answer, language: str) -> Part:
    """What was said shortly: from the sentence on that shares most words with the question.

    A paragraph that is only the title of its page says nothing of its own.
    """
    titles = {plain(source.title) for source in answer.sources}
    paragraphs = [unmarked(p) for p in re.split(r"\n\s*\n", answer.text)]
    told = [p for p in paragraphs if p and p not in titles] or [unmarked(answer.text)]
    asked = words_of(answer.question.text, language) if answer.question else frozenset()
    rests = [
        sentences[i:]
        for sentences in (sentences_of(paragraph) for paragraph in told)
        for i in range(len(sentences))
    ] or [told]
    nearest = max(rests, key=lambda rest: len(words_of(rest[0], language) & asked))
    words = kept(nearest, ANSWER_QUOTE)
    whole = words == " ".join(told)
    return Part(kind="answer", value=words, text=_quoted(words, whole), events=_here(answer.seq))


def unmarked(text: str) -> str:
    """Markdown without the signs for bold, code and headings."""
    return plain(re.sub(r"\*\*|__|`|^#+ ", "", text, flags=re.MULTILINE))


def _mood(packet: Packet) -> list[Part]:
    """Where the mood turned negative, or that it was and is better now; else nothing."""
    points = packet.mood
    bad = [i for i, point in enumerate(points) if point.value >= NEGATIVE_MOOD]
    if not bad:
        return []
    last = bad[-1]
    if last == len(points) - 1:
        first = last
        while first > 0 and points[first - 1].value >= NEGATIVE_MOOD:
            first -= 1
        code, said = ("negative", "negative from the start" if first == 0 else "turned negative")
        shown = points[first]
    else:
        shown = points[-1]
        if points[last].value - shown.value < MOOD_STEP:
            code, said, shown = "negative", "negative", points[last]
        else:
            code, said = "better", "better again"
    words = next((e.text for e in packet.transcript if e.seq == shown.seq and e.text), None)
    if words:
        quote, whole = shortened(words, QUOTE)
        said = f"{said} at {_quoted(quote, whole)}"
    value = f"{shown.value:.2f}"
    return [Part(kind="mood", value=value, text=said, code=code, events=_here(shown.seq))]


def _before(packet: Packet) -> list[Part]:
    """Handoffs and contacts before this one, and how the last ended."""
    return [*_counts(packet), *(_last_here(packet) or _last_elsewhere(packet)), *_open(packet)]


def _counts(packet: Packet) -> list[Part]:
    made = []
    until = next((i for i, h in enumerate(packet.handoffs) if h.current), 0)
    if until > 0:
        so_far = packet.handoffs[: until + 1]
        text = f"handoff {len(so_far)} of this conversation"
        seqs = _here(*(h.seq for h in so_far))
        made.append(Part(kind="handoffs", value=str(len(so_far)), text=text, events=seqs))
    now = next((c for c in packet.journey if c.conversation == packet.conversation), None)
    recent = [
        c for c in packet.journey
        if now and c is not now
        and clock.seconds_between(c.started_at, now.started_at) <= RECENT_DAYS * 86_400
    ]  # fmt: skip
    if recent:
        number = len(recent)
        text = f"{number} earlier contact{'s' if number > 1 else ''} in {RECENT_DAYS} days"
        links = [EventLink(seq=1, conversation=c.conversation) for c in recent]
        made.append(Part(kind="contacts", value=str(number), text=text, events=links))
    return made


def _last_here(packet: Packet) -> list[Part]:
    """Who had a case of this conversation that is not theirs any more, and the last note."""
    until = next((i for i, h in enumerate(packet.handoffs) if h.current), 0)
    handoffs = packet.handoffs[: until + 1]
    made = []
    ended = [(h, s) for h in handoffs for s in h.spells if s.end is not None and _is_past(h, s)]
    for handoff, spell in ended[-MOST_AGENTS:]:
        code = (handoff.disposition if spell.end == "resolved" else None) or spell.end or "resolved"
        end = spell.end_seq or handoff.seq
        made += [
            Part(
                kind="agent", value=spell.name, text=f"with {spell.name}", events=_here(spell.seq)
            ),
            Part(kind="ended", value=code, text=_ENDS[code], events=_here(end)),
            *_last([w for w in handoff.words if spell.seq < w.seq <= end and not w.private], None),
        ]
    notes = [words for handoff in handoffs for words in handoff.words if words.private]
    return [*made, *_last(notes, None)]


def _is_past(handoff: Handoff, spell: Spell) -> bool:
    """Whether this is over from where the packet's agent stands; the own end is not."""
    return not handoff.current or spell.end == "released"


def _last(said: Sequence[AgentWords], conversation: str | None) -> list[Part]:
    """The last of some replies or notes."""
    if not said:
        return []
    words = said[-1]
    cut, whole = shortened(words.text, AGENT_QUOTE, end=True)
    quote = _quoted(cut, whole)
    return [
        Part(
            kind="note" if words.private else "words",
            value=cut,
            text=f"note of {words.name}: {quote}" if words.private else quote,
            code=words.name,
            events=[EventLink(seq=words.seq, conversation=conversation)],
        )
    ]


def _last_elsewhere(packet: Packet) -> list[Part]:
    """The person's last case of another conversation, or else the last question."""
    for case in packet.cases:
        if case.conversation != packet.conversation and case.opened_at < packet.opened_at:
            return _case_before(case) if case.agent else []
    for contact in reversed(packet.journey):
        if contact.conversation != packet.conversation and contact.question:
            words, whole = shortened(contact.question, QUOTE)
            link = EventLink(seq=contact.question_seq or 1, conversation=contact.conversation)
            text = f"asked {_quoted(words, whole)}"
            return [Part(kind="asked", value=words, text=text, events=[link])]
    return []


def _case_before(case: OtherCase) -> list[Part]:
    def there(seq: int | None) -> list[EventLink]:
        return [EventLink(seq=seq or case.seq, conversation=case.conversation)]

    made = [
        Part(
            kind="agent",
            value=case.agent or "",
            text=f"with {case.agent}",
            events=there(case.agent_seq),
        )
    ]
    if case.end_seq is not None:
        code = case.disposition or case.state
        made.append(Part(kind="ended", value=code, text=_ENDS[code], events=there(case.end_seq)))
    said = [case.last_words] if case.last_words else []
    return [*made, *_last(said, case.conversation), *_last(case.notes, case.conversation)]


def _open(packet: Packet) -> list[Part]:
    """Other cases that are open now."""
    return [
        Part(
            kind="open_case",
            value=case.case,
            text=f"another case is open, with {case.agent}" if case.agent else
            "another case is open, nobody has it",
            events=[EventLink(seq=case.seq, conversation=case.conversation)],
        )
        for case in packet.cases
        if case.state in ("waiting", "claimed")
    ][:1]  # fmt: skip
