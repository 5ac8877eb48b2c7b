"""Markdown of our own answers as HTML that is safe on a stranger's page."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Raw HTML is off and links are checked (no javascript:), so the output needs no cleaning.
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")
_markdown.disable("image")


def to_html(text: str) -> str:
    """``text`` as HTML."""
    return str(_markdown.render(text))


def to_plain(text: str) -> str:
    """``text`` without Markdown's signs, for a message that is shown as it is written.

    Paragraphs, lists and table rows stay apart, and a link keeps its address.
    """
    lines: list[str] = []
    lists: list[int | None] = []  # the number of the next entry; None where they have none
    mark, row = "", False
    for token in _markdown.parse(text):
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                if not lists:
                    lines.append("")
            case "list_item_open":
                number = lists[-1]
                mark = "  " * (len(lists) - 1) + ("- " if number is None else f"{number}. ")
                lists[-1] = None if number is None else number + 1
            case "tr_open":
                row = True
                lines.append("")
            case "tr_close":
                row = False
            case "inline":
                said = _plain(token.children or [])
                if row:
                    lines[-1] = f"{lines[-1]} | {said}" if lines[-1] else said
                else:
                    lines.append(mark + said)
                mark = ""
            case "fence" | "code_block":
                lines.append(token.content.strip())
            case "paragraph_close" | "heading_close" | "table_close" if not lists:
                lines.append("")
    return "\n".join(lines).strip()


def _plain(children: Sequence[Token]) -> str:
    said, links = "", []
    for child in children:
        match child.type:
            case "text" | "code_inline":
                said += child.content
            case "softbreak" | "hardbreak":
                said += "\n"
            case "link_open":
                links.append((str(child.attrGet("href") or ""), len(said)))
            case "link_close":
                address, start = links.pop()
                if address and address not in said[start:]:
                    said += f" ({address})"
    return said
