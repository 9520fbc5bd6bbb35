"""Edits of the example tenants are exactly the changes that a table says."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from diff.seeded import SEEDED, Edit, Seeded
from diff.sides import EXAMPLES, copy_examples, side_of, sides
from queast_compiler.diff.compare import Comparison, Side, compare
from queast_compiler.diff.model import CATEGORIES

_BEFORE, _ = sides("examples", {})


def edited(root: Path, edit: Edit) -> None:
    """Change one file of the examples under `root`; a manifest or base mapping is that of the language."""
    path = root / edit.file
    if edit.before == "*":
        path.unlink()
        return
    if not path.exists():
        shutil.copytree(str(files("queast_dsl") / path.parent.name), path.parent)
    text = path.read_text(encoding="utf-8")
    assert text.count(edit.before) == 1, f"{edit.before!r} stands {text.count(edit.before)} times in {edit.file}"
    path.write_text(text.replace(edit.before, edit.after), encoding="utf-8")


def compared(folder: Path, edits: tuple[Edit, ...]) -> list[Comparison]:
    root = folder / "mappings"
    copy_examples(root)
    for edit in edits:
        edited(root, edit)
    after, nothing = side_of(root), Side({}, {})
    return [compare(_BEFORE.get(tenant, nothing), after.get(tenant, nothing)) for tenant in sorted(_BEFORE)]


@pytest.mark.parametrize("case", SEEDED, ids=lambda case: case.what.replace(" ", "-"))
def test_an_edit_is_exactly_the_changes_of_the_table(case: Seeded, tmp_path: Path) -> None:
    kinds = {change.kind for each in compared(tmp_path, case.edits) for change in each.changes}
    assert {f"{kind.gate} {kind.category} {kind.id}" for kind in kinds} == case.changes


def test_the_table_has_every_category_and_at_least_forty_edits() -> None:
    assert len(SEEDED) >= 40
    assert {change.split()[1] for case in SEEDED for change in case.changes} == set(CATEGORIES)


def test_a_change_stands_at_the_line_that_says_it(tmp_path: Path) -> None:
    edits = (Edit("acme/acme-hubspot.yaml", "signal.score >= 40", "signal.score >= 20"),)
    (change,) = [change for each in compared(tmp_path, edits) for change in each.changes]
    lines = (EXAMPLES / "acme/acme-hubspot.yaml").read_text(encoding="utf-8").splitlines()
    assert (change.file, lines[change.line - 1].strip()) == ("acme/acme-hubspot.yaml", "when: signal.score >= 40")
    assert change.path == "routes.signal-notes.when"


def test_a_threshold_stands_at_the_rule_by_name(tmp_path: Path) -> None:
    edits = (Edit("acme/connections.yaml", "review: 0.80", "review: 0.70"),)
    (change,) = [change for each in compared(tmp_path, edits) for change in each.changes]
    lines = (EXAMPLES / "acme/connections.yaml").read_text(encoding="utf-8").splitlines()
    assert change.file == "acme/connections.yaml"
    assert "review: 0.80" in lines[change.line - 1]
    assert change.note == "touches acme-hubspot (companies, signal-notes)"


def test_a_manifest_and_the_policy_say_which_mappings_they_touch(tmp_path: Path) -> None:
    policy = (Edit("policy.yaml", "version: 1\n", "version: 1\nrates: {requests_per_second: 2}\n"),)
    notes = {change.note for each in compared(tmp_path, policy) for change in each.changes}
    assert notes == {
        "touches acme-hubspot",
        "touches nordlys-pipedrive",
        "touches warehouse, warehouse-stars",
    }
