"""Product names are found as customers write them."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.knowledge import Knowledge, Question


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_each_name_is_found_with_one_slip(demo: Knowledge, data: st.DataObject) -> None:
    product = data.draw(st.sampled_from(demo.products()))
    name = product.name
    place = data.draw(st.integers(1, len(name) - 1))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    kind = data.draw(st.sampled_from(["drop", "add", "change", "swap"]))
    assume(not name[place].isdigit())
    slip = {
        "drop": name[:place] + name[place + 1 :],
        "add": name[:place] + letter + name[place:],
        "change": name[:place] + letter + name[place + 1 :],
        "swap": name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :],
    }[kind]
    frame = data.draw(st.sampled_from(["{}", "is the {} any good?", "how much: {}", "{} PLEASE"]))
    slip = data.draw(st.sampled_from([slip, slip.lower(), slip.upper()]))
    found = demo.find_products(frame.format(slip))
    assert product.id in [mention.product for mention in found], slip


def test_every_name_and_other_name_is_found_exactly(demo: Knowledge) -> None:
    for product in demo.products():
        for name in (product.name, *product.also_called):
            text = f"what about the {name}, please?"
            mentions = demo.find_products(text)
            assert [m.product for m in mentions] == [product.id], name
            assert text[mentions[0].start : mentions[0].end] == name
            assert mentions[0].score == 1


@pytest.mark.parametrize(
    "text",
    [
        "how long does delivery take",
        "I feel that this is a risk",
        "my jacket has a spark hole",
        "can I return two jackets and a tent",
        "where can I find a store",
        "the zip and the hood came off",
        "",
        "🙂🙂",
    ],
)
def test_ordinary_words_are_no_products(demo: Knowledge, text: str) -> None:
    assert demo.find_products(text) == []


def test_no_article_question_or_title_names_a_product_by_mistake(demo: Knowledge) -> None:
    own = {p.id: p.name.split()[0].lower() for p in demo.products()}
    names = {product: {name, f"{name}s"} for product, name in own.items()}
    for article in demo.articles():
        for text in (article.title, *article.questions):
            for mention in demo.find_products(text):
                plain = set(re.findall(r"\w+", text.lower()))
                assert names[mention.product] & plain, text


def test_longest_name_first_and_names_beside_thai(demo: Knowledge) -> None:
    found = demo.find_products("skarn or the ulmar sleeping bag")
    assert [m.product for m in found] == ["ulmar-sleeping-bag", "skarn-jacket"]
    assert [m.product for m in demo.find_products("แจ็คเก็ตSkarnกันน้ำไหม")] == ["skarn-jacket"]


def test_a_shared_name_gives_every_owner_until_the_kind_tells(own: Knowledge) -> None:
    shared = own.find_products("how much is the linden?")
    assert [m.product for m in shared] == ["linden-bowl", "linden-vase"]
    decision = own.answer(Question("how much is the linden?"))
    assert decision.kind == "clarify"
    assert {c.product for c in decision.candidates} == {"linden-bowl", "linden-vase"}
    decision = own.answer(Question("how much is the linden vase?"))
    assert decision.answers[0].product == "linden-vase"
