"""How well requests for known facts are told: ``make evaluate-reask``.

Reads ``tests/questions/reask.jsonl``: replies of agents, what is known of the customer and what
the reply asks for again. Each known fact of each reply is one decision. Beside it stands a
baseline that only looks for words: a question mark or a "please", and a word for the fact in the
reply's language. Prints a table by language and every wrong decision; the last line is JSON.
Nothing is fitted on these replies, and nothing shall be: they measure what is unseen.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bot.conversation.events import AskedFor
from bot.embedding import sentence_embedder
from bot.handoff.asking import Asking
from bot.handoff.known import Known
from bot.settings import PROJECT

CASES = PROJECT / "tests" / "questions" / "reask.jsonl"

_ASKING = {
    "en": r"\?|please",
    "pl": r"\?|prosz|poprosz",
    "id": r"\?|tolong|mohon|silakan",
    "th": r"\?|กรุณา|รบกวน|ช่วย|ขอ|คะ|ไหม",
    "fil": r"\?|paki|please",
}
_WORDS: dict[str, dict[str, str]] = {
    "order_number": {
        "en": "order number", "pl": "numer.{0,8} zamówieni", "id": "nomor (pesanan|order)",
        "th": "(คำสั่งซื้อ|ออเดอร์)", "fil": "order number",
    },
    "email": {
        "en": "e-?mail", "pl": "mail", "id": "email", "th": "อีเมล", "fil": "email",
    },
    "phone": {
        "en": "phone|mobile", "pl": "telefon", "id": "telepon|hp", "th": "เบอร์|โทร",
        "fil": "phone|telepono|contact number",
    },
    "name": {"en": "name", "pl": "imi|nazwisk", "id": "nama", "th": "ชื่อ", "fil": "pangalan|name"},
    "product": {
        "en": "product|item|which", "pl": "produkt|artykuł|model", "id": "produk|barang",
        "th": "สินค้า|รุ่น", "fil": "produkto|product|item",
    },
    "size": {
        "en": "size", "pl": "rozmiar", "id": "ukuran|size", "th": "ไซส์|ขนาด", "fil": "size|sukat",
    },
    "problem": {
        "en": "problem|issue|happened|wrong", "pl": "problem|stało",
        "id": "masalah|kendala|terjadi",
        "th": "ปัญหา|เกิดอะไร", "fil": "problema|nangyari|issue",
    },
}  # fmt: skip


def baseline(language: str, kind: str, reply: str) -> bool:
    """Whether the reply has a sign of asking and a word for the fact."""
    text = reply.lower()
    return bool(re.search(_ASKING[language], text) and re.search(_WORDS[kind][language], text))


class Counts:
    """Decisions counted, of one way to decide."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[bool, bool]] = Counter()

    def add(self, wanted: bool, found: bool) -> None:
        """Count one decision."""
        self.seen[wanted, found] += 1

    @property
    def precision(self) -> float:
        """Of the facts found to be asked for, those that are."""
        found = self.seen[True, True] + self.seen[False, True]
        return round(self.seen[True, True] / max(found, 1), 3)

    @property
    def recall(self) -> float:
        """Of the facts asked for, those found."""
        wanted = self.seen[True, True] + self.seen[True, False]
        return round(self.seen[True, True] / max(wanted, 1), 3)


def measure(lines: Iterable[dict[str, Any]]) -> tuple[dict[str, list[Counts]], list[str]]:
    """Counts of ours and of the baseline by language, all together under ``all``; the wrong."""
    asking = Asking(PROJECT / "data" / "requests", sentence_embedder())
    counts: dict[str, list[Counts]] = {}
    wrong = []
    for line in lines:
        known = [
            Known(msgspec.convert(k["fact"], AskedFor), k["value"], "typed", 1, "")
            for k in line["known"]
        ]
        found = {one.kind for one in asking.asked_now(line["reply"], known)}
        for kind in dict.fromkeys(one.kind for one in known):
            wanted = kind in line["asks"]
            by_word = baseline(line["language"], kind, line["reply"])
            for group in (line["language"], "all"):
                ours, theirs = counts.setdefault(group, [Counts(), Counts()])
                ours.add(wanted, kind in found)
                theirs.add(wanted, by_word)
            if wanted != (kind in found):
                sign = "missed" if wanted else "not asked"
                wrong.append(f"{line['id']:8} {sign:9} {kind:12} {line['reply']!r}")
    counts["all"] = counts.pop("all")
    return counts, wrong


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=CASES, help="the replies, as JSON lines")
    options = parser.parse_args()
    lines = [json.loads(line) for line in options.file.read_text("utf-8").splitlines() if line]
    counts, wrong = measure(lines)
    print(f"{'':5} {'decisions':>9} {'asked':>6} {'precision':>10} {'recall':>7}   baseline")
    for group, (ours, theirs) in counts.items():
        asked = ours.seen[True, True] + ours.seen[True, False]
        print(
            f"{group:5} {ours.seen.total():9} {asked:6} {ours.precision:10.3f} {ours.recall:7.3f}"
            f"   {theirs.precision:.3f} {theirs.recall:.3f}"
        )
    print(*wrong, sep="\n")
    ours, theirs = counts["all"]
    print(
        json.dumps(
            {
                "cases": len(lines),
                "precision": ours.precision,
                "recall": ours.recall,
                "baseline_precision": theirs.precision,
                "baseline_recall": theirs.recall,
            }
        )
    )


if __name__ == "__main__":
    main()
