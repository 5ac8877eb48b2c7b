"""What a customer's page gets to see of the log: messages, feedback and who answers."""

from __future__ import annotations

from typing import Any

from bot.conversation.events import (
    AgentMessage,
    AnswerRef,
    BotMessage,
    ButtonPressed,
    CaseClaimed,
    CaseReleased,
    CaseResolved,
    CaseReturned,
    CaseTransferred,
    CaseWithdrawn,
    Closed,
    CustomerMessage,
    Event,
    FactGiven,
    FeedbackGiven,
    HandoffRequested,
    Notice,
    OfferedButton,
    Opened,
    Redacted,
)
from bot.web.markdown import to_html


def cursor_of(event: Event) -> str:
    """The place of ``event`` in a visitor's stream."""
    return f"{event.conversation}.{event.seq}"


def parse_cursor(cursor: str) -> tuple[str, int] | None:
    """Conversation and number that ``cursor`` names; None if it is not one of ours."""
    conversation, dot, seq = cursor.rpartition(".")
    return (conversation, int(seq)) if dot and seq.isdecimal() and len(seq) < 10 else None


def for_customer(event: Event) -> tuple[str, dict[str, Any]] | None:
    """Name and data of the stream's event for ``event``; None for what is not for customers."""
    if isinstance(event.payload, FeedbackGiven):
        return "feedback", {
            "ref": f"{event.conversation}.{event.ref}",
            "helpful": event.payload.helpful,
        }
    if isinstance(event.payload, Redacted):
        return "redacted", {
            "id": f"{event.conversation}.{event.ref}",
            "text": event.payload.text,
            "masked": event.payload.kinds,
        }
    if isinstance(event.payload, FactGiven) and event.payload.fact in ("email", "phone"):
        return "contact", {"conversation": event.conversation, "kind": event.payload.fact}
    if (status := _status(event)) is not None:
        return "status", {"conversation": event.conversation, **status}
    if (message := _message(event)) is not None:
        return "message", {
            "id": cursor_of(event),
            "conversation": event.conversation,
            "seq": event.seq,
            "at": event.at,
            "ref": f"{event.conversation}.{event.ref}" if event.ref else None,
            **message,
        }
    return None


def _message(event: Event) -> dict[str, Any] | None:
    match event.payload:
        case CustomerMessage(text=text, masked=masked):
            own = {"from": "customer", "text": text, "client_id": event.client_id}
            return {**own, "masked": masked}
        case ButtonPressed(title=text):
            return {"from": "customer", "text": text, "client_id": event.client_id}
        case BotMessage() as said:
            return {
                "from": "bot",
                "text": said.text,
                "html": to_html(said.text),
                "sources": sources(said.answers),
                "buttons": _buttons(said.buttons),
                "asks_feedback": said.decision == "answer",
            }
        case Notice() as notice:
            return {
                "from": "system",
                "text": notice.text,
                "form": notice.form,
                "buttons": _buttons(notice.buttons),
            }
        case AgentMessage(text=text, name=name, masked=masked):
            return {"from": "agent", "name": name, "text": text, "masked": masked}
    return None


def sources(answers: list[AnswerRef]) -> list[dict[str, Any]]:
    """The pages that answers came from, each once."""
    pages = {
        a.url: {"title": a.title, "url": a.url, "article": a.article, "product": a.product}
        for a in answers
        if a.url
    }
    return list(pages.values())


def _buttons(buttons: list[OfferedButton]) -> list[dict[str, str]]:
    return [{"token": button.token, "title": button.title} for button in buttons]


def _status(event: Event) -> dict[str, Any] | None:
    match event.payload:
        case Opened() | CaseReturned() | CaseWithdrawn():
            return _state("bot", None, None)
        case HandoffRequested() | CaseReleased():
            return _state("bot", None, "waiting")
        case CaseClaimed(name=name) | CaseTransferred(name=name):
            return _state("agent", name, "claimed")
        case CaseResolved() | Closed():
            return _state("bot", None, None, is_open=False)
    return None


def _state(
    owner: str, agent: str | None, case: str | None, *, is_open: bool = True
) -> dict[str, Any]:
    return {"owner": owner, "agent": agent, "case": case, "conversation_open": is_open}
