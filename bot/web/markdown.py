"""Markdown of our own answers as HTML that is safe on a stranger's page."""

from __future__ import annotations

from markdown_it import MarkdownIt

# Raw HTML is off and links are checked (no javascript:), so the output needs no cleaning.
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_markdown.disable("image")


def to_html(text: str) -> str:
    """``text`` as HTML."""
    return str(_markdown.render(text))
