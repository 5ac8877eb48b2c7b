"""Every sentence that a customer can see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.settings import PROJECT
from bot.texts import Texts, TextsError

TEXTS = Texts(PROJECT / "data" / "texts")


def test_rasas_responses_equal_the_english_catalogue() -> None:
    domain = yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))
    responses = {name: said[0]["text"].strip() for name, said in domain["responses"].items()}
    assert TEXTS.group("en", "replies") == responses


def test_every_text_that_the_code_names_is_in_the_catalogue() -> None:
    named = set()
    for folder in ("bot", "actions"):
        for file in (PROJECT / folder).rglob("*.py"):
            source = file.read_text("utf-8")
            named |= set(re.findall(r'"((?:notices|buttons)\.\w+)"', source))
            named |= {f"answers.{key}" for key in re.findall(r'talk\.words\("(\w+)"', source)}
    assert len(named) > 10
    assert [key for key in sorted(named) if TEXTS.find("en", key) is None] == []


def test_every_widget_text_that_a_page_names_is_in_the_catalogue() -> None:
    named = set()
    for file in (PROJECT / "bot/web/static/widget").glob("*.js"):
        named |= set(re.findall(r"[tT]exts\.get\(\"(\w+)\"", file.read_text("utf-8")))
    assert len(named) > 10
    assert named - set(TEXTS.group("en", "widget")) == set()


def test_a_language_without_a_sentence_speaks_english(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text("a: {b: Hello, c: Bye}")
    (tmp_path / "pl.yml").write_text("a: {b: Cześć}")
    texts = Texts(tmp_path)
    assert [texts.say("pl-PL", "a.b"), texts.say("pl", "a.c")] == ["Cześć", "Bye"]
    assert texts.say("xx", "a.b") == "Hello"
    with pytest.raises(KeyError):
        texts.say("en", "a.d")


def test_a_folder_without_english_says_so(tmp_path: Path) -> None:
    with pytest.raises(TextsError, match=r"en\.yml"):
        Texts(tmp_path)
