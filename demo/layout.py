"""What every page of the shop has: head, navigation, footer and the assistant's script tag."""

from __future__ import annotations

from dataclasses import dataclass

from demo.content import Customer, Shop
from demo.markup import NOTHING, Markup, html, join

COLOUR = "#1f5c4d"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/shop.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<div class="wide">
<a class="brand" href="/">
<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 26 12 9l5 8 3-5 9 14z"/></svg>
<span>{shop}</span></a>
<nav aria-label="Main">{links}</nav>
</div>
</header>
<main id="content" class="wide">
{content}
</main>
<footer class="bottom">
<div class="wide">
<p><strong>{shop}</strong>{tagline}</p>
<p>A demo: shop, products, people and orders are made up. Nothing here can be bought.</p>
</div>
</footer>
{widget}
</body>
</html>
"""

_SCRIPT = (
    '<script type="module" src="{assistant}/widget.js" async'
    ' data-color="{colour}"{identity}></script>'
)


@dataclass(frozen=True)
class Frame:
    """What a page needs besides its own content."""

    shop: Shop
    assistant: str
    """Origin of the assistant's server."""
    customer: Customer | None = None
    identity: str | None = None
    """The signed token of ``customer``."""


def page(frame: Frame, title: str, content: Markup, *, here: str = "") -> Markup:
    """A whole page; ``here`` is the navigation's entry that it belongs to."""
    entries = [("/", "Shop"), ("/help", "Help"), ("/account", _account(frame.customer))]
    links = join(
        html(
            '<a href="{href}"{current}>{label}</a>',
            href=href,
            label=label,
            current=Markup(' aria-current="page"') if href == here else NOTHING,
        )
        for href, label in entries
    )
    tagline = html(" · {tagline}", tagline=frame.shop.tagline) if frame.shop.tagline else NOTHING
    return html(
        _PAGE,
        title=f"{title} · {frame.shop.name}",
        shop=frame.shop.name,
        tagline=tagline,
        links=links,
        content=content,
        widget=_widget(frame),
    )


def _account(customer: Customer | None) -> str:
    return customer.name if customer else "Sign in"


def _widget(frame: Frame) -> Markup:
    """The one tag that a site adds; signed-in customers come with their signed token."""
    identity = NOTHING
    if frame.identity:
        identity = html(' data-identity="{token}"', token=frame.identity)
    return html(_SCRIPT, assistant=frame.assistant, colour=COLOUR, identity=identity)
