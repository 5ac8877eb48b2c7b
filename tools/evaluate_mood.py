"""How well the mood of a customer is read: ``make evaluate-mood``.

Reads ``tests/questions/mood.jsonl``, written by somebody who did not see how mood is read: a line
is {"id", "language", "text", "negative", "note"}. Prints by language the probability that a
negative message scores above one that is not (AUROC), beside that of words, capitals and
exclamation marks alone, and the messages that are judged worst. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from bot.conversation import mood
from bot.embedding import sentence_embedder
from bot.evaluate.curves import calibration_error
from bot.settings import PROJECT
from tools.fit_mood import FOLDER, auroc

CASES = PROJECT / "tests" / "questions" / "mood.jsonl"
_WORST = 12


def baseline(text: str, words: Any) -> float:
    """What plain signs say: words of anger, the share of capitals, exclamation marks."""
    said, capitals, exclamations, *_ = mood.signs(text, words)
    return said + capitals + exclamations / 4


def main() -> None:
    """Read, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=CASES, help="score another file's")
    cases = [json.loads(line) for line in parser.parse_args().cases.read_text("utf-8").splitlines()]
    texts = [case["text"] for case in cases]
    vectors = sentence_embedder().queries(texts)
    reader = mood.Mood(FOLDER)
    words = mood.pattern({name: own["words"] for name, own in mood.read(FOLDER).items()})
    read = np.asarray([reader.of(*pair) for pair in zip(texts, vectors, strict=True)])
    plain = np.asarray([baseline(text, words) for text in texts])
    truth = np.asarray([float(case["negative"]) for case in cases])
    language = np.asarray([case["language"] for case in cases])
    for name in (*np.unique(language), "all"):
        own = (language == name) | (name == "all")
        wrong = (read[own] >= mood.NEGATIVE) != (truth[own] == 1)
        print(
            f"{name:4} {int(own.sum()):4} messages, {int(truth[own].sum()):3} negative: "
            f"AUROC {auroc(read[own], truth[own]):.3f}, "
            f"plain signs {auroc(plain[own], truth[own]):.3f}; wrong at .5 {wrong.mean():.3f}, "
            f"calibration error {calibration_error(read[own], truth[own]):.3f}"
        )
    print("Judged worst:")
    for row in np.argsort(-np.abs(read - truth))[:_WORST]:
        kind = "negative" if truth[row] else "calm"
        print(f"  {read[row]:.2f} {kind:8} {language[row]:3} {cases[row]['id']}: {texts[row]}")
    figures = {
        "cases": len(cases),
        "auroc": round(auroc(read, truth), 3),
        "baseline_auroc": round(auroc(plain, truth), 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
