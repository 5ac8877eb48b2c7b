"""Errors that the person at the command line can mend."""

from __future__ import annotations


class ExpectedError(Exception):
    """Something is missing or wrong; the text is one line that says what to do."""
