"""One demo at a time in a state folder: the next one would empty it, or deliver the same events beside it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from queast_runtime.cli.exits import CommandError, Exit

_LOCK: Final = "demo.lock"


@contextmanager
def alone_in(state: Path, *, emptied: bool = False) -> Iterator[None]:
    """Make a state folder and hold the lock in it for the time of the block; it ends with its process, however that
    ends. With `emptied` nothing but the lock is left in the folder at first.

    Raises CommandError (environment) where a demo runs in it, or it cannot be used.
    """
    descriptor = -1
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(state / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if emptied:
            _empty(state)
    except BlockingIOError as error:
        os.close(descriptor)
        raise CommandError(
            Exit.ENVIRONMENT,
            f"a demo is running in {state} already; nothing of it was touched",
            "wait for it or end it, or name another folder: --state DIR",
        ) from error
    except OSError as error:
        if descriptor >= 0:
            os.close(descriptor)
        raise CommandError(Exit.ENVIRONMENT, f"cannot use {state}: {error.strerror}") from error
    try:
        yield
    finally:
        os.close(descriptor)


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.name == _LOCK:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
