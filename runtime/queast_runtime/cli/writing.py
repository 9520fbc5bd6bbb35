"""Text files as a command changes them: read with what must stay as it is, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from queast_runtime.cli.exits import CommandError, Exit

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's `text` with its line ends as they are; a byte order mark before it is kept apart."""

    path: Path
    text: str
    has_mark: bool

    def bytes_of(self, text: str) -> bytes:
        """Return another text as the bytes of this file."""
        return (_BOM if self.has_mark else b"") + text.encode("utf-8")


def read_text(path: Path) -> TextFile | None:
    """Return a file, None where it is none of ours to change: a link, no regular file, not UTF-8."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        data = path.read_bytes()
    except OSError:
        return None
    try:
        return TextFile(path, data.removeprefix(_BOM).decode("utf-8"), data.startswith(_BOM))
    except UnicodeDecodeError:
        return None


def write_text(file: TextFile, text: str) -> None:
    """Put `text` in the place of a file that still is as it was read; its mode stays. Raises CommandError if it is not.

    The new file is whole before it takes the old one's name, so that nobody ever reads half of it.
    """
    now = read_text(file.path)
    if now != file:
        raise CommandError(Exit.ENVIRONMENT, f"{file.path} changed meanwhile, and is left as it is", "run it again")
    try:
        _replace(file, text)
    except OSError as error:
        # What failed may be the new file's own name, which nobody knows.
        raise CommandError(Exit.ENVIRONMENT, f"cannot write {file.path}: {error.strerror or error}") from error


def _replace(file: TextFile, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.path.name}.", dir=file.path.parent)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(file.bytes_of(text))
            os.fchmod(new.fileno(), stat.S_IMODE(file.path.stat().st_mode))
            new.flush()
            os.fsync(new.fileno())
        os.replace(name, file.path)
    except BaseException:
        os.unlink(name)
        raise
