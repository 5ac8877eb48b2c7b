"""The intent of a message, with a confidence that also falls for what was never taught."""

from __future__ import annotations

import json
import logging
from typing import Any, Dict, List, Optional, Type  # noqa: UP035 - Rasa wires the graph by these

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.assistant.features import sentences_of
from bot.assistant.nearest import IntentModel, estimate_threshold

logger = logging.getLogger(__name__)

_ABOUT = "intents.json"
_ARRAYS = "examples.npz"
_FALLBACK = "nlu_fallback"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NearestExamples(IntentClassifier, GraphComponent):
    """Classifies by regression over a text's vectors, and is as sure as taught examples are near.

    See `IntentModel.read` for the confidence of the first intent. The other intents of the
    ranking get their probability times (confidence / probability of the first), so none is above
    the first, their order is that of the probabilities, and a rival half as probable has half
    the confidence.

    Settings: `ranking_length`, how many intents are told (0: all). `out_of_scope_share`, the part
    of all messages that is assumed to be out of scope when the threshold is determined.
    `out_of_scope_intents`, those that mean just that. `fallback`: below the threshold that was
    determined in training predict `nlu_fallback`, as Rasa's FallbackClassifier does below a
    fixed one.
    """

    def __init__(
        self,
        config: Dict[str, Any],  # noqa: UP006
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[IntentModel] = None,  # noqa: UP045
        threshold: float = 0.0,
    ) -> None:
        """Take the trained model and its threshold, if there are any yet."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self.model = model
        self.threshold = threshold

    @property
    def out_of_scope_share(self) -> float:
        """The part of messages that is taken to be out of scope where a threshold is chosen."""
        return float(self._config["out_of_scope_share"])

    @classmethod
    def required_components(cls) -> List[Type]:  # noqa: UP006
        """Return that something must come before it that makes features."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> List[str]:  # noqa: UP006
        """Return what must be importable for this component."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:  # noqa: UP006
        """Return the settings that config.yml may override."""
        return {
            "ranking_length": 10,
            "out_of_scope_share": 0.15,
            "out_of_scope_intents": ["oos", "out_of_scope"],
            "fallback": False,
        }

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:  # noqa: UP006
        """Raise ValueError for a share that is none."""
        if not 0 <= float(config.get("out_of_scope_share", 0.15)) <= 1:
            raise ValueError("NearestExamples: out_of_scope_share must be between 0 and 1")

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],  # noqa: UP006
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NearestExamples:
        """Create the component, untrained, as Rasa's graph asks for it."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Train from all examples that have an intent and a text; without any, do nothing."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        sentences = sentences_of(examples)
        readable = np.flatnonzero(sentences.every.any(axis=1) | sentences.english.any(axis=1))
        sentences = sentences.at(readable)
        intents = [str(examples[row].get(INTENT)) for row in readable]
        if not intents:
            logger.warning("NearestExamples: there is no example with a text to learn from.")
            return self._resource
        self.model = IntentModel.fit(sentences, intents)
        self.threshold = estimate_threshold(
            sentences,
            intents,
            self.out_of_scope_share,
            list(self._config["out_of_scope_intents"]),
        )
        logger.info(
            "Trained %d intents from %d examples; by them the best threshold is %.3f.",
            len(self.model.intents),
            self.model.examples,
            self.threshold,
        )
        self._persist(self.model)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:  # noqa: UP006
        """Set intent and ranking of each message; None with confidence 0 where nothing is read."""
        if self.model is None:
            for message in messages:
                self._tell(message, [])
            return messages
        reading = self.model.read(sentences_of(messages))
        length = int(self._config["ranking_length"]) or len(self.model.intents)
        for message, confidence, probabilities in zip(
            messages, reading.confidence, reading.probabilities, strict=True
        ):
            if confidence == 0:
                self._tell(message, [])
                continue
            order = np.argsort(-probabilities, kind="stable")[:length]
            scaled = probabilities * (confidence / probabilities[order[0]])
            self._tell(
                message,
                [
                    {"name": self.model.intents[i], "confidence": float(min(scaled[i], confidence))}
                    for i in order
                ],
            )
        return messages

    def _tell(self, message: Message, ranking: List[Dict[str, Any]]) -> None:  # noqa: UP006
        first = ranking[0] if ranking else {INTENT_NAME_KEY: None, "confidence": 0.0}
        if self._config["fallback"] and first["confidence"] < self.threshold:
            first = {INTENT_NAME_KEY: _FALLBACK, "confidence": self.threshold}
            ranking = [first, *ranking]
        message.set(INTENT, first, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def _persist(self, model: IntentModel) -> None:
        about = {
            "intents": model.intents,
            "threshold": self.threshold,
            "out_of_scope_share": self.out_of_scope_share,
            "examples": model.examples,
        }
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(folder / _ARRAYS, **model.arrays())
            (folder / _ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],  # noqa: UP006
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NearestExamples:
        """Load what was trained; untrained if there was nothing to learn from."""
        try:
            with model_storage.read_from(resource) as folder:
                about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
                with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
                    model = IntentModel.of_arrays(about["intents"], dict(arrays))
        except (ValueError, FileNotFoundError) as error:
            logger.debug("NearestExamples: nothing was trained: %s", error)
            return cls.create(config, model_storage, resource, execution_context)
        return cls(config, model_storage, resource, model, float(about["threshold"]))
