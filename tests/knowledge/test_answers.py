"""What customers of the demo shop ask, and what they must be told."""

from __future__ import annotations

import pytest

from bot.knowledge import Decision, Knowledge
from tests.knowledge.conftest import URL, Ask


def said(decision: Decision) -> str:
    assert decision.kind == "answer", decision
    return "\n\n".join(answer.text for answer in decision.answers if answer.text)


def test_is_the_skarn_jacket_waterproof(ask: Ask) -> None:
    decision = ask("Is the Skarn jacket waterproof?")
    assert said(decision) == "Yes. The Skarn Jacket is waterproof to 20,000 mm."
    answer = decision.answers[0]
    assert (answer.product, answer.attribute) == ("skarn-jacket", "waterproof_mm")
    assert (answer.title, answer.url) == ("Skarn Jacket", f"{URL}/products/skarn-jacket")
    assert decision.product == "skarn-jacket"


def test_how_do_i_wash_it_names_the_product_and_the_article(ask: Ask) -> None:
    decision = ask("how do I wash it?", about="skarn-jacket")
    assert "30 °C" in said(decision)
    assert [a.product for a in decision.answers] == ["skarn-jacket", None]
    assert decision.answers[1].article == "wash-waterproof-jacket"
    assert decision.answers[1].url == f"{URL}/help/wash-waterproof-jacket"


@pytest.mark.parametrize(
    ("text", "about", "words"),
    [
        ("does it come in XL?", "skarn-jacket", "comes in XL"),
        ("do you have it in XXL", "skarn-jacket", "does not come in XXL"),
        ("is it in stock in XS?", "skarn-jacket", "sold out"),
        ("how heavy is it", "skarn-jacket", "412 g"),
        ("and in green?", "skarn-jacket", "Moss (green)"),
        ("and in blue?", "skarn-jacket", "not come in blue"),
        ("how much is it", "velmo-jacket", "€239"),
        ("does it have a hood", "borrin-fleece", "no hood"),
        ("are they waterproof?", "kettra-boots", "Yes. The Kettra Boots are waterproof to 15,000"),
        ("how long is the guarantee on it", "nolund-tent", "5 years"),
    ],
)
def test_follow_ups_are_about_the_product_talked_of(
    ask: Ask, text: str, about: str, words: str
) -> None:
    decision = ask(text, about=about)
    assert words in said(decision)
    assert decision.product == about


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("how much is the Quenda bottle", "€29"),
        ("skarm jaket price", "€289"),
        ("IS THE DRAVIK WATERPROOF", "No. The Dravik Trousers are not waterproof."),
        ("how many litres does the gantor hold", "58 litres"),
        ("is the Nolund big enough for three people?", "No. The Nolund Tent is for 2"),
        ("how warm is the Ulmar", "-5 °C"),
        ("which is warmer, the Ulmar or the Tindo?", "The Ulmar Sleeping Bag, with -5 °C"),
        ("cheapest jacket", "The Trisk Jacket, with €149"),
        ("jackets under 250 euro", "Velmo Jacket"),
        ("do you have tents for 4 people?", "Brunnak Tent"),
        ("do you sell headlamps?", "Lumbit Headlamp"),
        ("does the gantor come with a rain cover?", "rain cover is included"),
        ("tell me about the Hessel", "Hessel Mat"),
    ],
)
def test_products_are_answered_from_the_catalog(ask: Ask, text: str, words: str) -> None:
    assert words in said(ask(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("do the Grolla gloves work on a touch screen?", "work on a touch screen"),
        ("does a laptop go into the Jotta?", "15-inch laptop"),
        ("what are the dimensions of the Wiskaro towel in L?", "L is 75 x 150 cm"),
        ("is a rain cover part of the Gantor?", "rain cover is included"),
    ],
)
def test_what_stands_in_a_sentence_of_the_product_is_told(ask: Ask, text: str, words: str) -> None:
    assert words in said(ask(text))


def test_a_plain_question_gets_no_sentence_beside_its_answer(ask: Ask) -> None:
    for text in (
        "how much is the Skarn jacket",
        "what does the Gantor weigh",
        "is the Velmo vegan",
    ):
        assert len(ask(text).answers) == 1, text


def test_two_products_are_compared_in_a_table(ask: Ask) -> None:
    table = said(ask("what is the difference between the Cindro and the Eldrun?"))
    assert "| Boils a litre in | 3.5 min | 4.5 min |" in table
    assert "Vegan" not in table


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("how long does delivery take", "delivery-times-and-costs"),
        ("do you ship to Norway?", "delivery-abroad"),
        ("how can I pay", "payment-methods"),
        ("by when can I return something", "return-an-order"),
        ("are you open on Sundays", "stores-and-opening-hours"),
        ("can I machine wash my down jacket", "wash-down"),
        ("does the gift card expire", "gift-cards"),
        ("I need an invoice for my company", "company-invoice"),
        ("what is the Cairn Club", "cairn-club"),
    ],
)
@pytest.mark.parametrize("about", [None, "skarn-jacket"])
def test_articles_answer_whatever_was_talked_of(
    ask: Ask, demo: Knowledge, text: str, article: str, about: str | None
) -> None:
    decision = ask(text, about=about)
    assert article in [a.article for a in decision.answers], decision
    page = demo.article(article)
    assert page is not None
    answer = next(a for a in decision.answers if a.article == article)
    assert (answer.title, answer.url, answer.topic) == (page.title, page.url, page.topic)


def test_an_answer_quotes_its_article_briefly(ask: Ask, demo: Knowledge) -> None:
    for article in demo.articles():
        decision = ask(article.title)
        assert decision.kind == "answer", article.title
        answer = decision.answers[0]
        assert answer.article == article.id
        assert answer.text.startswith(article.opening.split(".")[0])
        assert len(answer.text.split()) <= 150


@pytest.mark.parametrize(
    "text",
    [
        "Do you sell kayaks?",
        "do you have ice axes",
        "do you have trekking skirts",
        "who is the president of France",
        "my dishwasher does not drain",
        "what is the weather like tomorrow",
        "asdf jkl qwer",
        "does the Skarn have Bluetooth?",
        "???",
        "",
    ],
)
@pytest.mark.parametrize("about", [None, "nolund-tent"])
def test_what_the_shop_does_not_know_it_does_not_answer(
    ask: Ask, text: str, about: str | None
) -> None:
    decision = ask(text, about=about)
    assert decision.kind != "answer", decision
    assert decision.answers == ()


def test_a_kind_of_several_products_is_asked_back(ask: Ask) -> None:
    decision = ask("is the jacket waterproof?")
    assert decision.kind == "clarify"
    assert {c.product for c in decision.candidates} == {
        "fjelva-jacket", "skarn-jacket", "trisk-jacket", "velmo-jacket",
    }  # fmt: skip
    chosen = ask("Trisk Jacket", after="is the jacket waterproof?")
    assert said(chosen).startswith("No. The Trisk Jacket is not waterproof")


def test_a_follow_up_takes_the_question_over_to_another_product(ask: Ask) -> None:
    decision = ask("what about the trisk?", about="skarn-jacket", after="how heavy is the skarn?")
    assert "The Trisk Jacket weighs" in said(decision)
    assert decision.product == "trisk-jacket"


def test_probabilities_are_probabilities_and_best_first(ask: Ask) -> None:
    for text in ("cheapest tent", "where is my parcel", "broken zip", "kayaks", "is it warm"):
        decision = ask(text)
        chances = [c.probability for c in decision.candidates]
        assert chances == sorted(chances, reverse=True)
        assert all(0 <= p <= 1 for p in (*chances, decision.confidence))
        assert decision.kind != "clarify" or 2 <= len(decision.candidates) <= 4


@pytest.mark.parametrize(
    ("before", "text", "article"),
    [
        ("I want to send my boots back", "and how long do I have for that?", "return-an-order"),
        ("do you ship to Spain", "what does that cost?", "delivery-abroad"),
        ("how heavy is the Skarn", "do you sell gift cards?", "gift-cards"),
    ],
)
def test_a_short_message_is_understood_with_the_one_before_if_it_needs_it(
    ask: Ask, before: str, text: str, article: str
) -> None:
    decision = ask(text, after=before)
    found = [*(a.article for a in decision.answers), *(c.article for c in decision.candidates)]
    assert found[0] == article


def test_of_two_questions_the_one_without_an_answer_is_named(ask: Ask) -> None:
    decision = ask("Is the Skarn jacket waterproof? Which football team do you like best?")
    assert said(decision) == "Yes. The Skarn Jacket is waterproof to 20,000 mm."
    assert decision.unanswered == "Which football team do you like best?"
    decision = ask("Which football team do you like best? And is the Skarn jacket waterproof?")
    assert "20,000 mm" in said(decision)
    assert decision.unanswered == "Which football team do you like best?"


@pytest.mark.parametrize(
    "text",
    [
        "Hi, how are you? Is the Skarn jacket waterproof?",
        "Do you deliver to Norway? What does that cost?",
        "How heavy is the Skarn? And how do I wash it?",
    ],
)
def test_nothing_is_named_as_unanswered_that_is_answered_or_no_question(
    ask: Ask, text: str
) -> None:
    decision = ask(text)
    assert said(decision)
    assert decision.unanswered is None
