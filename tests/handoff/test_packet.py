"""The packet's contract."""

from __future__ import annotations

import json

import jsonschema

from bot.handoff import packet


def test_the_committed_schema_is_the_one_of_the_types() -> None:
    committed = json.loads(packet.SCHEMA_FILE.read_text("utf-8"))
    assert committed == packet.schema()
    jsonschema.Draft202012Validator.check_schema(committed)
