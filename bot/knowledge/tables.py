"""What the index knows of each article, as arrays: put together, carried over, and kept in a file.

Only articles whose content is new are taken apart; all else is copied from the tables before,
be they in memory or in the file of an earlier start.
"""

from __future__ import annotations

import logging
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bot.knowledge import files, pieces
from bot.knowledge.digest import BYTES, code, digest
from bot.knowledge.model import Article, Vector
from bot.knowledge.pieces import Passage, Piece
from bot.knowledge.progress import Progress
from bot.knowledge.ragged import Numbers, Ragged
from bot.knowledge.vectors import Role, Stores, VectorStore

log = logging.getLogger(__name__)

_FORM = code("pieces.py", "tables.py", "text.py", "vectors.py", "model.py")
# The file is written anew once this share of the articles is not in it.
_WORTH_KEEPING = 0.01
_KEY, _NUMBER = np.zeros(0, f"V{BYTES}"), np.zeros(0, np.int32)
# Kept in the file; the vectors of the keys are not, as the vector stores have them.
_FIELDS = {
    "short": _KEY,
    "short_sections": _NUMBER,
    "long": _KEY,
    "english_short": _KEY,
    "english_long": _KEY,
    "lines": _KEY,
    "line_sections": _NUMBER,
    "universal_short": _KEY,
    "stems": _NUMBER,
    "counts": _NUMBER,
    "bodies": _NUMBER,
    "body_sizes": _NUMBER,
    "words": _NUMBER,
    "title": _NUMBER,
}


@dataclass(frozen=True)
class Seen:
    """How the vectors of a store are seen: those of titles and of sections, given their rows."""

    short: Callable[[Vector], Vector]
    long: Callable[[Vector], Vector]


@dataclass(frozen=True)
class Tables:
    """All articles' pieces. Immutable, but for the numbers of words, which only grow."""

    names: NDArray[Any]  # of the articles, by content
    fields: dict[str, Ragged]
    vectors: dict[str, Ragged]
    stem_numbers: dict[str, int]
    word_numbers: dict[str, int]
    articles: tuple[Article, ...] = ()  # none if from the file

    def compared(self, before: Tables) -> tuple[Numbers, list[int]]:
        """Each article's place in other tables, or -1 - n for the n-th that is not there.

        And the places of those here.
        """
        places = {name: place for place, name in enumerate(as_keys(before.names))}
        source = np.zeros(len(self.names), np.intp)
        new: list[int] = []
        for place, name in enumerate(as_keys(self.names)):
            source[place] = places.get(name, -1 - len(new))
            if source[place] < 0:
                new.append(place)
        return source, new


class TableMaker:
    """Makes the tables of one language."""

    def __init__(
        self,
        language: str,
        stores: Stores,
        seen: Seen,
        kept: Path | None,
    ) -> None:
        """Without `kept`, how the file's name begins, nothing is kept."""
        self._language = language
        self._stores = stores
        self._seen = seen
        self._file = None if kept is None else kept.with_name(f"{kept.name}-{language}.npz")
        embedders = (stores.every, stores.english, stores.universal)
        names = ("" if store is None else store.name for store in embedders)
        self._form = digest(_FORM, language.encode(), *(name.encode() for name in names))

    def make(
        self, articles: Sequence[Article], before: Tables | None, tell: Callable[[Progress], None]
    ) -> Tables:
        """The tables of these articles, with all texts embedded.

        What `before` or the file has of the same content is taken over.
        """
        if before is None:
            before = self._load() or self._empty()
        names = self._names(articles, before)
        places = {name: place for place, name in enumerate(as_keys(before.names))}
        new = [place for place, name in enumerate(names) if name not in places]
        made = [pieces.take_apart(articles[place], self._language, self._stores) for place in new]
        self._embed([articles[place] for place in new], made, tell)
        fresh = self._fresh(made, before)
        numbers = {place: -1 - number for number, place in enumerate(new)}
        source = np.asarray(
            [numbers[i] if i in numbers else places[name] for i, name in enumerate(names)], np.intp
        )

        def merged(one: dict[str, Ragged], other: dict[str, Ragged]) -> dict[str, Ragged]:
            return {name: table.merged(source, other[name]) for name, table in one.items()}

        tables = Tables(
            names=_keys(names),
            fields=merged(before.fields, fresh.fields),
            vectors=merged(before.vectors, fresh.vectors),
            stem_numbers=before.stem_numbers,
            word_numbers=before.word_numbers,
            articles=tuple(articles),
        )
        worth = len(names) > files.FEW and len(new) >= _WORTH_KEEPING * len(names)
        if new and worth and self._file is not None:
            self._save(tables, self._file)
        return tables

    def _names(self, articles: Sequence[Article], before: Tables) -> list[bytes]:
        known = {
            id(article): name
            for article, name in zip(before.articles, as_keys(before.names), strict=False)
        }
        return [
            # Where an article stands in the shop's site is nothing to search by.
            known.get(id(article)) or digest(self._form, _encode(replace(article, url="")))
            for article in articles
        ]

    def _embed(
        self,
        articles: Sequence[Article],
        made: Sequence[Piece],
        tell: Callable[[Progress], None],
    ) -> None:
        """Embed the passages whose vectors are not kept yet."""
        work: dict[tuple[VectorStore, Role], dict[bytes, str]] = {}

        def want(
            store: VectorStore, role: Role, keys: list[bytes], texts: Callable[[], list[Passage]]
        ) -> None:
            if not all(key in store for key in keys):
                todo = work.setdefault((store, role), {})
                for key, passage in zip(keys, texts(), strict=True):
                    if key not in store:
                        todo[key] = passage.text

        for article, piece in zip(articles, made, strict=True):
            short = partial(pieces.short_passages, article)
            long = partial(pieces.long_passages, article)
            want(self._stores.every, "query", piece.short, short)
            want(self._stores.every, "passage", piece.long, long)
            if (english := self._stores.english) is not None:
                in_english = partial(pieces.english_passages, article)
                want(english, "passage", piece.english_short, in_english)
                want(english, "passage", piece.english_long, long)
                want(english, "passage", piece.lines, partial(pieces.lines, article))
            if self._stores.universal is not None:
                want(self._stores.universal, "query", piece.universal_short, short)
        if work:
            texts = [text for todo in work.values() for text in todo.values()]
            progress = Progress(len(texts), sum(map(len, texts)))
            tell(progress)
            for (store, role), todo in work.items():
                store.add(todo, role, progress)

    def _fresh(self, made: Sequence[Piece], before: Tables) -> Tables:
        stem_numbers, word_numbers = before.stem_numbers, before.word_numbers
        columns: dict[str, list[NDArray[Any]]] = {name: [] for name in _FIELDS}
        for piece in made:
            stems = _numbers(stem_numbers.setdefault(s, len(stem_numbers)) for s in piece.stems)
            columns["short"].append(_keys(piece.short))
            columns["short_sections"].append(_numbers(piece.short_sections))
            columns["long"].append(_keys(piece.long))
            columns["english_short"].append(_keys(piece.english_short))
            columns["english_long"].append(_keys(piece.english_long))
            columns["lines"].append(_keys(piece.lines))
            columns["line_sections"].append(_numbers(piece.line_sections))
            columns["universal_short"].append(_keys(piece.universal_short))
            columns["stems"].append(stems)
            columns["counts"].append(_numbers(piece.counts))
            columns["bodies"].append(stems[_numbers(n for body in piece.bodies for n in body)])
            columns["body_sizes"].append(_numbers(map(len, piece.bodies)))
            for name, said in (("words", piece.words), ("title", piece.title)):
                columns[name].append(
                    _numbers(word_numbers.setdefault(w, len(word_numbers)) for w in said)
                )
        fields = {name: Ragged.of(columns[name], empty) for name, empty in _FIELDS.items()}
        return self._with_vectors(_KEY, fields, stem_numbers, word_numbers)

    def _empty(self) -> Tables:
        fields = {name: Ragged.of([], empty) for name, empty in _FIELDS.items()}
        return self._with_vectors(_KEY, fields, {}, {})

    def _with_vectors(
        self,
        names: NDArray[Any],
        fields: dict[str, Ragged],
        stem_numbers: dict[str, int],
        word_numbers: dict[str, int],
    ) -> Tables:
        """Tables with the vectors of all keys; raises KeyError if one is not kept."""

        def taken(
            name: str, store: VectorStore, seen: Callable[[Vector], Vector] | None = None
        ) -> Ragged:
            keys = fields[name]
            vectors = store.take(store.rows(as_keys(keys.values)))
            return Ragged(seen(vectors) if seen else vectors, keys.starts)

        vectors = {
            "short": taken("short", self._stores.every, self._seen.short),
            "long": taken("long", self._stores.every, self._seen.long),
        }
        if self._stores.english is not None:
            vectors["english_short"] = taken("english_short", self._stores.english)
            vectors["english_long"] = taken("english_long", self._stores.english)
        if self._stores.universal is not None:
            vectors["universal_short"] = taken("universal_short", self._stores.universal)
        return Tables(names, fields, vectors, stem_numbers, word_numbers)

    def _load(self) -> Tables | None:
        """The tables of the file; None if they are of no use now."""
        if self._file is None or not self._file.exists():
            return None
        try:
            with self._file.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                if file["form"].tobytes() != self._form:
                    return None
                fields = {n: Ragged(file[n], file[f"{n}_starts"]) for n in _FIELDS}
                return self._with_vectors(
                    file["names"],
                    fields,
                    _unlisted(file["stem_list"]),
                    _unlisted(file["word_list"]),
                )
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            log.warning("%s is of no use and is made anew: %r", self._file, error)
            return None

    def _save(self, tables: Tables, path: Path) -> None:
        columns: dict[str, Any] = {
            "form": np.frombuffer(self._form, np.uint8),
            "names": tables.names,
            "stem_list": _list(tables.stem_numbers),
            "word_list": _list(tables.word_numbers),
        }
        for name, table in tables.fields.items():
            columns[name], columns[f"{name}_starts"] = table.values, table.starts
        # Another process may read it, or write its own.
        own = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            with own.open("wb") as file:
                np.savez(file, **columns)
            own.replace(path)
        except OSError as error:
            log.warning("%s is not kept: %s", path, error)


_encode = msgspec.msgpack.Encoder().encode


def _keys(keys: Sequence[bytes]) -> NDArray[Any]:
    return np.frombuffer(b"".join(keys), dtype=_KEY.dtype)


def as_keys(keys: NDArray[Any]) -> list[bytes]:
    """The keys of a table, as the vector stores take them."""
    whole = np.ascontiguousarray(keys).tobytes()
    return [whole[place : place + BYTES] for place in range(0, len(whole), BYTES)]


def _numbers(numbers: Iterable[int]) -> NDArray[np.int32]:
    return np.fromiter(numbers, dtype=np.int32)


def _list(numbers: dict[str, int]) -> NDArray[np.uint8]:
    """Words without blanks in the order of their numbers, as bytes."""
    return np.frombuffer("\n".join(numbers).encode("utf-8", "surrogatepass"), np.uint8)


def _unlisted(words: NDArray[np.uint8]) -> dict[str, int]:
    whole = words.tobytes().decode("utf-8", "surrogatepass")
    return {word: number for number, word in enumerate(whole.split("\n"))} if whole else {}
