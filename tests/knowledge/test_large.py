"""What is known stays known: an edit, a broken-off build and a start embed only what is new."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.embedding import (
    CachedEmbedder,
    english_embedder,
    sentence_embedder,
    universal_embedder,
)
from bot.knowledge import Knowledge, Question
from bot.settings import PROJECT
from tests.knowledge.conftest import URL
from tools.made_articles import article, write

COUNT = 6


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, vectors: Path) -> Path:
    """A help centre of some articles, and its index."""
    folder = tmp_path_factory.mktemp("built")
    if vectors.exists():
        # Everyday sentences that every index compares with: embedded by whatever ran before.
        shutil.copytree(vectors, folder / "kept", ignore=lambda _, names: _others(names))
    write(folder / "articles", COUNT)
    known(folder).refresh()
    return folder


def _others(names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".vectors")}


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(built, tmp_path / "copy")


def taught(number: int) -> str:
    """An article's file with five questions that customers ask."""
    made = article(number)
    words = ("", "Please tell me: ", "Hello! ", "Do you know: ", "One more thing: ")
    questions = "".join(f'  - "{word}{made.question}"\n' for word in words)
    return made.file.replace("topic: help\n", f"topic: help\nquestions:\n{questions}")


@pytest.fixture
def taught_folder(folder: Path) -> Path:
    """The help centre with example questions."""
    for number in range(COUNT):
        (folder / "articles" / f"{article(number).id}.md").write_text(taught(number), "utf-8")
    return folder


def known(folder: Path) -> Knowledge:
    return Knowledge(
        folder / "articles", None, sentence_embedder(), shop_url=URL, cache=folder / "kept"
    )


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the embedders were given and had not in their caches."""
    texts: list[str] = []
    embedders: tuple[CachedEmbedder, ...] = (
        sentence_embedder(),
        english_embedder(),
        universal_embedder(),
    )
    for embedder in embedders:
        kind = type(embedder)
        encode = kind._encode

        def noted(
            self: CachedEmbedder, given: list[str], is_query: bool, encode: object = encode
        ) -> NDArray[np.float32]:
            texts.extend(given)
            result: NDArray[np.float32] = encode(self, given, is_query)  # type: ignore[operator]
            return result

        monkeypatch.setattr(kind, "_encode", noted)
    return texts


def said(knowledge: Knowledge, text: str) -> str:
    return "\n".join(answer.text for answer in knowledge.answer(Question(text)).answers)


def test_an_edited_article_is_found_with_its_new_text_and_nothing_else_is_embedded(
    folder: Path, embedded: list[str]
) -> None:
    knowledge = known(folder)
    knowledge.refresh()
    embedded.clear()
    path = folder / "articles" / f"{article(2).id}.md"
    path.write_text(
        path.read_text("utf-8") + "\n## Zeppelin rides\nThe zeppelin departs from pier seven.\n",
        "utf-8",
    )
    assert "pier seven" in said(knowledge, "Where does the zeppelin depart?")
    assert all("eppelin" in text for text in embedded)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if six articles were many."""
    monkeypatch.setattr("bot.knowledge.files.FEW", 0)


@pytest.mark.usefixtures("few")
def test_a_start_with_a_kept_index_embeds_nothing_and_answers_the_same(
    folder: Path, embedded: list[str]
) -> None:
    question = Question(article(1).question)
    before = known(folder).answer(question)
    embedded.clear()
    knowledge = known(folder)
    knowledge.refresh()
    assert embedded == []
    assert knowledge.answer(question) == before
    path = folder / "articles" / f"{article(1).id}.md"
    path.write_text(path.read_text("utf-8") + "\nThe zeppelin departs from pier seven.\n", "utf-8")
    (folder / "articles" / f"{article(2).id}.md").unlink()
    later = known(folder)
    assert later.article(article(2).id) is None
    assert "pier seven" in said(later, "Where does the zeppelin depart?")


def test_examples_are_embedded_once_by_each_embedder(
    taught_folder: Path, embedded: list[str]
) -> None:
    knowledge = known(taught_folder)
    knowledge.refresh()
    embedded.clear()
    path = taught_folder / "articles" / f"{article(2).id}.md"
    own = "Does a zeppelin fly there?"
    path.write_text(taught(2).replace("questions:\n", f'questions:\n  - "{own}"\n'), "utf-8")
    knowledge.refresh()
    assert embedded == [own] * 3
    embedded.clear()
    known(taught_folder).refresh()
    assert embedded == []


@pytest.mark.parametrize("is_taught", [False, True])
def test_an_index_mended_step_by_step_answers_as_one_made_at_once(
    folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, is_taught: bool
) -> None:
    # As among thousands, where the examples are seen as before when a few articles are others.
    monkeypatch.setattr("bot.knowledge.index._OTHER", 1.0)
    if is_taught:
        request.getfixturevalue("taught_folder")

    def file(number: int) -> str:
        return taught(number) if is_taught else article(number).file

    knowledge = known(folder)
    knowledge.refresh()
    articles = folder / "articles"
    (articles / f"{article(0).id}.md").unlink()
    knowledge.refresh()
    (articles / f"{article(9).id}.md").write_text(file(9), "utf-8")
    (articles / f"{article(3).id}.md").write_text(file(3).replace(" ", "  ", 1), "utf-8")
    knowledge.refresh()
    fresh = Knowledge(articles, None, sentence_embedder(), shop_url=URL, cache=None)
    for number in (0, 1, 3, 9):
        question = Question(article(number).question)
        mended, made = knowledge.answer(question), fresh.answer(question)
        assert mended.kind == made.kind
        assert mended.answers[:1] == made.answers[:1] or mended.confidence == pytest.approx(
            made.confidence, abs=2e-2 if is_taught else 1e-3
        )
        # Where what tells examples apart is carried over, the last places may be others.
        places = 1 if is_taught else None
        firsts = [[c.article for c in d.candidates[:places]] for d in (mended, made)]
        assert firsts[0] == firsts[1]


_BUILD = """
import sys
from pathlib import Path
from bot.embedding import sentence_embedder
from bot.knowledge import Knowledge
folder = Path(sys.argv[1])
knowledge = Knowledge(
    folder / "articles", None, sentence_embedder(), shop_url="u", cache=folder / "kept"
)
knowledge.refresh()
"""


def records(folder: Path) -> int:
    """How many vectors are kept."""
    size = 16 + 4 * 384
    return sum(file.stat().st_size // size for file in (folder / "kept").glob("*.vectors"))


def test_a_build_that_was_killed_goes_on_where_it_was(folder: Path, embedded: list[str]) -> None:
    write(folder / "articles", COUNT + 8)
    before = records(folder)
    process = subprocess.Popen(
        [sys.executable, "-c", _BUILD, str(folder)], cwd=PROJECT, env=dict(os.environ)
    )
    while records(folder) == before:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    had = records(folder)
    embedded.clear()
    known(folder).refresh()
    assert before < had < records(folder)
    assert len(embedded) <= records(folder) - had


@pytest.mark.usefixtures("few")
def test_a_damaged_index_is_made_anew(folder: Path, embedded: list[str]) -> None:
    question = Question(article(1).question)
    before = known(folder).answer(question)
    embedded.clear()
    for file in (folder / "kept").iterdir():
        if file.suffix != ".vectors":
            file.write_bytes(b"torn" + file.read_bytes()[4:-40])
    assert known(folder).answer(question) == before
    assert embedded == []


@pytest.mark.parametrize("large", [False, True])
def test_the_best_lines_are_found_in_a_large_knowledge_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        # As in a knowledge of thousands, where only the nearest sections' lines are compared.
        monkeypatch.setattr("bot.knowledge.index.NEAREST_SECTIONS", 3)
    for number in range(COUNT):
        decision = known(folder).answer(Question(article(number).title))
        assert decision.answers[0].article == article(number).id


def test_a_large_folder_is_looked_at_each_second(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.knowledge.files.LARGE", 3)
    knowledge = known(folder)
    knowledge.refresh()
    path = folder / "articles" / f"{article(9).id}.md"
    path.write_text(article(9).file, "utf-8")
    while knowledge.article(article(9).id) is None:
        time.sleep(0.05)
