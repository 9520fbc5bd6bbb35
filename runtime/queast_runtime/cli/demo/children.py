"""The demo's own processes: none outlives it, however it ends short of SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

_running: set[subprocess.Popen[Any]] = set()
_lock = threading.Lock()


@contextmanager
def ended_together() -> Iterator[None]:
    """End what still runs when the block does, also when SIGTERM ends it; call it in the main thread."""

    def leave(number: int, _: FrameType | None) -> NoReturn:
        # First, for threads wait for them that must be done before the block can end.
        for each in tuple(_running):
            each.terminate()
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        with _lock:
            left = [each for each in _running if each.poll() is None]
        for each in left:
            each.terminate()
        for each in left:
            each.wait()


def run_to_end(command: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of ours to its end, with its output kept."""
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(env),
    )
    with _lock:
        _running.add(process)
    try:
        out, complaint = process.communicate()
    finally:
        with _lock:
            _running.discard(process)
    return subprocess.CompletedProcess(list(command), process.returncode, out, complaint)


def reason_of(complaint: str) -> str:
    """Return what a command of ours said went wrong: the line that says so, not the help behind it."""
    lines = [line for line in complaint.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("qmap: ")]
    return (said or lines or ["it ended without a word"])[-1].removeprefix("qmap: ")
