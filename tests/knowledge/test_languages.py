"""Answers in the customer's language, from translated articles and the same catalog."""

from __future__ import annotations

import pytest

from bot.knowledge import Decision, Knowledge, Question
from bot.knowledge.several import cuts


def asked(demo: Knowledge, language: str, text: str, **before: str) -> Decision:
    return demo.answer(Question(text, language, **before))  # type: ignore[arg-type]


def said(decision: Decision) -> str:
    return "\n".join(answer.text for answer in decision.answers)


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("pl", "ile wazy kurtka Skarn", "412"),
        ("pl", "ile kosztuje Velmo?", "239 €"),
        ("id", "berapa harga Skarn?", "€289"),
        ("id", "berat jaket Skarn berapa gram ya kak", "412"),
        ("th", "Skarn หนักกี่กรัม", "412"),
        ("th", "เวลโมราคาเท่าไหร่", "239"),
        ("fil", "magkano yung Skarn jacket", "€289"),
        ("fil", "gaano kabigat yung Skarn", "412"),
        ("pl", "czy Skarn ma kaptur", "Tak"),
    ],
)
def test_the_catalog_answers_in_the_customers_language(
    demo: Knowledge, language: str, text: str, words: str
) -> None:
    assert words in said(asked(demo, language, text)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "text", "article"),
    [
        ("pl", "do kiedy mogę odesłać kurtkę, która mi nie pasuje?", "return-an-order"),
        ("id", "cara mencuci jaket down gimana?", "wash-down"),
        ("th", "จ่ายเงินได้ทางไหนบ้าง", "payment-methods"),
        ("fil", "paano ko malalaman kung nasaan na yung parcel ko", "track-parcel"),
    ],
)
def test_a_translated_article_answers_in_its_own_words(
    demo: Knowledge, language: str, text: str, article: str
) -> None:
    decision = asked(demo, language, text)
    assert [a.article for a in decision.answers] == [article]
    assert decision.answers[0].language is None
    translated = demo.article(article, language)
    assert translated is not None
    assert translated.text_language == language
    assert decision.answers[0].title == translated.title


def test_an_article_without_a_translated_text_says_in_which_language_it_is(
    demo: Knowledge,
) -> None:
    article = demo.article("cairn-club", "pl")
    assert article is not None
    decision = asked(demo, "pl", article.title)
    assert decision.answers[0].article == "cairn-club"
    assert decision.answers[0].language == "en"


def test_all_titles_and_fifteen_whole_articles_are_translated(demo: Knowledge) -> None:
    articles = demo.articles()
    for language in ("pl", "id", "th", "fil"):
        own = [demo.article(article.id, language) for article in articles]
        titles = [article.title for article in own if article and article.language == language]
        assert len(titles) == len(articles)
        whole = [article for article in own if article and article.text_language == language]
        assert len(whole) >= 15


def test_a_language_that_nobody_wrote_in_is_answered_from_the_main_one(demo: Knowledge) -> None:
    decision = asked(demo, "de", "Skarn Jacket weight")
    assert "412" in said(decision)


def test_two_questions_in_one_message_get_an_answer_each(demo: Knowledge) -> None:
    decision = asked(demo, "en", "How heavy is the Skarn jacket? And do you deliver to Norway?")
    assert {a.product or a.article for a in decision.answers} >= {"skarn-jacket", "delivery-abroad"}
    assert "412" in said(decision)


@pytest.mark.parametrize(
    "text",
    [
        "What is the difference between the Nolund and the Brunnak?",
        "I bought a jacket last week and it leaks, what can I do?",
        "Hello and good morning, do you deliver to Norway?",
    ],
)
def test_one_question_stays_one(demo: Knowledge, text: str) -> None:
    decision = asked(demo, "en", text)
    assert len({a.article or a.product for a in decision.answers}) <= 1


def test_a_message_is_cut_where_a_second_question_may_begin() -> None:
    assert ("ile kosztuje Skarn", "jak go prać?") in cuts("ile kosztuje Skarn i jak go prać?", "pl")
    assert cuts("short and sweet", "en") == []
    assert cuts("word and word " * 100, "en") == []
