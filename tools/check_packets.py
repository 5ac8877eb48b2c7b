"""Checks packets against the log: ``python -m tools.check_packets [FOLDER]``.

Plays the recorded conversations of ``tests/handoff/recorded`` through the real core and checks,
for each, that all that the log holds is in the packet, and that the summary says nothing that no
event says. The checks read the log and the packet as plain data and use nothing of what builds
packets. With FOLDER, each packet is written there as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec

from bot.conversation.events import Event
from bot.handoff import packet
from bot.handoff.contract import SCHEMA_FILE
from bot.handoff.packet import Sources
from bot.storage.database import Database

Raw = dict[str, Any]
Logs = Mapping[str, Sequence[Raw]]

_LINES = ("who", "needs", "given", "told", "mood", "before")
_LABELS = ("Who", "Needs", "Has given", "Was told", "Mood", "Before")
_UNSPOKEN = ("fact.given", "mood.read")
_WEEK_SECONDS = 7 * 86_400
_THOUGHTS = 3  # messages
_DETAILS = {"order_number", "email", "phone", "product", "size"}

# The words that a line may hold besides what its events say; {} stands for the value.
_QUOTED = r"“{}( …)?”"
_TEXTS = {
    "customer": r".+ \(verified\)",
    "visitor": r"a visitor from [\w ]+, not (verified|signed in)",
    "proven_order": "order {} verified by number and e-mail",
    "language": r"writes \w+",
    "page": r"came from .+",
    "need": _QUOTED + r"( \(clicked\))?",
    "asked_as": "asked as " + _QUOTED,
    "asked_before": "before that " + _QUOTED,
    "asked_first": "first asked " + _QUOTED,
    "unanswered": "also open " + _QUOTED,
    "repeated": r"said \d+ times",
    "person": "a person; nothing else was said",
    "fact": r"(order number|e-mail|phone|product|size) {} \((typed|clicked|looked up|verified)\)",
    "order_state": r"[a-z ]+",
    "expected": r"(was )?expected \d+ \w{3}",
    "answer": _QUOTED,
    "declined": rf"no answer( to {_QUOTED})?",
    "reaction": "helped|did not help",
    "asked_again": "asked again after it|said again in other words",
    "mood": r"(turned negative|negative from the start|negative|better again)( at “.+”)?",
    "handoffs": r"handoff {} of this conversation",
    "contacts": r"{} earlier contacts? in 7 days",
    "asked": "asked " + _QUOTED,
    "open_case": "another case is open, (with .+|nobody has it)",
    "agent": "with {}",
    "ended": r"put back into the queue|given back to the bot|solved|not solved|spam|resolved",
    "words": _QUOTED,
    "note": "note of .+: " + _QUOTED,
}


def check(shown: Raw, log: Sequence[Raw], others: Sequence[Sequence[Raw]] = ()) -> list[str]:
    """What is wrong with the packet ``shown`` of the conversation whose log is ``log``.

    ``others`` are the logs of the same person's other conversations.
    """
    logs = {events[0]["conversation"]: events for events in [*others, log]}
    return [
        *(f"schema: {error.message[:200]}" for error in _validator().iter_errors(shown)),
        *_facts(shown, log),
        *_presses(shown, log),
        *_answers(shown, log),
        *_thoughts(shown, log),
        *_transcript(shown, log),
        *_persons(shown, log, logs),
        *_orders(shown, log),
        *_need(shown, log),
        *_summary(shown, logs),
    ]


def raw(events: Sequence[Event]) -> list[Raw]:
    """Events as plain data."""
    return [
        {
            "conversation": e.conversation,
            "seq": e.seq,
            "at": e.at,
            "source": str(e.source),
            "ref": e.ref,
            **msgspec.to_builtins(e.payload),
        }
        for e in events
    ]


def check_sources(sources: Sources) -> tuple[Raw, list[str]]:
    """The packet made of ``sources`` as plain data, and what is wrong with it."""
    shown: Raw = msgspec.to_builtins(packet.build(sources))
    return shown, check(shown, raw(sources.events), [raw(log) for log in sources.others])


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))


def _of(log: Sequence[Raw], *kinds: str) -> list[Raw]:
    return [event for event in log if event["kind"] in kinds]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\*\*|__|`|^#+ ", "", text, flags=re.MULTILINE).split()).casefold()


def _facts(shown: Raw, log: Sequence[Raw]) -> Iterator[str]:
    sources = {
        (fact["kind"], fact["value"].casefold(), source["seq"], source["how"])
        for fact in shown["facts"]
        for source in fact["sources"]
    }
    known = set()
    for event in _of(log, "fact.given"):
        seq = event["ref"] or event["seq"]
        known.add((event["fact"], event["value"].casefold(), seq, event["how"]))
    for event in _of(log, "order.looked_up"):
        how = "verified" if event["verified_by"] == "email" else "looked_up"
        known.add(("order_number", event["number"].casefold(), event["seq"], how))
    for missing in known - sources:
        yield f"facts: {missing} is in the log and not in the packet"
    looked_up = {e["seq"] for e in _of(log, "order.looked_up") if e["verified_by"] == "email"}
    for source in sources - known:
        kind, value, seq, how = source
        given = any(k == kind and v == value and s < seq for k, v, s, _ in known)
        if not (kind == "email" and how == "verified" and seq in looked_up and given):
            yield f"facts: {source} is in the packet and not in the log"


def _presses(shown: Raw, log: Sequence[Raw]) -> Iterator[str]:
    pressed = [(e["seq"], e["title"]) for e in _of(log, "customer.button")]
    if pressed != [(click["seq"], click["title"]) for click in shown["clicks"]]:
        yield "clicks: not those of the log"
    kinds = ("customer.button", "customer.feedback", "customer.person_requested")
    entries = {(entry["seq"], entry["kind"]) for entry in shown["transcript"]}
    for event in _of(log, *kinds):
        if (event["seq"], event["kind"]) not in entries:
            yield f"transcript: the press {event['seq']} is missing"


def _answers(shown: Raw, log: Sequence[Raw]) -> Iterator[str]:
    reactions = {e["ref"]: (e["seq"], e["helpful"]) for e in _of(log, "customer.feedback")}
    given = {answer["seq"]: answer for answer in shown["answers"]}
    for event in _of(log, "bot.message"):
        told = event.get("decision") in ("answer", "decline") or _asks_what_was_meant(event)
        if not told and event["seq"] not in reactions:
            continue
        answer = given.get(event["seq"])
        if answer is None or answer["text"] != event["text"]:
            yield f"answers: {event['seq']} is missing or has other words"
            continue
        reaction = answer["reaction"]
        found = (reaction["seq"], reaction["helpful"]) if reaction else None
        if found != reactions.get(event["seq"]):
            yield f"answers: {event['seq']} has the reaction {found}"
        titles = [source["title"] for source in answer["sources"]]
        if titles != [source.get("title", "") for source in event.get("answers", [])]:
            yield f"answers: {event['seq']} has other sources"


def _asks_what_was_meant(event: Raw) -> bool:
    """Whether the bot asked which meaning was right, not only for a detail."""
    if event.get("decision") != "clarify" or event.get("response"):
        return False
    titles = [
        b["title"] for b in event.get("buttons", []) if not _DETAILS & {*b.get("entities", ())}
    ]
    return bool(event.get("candidates") or titles)


def _thoughts(shown: Raw, log: Sequence[Raw]) -> Iterator[str]:
    thoughts = {thought["seq"]: thought for thought in shown["thoughts"]}
    kinds = ("intents", "answers", "candidates")
    made = [e for e in _of(log, "bot.message") if any(e.get(kind) for kind in kinds)]
    recent = [*dict.fromkeys(e["ref"] for e in made)][-_THOUGHTS:]
    if any(thought["question_seq"] not in recent for thought in shown["thoughts"]):
        yield "thoughts: of more than the last messages"
    for event in [e for e in made if e["ref"] in recent]:
        thought = thoughts.get(event["seq"])
        intents = event.get("intents", [])
        if intents and (thought is None or thought["intents"] != intents):
            yield f"thoughts: the intents of {event['seq']} are missing"
        pages = [*event.get("answers", []), *event.get("candidates", [])]
        if pages and (thought is None or not thought["pages"]):
            yield f"thoughts: the pages of {event['seq']} are missing"


def _transcript(shown: Raw, log: Sequence[Raw]) -> Iterator[str]:
    spoken = [e for e in log if e["kind"] not in _UNSPOKEN]
    if [e["seq"] for e in spoken] != [entry["seq"] for entry in shown["transcript"]]:
        yield "transcript: not the events of the log"
        return
    for event, entry in zip(spoken, shown["transcript"], strict=True):
        if entry["text"] != event.get("text", event.get("title")) or entry["at"] != event["at"]:
            yield f"transcript: {event['seq']} has other words"
        private = event["kind"] in ("agent.note", "reply.suppressed")
        if entry["hidden"] is not private:
            yield f"transcript: {event['seq']} is shown as hidden: {entry['hidden']}"


def _persons(shown: Raw, log: Sequence[Raw], logs: Logs) -> Iterator[str]:
    opened = [e["seq"] for e in _of(log, "handoff.requested")]
    if opened != [handoff["seq"] for handoff in shown["handoffs"]]:
        yield "handoffs: not those of the log"
    said = [(e["seq"], e["text"], e["name"]) for e in _of(log, "agent.message", "agent.note")]
    kept = [
        (words["seq"], words["text"], words["name"])
        for handoff in shown["handoffs"]
        for words in handoff["words"]
    ]
    if said and [s for s in said if s[0] > min(opened, default=0)] != kept:
        yield "handoffs: not what the agents said"
    claims = [e["seq"] for e in _of(log, "case.claimed")]
    if claims != [spell["seq"] for h in shown["handoffs"] for spell in h["spells"]]:
        yield "handoffs: not who had the cases"
    cases = {case["case"] for case in shown["cases"]} | {shown["case"]}
    for conversation, events in logs.items():
        for event in _of(events, "handoff.requested"):
            if event["case"] not in cases:
                yield f"cases: {event['case']} of {conversation} is missing"


def _orders(shown: Raw, log: Sequence[Raw]) -> Iterator[str]:
    by_seq = {event["seq"]: event for event in log}
    for order in shown["orders"]:
        event = by_seq.get(order["seq"], {"kind": "none"})
        looked_up = event["kind"] == "order.looked_up" and event["number"] == order["number"]
        proven = event["kind"] == "customer.identified" and order["proof"] == "identity"
        if not looked_up and not proven:
            yield f"orders: nothing proves that {order['number']} is the customer's"
    numbers = {order["number"] for order in shown["orders"]}
    for event in _of(log, "order.looked_up"):
        if event["number"] not in numbers:
            yield f"orders: {event['number']} was shown and is missing"


def _need(shown: Raw, log: Sequence[Raw]) -> Iterator[str]:
    need = shown["need"]
    if need is None:
        return
    said = {e["seq"]: e.get("text") or e.get("title") or "" for e in log}
    others = [need["asked_as"], need["before"], need["first"], *need["open"]]
    for quote in [need, *(other for other in others if other)]:
        if _plain(quote["text"]) not in _plain(said.get(quote["seq"], "")):
            yield f"need: {quote['seq']} are not the customer's words"
    seqs = [quote["seq"] for quote in [need, need["first"], *need["open"]] if quote]
    if len(seqs) != len(set(seqs)):
        yield "need: a question is named twice"


def _summary(shown: Raw, logs: Logs) -> Iterator[str]:
    kinds = [line["kind"] for line in shown["summary"]]
    if len(kinds) > len(_LINES) or kinds != [kind for kind in _LINES if kind in kinds]:
        yield f"summary: the lines are {kinds}"
    for line in shown["summary"]:
        label = dict(zip(_LINES, _LABELS, strict=True))[line["kind"]]
        if not line["parts"]:
            yield f"summary: the line {line['kind']} has no source"
        joints = r"(?:, | – )".join(re.escape(part["text"]) for part in line["parts"])
        if not re.fullmatch(f"{re.escape(label)}: {joints}", line["text"]):
            yield f"summary: {line['text']!r} says more than its parts"
        for part in line["parts"]:
            yield from _part(part, shown, logs)


def _part(part: Raw, shown: Raw, logs: Logs) -> Iterator[str]:
    where = f"summary: {part['kind']} {part['text']!r}"
    events = []
    for link in part["events"]:
        log = logs.get(link["conversation"] or shown["conversation"], ())
        found = next((e for e in log if e["seq"] == link["seq"]), None)
        if found is None:
            yield f"{where}: there is no event {link}"
            return
        events.append(found)
    if not events:
        yield f"{where}: no event says it"
        return
    value = re.escape(part["value"])
    if not re.fullmatch(_TEXTS[part["kind"]].replace("{}", f"(?:{value})"), part["text"]):
        yield f"{where}: other words than its value {part['value']!r}"
    holds = _HOLDS.get(part["kind"], _words_occur)
    if not holds(part, events, shown, logs):
        yield f"{where}: its events do not say {part['value']!r}"


def _words_of(event: Raw) -> str:
    """All words and codes of an event."""
    return _plain("\n".join(_strings(event)))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value


def _words_occur(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    return _plain(part["value"]) in _words_of(events[0])


def _customer(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    name = part["text"].removesuffix(" (verified)")
    known = shown["customer"]["name"] or shown["customer"]["id"]
    return bool(events[0].get("customer") == part["value"] and name == known)


def _visitor(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    proven = _of(logs[shown["conversation"]], "customer.identified")
    return events[0].get("channel") == part["value"] and not proven


def _language(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    """The customer wrote, and this is the language that was recognised or that the page has."""
    log = logs[shown["conversation"]]
    recognised = _of(log, "language.recognised")
    if any(e["language"] == part["value"] for e in recognised):
        said = events[0].get("language") == part["value"] and events[0] in recognised
    else:
        said = events[0]["kind"] == "customer.message"
    return said and bool(_of(log, "customer.message")) and part["value"] == shown["language"]


def _proven_order(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    return events[0].get("verified_by") == "email" and events[0].get("number") == part["value"]


def _expected(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    """The day is the shop's: it stands with the order that the event showed."""
    days = [o["expected"] for o in shown["orders"] if o["number"] == events[0].get("number")]
    day = datetime.fromisoformat(part["value"])
    past = part["value"] < shown["opened_at"][:10]
    text = f"{'was ' if past else ''}expected {day.day} {day:%b}"
    return days == [part["value"]] and bool(part["text"] == text)


def _page(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    return events[0].get("page") == part["value"] and part["text"][10:] in part["value"]


def _repeated(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    same = all(_plain(part["value"]) in _words_of(event) for event in events)
    return same and part["text"] == f"said {len(events)} times"


def _fact(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    def says(event: Raw) -> bool:
        given = [
            e for e in _of(logs[shown["conversation"]], "fact.given")
            if (e["ref"] or e["seq"]) == event["seq"] and e["fact"] == part["code"]
        ]  # fmt: skip
        values = [e["value"].casefold() for e in given]
        proof = event["kind"] == "order.looked_up" and part["code"] in ("order_number", "email")
        return proof or part["value"].casefold() in values

    return all(says(event) for event in events)


def _state(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    return bool(
        events[0].get("state") == part["value"] and part["value"].replace("-", " ") == part["text"]
    )


def _declined(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    declined: bool = events[-1].get("decision") == "decline"
    return declined and _words_occur(part, events, shown, logs)


def _reaction(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    words = {"true": "helped", "false": "did not help"}[part["value"]]
    helpful = {"true": True, "false": False}[part["value"]]
    return events[0].get("helpful") is helpful and part["text"] == words


def _mood(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    read = [
        e for e in _of(logs[shown["conversation"]], "mood.read") if e["ref"] == events[0]["seq"]
    ]
    return any(f"{e['value']:.2f}" == part["value"] for e in read)


def _handoffs(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    kinds = {event["kind"] for event in events}
    return kinds == {"handoff.requested"} and str(len(events)) == part["value"]


def _contacts(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    def moment(event: Raw) -> datetime:
        return datetime.fromisoformat(event["at"])

    now = moment(logs[shown["conversation"]][0])
    spans = [(now - moment(event)).total_seconds() for event in events]
    recent = all(0 <= span <= _WEEK_SECONDS for span in spans)
    kinds = {event["kind"] for event in events}
    return recent and kinds == {"conversation.opened"} and str(len(events)) == part["value"]


def _ended(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    (event,) = events
    return part["value"] in (event["kind"].removeprefix("case."), event.get("disposition"))


def _open_case(part: Raw, events: list[Raw], shown: Raw, logs: Logs) -> bool:
    ended = {e["case"] for log in logs.values() for e in _of(log, "case.returned", "case.resolved")}
    return events[0].get("case") == part["value"] and part["value"] not in ended


_Holds = Callable[[Raw, list[Raw], Raw, Logs], bool]
_HOLDS: dict[str, _Holds] = {
    "customer": _customer,
    "visitor": _visitor,
    "language": _language,
    "proven_order": _proven_order,
    "expected": _expected,
    "page": _page,
    "repeated": _repeated,
    "fact": _fact,
    "order_state": _state,
    "declined": _declined,
    "reaction": _reaction,
    "mood": _mood,
    "handoffs": _handoffs,
    "contacts": _contacts,
    "ended": _ended,
    "open_case": _open_case,
}


def main() -> None:
    """Check the recorded conversations; the status tells whether all is well."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="firstline-packets-") as place:
        wrong = asyncio.run(_check_recordings(Path(place), folder))
    raise SystemExit(bool(wrong))


async def _check_recordings(place: Path, folder: Path | None) -> int:
    from tests.conversation.world import World, prepare
    from tests.handoff.recordings import NAMES, play

    database = Database(f"sqlite:///{place / 'packets.db'}")
    await prepare(database)
    world = await World.create(database)
    wrong = 0
    for name in NAMES:
        played = await play(world, name)
        shown, problems = check_sources(played.sources)
        wrong += len(problems)
        print(f"{name}: {'all is there' if not problems else ''}")
        for problem in problems:
            print(f"  {problem}")
        for line in shown["summary"]:
            print(f"  {line['text']}")
        if folder:
            last = [e for e in raw(played.sources.events) if e["source"] == "customer"]
            said = next(
                (e["text"] for e in reversed(last) if e["kind"] == "customer.message"), None
            )
            content = {"packet": shown, "last_customer_message": said}
            file = folder / f"{name[:2]}.json"
            file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    await world.close()
    return wrong


if __name__ == "__main__":
    main()
