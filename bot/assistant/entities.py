"""Entities that have a form: order number, e-mail address, phone number, size.

Rasa's RegexEntityExtractor looks for each pattern by itself, and would find an order number
inside a phone number. Here a piece of text is read once, by the most particular pattern.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List  # noqa: UP035 - Rasa wires the graph by these annotations

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
# What looks as if it were meant as an address, so that a form can say what is wrong with it.
_ODD_EMAIL = re.compile(r"\S*@\S*")
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)?\(?\d[\d ()./-]{6,18}\d(?!\w)")
_UNIT = r"(?!\s*(?:mm|cm|g|kg|ml|eur|euros?|usd|dollars?|€|\$|%)(?!\w))"
_ORDER_NUMBER = re.compile(
    rf"(?<![\w.,+€$-])#?(\d{{5}})(?![\w-]|[.,]\d){_UNIT}", re.ASCII | re.IGNORECASE
)
_ODD_NUMBER = re.compile(
    rf"(?<![\w.,€$])[A-Z]{{0,3}}-?\d{{3,12}}(?:-?[A-Z]{{1,3}})?(?!\w|[.,]\d){_UNIT}", re.IGNORECASE
)
_LETTER_SIZE = r"XXS|XS|S|M|L|XL|XXL|XXXL|2XL|3XL"
_SIZE_NAMED = re.compile(
    rf"\bsizes?\s*(?:is\s+|of\s+|:\s*|eu\s*)?({_LETTER_SIZE}|\d{{2}}(?:[.,]5)?)\b", re.IGNORECASE
)
_SIZE_EU = re.compile(r"\bEU\s?(\d{2}(?:[.,]5)?)\b", re.IGNORECASE)
# Two letters or more stand for themselves; a single one only where a size is talked of.
_SIZE_LETTERS = re.compile(r"\b(XXS|XS|XL|XXL|XXXL|2XL|3XL)\b", re.IGNORECASE)
_SIZE_LETTER = re.compile(
    r"(?:\b(?:in|an?|the|take|need|wear|want|between|and|or)\s+)([SML])\b(?!')|^\s*([SMLsml])\s*[?.!]?\s*$"
)
_SIZE_WORD = re.compile(
    r"\b(?:in|an?|the|take|wear)\s+(small|medium|large)\b(?=\s*(?:$|[?.!,]))", re.I
)
_SIZE_SHOE = re.compile(
    r"\bin\s+(3[5-9]|4[0-9])(?:[.,]5)?\b(?!\s*(?:days?|weeks?|hours?|%|€|eur))", re.I
)
_WORDS = {"SMALL": "S", "MEDIUM": "M", "LARGE": "L", "2XL": "XXL", "3XL": "XXXL"}


def _phone_digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def find_details(text: str) -> list[dict[str, Any]]:
    """Return the entities in `text`, in order: entity, start, end, value.

    Values are normal forms: an e-mail in lower case, a phone number without spacing, a size in
    capitals, an order number as its five digits. `odd_number` and `odd_email` are what a customer
    may have meant as an order number or an e-mail but is neither.
    """
    found: list[dict[str, Any]] = []
    taken = [False] * len(text)

    def take(entity: str, start: int, end: int, value: str) -> None:
        if not any(taken[start:end]):
            taken[start:end] = [True] * (end - start)
            found.append({"entity": entity, "start": start, "end": end, "value": value})

    if "@" in text:
        for match in _EMAIL.finditer(text):
            take("email", *match.span(), match.group().lower().strip("'"))
        for match in _ODD_EMAIL.finditer(text):
            take("odd_email", *match.span(), match.group())
    for match in _ORDER_NUMBER.finditer(text):
        if not _inside_phone(text, match.start(1), match.end(1)):
            take("order_number", *match.span(1), match.group(1))
    for match in _PHONE.finditer(text):
        if 8 <= _phone_digits(match.group()) <= 15 and not _is_list_of_orders(match.group()):
            take("phone", *match.span(), re.sub(r"[^\d+]", "", match.group()))
    for pattern in (_SIZE_NAMED, _SIZE_EU, _SIZE_SHOE, _SIZE_WORD, _SIZE_LETTERS, _SIZE_LETTER):
        for match in pattern.finditer(text):
            group = next(i for i, value in enumerate(match.groups(), 1) if value)
            value = match.group(group).upper().replace(",", ".")
            take("size", *match.span(group), _WORDS.get(value, value))
    for match in _ODD_NUMBER.finditer(text):
        take("odd_number", *match.span(), match.group())
    return sorted(found, key=lambda entity: int(entity["start"]))


def _is_list_of_orders(text: str) -> bool:
    return all(len(part) == 5 for part in re.findall(r"\d+", text))


def _inside_phone(text: str, start: int, end: int) -> bool:
    return any(
        match.start() <= start
        and end <= match.end()
        and _phone_digits(match.group()) >= 8
        and not _is_list_of_orders(match.group())
        for match in _PHONE.finditer(text)
    )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ShopDetails(GraphComponent, EntityExtractorMixin):
    """Extracts order_number, email, phone, size, odd_number and odd_email. Needs no training."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],  # noqa: UP006
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GraphComponent:
        """Create the component as Rasa's graph asks for it."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:  # noqa: UP006
        """Add what is found to the entities of each message."""
        for message in messages:
            found = self.add_extractor_name(find_details(str(message.get(TEXT) or "")))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples as they are: their entities are annotated by hand."""
        return training_data
