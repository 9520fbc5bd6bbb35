"""What a command is told to write goes nowhere among sources or state, and over nothing that it did not write."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kill_harness import ROOT
from queast_runtime.cli.diff.formats import DiffFormat
from typed import Typist

DIFF = ("diff", "--sample", "0")
EVALUATE = ("match", "evaluate", "--crm", "crm.jsonl", "--queries", "queries.jsonl", "--no-baselines")
# Each option that names a file to write, and how its command is called.
WRITERS = {
    "--out": (*DIFF, "--out"),
    "-o": (*DIFF, "-o"),
    "--lcov": ("test", "--lcov"),
    "--plot": (*EVALUATE, "--plot"),
}
PICTURE = {"--plot": ".png"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typist:
    shutil.copytree(
        ROOT / "mappings" / "fjordbank", tmp_path / "mappings" / "fjordbank", ignore=shutil.ignore_patterns("events")
    )
    shutil.copy(ROOT / "mappings" / "policy.yaml", tmp_path / "mappings")
    (tmp_path / "notes.txt").write_text("by hand\n", encoding="utf-8")
    (tmp_path / "elsewhere.db").write_bytes(b"SQLite format 3\0")
    record = '{"id": "1", "qid": "1", "name": "Nordic Data AS", "gold": ["1"]}\n'
    for name in ("crm.jsonl", "queries.jsonl"):
        (tmp_path / name).write_text(record, encoding="utf-8")
    return Typist(tmp_path, monkeypatch, {"QMAP_STATE": ".qmap"})


def everything(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def refused(here: Typist, option: str, path: str) -> str:
    before = everything(here.folder)
    said = here(*WRITERS[option], path)
    assert (said.code, said.out) == (2, ""), said
    assert "  help: " in said.err
    assert everything(here.folder) == before
    return said.err


PLACES = [
    "mappings/fjordbank/warehouse{}",
    "mappings/policy{}",
    "mappings/new{}",
    "mappings/fjordbank/tests/new{}",
    "mappings/fjordbank/../fjordbank/new{}",
    "mappings/deep/er/new{}",
    ".qmap/queast{}",
    ".qmap/new/er{}",
    "link{}",
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("option", WRITERS)
def test_nothing_is_written_among_sources_or_state(option: str, place: str, here: Typist) -> None:
    (here.folder / ".qmap").mkdir()
    (here.folder / ".qmap" / "queast.db").write_bytes(b"SQLite format 3\0")
    ending = PICTURE.get(option, ".db" if "qmap" in place else ".yaml")
    if place.startswith("link"):
        (here.folder / f"link{ending}").symlink_to(here.folder / "mappings" / "fjordbank" / "warehouse.yaml")
    err = refused(here, option, place.format(ending))
    assert "among the sources" in err or "in the state folder" in err


@pytest.mark.parametrize("option", WRITERS)
def test_nothing_is_written_over_another_kind_of_file(option: str, here: Typist) -> None:
    there = here.folder / f"there{PICTURE.get(option, '')}"
    for content in (b"by hand\n", b"SQLite format 3\0", b'{"version": 1}', b"\xff\xfe", b"a: 1\nTN:\n"):
        there.write_bytes(content)
        assert "left alone" in refused(here, option, there.name)


@pytest.mark.parametrize("option", ["--out", "-o", "--lcov"])
def test_a_device_and_a_folder_are_no_files_to_replace(option: str, here: Typist) -> None:
    os.mkfifo(here.folder / "pipe")
    (here.folder / "folder").mkdir()
    for name, says in (("pipe", "no regular file"), ("folder", "it is a folder")):
        said = here(*WRITERS[option], name)
        assert (said.code, said.out) == (2, "")
        assert says in said.err


def test_two_options_do_not_write_one_file(here: Typist) -> None:
    assert "--out and -o name the same file" in here.fails(*DIFF, "--out", "a.json", "-o", "./a.json", code=2)


def sources(here: Typist) -> Iterator[None]:
    """Sources with changes, with none, and with errors."""
    yield
    assert here(*DIFF, "--out", "first.json").code in (0, 4)
    published = here("publish", "first.json", "--accept-all", "--reason", "begin")
    if published.code:
        assert here("compile", "-o", "plans").code == 0
        here("publish", "plans", "--reason", "begin")
    yield
    path = here.folder / "mappings" / "fjordbank" / "warehouse.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("company.name", "company.nmae"), encoding="utf-8")
    yield


@pytest.mark.parametrize("format", DiffFormat)
def test_what_a_command_wrote_it_may_write_again(format: DiffFormat, here: Typist) -> None:
    for _ in sources(here):
        for _ in range(2):
            said = here(*DIFF, "--format", format, "-o", "out")
            assert said.code in (0, 1, 4), said
            assert (here.folder / "out").exists()
    for other in DiffFormat:
        assert here(*DIFF, "--format", other, "-o", "out").code == 1


def test_a_change_file_and_hits_are_replaced_by_new_ones(here: Typist) -> None:
    for _ in range(2):
        assert here(*DIFF, "--out", "change.json").code in (0, 4)
        assert here("test", "--lcov", "hits.info").code == 0
    # What was edited or cut off is told to be made anew, with the same name.
    whole = (here.folder / "change.json").read_bytes()
    for broken in (whole[:50], whole.replace(b'"tenants"', b'"tenant"'), b""):
        (here.folder / "change.json").write_bytes(broken)
        assert here(*DIFF, "--out", "change.json").code in (0, 4)


@pytest.mark.parametrize("out", ["mappings/x", "mappings/fjordbank/x", ".qmap", ".qmap/plans", "mappings", "."])
def test_plans_are_not_written_among_sources_or_state(out: str, here: Typist) -> None:
    before = everything(here.folder)
    assert "plans are not written to" in here.fails("compile", "-o", out, code=2)
    assert everything(here.folder) == before


def test_plans_do_not_replace_another_index(here: Typist) -> None:
    (here.folder / "site" / "fjordbank").mkdir(parents=True)
    (here.folder / "site" / "fjordbank" / "index.json").write_text("[]", encoding="utf-8")
    assert "left alone" in here.fails("compile", "-o", "site", code=2)
    for _ in range(2):
        assert here("compile", "-o", "plans").code == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_of_another_kind_are_replaced(here: Typist, content: bytes) -> None:
    from queast_runtime.cli.exits import CommandError
    from queast_runtime.cli.targets import CHANGE, DIFF, LCOV, PNG, SVG, check_target

    path = here.folder / "other"
    path.write_bytes(b"version: 1\n" + content)
    for kind in (CHANGE, DIFF, LCOV, PNG, SVG):
        with pytest.raises(CommandError):
            check_target(path, kind, "-o")
