"""The demo shop's site: a customer's site of its own origin that carries the widget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from demo import pages
from demo.content import Content
from demo.identity import sign
from demo.layout import Frame
from demo.markup import Markup

COOKIE = "shop_customer"
_STATIC = Path(__file__).parent / "static"


def policy(assistant: str) -> str:
    """A strict Content-Security-Policy: of the outside, only the assistant's origin.

    It allows no inline script or style and enforces Trusted Types: the widget needs neither.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {assistant}",
            f"connect-src {assistant}",
            "style-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types firstline",
        ]
    )


def _frame(request: Request[Any, Any, State]) -> Frame:
    """Shop and visitor; the identity is signed anew for each page."""
    state = request.app.state
    customer = state.content.customer(request.cookies.get(COOKIE))
    identity = sign(customer, state.secret) if customer and state.secret else None
    return Frame(state.content.shop(), state.assistant, customer, identity)


def _page(content: Markup, status: int = 200) -> Response[str]:
    return Response(
        str(content),
        status_code=status,
        media_type=MediaType.HTML,
        # A page may carry a customer's token: no cache may keep it.
        headers={"cache-control": "no-store"},
    )


@get("/")
async def home(request: Request[Any, Any, State]) -> Response[str]:
    """The product grid."""
    return _page(pages.home(_frame(request), request.app.state.content.products()))


@get("/products/{product_id:str}")
async def product(request: Request[Any, Any, State], product_id: str) -> Response[str]:
    """One product."""
    content: Content = request.app.state.content
    found = content.product(product_id)
    if found is None:
        raise NotFoundException
    return _page(pages.product_page(_frame(request), found, content))


@get("/help")
async def help_index(request: Request[Any, Any, State]) -> Response[str]:
    """All articles."""
    return _page(pages.help_page(_frame(request), request.app.state.content.articles()))


@get("/help/{article_id:str}")
async def article(request: Request[Any, Any, State], article_id: str) -> Response[str]:
    """One article."""
    content: Content = request.app.state.content
    found = content.article(article_id)
    if found is None:
        raise NotFoundException
    return _page(pages.article_page(_frame(request), found, content.products()))


@get("/account")
async def account(request: Request[Any, Any, State]) -> Response[str]:
    """Who is signed in, and the switch to somebody else."""
    return _page(pages.account_page(_frame(request), request.app.state.content))


@post("/account")
async def sign_in(
    request: Request[Any, Any, State],
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Sign in as one of the demo's customers."""
    customer = request.app.state.content.customer(data.get("customer"))
    redirect = Redirect("/account", status_code=303)
    if customer is not None:
        redirect.set_cookie(Cookie(key=COOKIE, value=customer.id, httponly=True, samesite="lax"))
    return redirect


@post("/account/sign-out")
async def sign_out() -> Redirect:
    """Be nobody in particular again."""
    redirect = Redirect("/account", status_code=303)
    redirect.delete_cookie(COOKIE)
    return redirect


def _not_found(request: Request[Any, Any, State], _: Exception) -> Response[str]:
    return _page(pages.not_found(_frame(request)), 404)


def create_app(data: Path, assistant: str, secret: str) -> Litestar:
    """The site.

    Args:
        data: folder with ``catalog/``, ``knowledge/`` and ``demo/``.
        assistant: origin of the assistant's server, as browsers reach it.
        secret: shared with the assistant; signs who is signed in. Empty: nobody can prove it.
    """
    assistant = assistant.rstrip("/")
    headers = {
        "Content-Security-Policy": policy(assistant),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }

    async def after_request(response: Response[Any]) -> Response[Any]:
        for name, value in headers.items():
            response.headers[name] = value
        return response

    return Litestar(
        route_handlers=[
            home,
            product,
            help_index,
            article,
            account,
            sign_in,
            sign_out,
            create_static_files_router("/static", [_STATIC]),
        ],
        exception_handlers={NotFoundException: _not_found},
        after_request=after_request,
        state=State({"content": Content(data), "assistant": assistant, "secret": secret}),
        openapi_config=None,
    )
