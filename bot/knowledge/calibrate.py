"""Fit the probabilities again: `python -m bot.knowledge.calibrate [CACHE-FOLDER]`.

The articles' own questions are asked of an index that does not hold them (ten folds); beside
them stand what customers write of articles and products, and questions without an answer
(`calibration.<language>.yml`). Two logistic regressions learn from features when an article, or
a finding in the catalog, is right: once for English, once for the languages that only the
multilingual embedder knows. Prints figures from held-out folds and writes `calibration.json`.

The thresholds follow from the held-out folds by a rule, for each of some shares N:
- answer: the lowest probability from which on at most N of 100 answers given are wrong;
- clarify: the lowest one from which on at most BOTHERED of the questions that have no answer
  are asked back instead of declined.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.embedding import sentence_embedder
from bot.knowledge import answering, products, search
from bot.knowledge.articles import load_yaml
from bot.knowledge.decide import (
    CALIBRATION,
    OTHER,
    Calibration,
    Model,
    calibration,
    forget_calibration,
)
from bot.knowledge.decide import WRONG_PER_100 as DEFAULT_WRONG
from bot.knowledge.english import LANGUAGE
from bot.knowledge.index import Index
from bot.knowledge.knowledge import Knowledge, View
from bot.knowledge.model import Decision, Question

QUESTIONS = {
    path.name.split(".")[1]: path for path in Path(__file__).parent.glob("calibration.*.yml")
}
FOLDS = 10
# An article's own example questions are many, and easier than what customers write: in the fit
# each weighs EASY. For the thresholds they weigh as much in all as the written questions that
# have an answer, and questions without one are taken to be NO_ANSWER of all.
EASY = 0.4
NO_ANSWER = 0.25
WRONG_PER_100 = (1, 2, 3, 5, 8, 10, 15, 20)
BOTHERED = 0.10
# The thresholds that are tried.
GRID = tuple(round(0.15 + 0.01 * i, 2) for i in range(82))
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A question with what is right: articles, a catalog finding, or nothing."""

    question: Question
    articles: tuple[str, ...] = ()
    product: str | None = None
    attributes: tuple[str, ...] = ()
    fold: int = 0
    group: str = ""


def fit(x: Floats, y: Floats, weights: Floats, ridge: float = 1.0) -> Model:
    """Logistic regression with an L2 penalty on standardised features (Newton's method)."""
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.hstack([np.ones((len(x), 1)), (x - mean) / spread])
    penalty = np.diag([0.0, *([ridge] * x.shape[1])])
    beta = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (weights * (y - p)) - penalty @ beta
        curvature = (z * (weights * p * (1 - p))[:, None]).T @ z + penalty
        step = np.linalg.solve(curvature, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    coefficients = beta[1:] / spread
    return Model(float(beta[0] - coefficients @ mean), tuple(float(c) for c in coefficients))


def cases(knowledge: Knowledge, language: str) -> list[Case]:
    """All questions of a language to fit on."""
    data: dict[str, list[Any]] = load_yaml(QUESTIONS[language].read_text(encoding="utf-8"))
    made: list[Case] = []
    names = [product.id for product in knowledge.products()]
    snapshot = knowledge.snapshot()
    count = 0
    for article in knowledge.articles():
        own = snapshot.articles.get((article.id, language))
        for text in (*own.questions, own.title) if own else ():
            questions = [Question(text, language)]
            general = article.topic not in ("care", "warranty", "sizes", "products")
            if names and general and count % 3 == 0:
                # The same in a talk about a product: it must not turn into one about it.
                questions.append(Question(text, language, product=names[count % len(names)]))
            fold = count % FOLDS
            made += [Case(q, (article.id,), fold=fold, group="questions") for q in questions]
            count += 1
    for group in ("unanswerable", "unknowable", "unstated", "articles", "catalog", "roundabout"):
        for i, entry in enumerate(data[group]):
            read = {"text": entry} if isinstance(entry, str) else entry
            carried = read.get("from" if "attribute" in read else "product")
            right = tuple(read.get("article", ()))
            asked = tuple(read.get("attribute", ()))
            named = read["product"] if asked else None
            question = Question(read["text"], language, product=carried)
            made.append(Case(question, right, named, asked, i % FOLDS, group))
    return made


@dataclass
class Result:
    """What search found for a case, in an index that does not hold its question."""

    case: Case
    index: Index
    view: View
    found: answering.Found
    # Held-out probabilities, once they are known.
    hits: list[float]
    finding: float = 0.0


@dataclass
class Table:
    """Rows of features with what was right, and the fold and result of each row."""

    x: Floats
    y: Floats
    fold: NDArray[np.intp]
    result: NDArray[np.intp]
    weight: Floats


def search_all(knowledge: Knowledge, language: str) -> list[Result]:
    """Search for every question of a language."""
    embedder = sentence_embedder()
    snapshot = knowledge.snapshot()
    view = snapshot.view(language)
    asked = cases(knowledge, language)
    rules = calibration(language)
    vectors = snapshot.workshop.store.get([case.question.text for case in asked], "query")
    vector = {case.question.text: row for case, row in zip(asked, vectors, strict=True)}
    results = []
    for fold in range(FOLDS):
        own = [case for case in asked if case.fold == fold]
        left_out = {case.question.text for case in own if case.articles}
        index = Index(
            [
                # A title cannot be left out, so a held-out title only weighs as a question does.
                replace(a, questions=tuple(q for q in a.questions if q not in left_out))
                for a in view.articles.values()
            ],
            snapshot.workshop.store,
            snapshot.workshop.english if view.index.english is not None else None,
            language,
        )
        titles = {article.title for article in index.articles}
        for case in own:
            if case.question.text not in titles:
                question = replace(case.question, vector=vector[case.question.text])
                found = answering.find(question, index, view.catalog, embedder, rules)
                results.append(Result(case, index, view, found, []))
    return results


def product_table(results: Sequence[Result]) -> Table:
    """One row for each finding in the catalog."""
    rows = []
    for number, result in enumerate(results):
        case, finding = result.case, result.found.finding
        if finding is None:
            continue
        product = finding.product
        right = product is not None and product.id == case.product
        right = right and bool({finding.attribute, "any"} & set(case.attributes))
        if finding.attribute == "care" and product is not None:
            right = right or product.value("care_article") in case.articles
        rows.append((np.asarray(finding.features), right, case.fold, number))
    return _table(rows, results)


def article_table(results: Sequence[Result]) -> Table:
    """One row for each article found, given how likely the catalog has the answer."""
    rows = []
    offered = search.FEATURES.index("offered")
    for number, result in enumerate(results):
        case, finding = result.case, result.found.finding
        offers = finding is not None and bool(finding.text or finding.choices)
        chance = result.finding if offers else 0.0
        for hit in result.found.hits:
            features = hit.features.copy()
            features[offered] = chance
            right = result.index.articles[hit.article].id in case.articles
            rows.append((features, right, case.fold, number))
    return _table(rows, results)


def _table(rows: Sequence[tuple[Floats, bool, int, int]], results: Sequence[Result]) -> Table:
    x, y, fold, result = zip(*rows, strict=True)
    weight = [EASY if results[number].case.group == "questions" else 1.0 for number in result]
    return Table(
        np.asarray(x, dtype=np.float64),
        np.asarray(y, dtype=np.float64),
        np.asarray(fold, dtype=np.intp),
        np.asarray(result, dtype=np.intp),
        np.asarray(weight),
    )


def held_out(table: Table, use: NDArray[np.bool_], ridge: float) -> Floats:
    """Probabilities of each row from a model that did not see its fold."""
    result = np.zeros(len(table.y))
    for fold in range(FOLDS):
        test = table.fold == fold
        seen = ~test & use
        model = fit(table.x[seen], table.y[seen], table.weight[seen], ridge)
        result[test] = [model.probability(row) for row in table.x[test]]
    return result


def calibration_error(p: Floats, y: Floats, bins: int = 10) -> float:
    """Expected calibration error over bins of equal count."""
    order = np.argsort(p)
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(len(i) * abs(p[i].mean() - y[i].mean()) for i in parts) / len(p))


def decisions(
    results: Sequence[Result], answer: float, clarify: float
) -> Iterator[tuple[Result, Decision, bool]]:
    """Each question's decision by held-out probabilities, and whether it has what is right."""
    nothing = Model(0.0, ())
    rules = Calibration(nothing, nothing, answer, clarify)
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
            right = any(
                c.article in case.articles if c.article else c.product == case.product
                for c in decision.candidates
            )
        yield result, decision, right


def _mixture(results: Sequence[Result]) -> dict[int, float]:
    """How much each question counts: as EASY and NO_ANSWER say of the whole."""

    def kind(result: Result) -> str:
        case = result.case
        if not case.articles and not case.product:
            return "none"
        return "easy" if case.group == "questions" else "written"

    counts = Counter(kind(result) for result in results)
    written = counts["written"] or counts["easy"] or 1
    easy = written / counts["easy"] if counts["easy"] else 0.0
    known = written + easy * counts["easy"]
    none = known * NO_ANSWER / (1 - NO_ANSWER) / max(counts["none"], 1)
    weight = {"easy": easy, "written": 1.0, "none": none}
    return {id(result): weight[kind(result)] for result in results}


def thresholds(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """For each N of WRONG_PER_100: from which probability on to answer and to ask back.

    Each question counts once here, though some were also asked in a talk about a product.
    """
    results = list({r.case.question.text: r for r in reversed(results)}.values())

    weights = _mixture(results)
    vain = [r for r in results if not r.case.articles and not r.case.product]
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


def report(results: Sequence[Result], answer: float, clarify: float) -> dict[str, float]:
    """Figures over all decisions of held-out folds; prints them by group and language too."""
    made = list(decisions(results, answer, clarify))
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


def calibrate(knowledge: Knowledge, languages: Sequence[str], ridge: float) -> dict[str, Any]:
    """Fit both models and the thresholds for questions in those languages."""
    results = [result for name in languages for result in search_all(knowledge, name)]
    made: dict[str, Any] = {}
    for name, features in (("products", products.FEATURES), ("articles", search.FEATURES)):
        # Articles second: how likely the catalog answers is one of their features.
        table = product_table(results) if name == "products" else article_table(results)
        use = np.ones(len(table.y), dtype=bool)
        if name == "articles":
            # Of care and warranty of a product an article may be as right as the catalog.
            both = [{"care", "warranty_years"} & set(r.case.attributes) for r in results]
            use = np.asarray([not both[number] for number in table.result])
        chances = held_out(table, use, ridge)
        for number, chance in zip(table.result, chances, strict=True):
            if name == "products":
                results[number].finding = float(chance)
            else:
                results[number].hits.append(float(chance))
        model = fit(table.x[use], table.y[use], table.weight[use], ridge)
        weights = {f: round(w, 4) for f, w in zip(features, model.weights, strict=True)}
        made[name] = {"bias": round(model.bias, 4), "weights": weights}
        print(f"{languages} {name}: calibration error", round(_best_error(table, chances), 4))
    made["thresholds"] = thresholds(results)
    print(f"{languages}: {made['thresholds']}")
    chosen = made["thresholds"][str(DEFAULT_WRONG)]
    made["held_out"] = report(results, chosen["answer"], chosen["clarify"])
    return made


def _best_error(table: Table, chances: Floats) -> float:
    """Calibration error over the best row of each question."""
    rows = (np.flatnonzero(table.result == number) for number in np.unique(table.result))
    best = [own[np.argmax(chances[own])] for own in rows]
    return calibration_error(chances[best], table.y[best])


def main(cache: Path | None = None, ridge: float = 1.0) -> None:
    """Fit, print the held-out figures, write the file. `cache` keeps embeddings between runs."""
    data = Path(__file__).parents[2] / "data"
    knowledge = Knowledge(
        data / "knowledge", data / "catalog", sentence_embedder(), shop_url="/", cache=cache
    )
    others = sorted(QUESTIONS.keys() - {LANGUAGE})
    groups = {LANGUAGE: [LANGUAGE], OTHER: others}
    result = {name: calibrate(knowledge, own, ridge) for name, own in groups.items()}
    CALIBRATION.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    forget_calibration()
    print(f"wrote {CALIBRATION}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
