"""Product questions, and all that was not understood: search, answer, ask back, or a person."""

from __future__ import annotations

import asyncio
import json
import re
from textwrap import shorten
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Button, Talk
from bot.knowledge.model import Answer, Candidate, Decision, Question

# After this many messages in a row without an answer the conversation goes to a person.
_PATIENCE = 3


class ActionAnswer(Action):
    """Search the knowledge; the end of what it does not know is a person, never a dead end."""

    def name(self) -> str:
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        talk = Talk(dispatcher, tracker)
        chosen = _chosen(talk)
        if chosen is not None:
            return chosen
        meant = _likely_intents(talk)
        if "ask_for_person" in meant:
            # Whoever may be asking for a person gets one, whatever else the message says.
            return hand_over(talk, "asked_for_person", "handoff", topic=talk.slot("topic"))
        decision = await search(talk)
        wishes = [intent for intent in meant if intent in _WISHES]
        if decision.kind == "answer":
            return answer(talk, decision, wishes)
        if meant and meant[0] in _SMALL_TALK:
            dispatcher.utter_message(response=f"utter_{meant[0]}")
            return []
        missed = int(talk.slot("unanswered") or 0) + 1
        if missed >= _PATIENCE:
            return hand_over(talk, "no_answer", "handoff_no_answer", decision="handoff")
        if decision.kind == "clarify" or wishes:
            _ask_back(talk, decision, wishes)
        else:
            _decline(talk, decision, missed)
        return [
            SlotSet("unanswered", float(missed)),
            SlotSet("offered", "person"),
            SlotSet("product", decision.product or talk.slot("product")),
        ]


class ActionDefaultFallback(Action):
    """What Rasa runs where no rule fits: the same as for a message that was not understood."""

    def name(self) -> str:
        return "action_default_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return await ActionAnswer().run(dispatcher, tracker, domain)


def _chosen(talk: Talk) -> list[dict[str, Any]] | None:
    """The page that the customer picked from what we asked back, if this is such a press."""
    article_id, product_id = talk.entity("article"), talk.entity("product_page")
    if article_id and (article := talk.services.knowledge.article(article_id, talk.language)):
        notes = {
            "probability": 1.0,
            "title": article.title,
            "url": article.url,
            "article": article.id,
        }
        text = f"**{article.title}**\n\n{article.opening}"
        if article.text_language != talk.language:
            text = f"{talk.words('only_in_english')}\n\n{text}"
        talk.reply(text, decision="answer", confidence=1.0, topic=article.topic, answers=[notes])
        return [SlotSet("unanswered", 0.0), SlotSet("offered", "nothing")]
    if product_id and (product := talk.services.knowledge.product(product_id, talk.language)):
        notes = {
            "probability": 1.0,
            "title": product.name,
            "url": product.url,
            "product": product.id,
        }
        talk.reply(
            f"**{product.name}**\n\n{product.summary}",
            decision="answer",
            confidence=1.0,
            topic="products",
            answers=[notes],
        )
        return [
            SlotSet("unanswered", 0.0),
            SlotSet("offered", "nothing"),
            SlotSet("product", product.id),
        ]
    return None


# What a message that was understood with some doubt may mean besides a question.
_SMALL_TALK = frozenset({"greet", "thanks", "goodbye", "bot_challenge", "abuse"})
_WISHES = ("order_status", "cancel_order", "return_order", "complaint")
_LIKELY = 0.3
_MARKUP = re.compile(r"[\\`*_\[\]<>#|~]")
_QUOTED = 150  # characters


def _likely_intents(talk: Talk) -> list[str]:
    """What a message may mean that fell below the threshold in config.yml, likeliest first.

    Such a message is searched for first, as its intent may be wrong. Where the knowledge has
    nothing, its likely meanings are offered as buttons.
    """
    if talk.intent != "nlu_fallback":
        return []
    return [
        str(intent["name"])
        for intent in talk.intent_ranking
        if intent["name"] != "nlu_fallback" and float(intent["confidence"]) >= _LIKELY
    ]


async def search(talk: Talk) -> Decision:
    """What the knowledge makes of the message."""
    question = Question(
        text=talk.text,
        language=talk.language,
        product=talk.slot("product"),
        size=talk.slot("size"),
        previous=talk.previous_question(),
    )
    return await asyncio.to_thread(talk.services.knowledge.answer, question)


def answer(talk: Talk, decision: Decision, wishes: list[str]) -> list[dict[str, Any]]:
    """Say what was found; what else the message may have wanted stands below as buttons."""
    parts = [_said(talk, given) for given in decision.answers if given.text]
    buttons = [talk.button(intent, f"/{intent}") for intent in wishes]
    if decision.unanswered is not None:
        parts.append(talk.words("not_this_part", part=_quoted(decision.unanswered)))
    if buttons or decision.unanswered is not None:
        buttons.append(talk.person_button())
    talk.reply(
        "\n\n".join(parts),
        buttons=buttons or None,
        decision="answer",
        confidence=decision.confidence,
        topic=decision.answers[0].topic,
        answers=[_answer_notes(given) for given in decision.answers],
        candidates=[_candidate_notes(candidate) for candidate in decision.candidates],
    )
    return [
        SlotSet("unanswered", 0.0),
        SlotSet("offered", "nothing"),
        SlotSet("product", decision.product or talk.slot("product")),
    ]


def _said(talk: Talk, answer: Answer) -> str:
    if answer.language is None:
        return answer.text
    return f"{talk.words('only_in_english')}\n\n{answer.text}"


def _quoted(text: str) -> str:
    """The customer's words for a reply: without signs of Markdown, and not too many."""
    return shorten(_MARKUP.sub("", text), _QUOTED, placeholder=" …")


def _ask_back(talk: Talk, decision: Decision, wishes: list[str]) -> None:
    pages = decision.candidates[:3] if decision.kind == "clarify" else ()
    buttons = [_candidate_button(candidate) for candidate in pages]
    meanings = [talk.button(intent, f"/{intent}") for intent in wishes]
    talk.reply(
        talk.words("clarify"),
        buttons=[*buttons, *meanings, talk.person_button()],
        decision="clarify",
        confidence=decision.confidence,
        candidates=[_candidate_notes(candidate) for candidate in decision.candidates],
    )


def _decline(talk: Talk, decision: Decision, missed: int) -> None:
    if talk.intent == "out_of_scope":
        key = "out_of_scope"
    else:
        key = "decline" if missed == 1 else "decline_again"
    talk.reply(
        talk.words(key),
        buttons=[talk.person_button()],
        decision="decline",
        confidence=decision.confidence,
        candidates=[_candidate_notes(candidate) for candidate in decision.candidates],
    )


def hand_over(
    talk: Talk, reason: str, words: str, *, decision: str = "handoff", topic: str | None = None
) -> list[dict[str, Any]]:
    """Open a case and say so."""
    talk.reply(talk.words(words), decision=decision, handoff={"reason": reason, "topic": topic})
    return [SlotSet("unanswered", 0.0), SlotSet("offered", "nothing")]


def _answer_notes(answer: Answer) -> dict[str, Any]:
    notes = {
        "probability": round(answer.probability, 4),
        "title": answer.title,
        "url": answer.url,
        "article": answer.article,
        "product": answer.product,
        "attribute": answer.attribute,
    }
    return {name: value for name, value in notes.items() if value is not None}


def _candidate_notes(candidate: Candidate) -> dict[str, Any]:
    notes = {
        "probability": round(candidate.probability, 4),
        "title": candidate.title,
        "article": candidate.article,
        "product": candidate.product,
    }
    return {name: value for name, value in notes.items() if value is not None}


def _candidate_button(candidate: Candidate) -> Button:
    page = (
        {"article": candidate.article} if candidate.article else {"product_page": candidate.product}
    )
    return {"title": candidate.title, "payload": f"/product_question{json.dumps(page)}"}
