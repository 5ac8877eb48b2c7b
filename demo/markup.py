"""HTML in code: values are escaped unless they are markup already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML and stays as it is."""

    __slots__ = ()


def text(value: object) -> Markup:
    """``value`` as HTML; Markup passes unchanged."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def html(template: str, **values: object) -> Markup:
    """Fill ``{name}`` in ``template``; every value is escaped unless it is Markup."""
    return Markup(template.format(**{name: text(value) for name, value in values.items()}))


def join(parts: Iterable[object], between: str = "") -> Markup:
    """The parts one after the other."""
    return Markup(between.join(text(part) for part in parts))


NOTHING = Markup("")
