"""A person takes over: asked for, after a complaint, or after a change to an order was prepared."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import hand_over
from actions.context import Talk


class ActionHandoff(Action):
    """The customer asked for a person."""

    def name(self) -> str:
        return "action_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        talk = Talk(dispatcher, tracker)
        return hand_over(talk, "asked_for_person", "handoff", topic=talk.slot("topic"))


class ActionComplaint(Action):
    """The customer complains: a person hears it, whatever the bot could say."""

    def name(self) -> str:
        return "action_complaint"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return hand_over(Talk(dispatcher, tracker), "complaint", "complaint", topic="complaint")


class ActionOfferPerson(Action):
    """Asks whether a person should take over; a yes then means a person."""

    def name(self) -> str:
        return "action_offer_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_offer_person")
        return [SlotSet("offered", "person")]
