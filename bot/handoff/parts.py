"""The packet's parts, each folded from the log of one conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bot.conversation.events import (
    AgentMessage,
    AgentNote,
    AnswerRef,
    AssistantFailed,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CaseTransferred,
    Closed,
    ColleagueAsked,
    ColleagueDeclined,
    CustomerMessage,
    Event,
    FactGiven,
    FactKind,
    FeedbackGiven,
    HandoffRequested,
    Identified,
    LanguageRecognised,
    MoodRead,
    Notice,
    Opened,
    OrderLookedUp,
    PersonRequested,
    PromiseMade,
    ReplySuppressed,
)
from bot.handoff import need, weight
from bot.handoff.contract import (
    AgentWords,
    Answer,
    Click,
    Entry,
    Fact,
    FactSource,
    Handoff,
    How,
    MoodPoint,
    Page,
    Quote,
    Reaction,
    SourceLink,
    Spell,
    Thought,
)

# Weakest first: what a fact rests on.
_STRENGTH: tuple[How, ...] = ("typed", "clicked", "looked_up", "verified")
_PAGES = 3
_THOUGHTS = 3  # messages


def facts(events: Sequence[Event]) -> list[Fact]:
    """What the customer gave, once for each value, with every event that gave or confirmed it."""
    by_seq = {event.seq: event for event in events}
    values: dict[tuple[FactKind, str], str] = {}
    sources: dict[tuple[FactKind, str], list[FactSource]] = {}

    def add(kind: FactKind, value: str, how: How, event: Event) -> None:
        key = (kind, value.casefold())
        values.setdefault(key, value)
        sources.setdefault(key, []).append(FactSource(how=how, seq=event.seq, at=event.at))

    for event in events:
        payload = event.payload
        if isinstance(payload, FactGiven):
            said = by_seq.get(event.ref, event) if event.ref else event
            add(payload.fact, payload.value, payload.how, said)
        elif isinstance(payload, OrderLookedUp):
            how: How = "verified" if payload.verified_by == "email" else "looked_up"
            add("order_number", payload.number, how, event)
            emails = [value for (kind, _), value in values.items() if kind == "email"]
            if how == "verified" and emails:
                # The number and the e-mail given last were checked against each other.
                last = max(emails, key=lambda e: sources["email", e.casefold()][-1].seq)
                add("email", last, "verified", event)
    return [
        Fact(
            kind=kind,
            value=values[kind, value],
            how=max((s.how for s in found), key=_STRENGTH.index),
            seq=found[0].seq,
            at=found[0].at,
            sources=found,
        )
        for (kind, value), found in sources.items()
    ]


def clicks(events: Sequence[Event]) -> list[Click]:
    """The quick replies that the customer pressed."""
    return [
        Click(title=e.payload.title, seq=e.seq, at=e.at, offered_in=e.ref)
        for e in events
        if isinstance(e.payload, ButtonPressed)
    ]


def answers(events: Sequence[Event]) -> list[Answer]:
    """What the bot told the customer: answers, which meaning it asked for, that it does not know.

    A question for a detail, such as an order number, is in the transcript alone.
    """
    by_seq = {event.seq: event for event in events}
    repeats = [
        (e.seq, e.payload.repeats)
        for e in events
        if isinstance(e.payload, CustomerMessage) and e.payload.repeats is not None
    ]
    reactions = {
        e.ref: Reaction(helpful=e.payload.helpful, seq=e.seq, at=e.at)
        for e in events
        if isinstance(e.payload, FeedbackGiven)
    }
    return [
        Answer(
            seq=e.seq,
            at=e.at,
            question=_quote(by_seq.get(e.ref or 0)),
            text=e.payload.text,
            decision=e.payload.decision,
            confidence=e.payload.confidence,
            sources=[_source(answer) for answer in e.payload.answers],
            reaction=reactions.get(e.seq),
            asked_again=_asked_again(e, by_seq, repeats),
        )
        for e in events
        if isinstance(e.payload, BotMessage) and (_tells(e.payload) or e.seq in reactions)
    ]


def _tells(said: BotMessage) -> bool:
    """Whether it answers, declines or asks what was meant; to ask for a detail tells nothing."""
    if said.decision == "clarify":
        choices = [b for b in said.buttons if not weight.DETAILS & set(b.entities)]
        return said.response is None and bool(said.candidates or choices)
    return said.decision in ("answer", "decline")


def _quote(event: Event | None) -> Quote | None:
    words = weight.plain(weight.said_in(event)) if event else ""
    return Quote(text=words, seq=event.seq) if event and words else None


def _source(answer: AnswerRef) -> SourceLink:
    return SourceLink(
        title=answer.title,
        url=answer.url,
        article=answer.article,
        product=answer.product,
        attribute=answer.attribute,
        probability=answer.probability,
    )


def _asked_again(
    answer: Event, by_seq: Mapping[int, Event], repeats: Sequence[tuple[int, int]]
) -> int | None:
    """The first message after ``answer`` that says the same as the one it answers."""
    asked = by_seq.get(answer.ref or 0)
    if asked is None or not isinstance(asked.payload, CustomerMessage):
        return None
    same = {asked.seq, asked.payload.repeats}
    return next((seq for seq, earlier in repeats if seq > answer.seq and earlier in same), None)


def thoughts(events: Sequence[Event]) -> list[Thought]:
    """What the bot made of the last messages that it understood or searched an answer for."""
    thought = [
        (e, e.payload)
        for e in events
        if isinstance(e.payload, BotMessage)
        and (e.payload.intents or e.payload.answers or e.payload.candidates)
    ]
    recent = list(dict.fromkeys(e.ref for e, _ in thought))[-_THOUGHTS:]
    return [
        Thought(
            seq=e.seq,
            question_seq=e.ref,
            decision=said.decision,
            confidence=said.confidence,
            topic=said.topic,
            intents=said.intents,
            pages=_pages(said),
        )
        for e, said in thought
        if e.ref in recent
    ]


def _pages(said: BotMessage) -> list[Page]:
    found: dict[tuple[str | None, str | None], Page] = {}
    for refs, given in ((said.answers, True), (said.candidates, False)):
        for ref in refs:
            page = Page(
                title=ref.title,
                article=ref.article,
                product=ref.product,
                probability=ref.probability,
                given=given,
            )
            found.setdefault((ref.article, ref.product), page)
    return sorted(found.values(), key=lambda page: -page.probability)[:_PAGES]


def mood(events: Sequence[Event]) -> list[MoodPoint]:
    """The mood of each message."""
    return [
        MoodPoint(seq=e.ref or e.seq, at=e.at, value=e.payload.value)
        for e in events
        if isinstance(e.payload, MoodRead)
    ]


def handoffs(events: Sequence[Event], current: str) -> list[Handoff]:
    """All handoffs of the conversation; ``current`` is the case that the packet is for."""
    opened = [e for e in events if isinstance(e.payload, HandoffRequested)]
    ends = [e.seq for e in opened[1:]] + [events[-1].seq + 1]
    return [
        _handoff(event, [e for e in events if event.seq < e.seq < end], events, current)
        for event, end in zip(opened, ends, strict=True)
    ]


def _handoff(
    opened: Event, since: Sequence[Event], events: Sequence[Event], current: str
) -> Handoff:
    assert isinstance(opened.payload, HandoffRequested)
    before = [e for e in events if e.seq <= opened.seq]
    resolved = [e.payload.disposition for e in since if isinstance(e.payload, CaseResolved)]
    return Handoff(
        case=opened.payload.case,
        current=opened.payload.case == current,
        reason=opened.payload.reason,
        seq=opened.seq,
        at=opened.at,
        asked_seq=opened.ref,
        need=need.in_own_words(before, opened.ref or opened.seq),
        spells=_spells(since),
        words=[said for e in since if (said := agent_words(e)) is not None],
        disposition=resolved[0] if resolved else None,
    )


def _spells(since: Sequence[Event]) -> list[Spell]:
    spells: list[Spell] = []
    for event in since:
        match event.payload:
            case CaseClaimed(name=name):
                spells.append(Spell(name=name, seq=event.seq, at=event.at, end=None, end_seq=None))
            case CaseTransferred(name=name):
                if spells:
                    ended = {"end": "transferred", "end_seq": event.seq}
                    spells[-1] = msgspec.structs.replace(spells[-1], **ended)
                spells.append(Spell(name=name, seq=event.seq, at=event.at, end=None, end_seq=None))
            case CaseReleased() | CaseReturned() | CaseResolved() as payload if spells:
                how = {CaseReleased: "released", CaseReturned: "returned"}.get(type(payload))
                ended = {"end": how or "resolved", "end_seq": event.seq}
                spells[-1] = msgspec.structs.replace(spells[-1], **ended)
    return spells


def agent_words(event: Event) -> AgentWords | None:
    """What an agent wrote in ``event``, if one did."""
    match event.payload:
        case AgentMessage(text=text, name=name):
            return AgentWords(name=name, text=text, seq=event.seq, at=event.at, private=False)
        case AgentNote(text=text, name=name):
            return AgentWords(name=name, text=text, seq=event.seq, at=event.at, private=True)
    return None


def transcript(events: Sequence[Event]) -> list[Entry]:
    """All that was said and done, in order. Facts and moods stand in their own parts."""
    holders = _holders(events)
    return [
        Entry(
            seq=e.seq,
            at=e.at,
            kind=str(e.payload.__struct_config__.tag),
            source=e.source.value,
            name=_name(e) or holders.get(e.seq),
            text=_text(e),
            detail=_detail(e),
            ref=e.ref,
            buttons=_buttons(e),
            hidden=isinstance(
                e.payload, AgentNote | ReplySuppressed | ColleagueAsked | ColleagueDeclined
            ),
        )
        for e in events
        if not isinstance(e.payload, FactGiven | MoodRead)
    ]


def _holders(events: Sequence[Event]) -> dict[int, str]:
    """Who gave a case away or ended it, by the number of the event that did."""
    found: dict[int, str] = {}
    holder = None
    for event in events:
        match event.payload:
            case CaseClaimed(name=name) | CaseTransferred(name=name):
                holder = name
            case CaseReleased() | CaseReturned() | CaseResolved() if holder:
                found[event.seq] = holder
                holder = None
    return found


def _name(event: Event) -> str | None:
    match event.payload:
        case (
            AgentMessage(name=name)
            | AgentNote(name=name)
            | CaseClaimed(name=name)
            | CaseTransferred(name=name)
            | ColleagueAsked(name=name)
            | ColleagueDeclined(name=name)
        ):
            return name
    return None


def _text(event: Event) -> str | None:
    match event.payload:
        case ButtonPressed(title=text):
            return text
        case (
            CustomerMessage(text=text)
            | BotMessage(text=text)
            | Notice(text=text)
            | ReplySuppressed(text=text)
            | AgentMessage(text=text)
            | AgentNote(text=text)
            | ColleagueAsked(text=text)
        ):
            return text
    return None


def _buttons(event: Event) -> list[str]:
    match event.payload:
        case BotMessage(buttons=buttons) | Notice(buttons=buttons):
            return [button.title for button in buttons]
    return []


def _detail(event: Event) -> str | None:
    match event.payload:
        case Opened(channel=channel, language=spoken, page=page):
            return " ".join(said for said in (channel, spoken, page) if said)
        case LanguageRecognised(language=detail):
            return detail
        case Identified(customer=detail):
            return detail
        case FeedbackGiven(helpful=helpful):
            return "helped" if helpful else "did_not_help"
        case OrderLookedUp(number=number, state=state, verified_by=proof):
            return f"{number} {state} {proof}"
        case AssistantFailed(reason=detail) | HandoffRequested(reason=detail):
            return detail
        case CaseResolved(disposition=detail):
            return detail
        case CaseReleased(cause=detail):
            return detail
        case PromiseMade(due_at=detail):
            return detail
        case Closed(reason=detail):
            return detail
        case PersonRequested():
            return "asked_for_person"
    return None
