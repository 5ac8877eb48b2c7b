"""``firstline run`` and ``firstline shell``: all processes, from one command."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
import socket
import time

import httpx
from rich.console import Console

from bot import programs
from bot.errors import ExpectedError
from bot.settings import PROJECT, Settings
from bot.supervisor import Supervisor

_log = logging.getLogger(__name__)
_out = Console()

_APP_SECONDS = 60.0
_ASSISTANT_SECONDS = 180.0
_TELL_SECONDS = 10.0
_DEMO_AGENT = "Ana"


class RunError(ExpectedError):
    """Firstline cannot run; the text says what to do."""


async def run(settings: Settings) -> None:
    """Run app, assistant and demo shop until a signal.

    Raises:
        RunError: a port is taken, or the app does not become ready.
    """
    ports = {"port": settings.port, "assistant_port": settings.assistant_port}
    if settings.demo_shop:
        ports["demo_port"] = settings.demo_port
    _check_ports(ports)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    people = [programs.app(settings)]
    if settings.demo_shop:
        people.append(programs.demo_shop(settings))
    serving = Supervisor(people)
    thinking = Supervisor([programs.assistant(settings)])
    is_trained = programs.is_trained(settings)
    # The app first and alone: loading Rasa beside it would make people wait longer.
    serving.start()
    try:
        if not await _or_stop(stop, _ready(settings, "app", _APP_SECONDS)):
            return
        started = time.monotonic()
        if is_trained:
            thinking.start()
        _print_addresses(settings, await _demo_agent(settings))
        try:
            if not is_trained:
                _out.print("The training data is new or has changed: training (a minute or two) …")
                await asyncio.to_thread(programs.train, settings)
                started = time.monotonic()
                thinking.start()
            _out.print("The assistant is loading; people are served meanwhile …")
            if not await _or_stop(stop, _ready(settings, "assistant", _ASSISTANT_SECONDS)):
                return
        except (RunError, programs.TrainingError) as error:
            # Customers who talk to agents, and those who ask for one, need no assistant.
            _out.print(f"[red]{error}[/]")
            _out.print("People are served without the assistant. Ctrl-C stops everything.")
        else:
            _out.print(
                f"[green]The assistant is ready[/] ({time.monotonic() - started:.0f} s). "
                "Ctrl-C stops everything."
            )
        await stop.wait()
    finally:
        _out.print("Stopping …")
        await asyncio.gather(serving.stop(), thinking.stop())


def _check_ports(ports: dict[str, int]) -> None:
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise RunError(
                    f"Port {port} is in use; stop what uses it, or set FIRSTLINE_{name.upper()} "
                    "to a free one."
                ) from None


async def _or_stop(stop: asyncio.Event, work: asyncio._CoroutineLike[None]) -> bool:
    """Await ``work`` unless a signal comes first; whether it was done."""
    doing = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([doing, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not doing.done():
        doing.cancel()
        return False
    await doing
    return True


async def _ready(settings: Settings, what: str, seconds: float) -> None:
    """Wait until ``app`` or ``assistant`` says that it is ready.

    Raises:
        RunError: it is not ready within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    fault, told = "nobody answers", 0.0
    async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError, ValueError):
                health = (await client.get(f"{settings.local_url}/health")).json()
                if health.get(what) == "ready":
                    return
                fault = health.get("fault") or fault
                if building := health.get("knowledge"):
                    # However long it takes: what is embedded is kept.
                    now = time.monotonic()
                    deadline = now + seconds
                    if now - told > _TELL_SECONDS:
                        told = now
                        _out.print(_told(building))
            await asyncio.sleep(0.2)
    raise RunError(
        f"The {what} was not ready after {seconds:.0f} s ({fault}); see "
        f"{settings.path('var') / 'log' / (what + '.log')}."
    )


async def _demo_agent(settings: Settings) -> tuple[str, str] | None:
    """Name and password of the demo's agent, made at the first start; None without the demo."""
    if not settings.demo_shop:
        return None
    # Here, as the app's process is to start before anything that takes a second to import.
    from bot.handoff import agents
    from bot.storage.database import open_database

    file = settings.path("var") / "demo-agent.txt"
    database = open_database(settings)
    try:
        await database.migrate()
        if await agents.by_name(database, _DEMO_AGENT) is None:
            password = secrets.token_urlsafe(9)
            await agents.add(database, _DEMO_AGENT, password)
            file.touch(mode=0o600)
            file.write_text(password, "utf-8")
    finally:
        await database.close()
    return _DEMO_AGENT, file.read_text("utf-8") if file.exists() else "(as you set it)"


def _told(building: dict[str, int]) -> str:
    minutes = building["seconds_left"] // 60
    return (
        f"Embedding the knowledge, once: {building['embedded']:,} of {building['of']:,} texts, "
        f"{f'about {minutes} min' if minutes else 'less than a minute'} left. "
        "It goes on from there if it is stopped."
    )


def _print_addresses(settings: Settings, login: tuple[str, str] | None) -> None:
    if settings.demo_shop:
        _out.print(f"Shop page  [link]{settings.shop_base_url}/[/]")
    _out.print(f"Desk       [link]{settings.base_url}/desk/[/]")
    if login:
        _out.print(f"Login      name {login[0]}, password {login[1]}", highlight=False)


async def shell(settings: Settings, conversation: str | None) -> int:
    """Rasa's shell, with the app beside it if it is not running; the shell's exit status."""
    if not programs.is_trained(settings):
        await asyncio.to_thread(programs.train, settings)
    helper: Supervisor | None = None
    try:
        try:
            await _ready(settings, "app", 0.5)
        except RunError:
            helper = Supervisor([programs.app(settings)])
            helper.start()
            await _ready(settings, "app", _APP_SECONDS)
        command = [
            str(programs.rasa(settings)),
            "shell",
            "--model",
            str(programs.model_file(settings)),
            "--endpoints",
            str(PROJECT / "bot" / "assistant" / "shell_endpoints.yml"),
            "--credentials",
            str(PROJECT / "credentials.yml"),
            "--interface",
            "127.0.0.1",  # by itself Rasa lets the whole network in
            "--port",
            str(programs.free_port()),
        ]
        if conversation:
            command += ["--conversation-id", conversation]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=PROJECT, env=dict(programs.rasa_process_environment(settings))
        )
        return await process.wait()
    finally:
        if helper:
            await helper.stop()
