"""``make bench-quality``: what is kept of stock Rasa, and the document that is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ExpectedError
from bot.settings import PROJECT, Settings, load
from tools.bench_document import document
from tools.stock_rasa import LABELLED, kept, rasa_version, result_file, stock_config

CHOSEN = LABELLED["curekart"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(var=str(tmp_path / "var"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of sets with one of them."""
    folder = tmp_path / "sets" / CHOSEN.name
    folder.mkdir(parents=True)
    for part in ("train", "test"):
        (folder / f"{part}.csv").write_text("text,intent\nhello,greet\nbye,leave\n", "utf-8")
    return tmp_path / "sets"


def keep(settings: Settings, data: Path, epochs: int) -> dict[str, Any]:
    result = {"set": CHOSEN.name, "epochs": epochs, "figures": {"accuracy": 0.5}, "pipeline": []}
    path = result_file(settings, CHOSEN, data, epochs)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result), "utf-8")
    return result


def test_stock_is_what_rasa_init_gives_but_for_the_epochs(settings: Settings) -> None:
    assert rasa_version(settings) == "3.6.21"
    pipeline = stock_config(settings, 30)["pipeline"]
    assert [component["name"] for component in pipeline] == [
        "WhitespaceTokenizer",
        "RegexFeaturizer",
        "LexicalSyntacticFeaturizer",
        "CountVectorsFeaturizer",
        "CountVectorsFeaturizer",
        "DIETClassifier",
        "EntitySynonymMapper",
        "ResponseSelector",
        "FallbackClassifier",
    ]
    assert pipeline[5]["epochs"] == pipeline[7]["epochs"] == 30
    assert pipeline[8]["threshold"] == 0.3


def test_a_kept_result_is_not_made_again(settings: Settings, data: Path) -> None:
    result = keep(settings, data, 30)
    done = subprocess.run(
        [sys.executable, "-m", "tools.stock_rasa", "--data", str(data), CHOSEN.name],
        cwd=PROJECT,
        env={**os.environ, "FIRSTLINE_VAR": settings.var},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {k: v for k, v in result.items() if k != "pipeline"}
    assert "curekart: kept" in done.stderr
    assert not (settings.path("var") / "log").exists()


@pytest.mark.parametrize("changed", ["train", "test", "epochs"])
def test_other_data_or_epochs_are_another_result(
    settings: Settings, data: Path, changed: str
) -> None:
    result = keep(settings, data, 30)
    assert kept(settings, CHOSEN, data, 30) == result
    if changed != "epochs":
        with CHOSEN.file(data, changed).open("a") as file:
            file.write("good day,greet\n")
    assert kept(settings, CHOSEN, data, 100 if changed == "epochs" else 30) is None


def test_a_set_that_is_not_there_is_named(settings: Settings, data: Path) -> None:
    CHOSEN.file(data, "test").unlink()
    with pytest.raises(ExpectedError, match=r"curekart/test\.csv cannot be read .*says how"):
        kept(settings, CHOSEN, data, 30)


def test_the_document_is_that_of_the_results() -> None:
    results = json.loads((PROJECT / "docs" / "benchmarks.json").read_text("utf-8"))
    assert (PROJECT / "docs" / "benchmarks.md").read_text("utf-8") == document(results)


def test_the_document_shows_what_there_is(settings: Settings) -> None:
    made = {"made": "2026-11-22T05:00:00+00:00", "machine": {"processor": "x", "cores": 2}}
    ours = {**made, "version": "abc", "figures": {"accuracy": 0.751, "auroc": None}}
    stock = {
        **made,
        "machine": {**made["machine"], "load": 1.0},
        "rasa": "3.6.21",
        "epochs": 30,
        "pipeline": stock_config(settings, 30)["pipeline"],
        "figures": {"accuracy": 0.512},
        "train": {"seconds": 1000.0, "processor_seconds": 1800.0},
        "our_train": {"seconds": 50.0, "processor_seconds": 45.0},
    }
    run = {**made, "set": "curekart", "what": "ours", "version": "abc", "figure": "accuracy 0.751"}
    alone = document({"sets": {"curekart": {"ours": ours}}, "runs": [run]})
    assert "| `accuracy` | 0.751 |" in alone
    assert "| `auroc` | – |" in alone
    assert "stock Rasa 3.6.21" not in alone
    assert "| 2026-11-22 05:00 | Curekart | Firstline | abc | accuracy 0.751 |" in alone
    both = document({"sets": {"curekart": {"ours": ours, "stock": stock}}, "runs": [run]})
    assert "| `accuracy` | 0.751 | 0.512 |" in both
    assert "| Curekart | 50 (45) | 1,000 (1,800) | 0.050 (0.025) |" in both
    for title in ("BANKING77", "CLINC150", "Curekart", "CovidFAQ"):
        assert f"### {title}\n" in both
