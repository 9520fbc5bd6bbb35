"""Files put into a folder without touching one that is there: all of them, or none."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from queast_runtime.cli.exits import CommandError, Exit

_PERMISSION: Final = "see to the permission to write there, or name another folder,"
_ROOM: Final = "make room"
_INSTEAD: Final = {
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.EROFS: _PERMISSION,
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
}


@dataclass(frozen=True, slots=True)
class Laid:
    """Paths from the folder on: what was `written`, and what was there and is `kept` as it was."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def lay(folder: Path, files: Mapping[str, bytes]) -> Laid:
    """Write each of `files`, by its path from `folder` on, unless something has that name already.

    What fails in the middle takes back what it wrote, folders too. Raises CommandError: refused for a link on the way,
    environment where something cannot be written.
    """
    made: list[Path] = []
    written: list[str] = []
    kept: list[str] = []
    current = folder
    try:
        for name, content in files.items():
            current = folder / name
            _make_folders(folder, PurePosixPath(name).parent, made)
            if _create(current, content, made):
                written.append(name)
            else:
                kept.append(name)
    except BaseException as error:
        _take_back(made)
        if not isinstance(error, OSError):
            raise
        raise CommandError(
            Exit.ENVIRONMENT,
            f"cannot write {current}: {error.strerror}",
            f"nothing was written; {_INSTEAD.get(error.errno or 0, 'see to that')} and run it again",
        ) from error
    return Laid(tuple(written), tuple(kept))


def _make_folders(folder: Path, below: PurePosixPath, made: list[Path]) -> None:
    for each in (folder, *(folder.joinpath(*below.parts[:count]) for count in range(1, len(below.parts) + 1))):
        if each != folder and each.is_symlink():
            # It could lead out of the folder that was named.
            raise CommandError(Exit.REFUSED, f"{each} is a link, and links are not followed", "put a folder there")
        missing = [one for one in (each, *each.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir()
            made.append(one)


def _create(path: Path, content: bytes, made: list[Path]) -> bool:
    """Return whether the file is new. One that is there, be it a link that leads nowhere, is left alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    made.append(path)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return True


def _take_back(made: list[Path]) -> None:
    for path in reversed(made):
        try:
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        except OSError:
            # Somebody else put something into it meanwhile; that is theirs.
            continue
