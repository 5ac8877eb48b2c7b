"""The app's own process: one web server around ``bot.web.app``."""

from __future__ import annotations

import uvicorn

from bot.settings import Settings
from bot.web.app import create_app

# Streams stay open for ever: at a stop they are given this long, and resume after it.
_GRACE_SECONDS = 2


def server(settings: Settings, *, log_level: str = "info") -> uvicorn.Server:
    """The web server of the app, not yet started."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=log_level,
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=30,
    )
    return uvicorn.Server(config)


def serve(settings: Settings) -> None:
    """Serve until a signal stops it."""
    server(settings).run()
