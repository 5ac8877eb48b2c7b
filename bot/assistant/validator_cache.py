"""Checks the answers of actions against their schema without checking the schema each time.

Rasa 3.6.21 validates the schema itself anew at every action, which is four fifths of the cost of
an action's turn. The schema is a constant, so it is checked once here. The answers are checked
as before, with the same error for a bad one.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

import rasa
from rasa.core.actions.action import DOCS_BASE_URL, RemoteAction

logger = logging.getLogger(__name__)

KNOWN_VERSION = "3.6.21"


@lru_cache(maxsize=1)
def _validator() -> Any:
    from jsonschema.validators import validator_for

    schema = RemoteAction.action_response_format_spec()
    cls = validator_for(schema)
    cls.check_schema(schema)
    return cls(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    from jsonschema.exceptions import best_match

    error = best_match(_validator().iter_errors(result))
    if error is None:
        return True
    error.message += (
        f". Failed to validate Action server response from API, "
        f"make sure your response from the Action endpoint is valid. "
        f"For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )
    raise error


def install() -> bool:
    """Put the cached check in place; return whether this Rasa is the one it was made for."""
    if rasa.__version__ != KNOWN_VERSION:
        logger.warning(
            "Actions run at Rasa's own speed: the cached check is made for Rasa %s, this is %s.",
            KNOWN_VERSION,
            rasa.__version__,
        )
        return False
    RemoteAction._validate_action_result = _validate_action_result
    return True


def installed() -> bool:
    """Return whether answers of actions are checked by the cached validator."""
    return RemoteAction._validate_action_result is _validate_action_result
