"""Tables and migrations on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

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
