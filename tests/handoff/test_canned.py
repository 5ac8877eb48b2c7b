"""Canned replies: what a shop writes into the file, and what agents get of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.handoff.canned import CannedError, CannedReplies
from bot.settings import PROJECT
from bot.texts import Texts

LANGUAGES = Texts(PROJECT / "data" / "texts").languages


def _file(folder: Path, text: str) -> CannedReplies:
    file = folder / "canned.yml"
    file.write_text(text, "utf-8")
    return CannedReplies(file, LANGUAGES)


def test_every_shipped_reply_is_there_in_every_language() -> None:
    replies = CannedReplies(PROJECT / "data" / "canned_replies.yml", LANGUAGES).replies
    assert len(replies) > 5
    assert {reply.id: set(reply.text) ^ set(LANGUAGES) for reply in replies} == {
        reply.id: set() for reply in replies
    }


def test_what_is_known_is_filled_in_and_the_rest_is_marked(tmp_path: Path) -> None:
    canned = _file(
        tmp_path,
        "- {id: hi, title: Hi, text: {en: 'Hi {customer_name}, order {order_number}', pl: Cześć}}",
    )
    filled = canned.filled(canned.replies[0], "en", {"customer_name": "Kim", "order_number": None})
    assert filled.text == "Hi Kim, order [order number]"
    assert filled.missing == ("[order number]",)
    assert canned.filled(canned.replies[0], "pl", {}).text == "Cześć"
    assert canned.filled(canned.replies[0], "th", {"customer_name": "Kim"}).text.startswith("Hi")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hi: there", "must hold a list"),
        ("- {id: hi, text: {en: Hi}}", "id, title and text"),
        ("- {id: Hi there, title: Hi, text: {en: Hi}}", "small letters"),
        ("- {id: hi, title: Hi, text: {pl: Hej}}", "the language en"),
        ("- {id: hi, title: Hi, text: {en: Hi, xx: Hu}}", "'xx' is no language"),
        ("- {id: hi, title: Hi, text: {en: 'Hi {nickname}'}}", r"\{nickname\} is no field"),
        ("- {id: hi, title: A, text: {en: A}}\n- {id: hi, title: B, text: {en: B}}", "two replies"),
        ("- [", "not valid YAML"),
    ],
)
def test_a_mistake_in_the_file_says_what_to_correct(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CannedError, match=told):
        _file(tmp_path, text)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(CannedError, match="canned_replies"):
        CannedReplies(tmp_path / "none.yml", LANGUAGES)
