"""Tables and migrations on both databases."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text

from bot.storage import tables
from bot.storage.tables import metadata
from tests.conftest import Databases

pytestmark = pytest.mark.anyio


async def test_the_migrations_make_the_tables_and_can_run_again(databases: Databases) -> None:
    database = databases.new()
    await database.migrate()
    await database.migrate()

    def differences(connection: Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_a_failed_write_leaves_nothing(databases: Databases) -> None:
    database = databases.new()
    await database.migrate()
    insert = text("INSERT INTO visitor (id, created_at) VALUES ('v', 'now')")

    async def fail_half_way() -> None:
        async with database.write() as connection:
            await connection.execute(insert)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_half_way()
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM visitor"))).scalar() == 0
    await database.close()


async def test_a_write_that_is_cut_off_holds_up_no_other(databases: Databases) -> None:
    database = databases.new()
    await database.migrate()
    ids = itertools.count()

    async def write() -> None:
        async with database.write() as connection:
            for _ in range(5):
                name = f"v-{next(ids)}"
                values = {"id": name, "created_at": "now"}
                await connection.execute(insert(tables.visitor).values(values))
                (await connection.execute(select(tables.visitor))).all()

    # An error that somebody still looks at keeps alive all that it came through.
    looked_at: list[BaseException | None] = []
    for moment in range(80):
        task = asyncio.create_task(write())
        await asyncio.sleep(moment / 8000)
        task.cancel()
        looked_at += await asyncio.gather(task, return_exceptions=True)
        await write()
    assert any(isinstance(error, asyncio.CancelledError) for error in looked_at)
    await database.close()


async def test_sqlite_keeps_a_write_ahead_log(databases: Databases) -> None:
    database = databases.new()
    await database.migrate()
    if database.is_sqlite:
        async with database.read() as connection:
            mode = (await connection.execute(text("PRAGMA journal_mode"))).scalar()
        assert mode == "wal"
    else:
        assert database.url.get_backend_name() == "postgresql"
    await database.close()
