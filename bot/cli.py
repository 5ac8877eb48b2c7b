"""The command line: ``firstline run | train | shell | ask | journey | evaluate | ...``."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot import logs
from bot import settings as settings_module
from bot.errors import ExpectedError
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.handoff import agents
    from bot.storage.database import Database

# What only one command needs is imported by that command: `--help` and errors come at once.

application = typer.Typer(
    help=(
        "Firstline answers customers from your own knowledge, hands over to one person with the "
        "full context, and logs every conversation as a touchpoint.\n\n"
        "Begin with `firstline run`; `firstline COMMAND --help` says more of each."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
agent_commands = typer.Typer(help="The people who answer in the desk.", no_args_is_help=True)
application.add_typer(agent_commands, name="agent")
evaluate_commands = typer.Typer(
    help="Measure the assistant on labelled data of your own.", no_args_is_help=True
)
application.add_typer(evaluate_commands, name="evaluate")
_out = Console(soft_wrap=True)


class UsageError(ExpectedError):
    """What was asked for cannot be done; one line that says what to do."""


def _settings(**overrides: Any) -> Settings:
    return settings_module.with_secrets(settings_module.load(**overrides))


@application.command("run")
def run_command() -> None:
    """Run everything: the app with widget and desk, the assistant, the demo shop.

    Trains a model first if there is none or the training data has changed. People are served
    while the assistant still loads. Ctrl-C stops all.
    """
    from bot import run

    asyncio.run(run.run(_settings()))


@application.command("serve", hidden=True)
def serve_command() -> None:
    """Run the app alone; ``firstline run`` starts this as one of its processes."""
    from bot import serve

    serve.serve(_settings())


@application.command("train")
def train_command() -> None:
    """Train the assistant from config.yml, domain.yml and data/ (a minute or two)."""
    from bot import programs

    path = programs.train(_settings())
    _out.print(f"Trained: {path}. A running assistant takes it at its next start.")


@application.command("shell")
def shell_command(
    conversation: Annotated[
        str | None,
        typer.Option(help="Go on with this conversation's id instead of a new one."),
    ] = None,
) -> None:
    """Talk to the assistant in Rasa's own shell; what is said reaches log, desk and journey.

    Starts the app for the time if it is not running. What the shell cannot do stands in the
    README.
    """
    from bot import run

    raise SystemExit(asyncio.run(run.shell(_settings(), conversation)))


@application.command("ask")
def ask_command(
    question: Annotated[
        str | None, typer.Argument(help="A question, as a customer would put it.")
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(help="A JSONL file of questions: {id, text, language?, conversation?}."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where the answers to --batch go, a JSON line each.")
    ] = None,
    knowledge: Annotated[
        Path | None, typer.Option(help="Another folder of articles; needs no training.")
    ] = None,
) -> None:
    """Ask the assistant, as the widget would, on a throw-away database.

    Lines of one conversation in --batch are one dialogue, in their order. Each answer is one
    JSON line: the decision, the confidence that it is right, the sources and the words.
    """
    if (question is None) == (batch is None):
        raise UsageError('Give either a question ("…") or --batch IN.jsonl --out OUT.jsonl.')
    if (batch is None) != (out is None):
        raise UsageError("--batch IN.jsonl and --out OUT.jsonl go together.")
    if knowledge is not None and not knowledge.is_dir():
        raise UsageError(f"--knowledge {knowledge} is no folder.")
    overrides = {"knowledge": str(knowledge.resolve())} if knowledge else {}
    settings = _settings(**overrides)
    from bot import ask as asking

    if batch is not None and out is not None:
        asyncio.run(asking.ask_batch(settings, batch, out))
    elif question is not None:
        asyncio.run(asking.ask_one(settings, question))


@application.command("journey")
def journey_command(
    customer: Annotated[
        str, typer.Argument(help="A customer's id (c-1002), a visitor's id, or shell-<sender>.")
    ],
) -> None:
    """Print a customer's touchpoints in order, across visits and channels."""
    asyncio.run(_print_journey(_settings(), customer))


async def _print_journey(settings: Settings, customer: str) -> None:
    from bot.journey import journeys
    from bot.storage.database import open_database

    database = open_database(settings)
    try:
        await database.migrate()
        async with database.read() as connection:
            touchpoints = await journeys.journey(connection, customer)
            questions = await journeys.question_texts(connection, touchpoints)
    finally:
        await database.close()
    if not touchpoints:
        raise UsageError(f"No conversation of {customer!r} is in the log; check the id.")
    for number, t in enumerate(touchpoints, 1):
        when = f"{t.started_at[:16].replace('T', ' ')} UTC"
        _out.print(f"[bold]{number}. {when}[/] {t.channel} · {t.stage} · {t.topic or 'no topic'}")
        _out.print(
            f"   outcome {t.outcome} · effort {t.effort} ({t.messages} messages, {t.repeats} "
            f"repeats) · handoffs {t.handoffs} · persons met {t.persons_met} · transfers "
            f"{t.transfers} · asked again {t.asked_again}",
            highlight=False,
        )
        if question := questions.get(t.conversation):
            _out.print(f"   “{question}”", highlight=False, markup=False)


_Topics = Annotated[
    str | None,
    typer.Option(help="What they know, as articles name it: delivery,returns; all for everything."),
]
_Languages = Annotated[
    str | None, typer.Option(help="What they write, as codes: en,pl; all for every language.")
]
_Capacity = Annotated[int | None, typer.Option(help="How many cases they hold at once.")]


def _listed(given: str | None) -> list[str] | None:
    if given is None:
        return None
    names = [name.strip() for name in given.split(",") if name.strip()]
    return [] if names == ["all"] else names


def _skills(
    settings: Settings, topics: str | None, languages: str | None, capacity: int | None
) -> agents.Skills:
    from bot.handoff import agents
    from bot.texts import Texts

    written = _listed(languages)
    known = Texts(settings.path("texts")).languages
    if unknown := sorted(set(written or ()) - set(known)):
        raise UsageError(
            f"--languages {','.join(unknown)}: the languages are {', '.join(known)}, or all."
        )
    return agents.Skills(_listed(topics), written, capacity)


async def _of_agents(
    settings: Settings, work: Callable[[Database], Coroutine[Any, Any, object]]
) -> None:
    from bot.storage.database import open_database

    database = open_database(settings)
    try:
        await database.migrate()
        await work(database)
    finally:
        await database.close()


def _new_password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(f"Password for {name}: ")
    if getpass.getpass("Once more: ") != password:
        raise UsageError("The two passwords differ; nothing was changed.")
    return password


@agent_commands.command("set")
def agent_set_command(
    name: Annotated[str, typer.Argument(help="The agent's name.")],
    topics: _Topics = None,
    languages: _Languages = None,
    capacity: _Capacity = None,
) -> None:
    """Change what an agent knows, writes and takes; the rest stays as it is."""
    from bot.handoff import agents

    settings = _settings()
    skills = _skills(settings, topics, languages, capacity)
    asyncio.run(_of_agents(settings, lambda database: agents.set_skills(database, name, skills)))
    _out.print(f"Changed: {name}.")


@agent_commands.command("password")
def agent_password_command(
    name: Annotated[str, typer.Argument(help="The agent's name.")],
) -> None:
    """Give an agent another password; asks for it, or reads it from standard input."""
    from bot.handoff import agents

    password, settings = _new_password(name), _settings()
    asyncio.run(
        _of_agents(settings, lambda database: agents.set_password(database, name, password))
    )
    _out.print(f"{name} has another password and logs in anew.")


@agent_commands.command("remove")
def agent_remove_command(
    name: Annotated[str, typer.Argument(help="The agent's name.")],
) -> None:
    """End an agent's access to the desk; what they did stays, their cases go back to the queue."""
    from bot.handoff import agents

    asyncio.run(_of_agents(_settings(), lambda database: agents.remove(database, name)))
    _out.print(f"{name} has no access any more. `firstline agent add` lets them in again.")


@agent_commands.command("add")
def agent_add_command(
    name: Annotated[
        str, typer.Argument(help="The name that customers see and agents log in with.")
    ],
    topics: _Topics = None,
    languages: _Languages = None,
    capacity: _Capacity = None,
) -> None:
    """Add an agent to the desk; asks for a password, or reads it from standard input."""
    from bot.handoff import agents

    password, settings = _new_password(name), _settings()
    skills = _skills(settings, topics, languages, capacity)
    asyncio.run(_of_agents(settings, lambda database: agents.add(database, name, password, skills)))
    _out.print(f"{name} can log in at {settings.base_url}/desk/")


@evaluate_commands.command("nlu")
def evaluate_nlu_command(
    train: Annotated[
        Path, typer.Option(help="CSV with the columns text,intent: what the assistant is taught.")
    ],
    test: Annotated[Path, typer.Option(help="The same form: what it is asked.")],
    validation: Annotated[
        Path | None,
        typer.Option(help="The same form: what the threshold is chosen on, if it has oos lines."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
) -> None:
    """Train the intents on one file and measure them on another; the intent oos is out of scope.

    Needs nothing of the shop and changes nothing. What the figures mean stands in
    docs/evaluation.md.
    """
    import json

    from bot.evaluate import nlu

    figures = nlu.evaluate(_settings(), train, validation, test)
    if as_json:
        print(json.dumps(figures))
    else:
        _out.print(nlu.table(figures))


@evaluate_commands.command("retrieval")
def evaluate_retrieval_command(
    faq: Annotated[
        Path, typer.Option(help="CSV with the columns id,question,answer: what is searched.")
    ],
    queries: Annotated[
        Path,
        typer.Option(
            help="CSV with the columns text,id: what is asked, and the entry that answers."
        ),
    ],
    language: Annotated[
        str, typer.Option(help="The language of both files, as a code such as en or pl.")
    ] = "en",
    curves: Annotated[
        Path | None,
        typer.Option(
            help="Folder to draw reliability.svg and coverage.svg in: how sure, and how right."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
) -> None:
    """Put a FAQ through the shipped search and measure it; an empty id has no answer.

    Needs nothing of the shop and changes nothing. What the figures mean stands in
    docs/evaluation.md.
    """
    import json

    from bot.evaluate import retrieval

    figures = retrieval.evaluate(_settings(), faq, queries, language, curves)
    if as_json:
        print(json.dumps(figures))
    else:
        _out.print(retrieval.table(figures))


@application.command("settings")
def settings_command() -> None:
    """List all settings with their defaults."""
    table = Table("setting", "default", "meaning", title="firstline.toml, or FIRSTLINE_<SETTING>")
    for name, default, meaning in settings_module.table():
        table.add_row(name, default, meaning)
    _out.print(table)


def main() -> None:
    """Run the command line; an error that somebody can mend is one line and status 1."""
    logs.configure()
    try:
        application()
    except ExpectedError as error:
        print(f"firstline: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
