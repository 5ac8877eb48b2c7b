"""The small parts: articles from Markdown, quotes, words, calibration."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from bot.evaluate.curves import calibration_error
from bot.knowledge import Section, ordering
from bot.knowledge.articles import parse_article, sections_of
from bot.knowledge.calibrate import fit
from bot.knowledge.cases import QUESTIONS
from bot.knowledge.decide import Ordered, calibration
from bot.knowledge.replies import money
from bot.knowledge.search import FEATURES, quote, section_text
from bot.knowledge.text import stem, words


def test_sections_are_cut_at_headings_but_not_in_code() -> None:
    sections = sections_of("Open.\n\n## One\n- a\n\n```\n# no heading\n```\n\n### Two\ntext")
    assert [s.heading for s in sections] == ["", "One", "Two"]
    assert "# no heading" in sections[1].text


def test_an_article_without_front_matter_has_its_heading_as_title(tmp_path: Path) -> None:
    path = tmp_path / "gift-wrap.md"
    path.write_text("\ufeff# Do you wrap gifts?\r\n\r\nYes, for €3.\r\n", encoding="utf-8")
    article = parse_article(path, "https://shop.example/")
    assert (article.id, article.title, article.topic) == ("gift-wrap", "Do you wrap gifts?", "help")
    assert article.opening == "Yes, for €3."
    assert article.url == "https://shop.example/help/gift-wrap"


def test_a_long_section_is_cut_after_whole_entries_and_sentences() -> None:
    text = "One sentence of five words. " * 30
    cut = section_text(Section("", text), limit=20)
    assert len(cut.split()) == 20
    assert cut.endswith("words.")
    rows = "\n".join(f"- entry number {i} of a list" for i in range(40))
    cut = section_text(Section("", f"Before it:\n\n{rows}"), limit=30)
    assert cut.startswith("Before it:\n\n- entry number 0")
    assert all(line.endswith("list") for line in cut.split("\n")[2:])


def test_a_quote_is_the_opening_with_the_section_that_fits() -> None:
    sections = (Section("", "Opening."), Section("More", "Details."))
    assert quote(sections, np.asarray([1.0, 0.5])) == "Opening."
    assert quote(sections, np.asarray([1.0, 0.9])) == "Opening.\n\n**More**\n\nDetails."
    assert quote(sections, np.asarray([1.0, 1.1])) == "Opening.\n\n**More**\n\nDetails."
    assert quote(sections, np.asarray([1.0, 2.0])) == "**More**\n\nDetails."


@pytest.mark.parametrize(
    ("one", "other"), [("washes", "washing"), ("sizes", "size"), ("delivered", "deliver")]
)
def test_endings_do_not_matter(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_words_of_scripts_without_spaces_are_pairs() -> None:
    assert next(t.word for t in words("Skarnกันน้ำ")) == "skarn"
    assert all(len(t.word) == 2 for t in words("กันน้ำ"))
    assert [t.word for t in words("What's the jacket’s weight?")] == [
        "what", "the", "jacket", "weight",
    ]  # fmt: skip


def test_money_is_written_as_in_a_sentence() -> None:
    assert money(Decimal("289.00"), "EUR") == "€289"
    assert money(Decimal("19.9"), "EUR") == "€19.90"
    assert money(Decimal("1250"), "PLN") == "1,250\N{NO-BREAK SPACE}PLN"
    assert money(Decimal("1250.5"), "EUR", "pl") == "1\N{NO-BREAK SPACE}250,50\N{NO-BREAK SPACE}€"
    assert money(Decimal("5.9"), "EUR", "id") == "€5,90"


def test_the_fit_finds_the_probabilities_that_made_the_data() -> None:
    random = np.random.default_rng(7)
    x = random.normal(size=(4000, 3))
    p = 1 / (1 + np.exp(-(x @ [2.0, -1.0, 0.0] - 0.5)))
    y = (random.random(4000) < p).astype(float)
    model = fit(x, y)
    assert model.weights == pytest.approx((2.0, -1.0, 0.0), abs=0.25)
    assert calibration_error(np.asarray([model.probability(row) for row in x]), y) < 0.04


def test_the_calibration_that_ships_rises_with_what_should_convince() -> None:
    near = {"short": 0.9, "long": 0.7, "section": 1, "bm25": 1, "margin": 2, "several": 0.8}
    near |= {"crowd": -0.1, "crowd_margin": 4, "crowd_none": -5, "before_none": 0.6}
    near_en = {"short_en": 0.9, "long_en": 0.8, "line_en": 0.9, "margin_en": 2, "several_en": 0.8}
    far = {"unknown": 1, "margin": -1, "apart": 1, "named": 1, "offered": 0.9}
    far |= {"crowd": -6, "crowd_margin": -6, "crowd_none": -0.1, "unanswered": 0.9}
    for language in ("en", "pl"):
        for taught in (True, False):
            rules = calibration(language, taught=taught)
            assert 0 < rules.clarify < rules.answer < 1
            strong = near | (near_en if language == "en" else {})
            if not taught:
                strong |= {"crowd_none": -7, "before_none": 0.9}
            rows = [
                np.asarray([known.get(n, 0.0) for n in FEATURES]) for known in (far, strong, {})
            ]
            assert rules.articles.among(rows)[0] < 0.01
            assert rules.articles.among(rows[1:])[0] > 0.85
    assert set(QUESTIONS) == {"en", "pl", "id", "th", "fil"}


def test_an_order_learns_nothing_against_nearness() -> None:
    # Of each three candidates the second is right. The first column tells it; the second column
    # is high for those that are wrong, which must not count against them.
    numbers = np.random.default_rng(5)
    x = numbers.normal(size=(90, 2))
    y = np.tile([0.0, 1.0, 0.0], 30)
    x[:, 0] += 2 * y
    x[:, 1] -= 2 * y
    weights = ordering.fit(x, y, np.repeat(np.arange(30), 3))
    assert weights[0] > 1
    assert weights[1] == 0


def test_a_lead_is_over_the_best_other() -> None:
    assert ordering.leads(np.asarray([1.0, 3.0, 2.5])).tolist() == [-2.0, 0.5, -0.5]
    assert ordering.leads(np.asarray([9.0, 1.0])).tolist() == [ordering.CLEAR, -8.0]


def test_articles_without_examples_are_as_probable_as_their_order_says() -> None:
    rules = calibration(taught=False).articles
    numbers = np.random.default_rng(7)
    rows = list(numbers.uniform(size=(6, len(FEATURES))))
    chances = rules.among(rows)
    assert isinstance(rules, Ordered)
    order = np.argsort([-float(row @ np.asarray(rules.order)) for row in rows])
    assert order.tolist() == np.argsort([-chance for chance in chances]).tolist()
