"""Work on the database that goes on to its end although who asked for it has left.

A stream is cancelled when its page goes, at whatever it waits for just then. In the middle of a
statement that would cost the connection, and an error in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

# The loop itself keeps only weak references to its tasks.
_going_on: set[asyncio.Task[Any]] = set()


async def undisturbed[T](work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns; a cancelled caller leaves at once, the work does not stop."""
    task = asyncio.create_task(work)
    _going_on.add(task)
    task.add_done_callback(_going_on.discard)
    return await asyncio.shield(task)
