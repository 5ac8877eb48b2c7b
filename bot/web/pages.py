"""The files of widget and desk, and the health of the house."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.datastructures import CacheControlHeader
from litestar.response import File, Redirect
from litestar.static_files import create_static_files_router

from bot.services import Services

STATIC = Path(__file__).parent / "static"

# Revalidated each time: a new version reaches every desk at once, at the cost of a 304.
_CACHE = CacheControlHeader(no_cache=True)
# A shop's page gets the widget from its cache even while the app is down, and a new version with
# the load after next.
_WIDGET_CACHE = CacheControlHeader(max_age=0, stale_while_revalidate=604_800)

DESK_POLICY = (
    "default-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


@get("/", include_in_schema=False)
async def root() -> Redirect:
    """The app's own page is the desk."""
    return Redirect("/desk/")


@get("/widget.js", include_in_schema=False)
async def widget() -> File:
    """The script that a shop's page names."""
    return File(
        STATIC / "widget" / "widget.js",
        media_type="text/javascript",
        content_disposition_type="inline",
        headers={"cache-control": "max-age=0, stale-while-revalidate=604800"},
    )


@get("/health")
async def health(services: Services) -> Response[dict[str, Any]]:
    """Whether people are served, and whether the assistant is well."""
    dialogue = services.dialogue
    progress = services.knowledge.progress
    return Response(
        {
            "app": "ready",
            "assistant": "ready" if dialogue.is_ready else "not ready",
            "model": dialogue.model,
            "fault": dialogue.fault or None,
            "knowledge": None
            if progress is None
            else {
                "embedded": progress.done,
                "of": progress.total,
                "seconds_left": round(progress.seconds_left),
            },
        }
    )


handlers: list[Any] = [
    root,
    widget,
    health,
    create_static_files_router(
        "/widget", [STATIC / "widget"], cache_control=_WIDGET_CACHE, include_in_schema=False
    ),
    create_static_files_router(
        "/vendor", [STATIC / "vendor"], cache_control=_CACHE, include_in_schema=False
    ),
    create_static_files_router(
        "/desk",
        [STATIC / "desk"],
        html_mode=True,
        cache_control=_CACHE,
        include_in_schema=False,
        name="desk-files",
    ),
]
