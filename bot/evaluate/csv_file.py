"""CSV files of anybody's, read with errors that name the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.errors import ExpectedError

# Texts of a hundred thousand characters and more do occur.
_LONGEST_CELL = 2**31 - 1


class FileError(ExpectedError):
    """A file that cannot be used; says which line and what to do."""


def rows(path: Path, columns: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Return where each row stands, for messages, and its cells in `columns` without blanks around.

    Other columns are ignored.

    Raises:
        FileError: the file is not there, is not CSV in UTF-8, has no rows or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = list(_rows(path, file, columns))
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise FileError(f"{path} cannot be read ({reason}); give a CSV file.") from None
    except csv.Error as error:
        raise FileError(f"{path} is not CSV ({error}); save it as CSV in UTF-8.") from None
    if not found:
        raise FileError(
            f"{path} has no lines; it needs the columns {','.join(columns)} and a line."
        )
    return found


def _rows(
    path: Path, file: Iterator[str], columns: Sequence[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(file, strict=True)
    for column in columns:
        if column not in (reader.fieldnames or ()):
            raise FileError(
                f"{path} has no column {column!r}; its first line must be: {','.join(columns)}"
            )
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        if None in row or None in row.values():
            raise FileError(
                f"{where}: the number of cells differs from the first line's; "
                f"put texts with commas into quotes."
            )
        yield where, {column: row[column].replace("\0", " ").strip() for column in columns}
