"""The documents say what there is, all of it, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
import typer.main
import yaml
from rasa_sdk import Action

import actions
from bot.cli import application
from bot.conversation.events import KINDS, Personal
from bot.journey.stages import TABLE
from bot.journey.touchpoints import Outcome, Touchpoint
from bot.settings import PROJECT, Settings, table
from bot.web.app import create_app
from bot.web.errors import _CASE_STATUS, _CODES

DOCS = PROJECT / "docs"
DOCUMENTS = sorted(
    [*(PROJECT / f"{n}.md" for n in ("README", "CONTRIBUTING", "CHANGELOG")), *DOCS.rglob("*.md")]
)
NAMES = [str(path.relative_to(PROJECT)) for path in DOCUMENTS]


def text_of(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of the same level."""
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^##? |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading!r}"
    return found[1]


def first_cells(text: str) -> set[str]:
    """All `names` in the first column of tables, but for the head of each."""
    rows = re.findall(r"^\| *(`[^|]*)\|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def same(documented: Iterable[str], real: Iterable[str]) -> None:
    documented, real = set(documented), set(real)
    assert not real - documented, f"not documented: {sorted(real - documented)}"
    assert not documented - real, f"documented, but not there: {sorted(documented - real)}"


def test_every_setting_with_its_default() -> None:
    text = text_of("docs/settings.md")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", text, re.MULTILINE))
    same(rows, [name for name, _, _ in table()])
    shown = {"''": "empty", "True": "true", "False": "false"}
    for name, default, _ in table():
        assert rows[name].strip("`") == shown.get(default, default.strip("'")), name


def commands(group: Any = None, prefix: str = "firstline") -> Iterable[str]:
    group = group or typer.main.get_command(application)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix} {name}")
        elif not command.hidden:
            yield f"{prefix} {name}"


def test_every_command() -> None:
    documented = first_cells(section(text_of("README.md"), "## The command line"))
    plain = {re.split(r" (?=[\"A-Z-])", command)[0] for command in documented}
    same(plain, commands())


@pytest.mark.parametrize("name", NAMES)
def test_no_command_that_is_not_there(name: str) -> None:
    real = {command.removeprefix("firstline ") for command in commands()}
    for named in re.findall(r"`(?:\.venv/bin/)?firstline ([a-z]+(?: [a-z]+)?)", text_of(name)):
        assert any(named == r or named.startswith(f"{r} ") for r in real), f"firstline {named}"
    targets = re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE)
    for named in re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)$", text_of(name), re.MULTILINE):
        assert "".join(named) in targets, f"make {''.join(named)}"


def test_every_target_of_make() -> None:
    documented = re.findall(r"^\| `make ([a-z-]+)` \|", text_of("CONTRIBUTING.md"), re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):.*##", text_of("Makefile"), re.MULTILINE)
    same(documented, set(targets) - {"help"})


def test_every_intent() -> None:
    documented = first_cells(section(text_of("docs/assistant.md"), "## Intents"))
    domain = yaml.safe_load(text_of("domain.yml"))
    same(documented - {"nlu_fallback"}, domain["intents"])


def test_every_action() -> None:
    for module in pkgutil.iter_modules(actions.__path__):
        importlib.import_module(f"actions.{module.name}")

    def below(cls: type) -> Iterable[type]:
        for sub in cls.__subclasses__():
            yield sub
            yield from below(sub)

    real = {cls().name() for cls in below(Action) if cls.__module__.startswith("actions.")}
    same(first_cells(section(text_of("docs/assistant.md"), "## Actions")), real)
    assert set(yaml.safe_load(text_of("domain.yml"))["actions"]) == real


def test_every_group_of_texts() -> None:
    groups = yaml.safe_load(text_of("data/texts/en.yml"))
    same(first_cells(section(text_of("docs/assistant.md"), "## Texts")), groups)


def test_every_event_with_its_fields() -> None:
    text = text_of("docs/events.md")
    same(re.findall(r"^## `([\w.]+)`$", text, re.MULTILINE), KINDS)
    for kind, payload in KINDS.items():
        hints = get_type_hints(payload, include_extras=True)
        real = {
            field.name: Personal in getattr(hints[field.name], "__metadata__", ())
            for field in msgspec.structs.fields(payload)
        }
        rows = re.findall(
            r"^\| `(\w+)` \| (personal)? *\|", section(text, f"## `{kind}`"), re.MULTILINE
        )
        assert {name: bool(personal) for name, personal in rows} == real, kind


def test_every_field_outcome_and_topic_of_the_journey() -> None:
    text = text_of("docs/journey.md")
    same(
        first_cells(section(text, "## Fields")),
        [f.name for f in msgspec.structs.fields(Touchpoint)],
    )
    outcomes = section(text, "## Outcome").partition("| in words |")[2]
    same(first_cells(outcomes), [str(outcome) for outcome in Outcome])
    rows = re.findall(
        r"^\| `([\w-]+)` \| (\w+) \| (\w+) \|", section(text, "## Stages"), re.MULTILINE
    )
    assert {topic: (before, bought) for topic, before, bought in rows} == {
        topic: (str(before), str(bought)) for topic, (before, bought) in TABLE.items()
    }


def test_every_route() -> None:
    text = text_of("docs/api.md")
    documented = re.findall(r"^\| `(GET|POST) (/\S+)` \|", text, re.MULTILINE)
    app = create_app(Settings(token_secret="t" * 32, assistant_secret="a" * 32))
    real = {
        (method, re.sub(r"\{(?:case_)?id:str\}", "{id}", route.path))
        for route in app.routes
        for method in getattr(route, "methods", ())
        if route.path.startswith(("/customer/", "/desk/api/")) and method != "OPTIONS"
    }
    same([f"{m} {p}" for m, p in documented], [f"{m} {p}" for m, p in real])


def test_every_error_code() -> None:
    documented = {
        code
        for row in re.findall(r"^\| \d{3} \| ([^|]+)\|", text_of("docs/api.md"), re.MULTILINE)
        for code in re.findall(r"`(\w+)`", row)
    }
    raised = set(_CODES.values()) | set(_CASE_STATUS)
    for path in (PROJECT / "bot").rglob("*.py"):
        source = path.read_text("utf-8")
        raised |= set(re.findall(r"(?:ApiError|shape)\(\s*\d{3},\s*\"(\w+)\"", source))
        raised |= set(re.findall(r"(?:RefusedError|CaseError)\(\s*\"(\w+)\"", source))
    same(documented, raised | {"owner_changed"})


# What a document may name though it is not in the tree: made by running, or on the user's side.
_MADE = (
    "var/",
    "models/",
    ".uv/",
    ".venv",
    "firstline.toml",
    "docs/pictures/",
)
_PATH = re.compile(r"^[\w.-]+(?:/[\w.-]+)+/?$|^[\w-]+\.(?:md|py|yml|toml|lock|json)$")


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    path = PROJECT / name
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", text_of(name)):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("name", NAMES)
def test_named_files_are_there(name: str) -> None:
    named = {
        word
        for code in re.findall(r"`([^`\n]+)`", text_of(name))
        for word in code.split()
        if _PATH.match(word) and not word.startswith(_MADE)
    }
    missing = [word for word in sorted(named) if not _is_there(word)]
    assert not missing, f"{name} names what is not there: {missing}"


def _is_there(word: str) -> bool:
    return word in _ELSEWHERE or (PROJECT / word).exists() or _is_module_part(word)


# Names with a dot or slash that are no paths of ours.
_ELSEWHERE = frozenset(
    {
        "return-an-order.pl.md",
        "secrets.json",
        "text/event-stream",
    }
)


def _is_module_part(word: str) -> bool:
    """`_attributes.yml` and the like: named without their folder in a document's own context."""
    return "/" not in word and any(PROJECT.glob(f"data/*/{word}"))


@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_small_and_there(name: str) -> None:
    path = PROJECT / name
    for target in re.findall(r"\(([\w/.-]+\.png)\)", text_of(name)):
        picture = path.parent / target
        assert picture.stat().st_size < 200_000, target
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_licence_is_whole_and_the_notices_name_what_ships() -> None:
    assert "END OF TERMS AND CONDITIONS" in text_of("LICENSE")
    notice = text_of("NOTICE")
    for file in (PROJECT / "bot" / "web" / "static" / "vendor").glob("*.js"):
        assert file.name in notice
    vendored = text_of("bot/web/static/vendor/VENDOR.md")
    for library, version in re.findall(r"^  (\w+) ([\d.]+) \(", notice, re.MULTILINE):
        assert re.search(rf"\| {library}[^|]*\| {re.escape(version)} \|", vendored), library


def test_every_document_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [PROJECT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.is_dir():
            waiting += path.glob("*.md")
        elif path.suffix == ".md":
            targets = re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8"))
            waiting += [(path.parent / t).resolve() for t in targets if not re.match(r"[a-z]+:", t)]
    assert not set(DOCUMENTS) - seen
