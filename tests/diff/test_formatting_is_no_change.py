"""However a mapping is formatted, it is the same mapping: one file at a time in another dress."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
import yaml

from changing.here import Here
from diff.restyled import restyled
from diff.sides import EXAMPLES, copy_examples, side_of, sides
from queast_compiler.diff.compare import compare

_BEFORE, _ = sides("examples", {})
# What plans are made of; tests of mappings are none of it.
FILES = sorted(path.relative_to(EXAMPLES) for path in EXAMPLES.rglob("*.yaml") if path.parent.name != "tests")
ROUNDS, TYPED_ROUNDS = 24, 4
EDITS = [(file, number) for file in FILES for number in range(ROUNDS)]
TYPED = [(file, number) for file in FILES for number in range(ROUNDS, ROUNDS + TYPED_ROUNDS)]


def _dressed(root: Path, file: Path, number: int) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    edited = restyled(text, random.Random(f"{file} {number}"))
    assert edited != text
    assert yaml.safe_load(edited) == yaml.safe_load(text)
    path.write_text(edited, encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_file_in_another_dress_is_no_change(file: Path, tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    # A tenant's file is nothing to the others; the policy is everybody's.
    tenants = [file.parts[0]] if len(file.parts) > 1 else sorted(_BEFORE)
    copy_examples(root)
    for tenant in _BEFORE.keys() - set(tenants):
        shutil.rmtree(root / tenant)
    for each, number in EDITS:
        if each == file:
            shutil.copyfile(EXAMPLES / file, root / file)
            _dressed(root, file, number)
            after = side_of(root)
            assert sorted(after) == tenants
            for tenant, side in after.items():
                assert compare(_BEFORE[tenant], side).changes == (), (root / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_the_command_finds_no_change_in_a_file_in_another_dress(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, root = Here(tmp_path, monkeypatch), tmp_path / "mappings"
    copy_examples(root)
    shutil.copytree(root, tmp_path / "before")
    for each, number in TYPED:
        if each == file:
            shutil.copyfile(tmp_path / "before" / file, root / file)
            _dressed(root, file, number)
            said = here("diff", "--against", "before", "--sample", "0", "--detailed-exitcode")
            assert (said.code, said.out.partition(":")[0]) == (0, "no change"), said


def test_at_least_two_hundred_edits_are_tried_and_thirty_of_them_typed() -> None:
    assert len(EDITS) + len(TYPED) >= 200
    assert len(TYPED) >= 30
