"""Canned replies: texts that agents send often, filled in with what is known of a case."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.conversation.events import Event, FactGiven, OrderLookedUp
from bot.errors import ExpectedError
from bot.settings import Settings
from bot.texts import FALLBACK

FIELDS = ("customer_name", "agent_name", "order_number", "shop_name")
_FIELD = re.compile(r"\{([^{}]*)\}")
_ID = re.compile(r"[a-z0-9-]+")


class CannedError(ExpectedError):
    """The file of canned replies cannot be used; the text says what to correct."""


@dataclass(frozen=True)
class CannedReply:
    """One reply, with its text by language."""

    id: str
    title: str
    text: Mapping[str, str]


@dataclass(frozen=True)
class Filled:
    """A reply filled in; ``missing`` are the marks in it for what is not known, in their order."""

    text: str
    missing: tuple[str, ...]


class CannedReplies:
    """The replies of one file, read once.

    Raises:
        CannedError: the file is missing or damaged, or names what there is not.
    """

    def __init__(self, file: Path, languages: Collection[str]) -> None:
        self.replies = _read(file, languages)

    def filled(self, reply: CannedReply, language: str, values: Mapping[str, str | None]) -> Filled:
        """The reply in ``language``, or in English, with ``values`` in the places of its fields."""
        missing = []

        def value(match: re.Match[str]) -> str:
            known = values.get(match[1])
            if known:
                return known
            mark = f"[{match[1].replace('_', ' ')}]"
            missing.append(mark)
            return mark

        text = _FIELD.sub(value, reply.text.get(language, reply.text[FALLBACK]))
        return Filled(text, tuple(missing))


def order_number(events: Sequence[Event]) -> str | None:
    """The order that the conversation is about: the last one that was shown or named."""
    for event in reversed(events):
        match event.payload:
            case OrderLookedUp(number=number):
                return number
            case FactGiven(fact="order_number", value=number):
                return number
    return None


def shop_name(settings: Settings) -> str | None:
    """What the shop calls itself: the setting, else the demo shop's name; None without both."""
    if settings.shop_name:
        return settings.shop_name
    file = settings.path("shop_data") / "shop.yml"
    if not settings.demo_shop or not file.exists():
        return None
    content = yaml.safe_load(file.read_text("utf-8"))
    return str(content["name"]) if isinstance(content, dict) and content.get("name") else None


def _read(file: Path, languages: Collection[str]) -> tuple[CannedReply, ...]:
    if not file.is_file():
        raise CannedError(
            f"{file} does not exist; create it (a list, [] for none) or let the setting "
            "`canned_replies` name another file."
        )
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CannedError(f"{file} is not valid YAML; correct it: {error}") from None
    if not isinstance(content, list):
        raise CannedError(f"{file} must hold a list of replies, each with id, title and text.")
    replies: dict[str, CannedReply] = {}
    for number, entry in enumerate(content, 1):
        reply = _reply(entry, f"{file}, reply {number}", languages)
        if reply.id in replies:
            raise CannedError(f"{file} has two replies with the id {reply.id!r}; rename one.")
        replies[reply.id] = reply
    return tuple(replies.values())


def _reply(entry: Any, where: str, languages: Collection[str]) -> CannedReply:
    if not isinstance(entry, dict) or set(entry) != {"id", "title", "text"}:
        raise CannedError(f"{where}: it must have id, title and text, and nothing else.")
    identifier, title, text = str(entry["id"]), str(entry["title"]).strip(), entry["text"]
    if not _ID.fullmatch(identifier):
        raise CannedError(f"{where}: the id {identifier!r} may have small letters, digits and -.")
    if not title or entry["title"] is None:
        raise CannedError(f"{where} ({identifier}): give it a title.")
    if not isinstance(text, dict) or not str(text.get(FALLBACK) or "").strip():
        raise CannedError(f"{where} ({identifier}): text must have the language {FALLBACK}.")
    for language, words in text.items():
        if language not in languages:
            known = ", ".join(sorted(languages))
            raise CannedError(
                f"{where} ({identifier}): {language!r} is no language; there are {known}."
            )
        for name in _FIELD.findall(str(words)):
            if name not in FIELDS:
                fields = ", ".join(f"{{{field}}}" for field in FIELDS)
                raise CannedError(
                    f"{where} ({identifier}, {language}): {{{name}}} is no field; there are "
                    f"{fields}."
                )
    return CannedReply(identifier, title, {k: str(v).strip() for k, v in text.items() if v})
