"""Judge and ship the policies: ``python -m tools.check_policies``.

Each example of ``data/policies/`` is judged by weights that saw neither its language nor the same
place in any other language's list, as those are much the same in content. Prints, for some
thresholds, how many messages of each policy are found and how many others are taken for one;
then fits on all and writes ``bot/handoff/policies.json``. The words were chosen by somebody who
had seen the examples, so that the share found is somewhat flattering.
"""

from __future__ import annotations

import json

import numpy as np

from bot.embedding import sentence_embedder
from bot.handoff import policies
from bot.handoff.reasons import POLICIES
from bot.settings import PROJECT

FOLDS = 5


def main() -> None:
    """Print the figures, write the file."""
    examples, words = policies.read(PROJECT / "data" / "policies", PROJECT / "data" / "mood")
    texts = [example.text for example in examples]
    seen = policies.features(texts, sentence_embedder().queries(texts), words)
    truth = np.asarray([POLICIES.index(e.policy) if e.policy else -1 for e in examples])
    language = np.asarray([example.language for example in examples])
    place: dict[tuple[str, int], int] = {}
    fold = np.zeros(len(examples), dtype=int)
    for row, example in enumerate(examples):
        key = (example.language, int(truth[row]))
        place[key] = place.get(key, -1) + 1
        fold[row] = place[key] % FOLDS
    scores = np.zeros((len(examples), len(POLICIES)))
    for own in np.unique(language):
        for number in range(FOLDS):
            held = (language == own) & (fold == number)
            others = np.flatnonzero((language != own) & (fold != number))
            weights = policies.fit(seen[others], [examples[row].policy for row in others])
            scores[held] = weights.scores(seen[held])
    best, most = scores.argmax(axis=1), scores.max(axis=1)
    for threshold in (0.3, 0.35, policies.THRESHOLD, 0.45, 0.5):
        found = (most >= threshold) & (best == truth)
        shares = " ".join(
            f"{policy.removeprefix('policy_')} {found[truth == number].mean():.2f}"
            for number, policy in enumerate(POLICIES)
        )
        others_taken = (most >= threshold)[truth < 0].mean()
        print(
            f"threshold {threshold:.2f}: found {found[truth >= 0].mean():.3f} ({shares}), "
            f"others taken for one {others_taken:.3f} of {int((truth < 0).sum())}"
        )
    weights = policies.fit(seen, [example.policy for example in examples])
    made = {
        "digest": policies.digest(examples, words),
        "bias": [round(float(b), 4) for b in weights.bias],
        "matrix": [[round(float(w), 4) for w in row] for row in weights.matrix],
    }
    policies.SHIPPED.write_text(json.dumps(made) + "\n", encoding="utf-8")
    print(f"wrote {policies.SHIPPED}")


if __name__ == "__main__":
    main()
