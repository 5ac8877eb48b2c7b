"""HTTP for the assistant and the Rasa shell, on loopback, each call with the shared secret."""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import Any

import msgspec
from litestar import Request, Response, Router, post
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot import logs
from bot.conversation import shell
from bot.services import Services, in_use, tell
from bot.web.errors import ApiError

_log = logging.getLogger(__name__)

SECRET_HEADER = "x-firstline-secret"
# endpoints.yml cannot hold a bare ${VARIABLE} that may be unset, so the value has a prefix.
_SECRET_PREFIX = "key="


class ShellEvent(msgspec.Struct):
    """One of Rasa's events from a shell session."""

    id: str
    sender_id: str
    event: dict[str, Any]


def provide_executor() -> ActionExecutor:
    """The actions of the project, found once."""
    executor = ActionExecutor()
    logs.quiet()
    executor.register_package("actions")
    return executor


def _check_secret(request: Request[Any, Any, Any], services: Services) -> None:
    given = request.headers.get(SECRET_HEADER, "").removeprefix(_SECRET_PREFIX)
    if not hmac.compare_digest(given.encode(), services.settings.assistant_secret.encode()):
        raise ApiError(
            403,
            "wrong_secret",
            "Start the shell with `firstline shell`, or set FIRSTLINE_ASSISTANT_SECRET for it.",
        )


@post("/actions", status_code=200)
async def run_action(
    request: Request[Any, Any, Any], services: Services, executor: ActionExecutor
) -> Response[Any]:
    """Run one action for Rasa, as its action server protocol has it."""
    _check_secret(request, services)
    call = await request.json()
    # Actions read no domain; the executor wants one nevertheless.
    call.setdefault("domain", {})
    name = call.get("next_action")
    token = in_use.set(services)
    try:
        result = await asyncio.wait_for(
            executor.run(call), services.settings.action_timeout_seconds
        )
    except ActionExecutionRejection as error:
        return Response({"error": str(error), "action_name": error.action_name}, status_code=400)
    except ActionNotFoundException as error:
        return Response({"error": str(error), "action_name": error.action_name}, status_code=404)
    except Exception:
        # Rasa would answer with silence; the customer gets a sentence and the offer of a person.
        _log.exception("The action %s failed.", name)
        return Response(_apology(services, call))
    finally:
        in_use.reset(token)
    return Response(result.model_dump() if result else {})


def _apology(services: Services, call: dict[str, Any]) -> dict[str, Any]:
    latest = call.get("tracker", {}).get("latest_message") or {}
    language = (latest.get("metadata") or {}).get("language") or "en"
    texts = services.texts
    person = {"title": texts.say(language, "buttons.person"), "payload": "/ask_for_person"}
    reply = {
        "text": texts.say(language, "notices.assistant_unavailable"),
        "buttons": [person],
        "firstline": {"decision": "decline", "confidence": 0.0},
    }
    return {"events": [], "responses": [reply]}


@post("/events", status_code=202)
async def shell_event(
    request: Request[Any, Any, Any], services: Services, data: ShellEvent
) -> dict[str, bool]:
    """Log one event of a shell session."""
    _check_secret(request, services)
    conversation = await shell.record(
        services.database, services.intake.open_case, data.sender_id, data.id, data.event
    )
    if conversation is not None:
        await tell(services, conversation)
        services.turns.wake(conversation)  # to read the mood; the shell answers by itself
    return {"logged": conversation is not None}


router = Router(path="/assistant", route_handlers=[run_action, shell_event])
