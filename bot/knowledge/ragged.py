"""Rows of many owners in one array: all that is known of each article, put together fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class Ragged:
    """`values` has the rows of owner 0, then those of owner 1 and so on.

    `starts` says where each owner's begin; its last entry is where all end.
    """

    values: NDArray[Any]
    starts: Numbers

    @classmethod
    def of(cls, owned: Sequence[NDArray[Any]], empty: NDArray[Any]) -> Ragged:
        """Put together the rows of each owner; `empty` has their type and width."""
        values = np.concatenate([empty[:0], *owned])
        return cls(values, np.cumsum([0, *map(len, owned)], dtype=np.intp))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def counts(self) -> Numbers:
        """How many rows each owner has."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Numbers:
        """The owner of each row."""
        return np.repeat(np.arange(len(self)), self.counts)

    def rows(self, owner: int) -> slice:
        """Where an owner's rows stand."""
        return slice(int(self.starts[owner]), int(self.starts[owner + 1]))

    def merged(self, source: Numbers, fresh: Ragged) -> Ragged:
        """New owners in the order of `source`: an owner of these, or -1 - n for n of `fresh`.

        What stays together is copied as one, so that an edit of one among thousands costs
        little more than the copying.
        """
        if len(source) == len(self) and np.array_equal(source, np.arange(len(self))):
            return self
        parts = [self.values[:0]]
        counts = []
        for first, last in _runs(source):
            table, begin, end = self, source[first], source[last] + 1
            if begin < 0:
                table, begin, end = fresh, -1 - begin, -source[last]
            parts.append(table.values[table.starts[begin] : table.starts[end]])
            counts.append(np.diff(table.starts[begin : end + 1]))
        starts = np.concatenate([[0], np.cumsum(np.concatenate([np.zeros(0, np.intp), *counts]))])
        return Ragged(np.concatenate(parts), starts.astype(np.intp))


def _runs(source: Numbers) -> list[tuple[int, int]]:
    """First and last place of each run of neighbours."""
    if not len(source):
        return []
    ascending = np.where(source[:-1] >= 0, 1, -1)
    # A run does not cross from one table into the other: -1 follows 0 by the step of -1 only.
    same = (np.diff(source) == ascending) & ((source[:-1] >= 0) == (source[1:] >= 0))
    ends = np.flatnonzero(~same)
    return list(zip([0, *(ends + 1)], [*ends, len(source) - 1], strict=True))
