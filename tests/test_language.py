"""The language of a message, as its writer would name it."""

from __future__ import annotations

import pytest

from bot.language import Languages

LANGUAGES = Languages(["en", "pl", "id", "th", "fil"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I send something back?", "en"),
        ("jak moge zwrocic kurtke", "pl"),
        ("Ile kosztuje dostawa do Niemiec?", "pl"),
        ("kak bisa bayar di tempat gak?", "id"),
        ("Berapa lama barang sampai ke Jerman?", "id"),
        ("ส่งไปเยอรมันกี่วัน", "th"),
        ("Skarn กันน้ำไหม", "th"),
        ("waterproof ba yung Skarn jacket?", "fil"),
        ("magkano po ang shipping papuntang Germany", "fil"),
    ],
)
def test_a_first_message_is_recognised_whatever_the_browser_says(text: str, language: str) -> None:
    assert LANGUAGES.recognise(text, "en") == language


@pytest.mark.parametrize("before", ["en", "pl", "id", "th", "fil"])
@pytest.mark.parametrize("text", ["10233", "ok", "XL", "anna.k@example.com", "👍", "Skarn", ""])
def test_what_has_no_language_keeps_the_conversations(text: str, before: str) -> None:
    assert LANGUAGES.recognise(text, before) == before


def test_one_language_needs_no_recognising() -> None:
    assert Languages(["en"]).recognise("jak moge zwrocic kurtke", "en") == "en"
