"""Articles, catalog, search, and the decision to answer, to ask back or to decline."""

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.model import (
    Answer,
    Article,
    Candidate,
    Decision,
    Product,
    ProductMention,
    Question,
    Section,
)

__all__ = [
    "Answer",
    "Article",
    "Candidate",
    "Decision",
    "Knowledge",
    "Product",
    "ProductMention",
    "Question",
    "Section",
]
