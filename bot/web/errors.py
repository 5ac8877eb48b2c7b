"""One shape for every error: ``{"error": {"code", "message"}}``; the message says what to do."""

from __future__ import annotations

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, PermissionDeniedException

from bot.conversation.lifecycle import IllegalMoveError
from bot.conversation.ownership import OwnershipError
from bot.conversation.reception import RefusedError
from bot.handoff.cases import CaseError
from bot.journey.identity import IdentityError

_log = logging.getLogger(__name__)


class ApiError(Exception):
    """An error with a status, a code for programs and a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def shape(status: int, code: str, message: str) -> Response[dict[str, Any]]:
    """The response for an error."""
    return Response({"error": {"code": code, "message": message}}, status_code=status)


def _api_error(_: Request[Any, Any, Any], error: ApiError) -> Response[dict[str, Any]]:
    return shape(error.status, error.code, str(error))


def _refused(_: Request[Any, Any, Any], error: RefusedError) -> Response[dict[str, Any]]:
    return shape(400, error.code, str(error))


def _identity(_: Request[Any, Any, Any], error: IdentityError) -> Response[dict[str, Any]]:
    return shape(401, "identity_refused", str(error))


_CASE_STATUS = {"case_unknown": 404, "text_empty": 400}


def _case(_: Request[Any, Any, Any], error: CaseError) -> Response[dict[str, Any]]:
    return shape(_CASE_STATUS.get(error.code, 409), error.code, str(error))


def _moved(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    return shape(409, "owner_changed", "Somebody else speaks here by now; look again.")


_CODES = {
    400: "bad_request",
    401: "not_logged_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many_requests",
}


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    response = shape(
        error.status_code, _CODES.get(error.status_code, "error"), error.detail or "Refused."
    )
    if isinstance(error, PermissionDeniedException) and "CSRF" in error.detail:
        # A cookie that another secret signed would be refused for ever: the next GET sets ours.
        response.delete_cookie("csrftoken")
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    _log.error("%s %s failed.", request.method, request.url.path, exc_info=error)
    return shape(500, "internal", "Something went wrong on our side; try again in a moment.")


HANDLERS: dict[int | type[Exception], Any] = {
    ApiError: _api_error,
    RefusedError: _refused,
    IdentityError: _identity,
    CaseError: _case,
    OwnershipError: _moved,
    IllegalMoveError: _moved,
    HTTPException: _http,
    Exception: _unexpected,
}
