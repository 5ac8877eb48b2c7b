"""Fit the probabilities again: `python -m bot.knowledge.calibrate [CACHE-FOLDER]`.

Asked are what customers write of articles and products (`calibration.<language>.yml`), what these
do not tell, the questions that the shop knows to have no answer, each of which is held out of the
index while it is asked, and some FAQs (`calibration_faqs.yml`). Three logistic regressions learn
from features when a finding in the catalog is right, when an article is, and when it is for a
message that follows another: for English, and for the languages that only the multilingual
embedders know; for articles with example questions, and without. Prints figures from held-out
folds and writes `calibration.json`; draws how sure and how right the held-out decisions are, of
articles with example questions in all languages, in `docs/pictures`.

The thresholds follow from the held-out folds by a rule, for each of some shares N:
- answer: the lowest probability from which on at most N of 100 answers given are wrong;
- clarify: the lowest one from which on at most BOTHERED of the questions that have no answer
  are asked back instead of declined.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bot.embedding import sentence_embedder
from bot.evaluate import curves
from bot.evaluate.curves import calibration_error
from bot.knowledge import answering, context, ordering, products, search
from bot.knowledge.cases import FOLDS, NEAR, NONE, QUESTIONS, Case, Faq, cases, faqs
from bot.knowledge.catalog import EMPTY
from bot.knowledge.decide import (
    CALIBRATION,
    OTHER,
    Calibration,
    Model,
    Ordered,
    calibration,
    calibration_name,
    forget_calibration,
)
from bot.knowledge.decide import WRONG_PER_100 as DEFAULT_WRONG
from bot.knowledge.english import LANGUAGE
from bot.knowledge.index import Centred, Index, Unanswered, background
from bot.knowledge.knowledge import Knowledge, View
from bot.knowledge.model import Candidate, Decision
from bot.knowledge.products import ProductSearch
from bot.knowledge.vectors import Stores, VectorStore

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
# For the thresholds, questions without an answer are taken to be this share of all; half of them
# are near misses.
NO_ANSWER = 0.25
WRONG_PER_100 = (1, 2, 3, 5, 8, 10, 15, 20)
BOTHERED = 0.10
# So near to each other, by cosine, a question of one language and one of another mean the same.
SAME = 0.45
# The thresholds that are tried.
GRID = tuple(round(0.15 + 0.01 * i, 2) for i in range(82))
# Articles without example questions are put in order by these alone. Weights that are fitted
# freely fit how one shop titles its articles, and order those of others worse.
ORDER = ("short", "long", "bm25", "short_en", "long_en", "line_en")
# Whose weight is given, not fitted: as much as costs nothing in the shop and the FAQs. A question
# that is nearly a title is about it, whatever one shop's titles teach.
GIVEN = {"title": 6.0, "near_title": 24.0}
# What their probability knows besides, of the question.
ASKED = ("unknown", "offered", "named", "attribute")
Floats = NDArray[np.float64]


def fit(x: Floats, y: Floats, ridge: float = 1.0, rising: Sequence[bool] | None = None) -> Model:
    """Logistic regression with an L2 penalty on standardised features (Newton's method).

    The weights of `rising` features are never below zero.
    """
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.hstack([np.ones((len(x), 1)), (x - mean) / spread])
    penalty = np.diag([0.0, *([ridge] * x.shape[1])])
    bound = np.asarray([False, *(rising or [False] * x.shape[1])], dtype=np.bool_)
    beta = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (y - p) - penalty @ beta
        curvature = (z * (p * (1 - p))[:, None]).T @ z + penalty
        free = ~bound | (beta > 0) | (gradient > 0)
        step = np.zeros(len(beta))
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        moved = np.where(bound, np.maximum(beta + step, 0), beta + step)
        done = np.abs(moved - beta).max() < 1e-8
        beta = moved
        if done:
            break
    coefficients = beta[1:] / spread
    return Model(float(beta[0] - coefficients @ mean), tuple(float(c) for c in coefficients))


def fit_ordered(x: Floats, y: Floats, question: NDArray[np.intp], ridge: float = 1.0) -> Ordered:
    """The order of articles first, then their probability, which follows it.

    `question` (ascending) is whose candidates the rows are.
    """
    own = [search.FEATURES.index(name) for name in ORDER]
    asked = [search.FEATURES.index(name) for name in ASKED]
    apart = search.FEATURES.index("apart")
    order = np.zeros(x.shape[1])
    weights = ordering.fit(np.column_stack([x[:, own], -x[:, apart]]), y, question, ridge)
    order[own], order[apart] = weights[:-1], -weights[-1]
    given = [search.FEATURES.index(name) for name in GIVEN]
    order[given] = tuple(GIVEN.values())
    own += given
    starts = np.flatnonzero(np.diff(question, prepend=-1))
    sizes = np.diff(np.append(starts, len(y)))
    lead = np.concatenate([ordering.leads(s) for s in np.split(x @ order, starts[1:])])
    level = np.repeat(np.maximum.reduceat(x[:, [*own, *asked]], starts, axis=0), sizes, axis=0)
    rising = [True] * (1 + len(own)) + [False] * len(asked)
    model = fit(np.column_stack([lead, level]), y, ridge, rising)
    weights = np.zeros(x.shape[1])
    weights[[*own, *asked]] = model.weights[1:]
    return Ordered(
        tuple(order.tolist()), model.weights[0], Model(model.bias, tuple(weights.tolist()))
    )


@dataclass
class Result:
    """What search found for a case, in an index that does not hold its question."""

    case: Case
    index: Index
    view: View
    found: answering.Found
    # Held-out probabilities, once they are known: of each hit for each of its rows, of each hit in
    # the end, and of the finding in the catalog.
    alone: list[list[float]] = field(default_factory=list)
    hits: list[float] = field(default_factory=list)
    finding: float = 0.0


@dataclass
class Table:
    """Rows of features with what was right, and the fold and result of each row."""

    x: Floats
    y: Floats
    fold: NDArray[np.intp]
    result: NDArray[np.intp]


def search_all(knowledge: Knowledge, language: str, *, taught: bool) -> list[Result]:
    """Search for every question of a language, in articles with example questions or without."""
    embedder = sentence_embedder()
    snapshot = knowledge.snapshot()
    for name in (*snapshot.languages, language):
        view = snapshot.view(name, whole=True)
    asked = cases(knowledge, language)
    rules = calibration(language, taught=taught)
    articles = view.index.articles
    if not taught:
        articles = tuple(replace(a, questions=(), elsewhere=()) for a in articles)
    texts = [case.question.text for case in asked]
    vectors = dict(zip(texts, snapshot.workshop.store.get(texts, "query"), strict=True))
    results = []
    shop = snapshot.workshop
    in_english = shop.english if view.index.english is not None else None
    stores = Stores(shop.store, in_english, shop.universal)
    for fold in track(range(FOLDS), f"Asking in {language}"):
        own = [case for case in asked if case.fold == fold]
        known = view.index.unanswered if taught else Unanswered()
        left_out = [case.question.text for case in own if case.group == NONE]
        index = Index(articles, stores, language, _without(known, left_out, shop.store))
        for case in own:
            question = replace(case.question, vector=vectors[case.question.text])
            found = answering.find(question, index, view.catalog, embedder, rules)
            results.append(Result(case, index, view, found))
    return results


def _without(known: Unanswered, left_out: Sequence[str], store: VectorStore) -> Unanswered:
    """The questions without an answer but for some, which the other languages' lists have too."""
    elsewhere = Centred(store.get(known.elsewhere, "query"), store.get(background(), "query"))
    near = np.zeros(len(known.elsewhere))
    for vector in store.get(left_out, "query"):
        near = np.maximum(near, elsewhere.nearness(vector))
    gone = frozenset(left_out)
    return Unanswered(
        tuple(q for q in known.own if q not in gone),
        tuple(q for q, n in zip(known.elsewhere, near, strict=True) if n < SAME),
    )


def search_faq(knowledge: Knowledge, faq: Faq) -> list[Result]:
    """Search for every question to a FAQ, among its entries alone."""
    embedder, shop = sentence_embedder(), knowledge.snapshot().workshop
    stores = Stores(shop.store, shop.english, shop.universal)
    index = Index(faq.articles, stores)
    products = ProductSearch((), EMPTY, index.vocabulary, stores, index.background, LANGUAGE)
    view = View(LANGUAGE, {a.id: a for a in faq.articles}, index, products, True)
    rules = calibration(LANGUAGE, taught=False)
    return [
        Result(case, index, view, answering.find(case.question, index, products, embedder, rules))
        for case in track(faq.cases, "Asking a FAQ")
    ]


def product_table(results: Sequence[Result]) -> Table:
    """One row for each finding in the catalog that says something.

    Where products are offered to choose from, nothing is said yet.
    """
    rows = []
    for number, result in enumerate(results):
        case, finding = result.case, result.found.finding
        if finding is None or finding.choices:
            continue
        product = finding.product
        right = product is not None and product.id == case.product
        told = {finding.attribute, finding.also, "any"}
        right = right and bool(told & set(case.attributes))
        if finding.attribute == "care" and product is not None:
            right = right or product.value("care_article") in case.articles
        rows.append((np.asarray(finding.features), right, case.fold, number))
    return _table(rows)


def article_table(results: Sequence[Result]) -> Table:
    """One row for each article found by a question, given how likely the catalog has the answer.

    What follows another question is left to `context_table`.
    """
    rows = []
    for number, result in enumerate(results):
        # Of care and warranty of a product an article may be as right as the catalog.
        either = {"care", "warranty_years"} & set(result.case.attributes)
        if result.case.group != "follow_ups" and not either:
            for hit in result.found.hits:
                right = result.index.articles[hit.article].id in result.case.articles
                rows.append((_offered(result, hit)[0], right, result.case.fold, number))
    return _table(rows)


def _offered(result: Result, hit: search.Hit) -> list[Floats]:
    """The rows of a hit with the held-out probability that the catalog has the answer."""
    finding = result.found.finding
    offers = finding is not None and bool(finding.text or finding.choices)
    rows = [row.copy() for row in hit.rows]
    for row in rows:
        row[search.FEATURES.index("offered")] = result.finding if offers else 0.0
    return rows


def context_table(results: Sequence[Result]) -> Table:
    """One row for each article found for a question that follows another."""
    rows = []
    for number, result in enumerate(results):
        for hit, (alone, *around) in zip(result.found.hits, result.alone, strict=True):
            if around:
                seen = context.features((alone, *around), result.found.leaning)
                right = result.index.articles[hit.article].id in result.case.articles
                rows.append((np.asarray(seen), right, result.case.fold, number))
    return _table(rows)


def _table(rows: Sequence[tuple[Floats, bool, int, int]]) -> Table:
    x, y, fold, result = zip(*rows, strict=True)
    return Table(
        np.asarray(x, dtype=np.float64),
        np.asarray(y, dtype=np.float64),
        np.asarray(fold, dtype=np.intp),
        np.asarray(result, dtype=np.intp),
    )


class HeldOut:
    """A model for each fold that did not see it, and one of all."""

    def __init__(self, table: Table, ridge: float) -> None:
        def fitted(kept: NDArray[np.bool_]) -> Model:
            return fit(table.x[kept], table.y[kept], ridge)

        self._folds = [fitted(table.fold != fold) for fold in range(FOLDS)]
        self.whole = fitted(np.ones(len(table.y), dtype=np.bool_))

    def probability(self, fold: int, row: Sequence[float] | Floats) -> float:
        """Probability of a row by the model that did not see its fold."""
        return self._folds[fold].probability(row)


class HeldOutArticles:
    """The same for articles, `taught` or not: all candidates of a question at a time."""

    def __init__(self, table: Table, ridge: float, *, taught: bool) -> None:
        def fitted(kept: NDArray[np.bool_]) -> Model | Ordered:
            x, y = table.x[kept], table.y[kept]
            return fit(x, y, ridge) if taught else fit_ordered(x, y, table.result[kept], ridge)

        self._folds = [fitted(table.fold != fold) for fold in range(FOLDS)]
        self.whole = fitted(np.ones(len(table.y), dtype=np.bool_))

    def among(self, fold: int, rows: Sequence[Floats]) -> list[float]:
        """Probability of each row by the model that did not see its fold."""
        return self._folds[fold].among(rows)


def decisions(
    results: Sequence[Result], answer: float, clarify: float
) -> Iterator[tuple[Result, Decision, bool]]:
    """Each question's decision by held-out probabilities, and whether it has what is right."""
    nothing = Model(0.0, ())
    rules = Calibration(nothing, nothing, nothing, answer, clarify)
    for result in results:
        case = result.case
        decision = answering.conclude(
            result.found, result.hits, result.finding, case.question.product, rules,
            result.index, result.view.catalog, result.view.articles,
        )  # fmt: skip
        if decision.kind == "answer":
            right = any(
                a.article in case.articles
                or (a.product == case.product and a.attribute in case.attributes)
                # A list of products is of none of them.
                or (a.product is None and a.article is None and a.attribute in case.attributes)
                for a in decision.answers
            )
        else:
            right = any(_is_right(c, case) for c in decision.candidates)
        yield result, decision, right


def _is_right(candidate: Candidate, case: Case) -> bool:
    if candidate.article:
        return candidate.article in case.articles
    return candidate.product == case.product


def sureness(
    made: Iterable[tuple[Result, Decision, bool]],
) -> list[curves.Pair]:
    """How sure the best answer to each question is, and whether it is right.

    For what is asked back or declined that is the first candidate; without any the question is
    left out. Each text counts once, though some were also asked in a talk about a product.
    """
    found: dict[tuple[str, str], curves.Pair] = {}
    for result, decision, right in made:
        text = (result.view.language, result.case.question.text)
        if decision.kind == "answer":
            found.setdefault(text, (decision.confidence, right))
        elif decision.candidates:
            best = decision.candidates[0]
            found.setdefault(text, (best.probability, _is_right(best, result.case)))
    return list(found.values())


def _mixture(results: Sequence[Result]) -> dict[int, float]:
    """How much each question counts: those without an answer are NO_ANSWER of all."""
    vain = [[r for r in results if r.case.group == group] for group in (NONE, NEAR)]
    vain = [group for group in vain if group]
    known = len(results) - sum(map(len, vain))
    whole = known * NO_ANSWER / (1 - NO_ANSWER)
    weights = {id(result): 1.0 for result in results}
    for group in vain:
        weights.update({id(result): whole / len(vain) / len(group) for result in group})
    return weights


def thresholds(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """For each N of WRONG_PER_100: from which probability on to answer and to ask back.

    Each question counts once here, though some were also asked in a talk about a product.
    """
    results = list({r.case.question.text: r for r in reversed(results)}.values())

    weights = _mixture(results)
    vain = [r for r in results if r.case.group == NONE]
    # By falling threshold: what share of the answers given is wrong, from there on.
    share = {}
    for threshold in GRID:
        given = wrong = 0.0
        for result, decision, right in decisions(results, threshold, threshold):
            if decision.kind == "answer":
                given += weights[id(result)]
                wrong += weights[id(result)] * (not right)
        share[threshold] = wrong / given if given else 0.0

    def bothered(answer: float, clarify: float) -> float:
        made = [d.kind == "clarify" for _, d, _ in decisions(vain, answer, clarify)]
        return sum(made) / max(len(made), 1)

    found = {}
    for wrong in WRONG_PER_100:
        answer = next((t for t in GRID if share[t] <= wrong / 100), GRID[-1])
        below = [t for t in GRID if t < answer]
        clarify = next((t for t in below if bothered(answer, t) <= BOTHERED), below[-1])
        found[str(wrong)] = {"answer": answer, "clarify": clarify}
    return found


def report(made: Sequence[tuple[Result, Decision, bool]]) -> dict[str, float]:
    """Figures over all decisions of held-out folds; prints them by group and language too."""
    figures: dict[str, float] = {}
    groups = dict.fromkeys(n for r, _, _ in made for n in (r.case.group, r.view.language))
    for group in (*groups, ""):
        own = [m for m in made if group in ("", m[0].case.group, m[0].view.language)]
        given = [right for _, d, right in own if d.kind == "answer"]
        known = [(d, right) for r, d, right in own if r.case.articles or r.case.product]
        missed = [d for d, _ in known if d.kind != "answer"]
        asked = [right for _, d, right in own if d.kind == "clarify"]
        figures = {
            "questions": len(own),
            "answerable": len(known),
            "answered_right": sum(given),
            "answered_wrong": len(given) - sum(given),
            "answerable_not_answered": len(missed),
            "asked_back": len(asked),
            "asked_back_with_the_right_page": sum(asked),
        }
        print(f"  {group or 'all':14}", figures)
    confident = np.asarray([d.confidence for _, d, _ in made if d.kind == "answer"])
    true = np.asarray([float(right) for _, d, right in made if d.kind == "answer"])
    if len(true):
        figures["calibration_error_of_answers"] = round(calibration_error(confident, true), 4)
        print("  calibration error of answers:", figures["calibration_error_of_answers"])
    return figures


def calibrate(
    knowledge: Knowledge,
    languages: Sequence[str],
    ridge: float,
    pairs: list[curves.Pair],
    *,
    taught: bool,
) -> dict[str, Any]:
    """Fit the models and the thresholds for questions in those languages.

    How sure the held-out decisions are, and whether they are right, is added to `pairs`.
    """
    results = [
        result for name in languages for result in search_all(knowledge, name, taught=taught)
    ]
    if LANGUAGE in languages and not taught:
        results += [result for faq in faqs() for result in search_faq(knowledge, faq)]
    # One after the other, as each is a feature of the next.
    found = HeldOut(product_table(results), ridge)
    for result in results:
        if result.found.finding is not None:
            features = result.found.finding.features
            result.finding = found.probability(result.case.fold, features)
    articles = HeldOutArticles(article_table(results), ridge, taught=taught)
    for result in results:
        views = zip(*(_offered(result, hit) for hit in result.found.hits), strict=True)
        chances = [articles.among(result.case.fold, rows) for rows in views]
        result.alone = [list(own) for own in zip(*chances, strict=True)]
    following = HeldOut(context_table(results), ridge)
    for result in results:
        for alone, *around in result.alone:
            seen = context.features((alone, *around), result.found.leaning) if around else ()
            fold = result.case.fold
            result.hits.append(following.probability(fold, seen) if around else alone)
    made: dict[str, Any] = {
        "products": _dumped(found.whole, products.FEATURES),
        "articles": _dumped_articles(articles.whole),
        "context": _dumped(following.whole, context.CONTEXT),
    }
    # A language may be surer than another of the same model.
    made["thresholds"] = {OTHER: thresholds(results)}
    decided: list[tuple[Result, Decision, bool]] = []
    for name in languages:
        own = [result for result in results if result.view.language == name]
        if len(languages) > 1:
            made["thresholds"][name] = thresholds(own)
        found = made["thresholds"].get(name, made["thresholds"][OTHER])
        print(f"{name}: {found}")
        chosen = found[str(DEFAULT_WRONG)]
        decided += decisions(own, chosen["answer"], chosen["clarify"])
    made["held_out"] = report(decided)
    pairs.extend(sureness(decided))
    return made


def _dumped(model: Model, features: Sequence[str]) -> dict[str, Any]:
    weights = {f: round(w, 4) for f, w in zip(features, model.weights, strict=True)}
    return {"bias": round(model.bias, 4), "weights": weights}


def _dumped_articles(model: Model | Ordered) -> dict[str, Any]:
    if isinstance(model, Model):
        return _dumped(model, search.FEATURES)
    order = {f: round(w, 4) for f, w in zip(search.FEATURES, model.order, strict=True) if w}
    lead = round(model.lead, 4)
    return {"order": order, "lead": lead, **_dumped(model.level, search.FEATURES)}


def main(cache: Path | None = None, ridge: float = 1.0) -> None:
    """Fit, print the held-out figures, write the file. `cache` keeps embeddings between runs."""
    data = Path(__file__).parents[2] / "data"
    knowledge = Knowledge(
        data / "knowledge", data / "catalog", sentence_embedder(), shop_url="/", cache=cache
    )
    others = sorted(QUESTIONS.keys() - {LANGUAGE})
    pairs: dict[bool, list[curves.Pair]] = {True: [], False: []}
    result = {
        calibration_name(own[0], taught=taught): calibrate(
            knowledge, own, ridge, pairs[taught], taught=taught
        )
        for own in ([LANGUAGE], others)
        for taught in (True, False)
    }
    CALIBRATION.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    forget_calibration()
    print(f"wrote {CALIBRATION}")
    draw(pairs[True])


def draw(pairs: Sequence[curves.Pair], folder: Path = PICTURES) -> None:
    """Draw how sure and how right the held-out decisions are; print the calibration error."""
    figures = curves.write(folder, f"Held-out questions in {len(QUESTIONS)} languages", pairs)
    print(
        f"{len(pairs)} held-out questions: calibration error {figures['calibration_error']:.4f}, "
        f"95 % interval {figures['calibration_error_low']:.4f} "
        f"to {figures['calibration_error_high']:.4f}; drawn in {folder}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
