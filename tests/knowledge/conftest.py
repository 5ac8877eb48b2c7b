"""The demo's knowledge, and small folders of one's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedding import sentence_embedder
from bot.knowledge import Decision, Knowledge, Question

DATA = Path(__file__).parents[2] / "data"
URL = "https://shop.example"

Ask = Callable[..., Decision]


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Embeddings kept between runs: by content, so they cannot be stale."""
    return DATA.parent / "var" / "embeddings"


@pytest.fixture(scope="session")
def demo(vectors: Path) -> Knowledge:
    """The demo shop, read only."""
    return Knowledge(
        DATA / "knowledge", DATA / "catalog", sentence_embedder(), shop_url=URL, cache=vectors
    )


@pytest.fixture
def ask(demo: Knowledge) -> Ask:
    """Ask the demo shop; `about` is the product talked of, `after` the question before."""

    def asked(text: str, about: str | None = None, after: str | None = None) -> Decision:
        return demo.answer(Question(text, product=about, previous=after))

    return asked


@pytest.fixture
def own(tmp_path: Path, vectors: Path) -> Knowledge:
    """A shop of one's own: `knowledge/` with three articles, `catalog/` with two products."""
    articles, catalog = tmp_path / "knowledge", tmp_path / "catalog"
    articles.mkdir()
    catalog.mkdir()
    (articles / "delivery.md").write_text(DELIVERY, encoding="utf-8")
    (articles / "bouquets.md").write_text(BOUQUETS, encoding="utf-8")
    (articles / "workshops.md").write_text(WORKSHOPS, encoding="utf-8")
    shutil.copy(DATA / "catalog" / "_attributes.yml", catalog)
    (catalog / "linden-vase.yml").write_text(VASE, encoding="utf-8")
    bowl = VASE.replace("linden-vase", "linden-bowl").replace("Linden Vase", "Linden Bowl")
    (catalog / "linden-bowl.yml").write_text(bowl.replace("kind: vase", "kind: bowl"))
    return Knowledge(articles, catalog, sentence_embedder(), shop_url=URL, cache=vectors)


DELIVERY = """---
id: delivery
title: How long does delivery take?
topic: delivery
---
Flowers arrive the next morning before ten.

## On Sundays
On Sundays nothing is delivered.
"""

BOUQUETS = """# How do I keep a bouquet fresh?

Cut the stems at an angle and change the water every second day.
"""

WORKSHOPS = """---
title: Do you teach how to arrange flowers?
---
Every first Saturday of the month there is a workshop for eight people. It costs €45.
"""

VASE = """id: linden-vase
name: Linden Vase
kind: vase
price: 35.00
summary: A tall glass vase for long stems.
attributes:
  weight_g: 900
  colours: [Clear, Moss]
stock: {one-size: 3}
"""
