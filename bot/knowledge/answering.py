"""One question against articles and products, up to the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bot.embedding import english_embedder, universal_embedder
from bot.knowledge import context, english, search
from bot.knowledge.decide import Calibration, Option, decide
from bot.knowledge.index import Index
from bot.knowledge.model import Answer, Article, Candidate, Decision, Product, Question, Vector
from bot.knowledge.products import Finding, ProductSearch
from bot.knowledge.prose import Meaning
from bot.knowledge.reading import Reading
from bot.knowledge.replies import spoken

if TYPE_CHECKING:
    from bot.embedding import Embedder


# What stands behind a sure answer is at most this share as likely.
BEHIND = 0.5
# A question so near to one that is listed without an answer, and nearer to none of an article, is
# that one.
LISTED = 0.9


@dataclass(frozen=True)
class Found:
    """What search has for a question, before any probability."""

    reading: Reading
    hits: tuple[search.Hit, ...]
    finding: Finding | None
    leaning: context.Leaning
    listed: bool = False  # among the questions that are known to have no answer


def _vector(text: str, given: Vector | None, embedder: Embedder) -> Vector:
    if given is not None and given.shape == (embedder.dimensions,):
        return np.asarray(given, dtype=np.float32)
    return np.asarray(embedder.queries([text])[0], dtype=np.float32)


def _english(text: str, language: str) -> Vector | None:
    """The English embedder's rows of a question: the whole, then its sentences."""
    if language != english.LANGUAGE:
        return None
    return english_embedder().queries(english.parts(text))


def _universal(text: str) -> Vector:
    """The universal encoder's vector of a question."""
    return np.asarray(universal_embedder().queries([text])[0], dtype=np.float32)


def find(
    question: Question,
    index: Index,
    catalog: ProductSearch,
    embedder: Embedder,
    rules: Calibration,
    top: int = search.TOP,
) -> Found:
    """Search articles and products for one question; at most `top` articles."""
    text = question.text.strip()[:2000]
    reading = catalog.reader.read(text)
    vector = _vector(text, question.vector, embedder)
    previous = catalog.reader.read(question.previous) if question.previous else None
    reading = catalog.completed(reading, question.product, previous)
    # A product's name says nothing of what is asked about it: search without it.
    plain, masked, plain_vector = text, text, vector
    if reading.mentions:
        kinds = {m.product: catalog.products[m.product].kind_name for m in reading.mentions}
        masked = reading.masked(kinds)
        plain_vector = _vector(masked, None, embedder)
        plain = " ".join([masked, *dict.fromkeys(kinds.values())])
    rows = _english(masked, question.language)
    universal = _universal(masked) if index.universal is not None else None
    nearness = catalog.nearness(plain_vector, rows)
    finding = catalog.find(question, reading, nearness, previous)
    vain = search.in_vain(vector, index)
    if finding is not None:
        meaning = Meaning(plain_vector, _universal(masked) if universal is None else universal)
        finding = catalog.worded(finding, reading, meaning, embedder)
        finding = replace(finding, features=(*finding.features, *vain))
    offered = 0.0
    if finding is not None and (finding.text or finding.choices):
        offered = rules.products.probability(finding.features)
    named = frozenset(m.product for m in reading.mentions)
    attribute = any(match.key != "summary" for match in reading.attributes)

    def query(
        words: str, meaning: Vector, english_rows: Vector | None, other: Vector | None
    ) -> search.Query:
        return search.query(words, meaning, index, offered, english_rows, named, attribute, other)

    asked = query(plain, plain_vector, rows, universal)
    around: tuple[search.Query, ...] = ()
    brevity = context.brevity(asked.stems)
    if question.previous and brevity > 0:
        before = question.previous.strip()[:500]
        both = f"{before} {text}"
        around = tuple(
            query(
                words,
                _vector(words, None, embedder),
                _english(words, question.language),
                _universal(words) if index.universal is not None else None,
            )
            for words in (before, both)
        )
    hits = search.search(asked, index, around, top)
    known = index.short_vectors.nearness(vector).max(initial=0.0)
    listed = vain[0] >= LISTED and vain[0] > float(known)
    leaning = float(bool({"pronouns", "follow"} & reading.forms))
    return Found(reading, tuple(hits), finding, context.Leaning(brevity, leaning), listed)


def chances(found: Found, rules: Calibration) -> list[float]:
    """The probability of each hit that it answers the question."""
    result = []
    # The question alone, the one before, both as one: each orders the candidates by itself.
    views = zip(*(hit.rows for hit in found.hits), strict=True)
    for alone, *around in zip(*(rules.articles.among(rows) for rows in views), strict=True):
        seen = context.features((alone, *around), found.leaning) if around else ()
        result.append(rules.context.probability(seen) if around else alone)
    return result


def answer(
    question: Question,
    index: Index,
    catalog: ProductSearch,
    articles: Mapping[str, Article],
    embedder: Embedder,
    rules: Calibration,
) -> Decision:
    """Decide what to say to one question."""
    carried = question.product if question.product in catalog.products else None
    if not any(character.isalnum() for character in question.text):
        return Decision("decline", 0.95, (), (), carried)
    found = find(question, index, catalog, embedder, rules)
    hits = chances(found, rules)
    finding = rules.products.probability(found.finding.features) if found.finding else 0.0
    if found.listed:
        return Decision("decline", LISTED, (), (), carried)
    return conclude(found, hits, finding, carried, rules, index, catalog, articles)


def ranking(
    question: Question,
    index: Index,
    catalog: ProductSearch,
    embedder: Embedder,
    rules: Calibration,
) -> list[Candidate]:
    """Every article with the probability that it answers, in the order of an answer.

    First those that are considered for an answer, by probability; the others follow in the rough
    order of search.
    """
    found = find(question, index, catalog, embedder, rules, top=len(index.articles))
    candidates = [
        Candidate(chance, article.title, article.id, None)
        for hit, chance in zip(found.hits, chances(found, rules), strict=True)
        for article in (index.articles[hit.article],)
    ]
    considered = sorted(candidates[: search.TOP], key=lambda c: -c.probability)
    return considered + candidates[search.TOP :]


def conclude(
    found: Found,
    hits: Sequence[float],
    chance: float,
    carried: str | None,
    rules: Calibration,
    index: Index,
    catalog: ProductSearch,
    articles: Mapping[str, Article],
) -> Decision:
    """The decision on what was found, given the probability of each hit and of the finding."""
    options = [_article_option(hit, p, index) for hit, p in zip(found.hits, hits, strict=True)]
    finding = found.finding
    if finding is None:
        return decide(options, product=carried, rules=rules)
    if finding.choices:
        choices = _choice_options(finding.choices, chance)
        if chance >= min(rules.answer, max((o.probability for o in options), default=0.0)):
            return decide(choices, product=carried, rules=rules, choose=chance)
        return decide(options, product=carried, rules=rules)
    product = finding.product.id if finding.product and found.reading.mentions else carried
    option = _product_option(finding, chance, catalog, articles)
    if finding.guessed and chance < rules.answer:
        # A weak guess at the attribute is no choice to offer: its page has no answer.
        option = None
    if option is not None:
        linked = {a.article for a in option.answers if a.article}
        options = [o for o in options if o.candidate.article not in linked]
        said = found.reading
        spoken_of = finding.product is not None and finding.product.id == carried
        particular = said.mentions or said.ranks or "compare" in said.forms or spoken_of
        if chance >= rules.answer and particular:
            # What the catalog states of the very product beats a page about its kind.
            options = [_behind(o, chance) for o in options]
        options.append(option)
    return decide(options, product=product, rules=rules)


def _behind(option: Option, chance: float) -> Option:
    candidate = option.candidate
    lower = min(candidate.probability, chance * BEHIND)
    return replace(option, candidate=replace(candidate, probability=lower))


def _choice_options(choices: tuple[Product, ...], chance: float) -> list[Option]:
    # The question is understood; which product is open, and each is as likely as the others.
    share = chance / len(choices)
    return [Option(Candidate(share, p.name, None, p.id), ()) for p in choices[:4]]


def _article_option(hit: search.Hit, chance: float, index: Index) -> Option:
    article = index.articles[hit.article]
    reply = Answer(
        hit.text, chance, article.id, None, None, article.title, article.url, article.topic,
        language=None if article.text_language == index.language else article.text_language,
    )  # fmt: skip
    return Option(Candidate(chance, article.title, article.id, None), (reply,))


def _product_option(
    finding: Finding, chance: float, catalog: ProductSearch, articles: Mapping[str, Article]
) -> Option | None:
    product = finding.product
    if finding.text is None:
        return None
    if product is None:
        reply = Answer(finding.text, chance, None, None, finding.attribute, "", "", "products")
        return Option(Candidate(chance, finding.text, None, None), (reply,))
    topic = "care" if finding.attribute == "care" else "products"
    first = Answer(
        finding.text, chance, None, product.id, finding.attribute, product.name, product.url, topic
    )
    replies = [first]
    if finding.also is not None:
        # One sentence tells both; the second entry only says so.
        replies.append(replace(first, text="", attribute=finding.also))
    more = articles.get(str(product.value("care_article") or ""))
    if finding.attribute == "care" and more is not None:
        template = catalog.vocabulary.attributes["care"].answers.get("more", "[{title}]({url})")
        text = spoken(template, product, title=more.title, url=more.url)
        replies.append(Answer(text, chance, more.id, None, None, more.title, more.url, more.topic))
    return Option(Candidate(chance, product.name, None, product.id), tuple(replies))


def options(
    found: Found,
    rules: Calibration,
    index: Index,
    catalog: ProductSearch,
    articles: Mapping[str, Article],
) -> list[Option]:
    """All that could be said to what was found, the likeliest first; nothing decided."""
    hits = zip(found.hits, chances(found, rules), strict=True)
    likely = [_article_option(hit, chance, index) for hit, chance in hits]
    finding = found.finding
    if finding is not None and not finding.choices:
        chance = rules.products.probability(finding.features)
        of_product = _product_option(finding, chance, catalog, articles)
        likely += [of_product] if of_product is not None else []
    return sorted(likely, key=lambda option: -option.probability)
