"""Edits of the example tenants are exactly the changes that a table says."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from changing.here import Here
from diff.seeded import SEEDED, Edit, Seeded
from diff.seeded_bypasses import BYPASSES
from diff.sides import EXAMPLES, copy_examples, side_of, sides
from queast_compiler.diff.compare import Comparison, Side, compare
from queast_compiler.diff.model import CATEGORIES
from typed import Said

_BEFORE, _ = sides("examples", {})
ROWS = (*SEEDED, *BYPASSES)
# What the command says of each row, one after the other: `exit 4`, then gate, category, kind, plan and place.
SAID = Path(__file__).parent / "seeded.txt"


def edited(root: Path, edit: Edit) -> None:
    """Change one file of the examples under `root`; a manifest or base mapping is that of the language."""
    path = root / edit.file
    if edit.before == "*":
        path.unlink()
        return
    if edit.before == "=":
        shutil.copyfile(root / edit.after, path)
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


def changed(here: Here, case: Seeded) -> Said:
    """What `qmap diff` says of a row, in a folder of its own."""
    before, after = here.folder / "before", here.folder / "mappings"
    copy_examples(before)
    for edit in case.already:
        edited(before, edit)
    shutil.copytree(before, after)
    for edit in case.edits:
        edited(after, edit)
    return here("diff", "--against", "before", "--sample", "0", "--format", "json", "--detailed-exitcode")


def _section(what: str, code: str, lines: list[str]) -> str:
    return "\n".join((f"# {what}", code, *lines, ""))


def _typed(here: Here, case: Seeded) -> str:
    """A row as the command says it, of which the exit code must be that of the gates."""
    said = changed(here, case)
    lines = [
        f"{each['gate']} {each['category']} {each['id']}"
        f" {each['connection']}{'/' + each['mapping'] if each['mapping'] else ''} {each['path']}".strip()
        for tenant in said.json["tenants"]
        for each in tenant["changes"]
    ]
    assert said.code == (4 if any(each.startswith("block ") for each in lines) else 3)
    return _section(case.what, f"exit {said.code}", lines)


def _of_the_language(folder: Path, case: Seeded) -> str:
    """A row about manifests and base mappings, which ship with the language: two folders have the same ones, so that
    the plans are compared without the command."""
    changes = [change for each in compared(folder, case.edits) for change in each.changes]
    lines = [
        f"{each.kind.gate} {each.kind.category} {each.kind.id}"
        f" {each.connection}{f'/{each.mapping}' if each.mapping else ''} {each.path}".strip()
        for each in changes
    ]
    return _section(case.what, "compared without the command", lines)


def _sections() -> dict[str, str]:
    found = SAID.read_text(encoding="utf-8").split("\n\n") if SAID.exists() else []
    return {each.partition("\n")[0].removeprefix("# "): f"{each.rstrip()}\n" for each in found}


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.what.replace(" ", "-"))
def test_the_command_says_exactly_the_changes_of_the_table(
    case: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    ships = any(edit.file.startswith(("connectors/", "base/")) for edit in case.edits)
    found = _of_the_language(tmp_path, case) if ships else _typed(Here(tmp_path, monkeypatch), case)
    assert {" ".join(line.split()[:3]) for line in found.splitlines()[2:]} == case.changes
    if request.config.getoption("--update-golden", default=False):
        sections = {**_sections(), case.what: found}
        SAID.write_text("\n".join(sections[each.what] for each in ROWS if each.what in sections), encoding="utf-8")
        return
    assert found == _sections().get(case.what), "seeded.txt is old: pytest tests/diff --update-golden -n0"


def test_examples_that_nobody_edited_are_no_change_and_no_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = changed(Here(tmp_path, monkeypatch), Seeded("nothing", (), frozenset()))
    assert (said.code, [tenant["changes"] for tenant in said.json["tenants"]]) == (0, [[], [], []])


def test_the_table_has_every_category_and_at_least_forty_edits() -> None:
    assert len(SEEDED) >= 40
    assert list(_sections()) == [case.what for case in ROWS]
    assert sum("exit " in each for each in _sections().values()) >= 60
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
