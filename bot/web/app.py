"""The web application: one router for each kind of caller around the services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.types import Message, Scope

from bot.services import Services, running
from bot.settings import Settings
from bot.web import (
    assistant,
    customer,
    customer_wait,
    desk,
    desk_session,
    desk_team,
    desk_writing,
    pages,
)
from bot.web.desk_rows import Board
from bot.web.errors import HANDLERS

_MAX_BODY_BYTES = 2_000_000


def create_app(settings: Settings) -> Litestar:
    """The app for ``settings``; it opens the database when it starts."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with running(settings) as services:
            app.state.services = services
            app.state.board = Board(services.database, services.outlook)
            yield

    async def provide_services(request: Request[Any, Any, Any]) -> Services:
        services: Services = request.app.state.services
        return services

    async def provide_board(request: Request[Any, Any, Any]) -> Board:
        board: Board = request.app.state.board
        return board

    executor = assistant.provide_executor()
    return Litestar(
        route_handlers=[
            customer.router,
            customer_wait.router,
            desk.router,
            desk_team.router,
            desk_writing.router,
            assistant.router,
            *pages.handlers,
        ],
        lifespan=[lifespan],
        dependencies={
            "services": Provide(provide_services),
            "board": Provide(provide_board),
            "visitor": Provide(customer.provide_visitor),
            "agent": Provide(desk_session.provide_agent),
            "executor": Provide(lambda: executor, sync_to_thread=False),
        },
        cors_config=CORSConfig(
            allow_origins=settings.origins,
            allow_methods=["GET", "POST", "OPTIONS"],
            allow_headers=["authorization", "content-type", "last-event-id", "accept-language"],
            max_age=600,
        ),
        csrf_config=CSRFConfig(
            secret=settings.token_secret,
            cookie_name="csrftoken",
            header_name="x-csrftoken",
            cookie_path="/",
            cookie_secure=settings.secure_cookies,
            cookie_samesite="strict",
            # Customers come with a bearer token and the assistant with its secret: no cookies.
            exclude=["^/customer/", "^/assistant/"],
        ),
        exception_handlers=HANDLERS,
        before_send=[_harden],
        request_max_body_size=_MAX_BODY_BYTES,
        openapi_config=OpenAPIConfig(title="Firstline", version="1", path="/schema"),
    )


_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "content-security-policy": pages.DESK_POLICY,
}


async def _harden(message: Message, _: Scope) -> None:
    """Give every response, errors too, the headers that limit what a page may do."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
