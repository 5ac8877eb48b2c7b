"""Every setting of Firstline: one typed table, read once at start.

A setting comes, in this order, from the environment (``FIRSTLINE_PORT=9000``), from one TOML
file (``firstline.toml`` in the project's folder, or the file that ``FIRSTLINE_CONFIG`` names), or
from its default. An unknown name or a value of the wrong type stops the start with a sentence
that says what to do.
"""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from bot.errors import ExpectedError
from bot.handoff.hours import HoursError, OpeningHours

PREFIX = "FIRSTLINE_"
PROJECT = Path(__file__).resolve().parent.parent


# The demo's customers and orders.
DEMO_DATA = "data/demo"


class SettingsError(ExpectedError):
    """A setting is unknown or has a value that cannot be used; the text says what to do."""


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True)
class Settings:
    """The settings in force. Paths are relative to the project's folder unless absolute."""

    host: str = _setting("127.0.0.1", "Address that the app listens on.")
    port: int = _setting(8000, "Port of the app: widget, desk and API.")
    public_url: str = _setting("", "Address at which browsers reach the app; http://HOST:PORT.")
    database: str = _setting(
        "sqlite:///var/firstline.db",
        "Where the log is kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    var: str = _setting("var", "Folder for what Firstline makes: database, secrets, caches, logs.")
    knowledge: str = _setting("data/knowledge", "Folder of the articles, one Markdown file each.")
    catalog: str = _setting("data/catalog", "Folder of the products, one YAML file each.")
    texts: str = _setting("data/texts", "Folder of the sentences customers see, a file a language.")
    requests: str = _setting(
        "data/requests", "Folder of how agents ask for what they need, a file a language."
    )
    shop_data: str = _setting(
        DEMO_DATA, "Folder of customers and orders; the demo's own serve only with `demo_shop`."
    )
    shop_url: str = _setting("", "Address of the shop's site, for links to sources.")
    canned_replies: str = _setting(
        "data/canned_replies.yml", "File of the replies that agents send often, for the desk."
    )
    shop_name: str = _setting("", "What the shop calls itself, for canned replies.")
    assistant_name: str = _setting("Firstline", "Name under which the bot answers.")
    assistant_port: int = _setting(5005, "Loopback port of the assistant (Rasa).")
    assistant_environment: str = _setting(
        ".venv-assistant", "Folder of the assistant's Python environment."
    )
    models: str = _setting("models", "Folder of the trained models.")
    turn_timeout_seconds: float = _setting(
        10.0, "After this long without an answer the customer is told so and offered a person."
    )
    action_timeout_seconds: float = _setting(8.0, "Deadline of one action, in seconds.")
    idle_minutes: float = _setting(
        30.0, "A conversation without an open case closes after this long without a message."
    )
    wrong_answers_per_100: int = _setting(
        15,
        "Of 100 answers given, at most this many may be wrong (1 to 20); fewer means that more is "
        "asked back or passed to a person.",
    )
    opening_hours: str = _setting(
        "always",
        "When people answer: always, or days and hours, such as mon-fri 9:00-17:00, sat 10-14.",
    )
    opening_timezone: str = _setting(
        "UTC", "Time zone of the opening hours, by its IANA name, such as Europe/Warsaw."
    )
    opening_holidays: str = _setting(
        "",
        "Dates that are closed or have own hours: 2026-12-24 9:00-13:00, or each year 12-25.",
    )
    estimate_hours: float = _setting(
        4.0, "The wait in the queue is estimated from the cases of the last so many hours."
    )
    longest_wait_minutes: float = _setting(
        15.0, "Who would wait longer than this is promised an answer by a set time instead."
    )
    promise_hours: float = _setting(
        2.0, "A promised answer comes within this many open hours, or when the wait allows it."
    )
    first_reply_target_minutes: float = _setting(
        5.0, "A person's first reply should come within this many open minutes."
    )
    resolution_target_hours: float = _setting(
        24.0, "A case should be ended within this many open hours."
    )
    target_warning_share: float = _setting(
        0.75, "The desk warns when this share of a target's time has passed (0.1 to 1)."
    )
    handoff_on_negative_mood: bool = _setting(
        False, "An angry customer gets a person at once; otherwise one is offered."
    )
    handoff_on_low_confidence: bool = _setting(
        False, "Two messages in a row without an answer: a person at once; otherwise offered."
    )
    handoff_on_repeated_failure: bool = _setting(
        False, "Two answers that did not help, or a question put again: a person at once."
    )
    policies: str = _setting(
        "data/policies", "Folder of the messages that a person takes over at once."
    )
    mood: str = _setting("data/mood", "Folder of the words that say a mood, a file a language.")
    max_message_characters: int = _setting(2000, "Longest message that a customer can send.")
    assignment: str = _setting(
        "pull",
        "How cases find agents: `pull` (agents take them from the queue) or `automatic` (the agent "
        "who fits best is given them).",
    )
    claim_minutes: float = _setting(
        3.0, "A case that is taken but not answered goes back to the queue after this long."
    )
    agent_gone_seconds: float = _setting(
        60.0, "An agent whose desk is gone this long is away; their cases go back to the queue."
    )
    agent_idle_minutes: float = _setting(
        15.0, "An agent who does nothing in the desk for this long is away."
    )
    reopen_minutes: float = _setting(
        60.0, "Who writes again this soon after a case ended meets the same agent, if available."
    )
    allowed_origins: str = _setting(
        "*", "Sites that may carry the widget: origins separated by commas, or * for any."
    )
    desk_session_hours: float = _setting(12.0, "How long an agent stays logged in.")
    secure_cookies: bool = _setting(False, "Set to true where the desk is served over HTTPS.")
    demo_shop: bool = _setting(True, "Serve the demo shop beside the app.")
    demo_port: int = _setting(8001, "Port of the demo shop's site.")
    token_secret: str = _setting("", "Signs visitors' tokens; made at first start if empty.")
    assistant_secret: str = _setting(
        "", "Shared by app and assistant; made at first start if empty."
    )
    identity_secret: str = _setting(
        "", "Shared with your site, which signs customers' identities; made if empty."
    )

    @property
    def base_url(self) -> str:
        """Address of the app as browsers reach it, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def local_url(self) -> str:
        """Address of the app for processes on the same machine."""
        everywhere = self.host in ("0.0.0.0", "::", "")
        return f"http://{'127.0.0.1' if everywhere else self.host}:{self.port}"

    @property
    def shop_base_url(self) -> str:
        """Address of the shop's site, without a slash at the end."""
        return (self.shop_url or f"http://{self.host}:{self.demo_port}").rstrip("/")

    @property
    def origins(self) -> list[str]:
        """The origins that may carry the widget."""
        return [origin.strip() for origin in self.allowed_origins.split(",") if origin.strip()]

    def path(self, name: str) -> Path:
        """The folder or file that the setting ``name`` stands for, as an absolute path."""
        value = Path(getattr(self, name))
        return value if value.is_absolute() else PROJECT / value


def load(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read the settings from environment and file; ``overrides`` win over both.

    Raises:
        SettingsError: a name is unknown, a value has the wrong type or is out of range.
    """
    environ = os.environ if environ is None else environ
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    file = Path(environ.get(PREFIX + "CONFIG", PROJECT / "firstline.toml"))
    if file.exists():
        try:
            from_file = tomllib.loads(file.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{file} is not valid TOML ({error}); correct that line.") from None
        values |= {name: (value, str(file)) for name, value in from_file.items()}
    elif PREFIX + "CONFIG" in environ:
        raise SettingsError(f"{PREFIX}CONFIG names {file}, which does not exist; create it.")
    for variable, value in environ.items():
        if variable.startswith(PREFIX) and variable != PREFIX + "CONFIG":
            name = variable[len(PREFIX) :].lower()
            if name in known:
                values[name] = (value, f"the variable {variable}")
            elif name not in _VARIABLES_OF_OTHERS:
                raise SettingsError(
                    f"{variable} is no setting; `firstline settings` lists those that are."
                )
    values |= {name: (value, "the command line") for name, value in overrides.items()}
    for name, (_, where) in values.items():
        if name not in known:
            raise SettingsError(
                f"{where} sets `{name}`, which is no setting; "
                "`firstline settings` lists those that are."
            )
    typed = {
        name: _typed(known[name].default, value, name, where)
        for name, (value, where) in values.items()
    }
    return _checked(Settings(**typed))


# Read by the assistant, the shell or the tests, which have no settings of their own.
_VARIABLES_OF_OTHERS = {"actions_url", "events_url", "test_model", "test_browser"}


def _typed(default: Any, value: Any, name: str, where: str) -> Any:
    try:
        if isinstance(default, bool):
            if isinstance(value, bool):
                return value
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
                str(value).strip().lower()
            ]
        if isinstance(default, int):
            return int(value)
        if isinstance(default, float):
            return float(value)
        if not isinstance(value, str):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        kind = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[
            type(default)
        ]
        raise SettingsError(f"{where} sets `{name}` to {value!r}; it takes {kind}.") from None
    return value


def _checked(settings: Settings) -> Settings:
    for name in ("port", "assistant_port", "demo_port"):
        if not 0 < getattr(settings, name) < 65536:
            raise SettingsError(f"`{name}` must be a port from 1 to 65535.")
    for name in (
        "turn_timeout_seconds",
        "action_timeout_seconds",
        "idle_minutes",
        "desk_session_hours",
        "max_message_characters",
        "estimate_hours",
        "longest_wait_minutes",
        "promise_hours",
        "first_reply_target_minutes",
        "resolution_target_hours",
        "claim_minutes",
        "agent_gone_seconds",
        "agent_idle_minutes",
    ):
        if getattr(settings, name) <= 0:
            raise SettingsError(f"`{name}` must be above 0.")
    if settings.reopen_minutes < 0:
        raise SettingsError("`reopen_minutes` must not be below 0.")
    if settings.assignment not in ("pull", "automatic"):
        raise SettingsError(
            f"`assignment` must be `pull` or `automatic`, not {settings.assignment!r}."
        )
    if not 1 <= settings.wrong_answers_per_100 <= 20:
        raise SettingsError("`wrong_answers_per_100` must be from 1 to 20.")
    if not 0.1 <= settings.target_warning_share <= 1:
        raise SettingsError("`target_warning_share` must be from 0.1 to 1.")
    try:
        OpeningHours.parse(
            settings.opening_hours, settings.opening_timezone, settings.opening_holidays
        )
    except HoursError as error:
        raise SettingsError(str(error)) from None
    if not settings.database.startswith(("sqlite:///", "postgresql://")):
        raise SettingsError(
            "`database` must start with sqlite:/// or postgresql://, "
            f"not {settings.database.split(':')[0]!r}."
        )
    return settings


def with_secrets(settings: Settings) -> Settings:
    """Fill in the secrets that are not set, from ``VAR/secrets.json``, which is made if missing.

    Only its owner can read the file. Raises ``SettingsError`` if the file cannot be used.
    """
    names = ("token_secret", "assistant_secret", "identity_secret")
    missing = [name for name in names if not getattr(settings, name)]
    if not missing:
        return settings
    file = settings.path("var") / "secrets.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        stored = json.loads(file.read_text("utf-8")) if file.exists() else {}
        made = {name: stored.get(name) or secrets.token_urlsafe(32) for name in names}
    except (ValueError, AttributeError):
        raise SettingsError(
            f"{file} is damaged; remove it. Visitors then start anew, agents stay logged in."
        ) from None
    if made != stored:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(made, opened)
    chosen: dict[str, Any] = {name: made[name] for name in missing}
    return replace(settings, **chosen)


def table() -> list[tuple[str, str, str]]:
    """Name, default and meaning of each setting, for ``firstline settings`` and the docs."""
    return [(f.name, repr(f.default), f.metadata["help"]) for f in fields(Settings)]
