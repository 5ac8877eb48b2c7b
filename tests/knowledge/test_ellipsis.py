"""Messages that leave out what was said before: another product, another value."""

from __future__ import annotations

import pytest

from bot.knowledge import Knowledge, Question
from tests.knowledge.conftest import Ask


@pytest.mark.parametrize(
    ("before", "about", "text", "product", "words"),
    [
        ("how heavy is the Hessel mat", "hessel-mat", "and the foam one?", "golvika-mat", "410 g"),
        (
            "does the Borrin have a hood",
            "borrin-fleece",
            "and the other one?",
            "tovanka-fleece",
            "hood",
        ),
        ("is the Kettra in stock in 43?", "kettra-boots", "44 then?", "kettra-boots", "44"),
    ],
)
def test_a_short_message_goes_on_with_what_was_asked(
    ask: Ask, before: str, about: str, text: str, product: str, words: str
) -> None:
    decision = ask(text, about=about, after=before)
    assert decision.kind == "answer", decision
    assert decision.product == product
    assert words in decision.answers[0].text


def test_a_word_that_two_other_products_share_names_neither(ask: Ask) -> None:
    decision = ask("and the blue one?", about="skarn-jacket", after="how heavy is the Skarn")
    assert decision.product == "skarn-jacket"


@pytest.mark.parametrize(
    ("language", "text", "product"),
    [
        ("en", "what should I order in the Kettras", "kettra-boots"),
        ("pl", "czy w Skarnie będzie mi ciepło", "skarn-jacket"),
        ("pl", "rozmawialiśmy o Brunnaku", "brunnak-tent"),
    ],
)
def test_a_products_name_is_found_in_other_forms(
    demo: Knowledge, language: str, text: str, product: str
) -> None:
    assert [m.product for m in demo.find_products(text, language)] == [product]


def test_the_least_of_an_attribute_lists_products(demo: Knowledge) -> None:
    decision = demo.answer(Question("Which of your jackets weighs the least?"))
    assert decision.kind == "answer"
    assert decision.answers[0].attribute == "weight_g"
    assert decision.answers[0].text.startswith("The Velmo Jacket")
