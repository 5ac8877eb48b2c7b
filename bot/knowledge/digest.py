"""Short names for contents."""

from __future__ import annotations

import hashlib
from pathlib import Path

BYTES = 16
_HERE = Path(__file__).parent


def digest(*parts: bytes) -> bytes:
    """A short name for a content of several parts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.digest()[:BYTES]


def code(*names: str) -> bytes:
    """A name for the state of some files of this package: what they made is void if they change."""
    return digest(*((_HERE / name).read_bytes() for name in names))
