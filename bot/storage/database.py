"""The way to the database: SQLite in WAL mode by default, PostgreSQL by one setting."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.settings import PROJECT, Settings

_log = logging.getLogger(__name__)

_READ_ONLY = "firstline_read_only"
_NO_TRANSACTION = "firstline_no_transaction"

# Tables in which words of people are replaced, and up to which size PostgreSQL writes one anew
# for that: nobody can write meanwhile. 64 MB take about a second.
_WORDS = ("event_content", "conversation")
_WRITTEN_ANEW_BYTES = 64 * 1024 * 1024
# At first after this pause, then after twice as long each time, up to the longest.
_PURGE_AGAIN_SECONDS, _PURGE_LONGEST_SECONDS = 2.0, 300.0
# Whoever wants a table that we wait for waits too.
_PURGE_LOCK_TIMEOUT = "200ms"
_BUSY_MS, _PURGE_MS = 15_000, 1_000
# Who began before and still reads keeps the old rows alive.
_OLD_READERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_xmin IS NOT NULL AND xact_start < $1
"""


class Database:
    """One database; ``read`` and ``write`` give a connection inside a transaction."""

    def __init__(self, url: str, *, base: Path | None = None) -> None:
        """Open the database at ``url`` lazily; a relative SQLite path is below ``base``."""
        self.url = _driver_url(url, base)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        # An error would else write what people said into the log file.
        options: dict[str, Any] = {"hide_parameters": True}
        if not self.is_sqlite:
            options["pool_pre_ping"] = True
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        # SQLite has one writer; waiting here costs less than its busy handler, which sleeps.
        self._writing: asyncio.Lock | None = asyncio.Lock() if self.is_sqlite else None
        self._purging: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state and must not write."""
        async with self.engine.connect() as connection:
            await connection.execution_options(**{_READ_ONLY: True})
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose transaction commits at the end, or rolls back on an error."""
        async with AsyncExitStack() as stack:
            if self._writing is not None:
                await stack.enter_async_context(self._writing)
            yield await stack.enter_async_context(self.engine.begin())

    async def migrate(self) -> None:
        """Bring the tables to the newest version; does nothing where they are."""
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        async with self.engine.begin() as connection:
            await connection.run_sync(_upgrade)

    async def purge(self) -> None:
        """Make the database's files forget what was replaced in its rows.

        SQLite: what is in the write-ahead log goes into the file, where it is overwritten, and the
        log is cut to nothing. PostgreSQL: the tables are written anew, the big ones vacuumed; its
        own write-ahead log keeps the past for a while (docs/operations.md). Where others are in
        the way, it is tried again in the background until it is done.
        """
        if not await self._purge() and (self._purging is None or self._purging.done()):
            self._purging = asyncio.create_task(self._purge_later())

    async def _purge_later(self) -> None:
        pause = _PURGE_AGAIN_SECONDS
        while True:
            await asyncio.sleep(pause)
            if await self._purge():
                return
            pause = min(2 * pause, _PURGE_LONGEST_SECONDS)

    async def _purge(self) -> bool:
        """Whether it could be done."""
        try:
            return await (self._purge_sqlite() if self.is_sqlite else self._purge_postgresql())
        except DBAPIError as error:
            _log.warning("Old words could not be removed from the database yet: %s", error.orig)
            return False

    async def _purge_sqlite(self) -> bool:
        async with contextlib.AsyncExitStack() as stack:
            if self._writing is not None:
                await stack.enter_async_context(self._writing)
            connection = await stack.enter_async_context(self.engine.connect())
            await connection.execution_options(**{_NO_TRANSACTION: True})
            # Writers wait meanwhile: better to come again than to wait long for a reader.
            await connection.exec_driver_sql(f"PRAGMA busy_timeout={_PURGE_MS}")
            row = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            await connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MS}")
            return int(row[0]) == 0

    async def _purge_postgresql(self) -> bool:
        async with self.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            began = (await connection.exec_driver_sql("SELECT clock_timestamp()")).scalar_one()
            await connection.exec_driver_sql(f"SET lock_timeout = '{_PURGE_LOCK_TIMEOUT}'")
            try:
                for table in _WORDS:
                    size = await connection.exec_driver_sql(
                        f"SELECT pg_total_relation_size('{table}')"
                    )
                    anew = int(size.scalar_one()) <= _WRITTEN_ANEW_BYTES
                    await connection.exec_driver_sql(f"VACUUM {'(FULL)' if anew else ''} {table}")
            finally:
                await connection.exec_driver_sql("RESET lock_timeout")
            old_readers = await connection.exec_driver_sql(_OLD_READERS, (began,))
            return int(old_readers.scalar_one()) == 0

    async def close(self) -> None:
        """Close all connections."""
        if self._purging is not None:
            self._purging.cancel()
        await self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """The database that the settings name."""
    return Database(settings.database, base=PROJECT)


def _driver_url(url: str, base: Path | None) -> URL:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        database = parsed.database or ""
        if base is not None and not Path(database).is_absolute():
            database = str(base / database)
        return parsed.set(drivername="sqlite+aiosqlite", database=database)
    return parsed.set(drivername="postgresql+asyncpg")


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: `begin` below decides which kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        # masked-everywhere: with `secure_delete` what was replaced is overwritten with zeros.
        for pragma in (
            "journal_mode=WAL",
            f"busy_timeout={_BUSY_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "invalidate")
    def roll_back(connection: Any, _record: Any, _error: BaseException | None) -> None:
        # Who is cancelled in the middle of a statement leaves it unfinished; closing alone would
        # keep the transaction, and so the lock, until somebody collects the garbage.
        with contextlib.suppress(Exception, asyncio.CancelledError):
            connection.rollback()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(_NO_TRANSACTION):
            return
        # A writer takes the lock at once: a read that turns into a write can fail half-way.
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
