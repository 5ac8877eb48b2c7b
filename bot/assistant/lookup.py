"""Names of products for Rasa, made from the catalog: `python -m bot.assistant.lookup`.

Writes data/nlu/lookup_product.yml. Only hints for the dialogue come from it (the slot `product`);
answers look products up in the live catalog, so a new product needs no training to be found.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
CATALOG = PROJECT / "data" / "catalog"
TARGET = PROJECT / "data" / "nlu" / "lookup_product.yml"

HEADER = """\
# Made from data/catalog by `python -m bot.assistant.lookup`; do not edit.
# A name found in a message becomes the entity `product`, whose value is the product's id.
"""


def product_names(catalog: Path) -> dict[str, list[str]]:
    """Return the names of each product by its id, the longest first."""
    names: dict[str, list[str]] = {}
    for path in sorted(catalog.glob("[!_]*.yml")):
        product: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        spoken = [product["name"], *product.get("also_called", [])]
        names[product["id"]] = sorted({str(n) for n in spoken}, key=lambda n: (-len(n), n))
    return names


def lookup_text(catalog: Path) -> str:
    """Return the text of the Rasa data file: one lookup table and a synonym for each product."""
    by_id = product_names(catalog)
    # The longest first: of two names that begin alike the first one listed is taken.
    everything = sorted({n for names in by_id.values() for n in names}, key=lambda n: (-len(n), n))
    lines = [HEADER + 'version: "3.1"\n', "nlu:", "  - lookup: product", "    examples: |"]
    lines += [f"      - {name}" for name in everything]
    for product_id, names in by_id.items():
        lines += ["", f"  - synonym: {product_id}", "    examples: |"]
        lines += [f"      - {name}" for name in names]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file; with --check only say whether it is up to date (exit code 1 if not)."""
    text = lookup_text(CATALOG)
    if "--check" in sys.argv[1:]:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(f"{TARGET} differs from the catalog. Run: python -m bot.assistant.lookup")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"Wrote {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
