"""Where a customer can be reached: e-mail addresses and telephone numbers in their normal form."""

from __future__ import annotations

import re
from typing import Literal

ContactKind = Literal["email", "phone"]

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
_BETWEEN_DIGITS = re.compile(r"[\s().\-/\u2010-\u2015]")


def normal(kind: ContactKind, value: str) -> str | None:
    """The address or number as it is noted; None if it cannot be one.

    A number has 7 to 15 digits (ITU-T E.164), with or without a plus.
    """
    value = value.strip()
    if kind == "email":
        return value if len(value) <= 254 and _EMAIL.fullmatch(value) else None
    digits = _BETWEEN_DIGITS.sub("", value)
    return digits if _PHONE.fullmatch(digits) else None
