"""Files are laid into a folder all together or not at all, and over nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.init import laying
from queast_runtime.cli.init.laying import Laid, lay

FILES = {"a.txt": b"one", "deep/er/b.txt": b"two", "deep/c.txt": b"three"}


def everything(folder: Path) -> dict[str, bytes | None]:
    return {str(each.relative_to(folder)): each.read_bytes() if each.is_file() else None for each in folder.rglob("*")}


def test_what_is_there_already_is_kept_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"mine")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/c.txt").symlink_to("nowhere")
    assert lay(tmp_path, FILES) == Laid(("deep/er/b.txt",), ("a.txt", "deep/c.txt"))
    assert (tmp_path / "a.txt").read_bytes() == b"mine"
    assert (tmp_path / "deep/c.txt").is_symlink()
    assert not (tmp_path / "deep/nowhere").exists()


@pytest.mark.parametrize("failing", range(1, 4))
def test_a_disk_that_fills_up_in_the_middle_leaves_nothing_behind(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/mine").write_bytes(b"mine")
    before = everything(tmp_path)
    real, calls = os.open, 0

    def full(path: Path, flags: int, mode: int = 0o777) -> int:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(28, "No space left on device")
        return real(path, flags, mode)

    monkeypatch.setattr(laying.os, "open", full)
    with pytest.raises(CommandError, match="No space left on device") as told:
        lay(tmp_path, FILES)
    assert told.value.code is Exit.ENVIRONMENT
    assert everything(tmp_path) == before


def test_a_new_folder_goes_again_with_what_was_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(laying.os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lay(tmp_path / "new/er", FILES)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / "deep").symlink_to(elsewhere)
    with pytest.raises(CommandError, match="is a link") as told:
        lay(folder, FILES)
    assert told.value.code is Exit.REFUSED
    assert everything(elsewhere) == {}
    assert sorted(each.name for each in folder.iterdir()) == ["deep"]


def test_a_file_in_the_place_of_a_folder_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "deep").write_bytes(b"")
    with pytest.raises(CommandError, match="cannot write") as told:
        lay(tmp_path, FILES)
    assert told.value.code is Exit.ENVIRONMENT
    assert sorted(each.name for each in tmp_path.iterdir()) == ["deep"]


@pytest.mark.parametrize(
    ("number", "says"),
    [(13, "permission"), (1, "permission"), (30, "permission"), (28, "make room"), (5, "see to that")],
)
def test_the_help_is_of_what_failed(number: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path, flags: int, mode: int = 0o777) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(laying.os, "open", fails)
    with pytest.raises(CommandError) as told:
        lay(tmp_path, FILES)
    assert says in str(told.value.help)
    assert ("make room" in str(told.value.help)) == (number == 28)
