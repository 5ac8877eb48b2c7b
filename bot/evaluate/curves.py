"""How sure, and how often right: the calibration error, and two pictures of it.

From questions with the confidence that the best answer is right, and whether it is:

- Expected calibration error (Naeini, Cooper and Hauskrecht 2015, "Obtaining Well Calibrated
  Probabilities Using Bayesian Binning") over bins of equal count (Nguyen and O'Connor 2015,
  "Posterior Calibration and Exploratory Analysis for NLP Models").
- Its interval by the percentile bootstrap (Efron and Tibshirani 1993, "An Introduction to the
  Bootstrap", chapter 13).
- The reliability diagram, and the curve of coverage and risk (El-Yaniv and Wiener 2010, "On the
  Foundations of Noise-free Selective Classification"), as SVG.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.evaluate.running import EvaluationError

Floats = NDArray[np.float64]
# The confidence of the best answer, from 0 to 1, and whether it is right.
Pair = tuple[float, bool]

RELIABILITY = "reliability.svg"
COVERAGE = "coverage.svg"
BINS = 10
RESAMPLES = 1000
# The interval's ends, in percent: 95 % lie between them.
_ENDS = (2.5, 97.5)
_SEED = 1
# The share of wrong ones among few answers says nothing: the curve begins behind this part of the
# questions, and this many at most.
_FEW_OF_ALL, _FEW = 0.05, 20
# The confidences that are marked on the curve.
_MARKED = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
# Two marks are at least this share of the questions apart.
_APART = 0.06


@dataclass(frozen=True)
class Bin:
    """Questions of about the same confidence: its mean, and the share that is right."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True)
class Point:
    """If all questions from a confidence on are answered: their share, and the wrong of them."""

    confidence: float
    answered: float
    wrong: float


def reliability(p: Floats, y: Floats, bins: int = BINS) -> list[Bin]:
    """Return bins of equal count, by rising confidence; fewer where there are fewer questions.

    `p` are confidences, `y` is 1 where the answer is right and 0 where it is wrong.
    """
    # Equal confidences may fall into two bins. Each takes their mean there, so that the order in
    # which the questions came does not matter.
    _, same = np.unique(p, return_inverse=True)
    mean = (np.bincount(same, y) / np.bincount(same))[same]
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    return [Bin(float(p[i].mean()), float(mean[i].mean()), len(i)) for i in parts if len(i)]


def calibration_error(p: Floats, y: Floats, bins: int = BINS) -> float:
    """Expected calibration error over bins of equal count; from 0, the best, to 1."""
    found = reliability(p, y, bins)
    return float(sum(b.count * abs(b.confidence - b.right) for b in found) / len(p))


def interval(p: Floats, y: Floats) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the calibration error.

    The same for the same questions. Resampling adds noise of its own, which moves the interval up
    where the error is small.
    """
    random = np.random.default_rng(_SEED)
    errors = []
    for _ in range(RESAMPLES):
        drawn = random.integers(len(p), size=len(p))
        errors.append(calibration_error(p[drawn], y[drawn]))
    low, high = np.percentile(errors, _ENDS)
    return float(low), float(high)


def coverage(p: Floats, y: Floats) -> list[Point]:
    """Return the points by falling confidence; the last one answers all.

    Equal confidences make one point, as no threshold tells them apart.
    """
    order = np.argsort(-p, kind="stable")
    sure, wrong = p[order], np.cumsum(1 - y[order])
    ends = np.append(np.flatnonzero(np.diff(sure)), len(p) - 1)
    return [Point(float(sure[i]), float((i + 1) / len(p)), float(wrong[i] / (i + 1))) for i in ends]


def prepare(folder: Path) -> None:
    """Make the folder for the pictures, before anything that takes long.

    Raises:
        EvaluationError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None


def write(folder: Path, name: str, pairs: Sequence[Pair]) -> dict[str, float]:
    """Draw both pictures in the folder; return the calibration error with its interval's ends.

    `name` is what was measured; `pairs` are one or more.

    Raises:
        EvaluationError: a picture cannot be written.
    """
    p = np.asarray([confidence for confidence, _ in pairs], dtype=np.float64)
    y = np.asarray([right for _, right in pairs], dtype=np.float64)
    error, (low, high) = calibration_error(p, y), interval(p, y)
    title = (
        # What is no character of XML is not printable either.
        "".join(c if c.isprintable() else " " for c in name),
        f"{len(p):,} questions · expected calibration error (ECE) {error:.3f}, "
        f"95 % interval {low:.3f} to {high:.3f}",
    )
    pictures = {
        RELIABILITY: _reliability_svg(title, reliability(p, y), p),
        COVERAGE: _coverage_svg(title, coverage(p, y), len(p)),
    }
    prepare(folder)
    for file, svg in pictures.items():
        try:
            (folder / file).write_text(svg, "utf-8")
        except OSError as problem:
            raise _unwritable(folder / file, problem) from None
    return {
        "calibration_error": error,
        "calibration_error_low": low,
        "calibration_error_high": high,
    }


def _unwritable(path: Path, error: OSError) -> EvaluationError:
    return EvaluationError(
        f"{path} cannot be written ({error.strerror}); "
        f"give a folder for the pictures that you may write to."
    )


_WIDTH, _HEIGHT = 720, 600
_LEFT, _RIGHT, _TOP = 80, 690, 90
# Sober colours that the colour-blind tell apart, all with enough contrast on white.
_INK, _SOFT, _GRID, _BLUE, _PALE = "#1f2933", "#52606d", "#e4e7eb", "#1769aa", "#a9cbe6"


class _Plot:
    """An SVG picture on white, so that it reads on light and dark pages alike."""

    def __init__(self, title: tuple[str, str], bottom: int, highest: float = 1.0) -> None:
        """`bottom` is where the plot ends, in pixels; `highest` is the value at its top."""
        self.bottom, self._highest = bottom, highest
        self._svg = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_WIDTH} {_HEIGHT}",
                "width": str(_WIDTH),
                "height": str(_HEIGHT),
                "font-family": "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif",
                "font-size": "14",
                "role": "img",
            },
        )
        ET.SubElement(self._svg, "title").text = ": ".join(title)
        self.draw("rect", width=_WIDTH, height=_HEIGHT, fill="#ffffff")
        self.text(_LEFT, 34, title[0], anchor="start", size=19, weight="bold")
        self.text(_LEFT, 59, title[1], anchor="start", fill=_SOFT)

    def x(self, share: float) -> float:
        return _LEFT + share * (_RIGHT - _LEFT)

    def y(self, share: float) -> float:
        return self.bottom - share / self._highest * (self.bottom - _TOP)

    def draw(self, kind: str, **attributes: str | float) -> None:
        ET.SubElement(
            self._svg,
            kind,
            {
                name.replace("_", "-"): value if isinstance(value, str) else f"{value:.4g}"
                for name, value in attributes.items()
            },
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "middle",
        size: int = 14,
        fill: str = _INK,
        weight: str = "normal",
        turned: bool = False,
    ) -> None:
        place = {"transform": f"translate({x:.4g} {y:.4g}) rotate(-90)"} if turned else {}
        at = place or {"x": f"{x:.4g}", "y": f"{y:.4g}"}
        look = {"text-anchor": anchor, "font-size": str(size), "fill": fill, "font-weight": weight}
        ET.SubElement(self._svg, "text", {**at, **look}).text = text

    def line(self, points: Iterable[tuple[float, float]], **look: str | float) -> None:
        """A line through points given as shares."""
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.draw("polyline", points=path, fill="none", **look)

    def dot(self, x: float, y: float) -> None:
        self.draw(
            "circle",
            cx=self.x(x),
            cy=self.y(y),
            r=5,
            fill=_BLUE,
            stroke="#ffffff",
            stroke_width=1.5,
        )

    def ticks_across(self, top: float, bottom: float) -> None:
        """Ticks of the lower axis at `bottom`, with lines of the grid from `top` on; in pixels."""
        for tick in range(0, 101, 20):
            x = self.x(tick / 100)
            self.draw("line", x1=x, x2=x, y1=top, y2=bottom, stroke=_GRID)
            self.text(x, bottom + 20, f"{tick} %", fill=_SOFT)

    def ticks_up(self, step: float) -> None:
        for number in range(round(self._highest / step) + 1):
            y = self.y(number * step)
            self.draw("line", x1=_LEFT, x2=_RIGHT, y1=y, y2=y, stroke=_GRID)
            self.text(_LEFT - 10, y + 5, f"{100 * number * step:g} %", anchor="end", fill=_SOFT)

    def names(self, across: str, up: str) -> None:
        self.text((_LEFT + _RIGHT) / 2, _HEIGHT - 16, across, weight="bold")
        self.text(24, (_TOP + self.bottom) / 2, up, weight="bold", turned=True)

    def axes(self, bottom: float) -> None:
        corner = f"M{_LEFT} {_TOP}V{bottom:.4g}H{_RIGHT}"
        self.draw("path", d=corner, fill="none", stroke=_SOFT)

    def svg(self) -> str:
        ET.indent(self._svg)
        return ET.tostring(self._svg, encoding="unicode") + "\n"


def _reliability_svg(title: tuple[str, str], bins: Sequence[Bin], p: Floats) -> str:
    bottom, low, high = 430, _HEIGHT - 64, 460
    plot = _Plot(title, bottom)
    plot.ticks_across(_TOP, low)
    plot.ticks_up(0.2)
    plot.axes(bottom)
    plot.line([(0, 0), (1, 1)], stroke=_SOFT, stroke_dasharray="6 5", stroke_width=1.5)
    plot.text(plot.x(0.02), _TOP + 16, "above the dashes: right more often than said",
              anchor="start", fill=_SOFT, size=13)  # fmt: skip
    plot.text(plot.x(0.98), bottom - 12, "below the dashes: right less often than said",
              anchor="end", fill=_SOFT, size=13)  # fmt: skip
    plot.line([(b.confidence, b.right) for b in bins], stroke=_BLUE, stroke_width=2.5)
    for found in bins:
        plot.dot(found.confidence, found.right)
    counts = sorted({b.count for b in bins})
    each = " or ".join(f"{count:,}" for count in counts)
    plot.text(plot.x(0.02), _TOP + 36, f"each dot: {each} question{'s'[: counts != [1]]}",
              anchor="start", fill=_SOFT, size=13)  # fmt: skip
    # Below, how many questions there are of each confidence.
    tenth = np.minimum((p * 10 + 1e-9).astype(int), 9)
    many = np.bincount(tenth, minlength=10).tolist()
    for number, count in enumerate(many):
        top = low - (low - high - 16) * count / max(many)
        x, width = plot.x(number / 10) + 3, (_RIGHT - _LEFT) / 10 - 6
        plot.draw("rect", x=x, y=top, width=width, height=low - top, fill=_PALE)
        plot.text(x + width / 2, top - 4, f"{count:,}", size=12, fill=_SOFT)
    plot.draw("line", x1=_LEFT, x2=_RIGHT, y1=low, y2=low, stroke=_SOFT)
    plot.text(_LEFT - 10, low - 22, "how", anchor="end", fill=_SOFT)
    plot.text(_LEFT - 10, low - 5, "many", anchor="end", fill=_SOFT)
    plot.names("how sure", "how often right")
    return plot.svg()


def _coverage_svg(title: tuple[str, str], points: Sequence[Point], questions: int) -> str:
    few = min(_FEW_OF_ALL * questions, _FEW) / questions
    # One for each pixel across is enough.
    shown = list({round(s.answered * 600): s for s in points if s.answered >= few}.values())
    worst = max(point.wrong for point in shown)
    # At most five steps of a round number.
    step = next((s for s in (0.01, 0.02, 0.05, 0.1) if worst <= 5 * s), 0.2)
    highest = step * max(1, math.ceil(worst / step - 1e-9))
    bottom = _HEIGHT - 64
    plot = _Plot(title, bottom, highest)
    plot.ticks_across(_TOP, bottom)
    plot.ticks_up(step)
    plot.axes(bottom)
    plot.line([(s.answered, s.wrong) for s in shown], stroke=_BLUE, stroke_width=2.5)
    _mark(plot, shown[-1], "all")
    marked = [shown[-1].answered]
    for sure in _MARKED:
        point = next((s for s in reversed(shown) if s.confidence >= sure), None)
        # No words on those of another.
        if point and all(abs(point.answered - other) >= _APART for other in marked):
            _mark(plot, point, f"{100 * sure:g} % sure or more")
            marked.append(point.answered)
    plot.names("share answered", "share of answers wrong")
    return plot.svg()


def _mark(plot: _Plot, point: Point, words: str) -> None:
    """A dot with words below at the right, as the curve rises; above where there is no place."""
    x, y = plot.x(point.answered), plot.y(point.wrong)
    plot.dot(point.answered, point.wrong)
    if point.answered < 0.75 and y + 30 < plot.bottom:
        plot.text(x + 9, y + 17, words, anchor="start", size=13)
    else:
        plot.text(x - 8, y - 10, words, anchor="end" if point.answered > 0.25 else "start", size=13)
