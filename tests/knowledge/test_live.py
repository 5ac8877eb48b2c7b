"""Files are read live: what the owner saves is the next answer, what is broken changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.embedding import sentence_embedder
from bot.knowledge import Answer, Candidate, Knowledge, Question
from tests.knowledge.conftest import URL


def said(knowledge: Knowledge, text: str) -> str:
    decision = knowledge.answer(Question(text))
    return "\n".join(answer.text for answer in decision.answers)


def test_a_changed_price_is_in_the_next_answer(own: Knowledge, tmp_path: Path) -> None:
    assert "€35" in said(own, "how much is the Linden vase?")
    path = tmp_path / "catalog" / "linden-vase.yml"
    path.write_text(path.read_text().replace("35.00", "41.50"))
    assert "€41.50" in said(own, "how much is the Linden vase?")


def test_an_edited_article_is_found_with_its_new_text(own: Knowledge, tmp_path: Path) -> None:
    assert "before ten" in said(own, "how long does the delivery take")
    path = tmp_path / "knowledge" / "delivery.md"
    path.write_text(path.read_text().replace("before ten", "before noon"))
    assert "before noon" in said(own, "how long does the delivery take")


def test_an_added_article_answers_and_a_removed_one_is_silent(
    own: Knowledge, tmp_path: Path
) -> None:
    question = Question("can I pay by bank transfer?")
    assert own.answer(question).kind == "decline"
    path = tmp_path / "knowledge" / "payment.md"
    path.write_text("# How can I pay?\n\nBy card or by bank transfer.\n")
    decision = own.answer(question)
    assert [a.article for a in decision.answers] == ["payment"]
    path.unlink()
    assert own.answer(question).kind == "decline"
    assert own.article("payment") is None


@pytest.mark.parametrize(
    "broken",
    [
        "---\nid: delivery\ntitle: never closed\n",
        "---\ntitle: [1\n---\ntext\n",
        "---\nid: other\ntitle: T\n---\ntext\n",
        "---\ntitle: only a title\n---\n",
    ],
)
def test_a_broken_article_keeps_its_last_good_version_and_says_what_to_do(
    own: Knowledge, tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    own.refresh()
    path = tmp_path / "knowledge" / "delivery.md"
    with caplog.at_level(logging.WARNING):
        path.write_text(broken)
        assert "before ten" in said(own, "how long does the delivery take")
    assert "delivery.md" in caplog.text
    assert "last good version stays" in caplog.text


@pytest.mark.parametrize("broken", ["price: [", "name: ''", "id: other\nname: X", "- a list"])
def test_a_broken_product_keeps_its_last_good_version(
    own: Knowledge, tmp_path: Path, broken: str
) -> None:
    own.refresh()
    (tmp_path / "catalog" / "linden-vase.yml").write_text(broken)
    (tmp_path / "catalog" / "new-vase.yml").write_text(broken)
    assert [p.id for p in own.products()] == ["linden-bowl", "linden-vase"]
    assert "€35" in said(own, "how much is the Linden vase?")


def test_articles_alone_are_a_shop_too(own: Knowledge, tmp_path: Path, vectors: Path) -> None:
    for catalog in (None, tmp_path / "no-such-folder"):
        alone = Knowledge(
            tmp_path / "knowledge", catalog, sentence_embedder(), shop_url=URL, cache=vectors
        )
        assert "change the water" in said(alone, "how do my flowers stay fresh for long")
        assert alone.answer(Question("do you sell kayaks")).kind == "decline"
        assert alone.find_products("the Linden vase") == []


def test_an_empty_folder_declines_everything(tmp_path: Path, vectors: Path) -> None:
    empty = Knowledge(
        tmp_path / "nothing", tmp_path, sentence_embedder(), shop_url=URL, cache=vectors
    )
    for text in ("how long does delivery take", "is it waterproof", "ราคาเท่าไหร่"):
        assert empty.answer(Question(text, product="gone")).kind == "decline"


def test_a_language_variant_stands_beside_the_original(own: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "knowledge" / "delivery.pl.md").write_text(
        "---\nid: delivery\ntitle: Jak długo trwa dostawa?\n---\nDo dziesiątej rano.\n",
        encoding="utf-8",
    )
    polish, english = own.article("delivery", "pl"), own.article("delivery")
    assert polish is not None
    assert english is not None
    assert polish.language == "pl"
    assert english.title == "How long does delivery take?"
    assert own.article("delivery", "th") == english
    assert len(own.articles()) == 3


class Counting:
    """Counts the texts that it embeds."""

    name = "counting"
    dimensions = 8

    def __init__(self) -> None:
        self.seen: list[str] = []

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen += texts
        rows = [np.random.default_rng(len(text)).normal(size=8) for text in texts]
        return np.asarray([row / np.linalg.norm(row) for row in rows], dtype=np.float32)

    passages = queries


def test_only_what_changed_is_embedded_again(own: Knowledge, tmp_path: Path) -> None:
    folders = (tmp_path / "knowledge", tmp_path / "catalog")
    counting = Counting()
    knowledge = Knowledge(*folders, counting, shop_url=URL, cache=tmp_path / "kept")
    knowledge.refresh()
    path = folders[0] / "delivery.md"
    path.write_text(path.read_text().replace("nothing is", "nothing at all is"))
    counting.seen.clear()
    knowledge.refresh()
    assert len(counting.seen) == 1
    assert "nothing at all" in counting.seen[0]
    again = Counting()
    kept = tmp_path / "kept"
    for file in kept.iterdir():
        # A write that broke off leaves half a record: it is left out, the rest is kept.
        file.write_bytes(file.read_bytes()[:-5])
    Knowledge(*folders, again, shop_url=URL, cache=kept).refresh()
    assert len(again.seen) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=80), about=st.sampled_from([None, "skarn-jacket", "gone"]))
def test_whatever_is_typed_gets_a_decision_about_what_exists(
    demo: Knowledge, text: str, about: str | None
) -> None:
    decision = demo.answer(Question(text, product=about, previous=text[::-1]))
    articles = {article.id for article in demo.articles()} | {None}
    products = {product.id for product in demo.products()} | {None}
    all_shown: list[Answer | Candidate] = [*decision.answers, *decision.candidates]
    for shown in all_shown:
        assert shown.article in articles
        assert shown.product in products
    assert decision.product in products


def test_a_question_that_is_listed_without_an_answer_is_declined_from_then_on(
    own: Knowledge, tmp_path: Path
) -> None:
    text = "how long does the delivery take"
    assert own.answer(Question(text)).kind == "answer"
    listed = tmp_path / "knowledge" / "_unanswered.yml"
    listed.write_text("- how long does the delivery take\n", encoding="utf-8")
    assert own.answer(Question(text)).kind != "answer"
    listed.unlink()
    assert own.answer(Question(text)).kind == "answer"


def test_a_list_that_is_none_is_left_out_and_says_what_to_do(
    own: Knowledge, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    listed = tmp_path / "knowledge" / "_unanswered.yml"
    listed.write_text("how long does the delivery take\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert own.answer(Question("how long does the delivery take")).kind == "answer"
    assert "write one question a line after '- '" in caplog.text


def test_examples_in_another_language_are_found_once_they_are_embedded(
    own: Knowledge, tmp_path: Path
) -> None:
    example = f"kiedy będą moje kwiaty {uuid4()}"
    (tmp_path / "knowledge" / "delivery.pl.md").write_text(
        f"---\ntitle: Jak długo trwa dostawa?\nquestions:\n  - {example}\n---\n", encoding="utf-8"
    )

    def known() -> list[str]:
        return [a.id for a in own.snapshot().view("en").index.articles if example in a.elsewhere]

    assert known() == []
    own.refresh("pl")
    own.follow()
    assert known() == ["delivery"]
