"""Articles: front matter and Markdown in one file."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.knowledge.files import BrokenFileError
from bot.knowledge.model import DEFAULT_LANGUAGE, Article, Section

_NAME = re.compile(r"(?P<id>[^.]+)(?:\.(?P<language>[a-z]{2,3}))?\.md")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$")
_FENCE = re.compile(r"^\s*(```|~~~)")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def is_article(name: str) -> bool:
    """Whether a file name is an article's: `<id>.md` or `<id>.<language>.md`."""
    return not name.startswith(("_", ".")) and name != "README.md" and bool(_NAME.fullmatch(name))


_UNANSWERED = re.compile(r"_unanswered(?:\.(?P<language>[a-z]{2,3}))?\.yml")


def is_unanswered(name: str) -> bool:
    """Whether a file lists questions without an answer: `_unanswered[.<language>].yml`."""
    return _UNANSWERED.fullmatch(name) is not None


def parse_unanswered(path: Path) -> tuple[str, tuple[str, ...]]:
    """Read the language and the questions; raises BrokenFileError saying what to do."""
    name = _UNANSWERED.fullmatch(path.name)
    assert name is not None
    questions = load_yaml(path.read_text(encoding="utf-8-sig"))
    if not isinstance(questions, list):
        raise BrokenFileError("it must be a list; write one question a line after '- '")
    texts = (str(question).strip() for question in questions if question is not None)
    return name["language"] or DEFAULT_LANGUAGE, tuple(text for text in texts if text)


def load_yaml(text: str) -> Any:
    """Parse YAML; raise BrokenFileError naming line and cause."""
    try:
        return yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise BrokenFileError(f"not valid YAML{where}: {problem}; mend that line") from error


def _texts(head: dict[str, Any], key: str) -> tuple[str, ...]:
    value = head.get(key)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        raise BrokenFileError(f"'{key}' must be a list; write one entry a line after '- '")
    return tuple(str(entry).strip() for entry in value if entry is not None)


def sections_of(markdown: str) -> tuple[Section, ...]:
    """Cut Markdown at its headings; text before the first one is the opening."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    fenced = False
    for line in markdown.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        if heading:
            parts.append((heading[1].strip(), []))
        else:
            parts[-1][1].append(line)
    sections = [Section(heading, "\n".join(lines).strip()) for heading, lines in parts]
    return tuple(section for section in sections if section.text)


def parse_article(path: Path, shop_url: str) -> Article:
    """Read one article file; raises BrokenFileError saying what to do.

    A translation (`<id>.<language>.md`) with a title needs no text of its own. Without front
    matter the title is the first heading, else the file's name.
    """
    name = _NAME.fullmatch(path.name)
    if name is None:
        raise BrokenFileError("name the file <id>.md or <id>.<language>.md")
    text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    head: dict[str, Any] = {}
    if re.match(r"---[ \t]*\n", text):
        parts = re.split(r"^---[ \t]*$", text, maxsplit=2, flags=re.MULTILINE)
        if len(parts) < 3:
            raise BrokenFileError("the front matter does not end; put a line '---' after it")
        loaded = load_yaml(parts[1])
        if loaded is not None and not isinstance(loaded, dict):
            raise BrokenFileError("the front matter must be lines of 'key: value'")
        head, text = loaded or {}, parts[2]
    sections = sections_of(text)
    title = str(head.get("title") or "").strip()
    if not title:
        first = re.search(r"^#[ \t]+(.+)$", text, flags=re.MULTILINE)
        title = first[1].strip() if first else name["id"].replace("-", " ").capitalize()
    article_id = str(head.get("id") or name["id"])
    if article_id != name["id"]:
        raise BrokenFileError(f"its id is '{article_id}'; make id and file name the same")
    if not sections and not (name["language"] and head.get("title")):
        raise BrokenFileError("it has no text; write at least an opening paragraph")
    updated = head.get("updated")
    language = name["language"] or str(head.get("language") or DEFAULT_LANGUAGE)
    return Article(
        id=article_id,
        title=title,
        topic=str(head.get("topic") or "help"),
        language=language,
        text_language=language,
        sections=sections,
        questions=_texts(head, "questions"),
        products=_texts(head, "products"),
        updated=updated if isinstance(updated, date) else None,
        url=f"{shop_url.rstrip('/')}/help/{article_id}",
    )
