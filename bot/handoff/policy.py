"""The shop's rules for how cases find their agents, taken from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from bot.settings import Settings


@dataclass(frozen=True)
class Policy:
    """When time moves a case, and whether cases are assigned; minutes and seconds as named."""

    assigns: bool = False
    claim_minutes: float = 3.0
    gone_seconds: float = 60.0
    idle_minutes: float = 15.0
    reopen_minutes: float = 60.0

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        """The rules that the settings make."""
        return cls(
            assigns=settings.assignment == "automatic",
            claim_minutes=settings.claim_minutes,
            gone_seconds=settings.agent_gone_seconds,
            idle_minutes=settings.agent_idle_minutes,
            reopen_minutes=settings.reopen_minutes,
        )
