"""Embeds the knowledge of all languages into ``var/embeddings``, so that no test waits for it."""

from __future__ import annotations

import sys

from bot.embedding import sentence_embedder
from bot.knowledge import Knowledge
from bot.settings import load, with_secrets


def main(*languages: str) -> None:
    """Embed what is new in some languages, or in all; a moment if nothing is."""
    settings = with_secrets(load())
    knowledge = Knowledge(
        settings.path("knowledge"),
        settings.path("catalog"),
        sentence_embedder(),
        shop_url=settings.shop_base_url,
        cache=settings.path("var") / "embeddings",
    )
    for language in languages or knowledge.snapshot().languages:
        knowledge.refresh(language)


if __name__ == "__main__":
    main(*sys.argv[1:])
