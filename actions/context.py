"""What every action needs: who asks, in which language, and a way to answer with notes."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.services import Services, in_use

Button = dict[str, str]


class Talk:
    """One run of an action: the tracker read, the reply written.

    A reply is words for the customer and notes for the app: the decision, its confidence,
    sources, a handoff to open. The notes travel as metadata of Rasa's event, which no channel
    prints.
    """

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self.services: Services = in_use.get()
        self._dispatcher = dispatcher
        self._tracker = tracker
        metadata = tracker.latest_message.get("metadata") or {}
        self.language = self.services.texts.supported(metadata.get("language"))
        self.customer: str | None = metadata.get("customer")
        self.text: str = tracker.latest_message.get("text") or ""
        self.intent: str | None = (tracker.latest_message.get("intent") or {}).get("name")
        self.intent_ranking: list[dict[str, Any]] = (
            tracker.latest_message.get("intent_ranking") or []
        )
        self.intent_confidence = float(
            (tracker.latest_message.get("intent") or {}).get("confidence") or 0.0
        )

    def slot(self, name: str) -> Any:
        """The value of the slot ``name``."""
        return self._tracker.get_slot(name)

    def entity(self, name: str) -> str | None:
        """The first entity ``name`` of this message, if there is one."""
        for entity in self._tracker.latest_message.get("entities") or ():
            if entity.get("entity") == name:
                return str(entity["value"])
        return None

    def previous_question(self) -> str | None:
        """What the customer wrote before this message."""
        said = [e for e in self._tracker.events if e.get("event") == "user"]
        return said[-2].get("text") if len(said) > 1 else None

    def words(self, key: str, **values: object) -> str:
        """The sentence ``answers.<key>`` in the customer's language."""
        return self.services.texts.say(self.language, f"answers.{key}", **values)

    def button(self, key: str, payload: str) -> Button:
        """A quick reply whose title is the text ``buttons.<key>``."""
        title = self.services.texts.say(self.language, f"buttons.{key}")
        return {"title": title, "payload": payload}

    def person_button(self) -> Button:
        """The quick reply that asks for a person."""
        return self.button("person", "/ask_for_person")

    def reply(self, text: str, *, buttons: list[Button] | None = None, **notes: Any) -> None:
        """Answer with ``text``; ``notes`` are for the app (see ``bot.conversation.turns``)."""
        kept = {name: value for name, value in notes.items() if value is not None}
        kept.setdefault("confidence", self.intent_confidence)
        kept.setdefault("intent", self.intent)
        self._dispatcher.utter_message(text=text, buttons=buttons, firstline=kept)
