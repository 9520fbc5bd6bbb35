"""Named places where a test may kill the process, to prove that a restart loses and doubles nothing.

`QMAP_FAULT=<name>` kills at the first visit, `QMAP_FAULT=<name>:3` at the third. Without it a visit costs one
dictionary look-up. The kill is SIGKILL: no handler, no flush, no clean-up, as a power cut would have it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal, get_args

Point = Literal[
    "before-admit-commit",
    "after-admit-commit",
    "mid-mirror-page",
    "between-read-and-write",
    "before-send",
    "bytes-sent-no-answer",
    "answer-no-commit",
    "before-finish",
    "after-link-commit",
    "between-create-and-associate",
]
POINTS: Final[tuple[Point, ...]] = get_args(Point)


class _Trap:
    """The one armed point of this process, read from the environment once. `wrong` is what is wrong with the setting:
    nothing is armed then, and no worker is opened (`worker.opening`)."""

    def __init__(self, setting: str | None) -> None:
        name, colon, count = (setting or "").partition(":")
        self.wrong = _wrong(name, count if colon else "1") if setting else None
        self.name = None if self.wrong is not None or not name else name
        self.left = int(count or 1) if self.name is not None else 0

    def visit(self, point: Point) -> None:
        if point != self.name:
            return
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _wrong(name: str, count: str) -> str | None:
    if name not in POINTS:
        return f"QMAP_FAULT names no fault point: {name!r}, known: {', '.join(POINTS)}"
    if not (count.isascii() and count.isdigit() and 0 < int(count) < 1_000_000_000):
        return f"QMAP_FAULT: {count!r} is no number of a visit, as in {name}:3"
    return None


_trap = _Trap(os.environ.get("QMAP_FAULT"))


def wrong_setting() -> str | None:
    """Say what is wrong with QMAP_FAULT; None where nothing is."""
    return _trap.wrong


def reach(point: Point) -> None:
    """Mark that the process got to `point`; kills it there if the environment armed that point."""
    if _trap.name is not None:
        _trap.visit(point)


_writing: ContextVar[bool] = ContextVar("writing", default=False)
# Long enough for the bytes to be on the wire, too short for the answer to be read, understood and committed.
_AFTER_BYTES_S: Final = 0.003


@contextmanager
def writing() -> Iterator[None]:
    """Mark that requests made inside change something at the destination (look-ups are no interesting place)."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def bytes_leave() -> None:
    """Called where a request's bytes are handed to the socket; reaches `bytes-sent-no-answer` once they are out."""
    if _trap.name == "bytes-sent-no-answer" and _writing.get():
        asyncio.get_running_loop().call_later(_AFTER_BYTES_S, reach, "bytes-sent-no-answer")
