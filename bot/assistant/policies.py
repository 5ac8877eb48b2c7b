"""Silence while a person speaks, for the Rasa shell.

In the widget the app decides who may speak and does not call the assistant at all while a person
has the conversation. The Rasa shell has no such gate: there the slot `person_speaks`, set by the
app's action at each turn, keeps the bot quiet, whatever a rule or an open form would say.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional  # noqa: UP035 - Rasa wires the graph by these

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

# RulePolicy has 6; of two sure predictions the one of higher priority wins.
PRIORITY = 7


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class PersonSpeaks(Policy):
    """Listens, and does nothing else, as long as the slot `person_speaks` is true."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:  # noqa: UP006
        """Return the settings that config.yml may override."""
        return {"priority": PRIORITY, "slot": "person_speaks"}

    @staticmethod
    def supported_data() -> SupportedData:
        """Return that rules and stories are both fine: it reads neither."""
        return SupportedData.ML_AND_RULE_DATA

    def train(
        self,
        training_trackers: List[TrackerWithCachedStates],  # noqa: UP006
        domain: Domain,
        **kwargs: Any,
    ) -> Resource:
        """Learn nothing; Rasa trains every policy."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[str, Any]] = None,  # noqa: UP006, UP045
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Predict listening for sure while a person speaks, and nothing otherwise."""
        probabilities = self._default_predictions(domain)
        silent = tracker.get_slot(self.config["slot"]) is True
        if silent:
            probabilities[domain.index_for_action(ACTION_LISTEN_NAME)] = 1.0
        # Not a reading of the customer's words: so it also overrules a form in progress.
        return PolicyPrediction(
            probabilities, type(self).__name__, self.priority, is_no_user_prediction=silent
        )
