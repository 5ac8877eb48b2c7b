"""A FAQ: what its titles ask, small words included, and what people ask of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedding import sentence_embedder
from bot.knowledge import Knowledge, Question
from bot.knowledge.cases import NEAR, NONE, QUESTIONS, cases, faqs
from bot.knowledge.decide import calibration
from bot.knowledge.ragged import Ragged
from bot.knowledge.titles import Titles

# All entries speak of the same thing.
ENTRIES = {
    "what": ("What is a membership?", "It is a contract for a year, and the card shows it."),
    "how": ("How do I get a membership?", "Come by with a passport; it takes five minutes."),
    "long": ("How long does a membership last?", "A year, and it renews itself."),
    "cost": ("How much does a membership cost?", "Thirty euros, for students half of that."),
}


@pytest.fixture(scope="module")
def faq(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("faq")
    for name, (title, text) in ENTRIES.items():
        (folder / f"{name}.md").write_text(f"---\ntitle: {title}\n---\n{text}\n", "utf-8")
    return Knowledge(folder, None, sentence_embedder(), shop_url="/")


@pytest.mark.parametrize("entry", ENTRIES)
def test_whoever_asks_a_title_gets_its_entry(faq: Knowledge, entry: str) -> None:
    asked = ENTRIES[entry][0].lower().rstrip("?")
    assert faq.rank(Question(asked))[0].article == entry


def _titles(texts: Sequence[str]) -> tuple[Titles, list[list[str]]]:
    split = [text.split() for text in texts]
    numbers: dict[str, int] = {}
    rows = [
        np.asarray([numbers.setdefault(w, len(numbers)) for w in dict.fromkeys(own)], np.int32)
        for own in split
    ]
    return Titles(numbers, Ragged.of(rows, np.zeros(0, np.int32))), split


def test_small_words_tell_titles_of_one_subject_apart() -> None:
    titles, _ = _titles(["how long is it", "what is it", "can i return it"])
    near = titles.nearness(["what", "is", "it", "exactly"])
    assert int(near.argmax()) == 1


def test_words_of_no_title_make_a_question_less_like_any() -> None:
    titles, _ = _titles(["what is it", "can i return it"])
    plain, strange = titles.nearness(["what", "is"]), titles.nearness(["what", "is", "zeppelin"])
    assert strange[0] < plain[0]


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), min_size=1, max_size=5)


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_nearness_is_a_cosine_and_one_for_the_title_itself(
    titles: list[list[str]], asked: list[str]
) -> None:
    made, split = _titles([" ".join(title) for title in titles])
    near = made.nearness(asked)
    assert ((near >= 0) & (near <= 1 + 1e-9)).all()
    for place, own in enumerate(split):
        assert made.nearness(own)[place] == pytest.approx(1)


def test_the_faqs_that_probabilities_are_fitted_on_name_entries_that_exist() -> None:
    for one in faqs():
        known = {article.id for article in one.articles}
        assert all(set(case.articles) <= known for case in one.cases)
        assert {case.group for case in one.cases} == {"faqs", NEAR}
        assert all(bool(case.articles) == (case.group == "faqs") for case in one.cases)


def test_near_misses_are_asked_of_no_list_and_no_article(demo: Knowledge) -> None:
    known = {
        text
        for article in demo.articles()
        for text in (article.title, *article.questions, *article.elsewhere)
    }
    for language in QUESTIONS:
        asked = cases(demo, language)
        listed = {case.question.text for case in asked if case.group == NONE}
        near = [case.question.text for case in asked if case.group == NEAR]
        assert len(near) >= 150
        assert not set(near) & (known | listed), language


def test_every_language_of_the_shop_has_thresholds_of_its_own(demo: Knowledge) -> None:
    languages = set(QUESTIONS) - {"en"}
    assert len({(calibration(one).answer, calibration(one).clarify) for one in languages}) > 1
    # A language that nothing was fitted on is decided by all others' together.
    assert 0 < calibration("de").answer < 1
