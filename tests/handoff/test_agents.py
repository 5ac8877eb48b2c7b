"""Agents and their passwords."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.handoff import agents
from bot.storage import tables
from tests.conftest import Databases

pytestmark = pytest.mark.anyio


async def test_only_the_right_password_lets_in_and_only_its_hash_is_kept(
    databases: Databases,
) -> None:
    database = databases.new()
    await database.migrate()
    added = await agents.add(database, "Ana", "correct horse")
    assert await agents.check(database, "Ana", "correct horse") == added
    assert await agents.check(database, "Ana", "wrong horse") is None
    assert await agents.check(database, "Nobody", "correct horse") is None
    async with database.read() as connection:
        hashed = (await connection.execute(select(tables.agent.c.password_hash))).scalar_one()
    assert hashed.startswith("$argon2id$")
    await database.close()


async def test_a_second_agent_of_that_name_or_a_short_password_is_refused(
    databases: Databases,
) -> None:
    database = databases.new()
    await database.migrate()
    await agents.add(database, "Ana", "correct horse")
    for name, password, why in (
        ("Ana", "another horse", "already"),
        ("Ben", "short", "characters"),
        (" ", "correct horse", "name"),
    ):
        with pytest.raises(agents.AgentError, match=why):
            await agents.add(database, name, password)
    await database.close()


async def test_skills_are_given_at_the_start_and_changed_later(databases: Databases) -> None:
    database = databases.new()
    await database.migrate()
    skills = agents.Skills(topics=["returns"], languages=["pl", "en"])
    await agents.add(database, "Ana", "correct horse", skills)
    await agents.set_skills(database, "Ana", agents.Skills(topics=[], capacity=2))
    async with database.read() as connection:
        row = (await connection.execute(select(tables.agent))).one()
    assert (row.topics, row.languages, row.capacity) == ([], ["en", "pl"], 2)
    for name, wrong, why in (
        ("Ana", agents.Skills(), "what to change"),
        ("Ana", agents.Skills(capacity=0), "1 to 50"),
        ("Ben", agents.Skills(capacity=1), "agent add"),
    ):
        with pytest.raises(agents.AgentError, match=why):
            await agents.set_skills(database, name, wrong)
    await database.close()


async def test_a_removed_agent_has_no_access_until_added_again(databases: Databases) -> None:
    database = databases.new()
    await database.migrate()
    added = await agents.add(database, "Ana", "correct horse")
    await agents.remove(database, "Ana")
    assert await agents.check(database, "Ana", "correct horse") is None
    assert await agents.find(database, added.id) is None
    with pytest.raises(agents.AgentError, match="agent add"):
        await agents.remove(database, "Ana")
    again = await agents.add(database, "Ana", "another horse")
    assert again == added  # what they did before is still theirs
    assert await agents.check(database, "Ana", "correct horse") is None
    assert await agents.check(database, "Ana", "another horse") == added
    await database.close()


async def test_another_password_replaces_the_first(databases: Databases) -> None:
    database = databases.new()
    await database.migrate()
    added = await agents.add(database, "Ana", "correct horse")
    with pytest.raises(agents.AgentError, match="characters"):
        await agents.set_password(database, "Ana", "short")
    assert await agents.check(database, "Ana", "correct horse") == added
    await agents.set_password(database, "Ana", "another horse")
    assert await agents.check(database, "Ana", "correct horse") is None
    assert await agents.check(database, "Ana", "another horse") == added
    await database.close()
