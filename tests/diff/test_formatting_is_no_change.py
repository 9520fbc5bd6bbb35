"""However a mapping is formatted, it is the same mapping."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from diff.restyled import restyled
from diff.sides import EXAMPLES, copy_examples, side_of, sides
from queast_compiler.diff.compare import compare

_BEFORE, _ = sides("examples", {})
# What plans are made of; tests of mappings are none of it.
FILES = sorted(path.relative_to(EXAMPLES) for path in EXAMPLES.rglob("*.yaml") if path.parent.name != "tests")
ROUNDS = 26


@pytest.mark.parametrize("number", range(ROUNDS))
def test_files_in_another_dress_are_no_change(number: int, tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    copy_examples(root)
    chance = random.Random(number)
    for file in FILES:
        path = root / file
        text = path.read_text(encoding="utf-8")
        edited = restyled(text, chance)
        assert edited != text
        assert yaml.safe_load(edited) == yaml.safe_load(text)
        path.write_text(edited, encoding="utf-8")
    after = side_of(root)
    assert after.keys() == _BEFORE.keys()
    for tenant, side in after.items():
        assert compare(_BEFORE[tenant], side).changes == ()


def test_at_least_two_hundred_edits_are_tried() -> None:
    assert ROUNDS * len(FILES) >= 200
