"""A change file is believed in nothing: whatever was done to it, one line says so and nothing is published."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queast_compiler.plan.canonical import digest, dumps
from queast_dsl.loading.validate import errors_of
from queast_runtime.cli.changefile import (
    Against,
    ChangeFile,
    ChangeRow,
    PlanDigests,
    TenantChange,
    change_bytes,
    read_change,
    write_change,
)
from queast_runtime.cli.exits import CommandError, Exit
from release.house import ADDRESS, OVERWRITE, WORD, House

ACCEPTING = ("--accept", "FIELD", "--reason", "agreed")
DIGESTS = st.integers(0, 2**256 - 1).map(lambda number: f"sha256:{number:064x}")
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5})?", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLANS = st.builds(PlanDigests, st.dictionaries(NAMES, DIGESTS, max_size=3), st.dictionaries(NAMES, DIGESTS, max_size=3))
ROWS = st.builds(
    ChangeRow,
    st.just("write-widened"),
    st.sampled_from(("FIELD", "IDENTITY", "SECURITY")),
    st.sampled_from(("block", "warn", "info")),
    NAMES,
    st.none() | NAMES,
    TEXTS,
    st.none() | TEXTS,
    st.none() | TEXTS,
    TEXTS,
    TEXTS,
    st.integers(0, 10_000),
)
TENANTS = st.builds(TenantChange, NAMES, PLANS, PLANS, st.lists(ROWS, max_size=4).map(tuple), st.integers(0, 10_000))
FILES = st.builds(
    ChangeFile,
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC)),
    st.builds(Against, st.sampled_from(("git", "published", "folder")), TEXTS),
    st.lists(TENANTS, min_size=1, max_size=3, unique_by=lambda each: each.tenant).map(
        lambda all: tuple(sorted(all, key=lambda each: each.tenant))
    ),
)


@settings(max_examples=40, deadline=None)
@given(FILES)
def test_a_change_file_comes_back_as_it_was_written_and_fits_its_schema(
    tmp_path_factory: pytest.TempPathFactory, change: ChangeFile
) -> None:
    path = tmp_path_factory.getbasetemp() / "change.json"
    write_change(path, change)
    assert read_change(path) == change
    assert errors_of(json.loads(path.read_bytes()), "change") == []


@settings(max_examples=40, deadline=None)
@given(FILES, st.data())
def test_no_byte_of_a_change_file_can_be_another(
    tmp_path_factory: pytest.TempPathFactory, change: ChangeFile, data: st.DataObject
) -> None:
    whole = change_bytes(change)
    at = data.draw(st.integers(0, len(whole) - 2))
    path = tmp_path_factory.getbasetemp() / "altered.json"
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(CommandError) as refused:
        read_change(path)
    assert refused.value.code is Exit.REFUSED


def test_a_change_file_is_published_and_only_the_tenants_that_change_get_a_release(house: House) -> None:
    house.edit(*OVERWRITE)
    change = house.change()
    assert house("publish", change).code == 4
    assert house("publish", change, *ACCEPTING).code == 0
    assert house.sequence == 2
    said = house("publish", house.change())
    assert (said.code, house.sequence) == (0, 2)
    assert "acme: no change, and the release that stands stays" in said.err


def resealed(document: dict[str, Any]) -> bytes:
    """What somebody writes who edits a change file and knows how its digest is made."""
    body = {name: each for name, each in document.items() if name != "digest"}
    return dumps({**body, "digest": digest(dumps(body))}) + b"\n"


def _gate_gone(document: dict[str, Any]) -> bytes:
    for row in document["tenants"][0]["changes"]:
        row["gate"] = "info"
    document["tenants"][0]["gated"] = []
    return resealed(document)


def _row_gone(document: dict[str, Any]) -> bytes:
    document["tenants"][0]["changes"], document["tenants"][0]["gated"] = [], []
    return resealed(document)


def _gated_only(document: dict[str, Any]) -> bytes:
    document["tenants"][0]["gated"] = []
    return resealed(document)


def _other_plan(document: dict[str, Any]) -> bytes:
    document["tenants"][0]["new"]["mappings"]["companies"] = "sha256:" + "a" * 64
    return resealed(document)


def _other_tenant(document: dict[str, Any]) -> bytes:
    document["tenants"][0]["tenant"] = "globex"
    return resealed(document)


def _upwards(document: dict[str, Any]) -> bytes:
    document["tenants"][0]["tenant"] = "../acme"
    return resealed(document)


def _twice(document: dict[str, Any]) -> bytes:
    document["tenants"] *= 2
    return resealed(document)


def _no_date(document: dict[str, Any]) -> bytes:
    return resealed({**document, "created_at": "2026-02-30T00:00:00Z"})


def _later(document: dict[str, Any]) -> bytes:
    return resealed({**document, "schema_version": 2})


def _no_kind(document: dict[str, Any]) -> bytes:
    return resealed({**document, "kind": "a-change"})


def _by_hand(document: dict[str, Any]) -> bytes:
    return dumps({**document, "created_at": "2030-01-01T00:00:00Z"}) + b"\n"


def _laid_out(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode()


def _cut(document: dict[str, Any]) -> bytes:
    return resealed(document)[:-40]


def _deep(document: dict[str, Any]) -> bytes:
    return b'{"a":' * 50_000 + b"1" + b"}" * 50_000


Spoil = Callable[[dict[str, Any]], bytes]


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (_gate_gone, 6, "does not say what changes for acme"),
        (_row_gone, 6, "does not say what changes for acme"),
        (_gated_only, 6, "was edited by hand"),
        (_other_plan, 6, "is not what the sources compile to"),
        (_other_tenant, 2, "no sources of tenant globex"),
        (_upwards, 6, "something is wrong at tenants.0.tenant"),
        (_twice, 6, "names a tenant twice"),
        (_no_date, 6, "no such time"),
        (_later, 6, "of another version than 1"),
        (_no_kind, 6, "is not a change file"),
        (_by_hand, 6, "was edited by hand: its digest does not fit"),
        (_laid_out, 6, "was edited by hand: not in canonical form"),
        (_cut, 6, "is no change file, or not the whole of it"),
        (_deep, 6, "was edited by hand"),
        (lambda _: b"", 6, "is no change file"),
        (lambda _: b"\x00\xff" * 500, 6, "is no change file"),
        (lambda _: b"[]", 6, "is no change file"),
        (lambda _: b"{}", 6, "is not a change file"),
        (lambda _: b'{"kind":NaN}', 6, "was edited by hand"),
        (lambda _: b" " * (8 * 1024 * 1024 + 1), 6, "is too large"),
    ],
)
def test_whatever_was_done_to_a_change_file_one_line_says_so(house: House, spoil: Spoil, code: int, says: str) -> None:
    """D6.5 the sources are compiled again, and the gate decides on what they change"""
    house.edit(*OVERWRITE)
    path = house.folder / house.change()
    path.write_bytes(spoil(json.loads(path.read_bytes())))
    err = house.fails("publish", "change.json", *ACCEPTING, code=code)
    lines = err.splitlines()
    assert says in lines[0], err
    assert (len(lines), lines[1].strip()[:6]) == (2, "help: ")
    assert (house.sequence, house.waiting()) == (1, [])


def test_a_change_file_that_cannot_be_read_or_is_no_file(house: House) -> None:
    house.edit(*OVERWRITE)
    path = house.folder / house.change()
    assert "no such file or folder" in house.fails("publish", "nothing.json", code=2)
    os.mkfifo(house.folder / "pipe")
    assert "is no file and no folder of plans" in house.fails("publish", "pipe", code=2)
    (house.folder / "loop").symlink_to("loop")
    assert "cannot read loop" in house.fails("publish", "loop", code=5)
    path.chmod(0)
    if not os.access(path, os.R_OK):
        assert "cannot read" in house.fails("publish", "change.json", code=5)
    assert house.sequence == 1


def test_a_change_file_that_is_older_than_what_is_published_is_refused(house: House) -> None:
    house.edit(*WORD)
    house.change()
    older = (house.folder / "change.json").read_bytes()
    assert house.published() == 2
    house.edit(*OVERWRITE)
    err = house.fails("publish", house.change(), code=4)
    (house.folder / "change.json").write_bytes(older)
    err = house.fails("publish", "change.json", *ACCEPTING, code=6)
    assert "is not what the sources compile to" in err
    house.undo(*OVERWRITE)
    err = house.fails("publish", "change.json", *ACCEPTING, code=6)
    assert "change.json is older than what is published of acme now: release 2" in err
    assert "qmap diff --against published --out change.json" in err
    assert house.sequence == 2


def test_a_change_file_against_a_folder_counts_only_where_that_is_what_is_published(house: House) -> None:
    plans = house.compile()
    house.edit(*WORD)
    change = house.change(against=plans)
    assert house("publish", change).code == 0
    house.edit(*OVERWRITE)
    change = house.change(against=plans)
    err = house.fails("publish", change, *ACCEPTING, code=6)
    assert re.search(r"change.json compares with folder:\S*plans, and published of acme is release 2", err)
    assert house.sequence == 2


def test_a_change_file_of_another_tenant_than_the_callers_is_refused(house: House) -> None:
    """D5.1"""
    house.edit(*ADDRESS)
    change = house.change()
    (house.state / "releases" / "globex").mkdir()
    token = house.token("tenant_admin", "Bo", tenant="globex")
    err = house.fails("publish", change, "--accept", "DESTINATION", "--reason", "mine", "--token", token, code=6)
    assert "the token is of tenant globex, and this is about tenant acme" in err
    assert house.sequence == 1
