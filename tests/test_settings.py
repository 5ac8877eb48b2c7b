"""Settings: defaults that work, and errors that say what to do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.settings import SettingsError, load, with_secrets


def test_without_anything_set_the_defaults_hold() -> None:
    settings = load({})
    assert settings.database == "sqlite:///var/firstline.db"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.shop_base_url == "http://127.0.0.1:8001"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('port = 9000\nassistant_name = "Mo"\n')
    settings = load({"FIRSTLINE_CONFIG": str(file), "FIRSTLINE_PORT": "9001"})
    assert (settings.port, settings.assistant_name) == (9001, "Mo")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"FIRSTLINE_PROT": "9000"}, "FIRSTLINE_PROT is no setting"),
        ({"FIRSTLINE_PORT": "many"}, "takes a whole number"),
        ({"FIRSTLINE_PORT": "70000"}, "a port from 1 to 65535"),
        ({"FIRSTLINE_SECURE_COOKIES": "perhaps"}, "true or false"),
        ({"FIRSTLINE_IDLE_MINUTES": "0"}, "above 0"),
        ({"FIRSTLINE_PROMISE_HOURS": "0"}, "above 0"),
        ({"FIRSTLINE_TARGET_WARNING_SHARE": "75"}, "from 0.1 to 1"),
        ({"FIRSTLINE_OPENING_HOURS": "9-17"}, "`opening_hours`.*a day must stand before"),
        ({"FIRSTLINE_OPENING_TIMEZONE": "Warsaw"}, "`opening_timezone`.*IANA"),
        ({"FIRSTLINE_OPENING_HOLIDAYS": "25.12."}, "`opening_holidays`.*no date"),
        ({"FIRSTLINE_DATABASE": "mysql://x"}, "sqlite:/// or postgresql://"),
        ({"FIRSTLINE_CONFIG": "/nowhere/firstline.toml"}, "does not exist"),
    ],
)
def test_a_wrong_setting_says_what_to_do(environment: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load(environment)


def test_an_unknown_name_or_damage_in_the_file_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(SettingsError, match="`prot`, which is no setting"):
        load({"FIRSTLINE_CONFIG": str(file)})
    file.write_text("port = \n")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load({"FIRSTLINE_CONFIG": str(file)})


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    settings = load({"FIRSTLINE_VAR": str(tmp_path), "FIRSTLINE_TOKEN_SECRET": "given" * 8})
    first, second = with_secrets(settings), with_secrets(settings)
    assert first == second
    assert first.token_secret == "given" * 8
    assert len(first.assistant_secret) >= 32
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
