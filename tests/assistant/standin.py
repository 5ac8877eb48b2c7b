"""Actions that stand in for the app's: pure functions of the slots and the last message."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

ORDERS = {"10233": "anna.k@example.com", "10417": "tom.berg@example.org"}
Reply = dict[str, Any]


def say(text: str, **more: object) -> Reply:
    return {"text": text, **more}


def slot(name: str, value: object) -> Reply:
    return {"event": "slot", "name": name, "value": value}


class StandInEndpoint(EndpointConfig):
    """An action endpoint that answers in this process. "crash" in a text makes it fail."""

    def __init__(self) -> None:
        super().__init__(url="http://stand-in", enable_selective_domain=True)
        self.kwargs = {"enable_selective_domain": True}
        self.calls: list[str] = []

    async def request(self, *args: object, **kwargs: Any) -> Any:
        call = json.loads(json.dumps(kwargs["json"]))
        name, tracker = call["next_action"], call["tracker"]
        self.calls.append(name)
        message = tracker["latest_message"]
        text = message.get("text") or ""
        if "crash" in text and name == "action_answer":
            raise ClientResponseError(500, "boom", "")
        if "unreachable" in text and name == "action_answer":
            raise aiohttp.ClientConnectionError("refused")
        if "reject" in text and name == "action_answer":
            raise ClientResponseError(400, "no", json.dumps({"action_name": name, "error": "no"}))
        handler = getattr(self, f"_{name}", None)
        if handler is None:
            return {"events": [], "responses": [say(name)]}
        events, responses = handler(tracker["slots"], message, tracker)
        return {"events": events, "responses": responses}

    def _action_answer(self, slots: Reply, message: Reply, _: Reply) -> Any:
        if message["intent"]["name"] == "product_question":
            return [slot("unanswered", 0)], [say("answer", firstline={"decision": "answer"})]
        count = (slots["unanswered"] or 0) + 1
        events = [slot("unanswered", count)]
        if count >= 2:
            events.append(slot("offered", "person"))
        return events, [say(f"not known {count}")]

    def _action_answer_first(self, *_: object) -> Any:
        return [], []

    def _action_offer_person(self, *_: object) -> Any:
        return [slot("offered", "person")], [{"response": "utter_offer_person"}]

    def _action_handoff(self, *_: object) -> Any:
        return [slot("offered", "nothing")], [say("a person comes")]

    def _action_prepare_return(self, *_: object) -> Any:
        return [slot("offered", "person")], [say("returns")]

    def _action_order_status(self, slots: Reply, *_: object) -> Any:
        if (slots["order_failures"] or 0) >= 3:
            return [slot("order_failures", 0), slot("offered", "person")], [say("not found")]
        text = f"order {slots['order_number']} {slots['email']}"
        return [slot("order_failures", 0)], [say(text)]

    def _action_default_fallback(self, *_: object) -> Any:
        return [{"event": "rewind"}], [say("fallback")]

    def _action_validate_slot_mappings(self, slots: Reply, message: Reply, _: Reply) -> Any:
        text = message.get("text") or ""
        if text in ("PERSON", "BOT"):
            return [slot("person_speaks", text == "PERSON")], []
        customer = (message.get("metadata") or {}).get("customer")
        return ([slot("signed_in", True)] if customer else []), []

    def _validate_order_form(self, slots: Reply, _: Reply, tracker: Reply) -> Any:
        new = self._slots_to_validate(tracker)
        events: list[Reply] = []
        responses: list[Reply] = []
        failures = slots["order_failures"] or 0
        number = slots["order_number"]
        for name, value in new.items():
            good = value in ORDERS if name == "order_number" else ORDERS.get(number) == value
            if good or value is None or (name == "email" and number is None):
                events.append(slot(name, value))
                continue
            failures += 1
            events += [slot(name, None), slot("order_failures", failures)]
            if failures >= 3:
                events.append(slot("requested_slot", None))
            else:
                responses.append(say(f"{value} is not right"))
        return events, responses

    @staticmethod
    def _slots_to_validate(tracker: Reply) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in reversed(tracker["events"]):
            if event["event"] != "slot":
                break
            if event["name"] in ("order_number", "email"):
                found.setdefault(event["name"], event["value"])
        return found
