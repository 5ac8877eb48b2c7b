"""What the example questions of articles bring, and the encoder that sees nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.embedding import UniversalEncoder, universal_embedder
from bot.knowledge import Knowledge, Question

REPAIRS = """---
title: Repairs
questions:
  - The zip of my jacket broke, what now?
  - Do you patch holes?
  - Can you sew on a button?
  - My pole snapped in two
  - Who fixes a torn sleeve?
---
Bring it to the workshop.
"""
GIFTS = """---
title: Gifts
questions:
  - Do you wrap presents?
  - Can I add a card for my sister?
  - Is there a voucher?
  - I need something for a birthday
  - Can it go to another address as a surprise?
---
We wrap it for nothing.
"""


def near(embedder_text: str, other: str) -> float:
    rows = universal_embedder().queries([embedder_text, other])
    return float(rows[0] @ rows[1])


@pytest.mark.parametrize(
    ("text", "same", "other"),
    [
        ("How do I return boots?", "I want to send shoes back", "Do you sell tents?"),
        ("Jak zwrócić buty?", "I want to send shoes back", "Do you sell tents?"),
        ("คืนรองเท้าได้อย่างไร", "I want to send shoes back", "Do you sell tents?"),
    ],
)
def test_the_universal_encoder_puts_alike_texts_together_across_languages(
    text: str, same: str, other: str
) -> None:
    assert near(text, same) > near(text, other) + 0.2


def test_its_vectors_have_length_one_whatever_is_typed() -> None:
    texts = ["x", "\u200b", "😀😀", "word " * 2000, "\0", "ราคาเท่าไหร่" * 90]
    rows = universal_embedder().queries(texts)
    lengths = np.linalg.norm(rows, axis=1)
    assert np.all(np.isclose(lengths, 1.0, atol=1e-3) | (lengths == 0))
    assert not universal_embedder().queries([" "]).any()


@pytest.fixture
def taught(own: Knowledge, tmp_path: Path) -> Knowledge:
    """A shop in which every article has five questions."""
    folder = tmp_path / "knowledge"
    for path in folder.iterdir():
        path.unlink()
    (folder / "repairs.md").write_text(REPAIRS)
    (folder / "gifts.md").write_text(GIFTS)
    return own


def test_it_reads_where_articles_have_example_questions(
    taught: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    encoder = type(universal_embedder())
    encode = encoder.queries

    def noted(self: UniversalEncoder, texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return encode(self, texts)

    monkeypatch.setattr(encoder, "queries", noted)
    text = "the zipper on my coat is kaputt, could you fix that?"
    assert taught.answer(Question(text)).candidates[0].article == "repairs"
    assert text in asked
    # With titles and texts alone there is nothing for it to compare.
    for name in ("repairs", "gifts"):
        path = tmp_path / "knowledge" / f"{name}.md"
        path.write_text(f"# {name.title()}\n\nA page on {name}.\n")
    taught.refresh()
    asked.clear()
    taught.answer(Question("and how long does a repair take?"))
    assert asked == []
