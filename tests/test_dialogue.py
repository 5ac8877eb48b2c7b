"""The app checks that the assistant is the one that was set up: Rasa falls back silently."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue import COMPONENTS, TRACKER_STORE, _difference

RIGHT: dict[str, Any] = {
    "tracker_store": TRACKER_STORE,
    "components": sorted(COMPONENTS),
    "model_file": "firstline.tar.gz",
}


def test_the_assistant_as_it_was_set_up_is_accepted() -> None:
    assert _difference(RIGHT, "firstline.tar.gz") == ""


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tracker_store": "rasa.core.tracker_store.InMemoryTrackerStore"}, "tracker store"),
        ({"components": []}, "SentenceEmbedding"),
        ({"model_file": "20260101-old.tar.gz"}, "20260101-old"),
    ],
)
def test_silent_fall_backs_of_rasa_are_refused(wrong: dict[str, Any], says: str) -> None:
    assert says in _difference(RIGHT | wrong, "firstline.tar.gz")
