"""Every case compiles to exactly the text it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

import queast_compiler.lint  # registers the codes of its rules
from golden.archive import Archive, parse, write
from golden.running import compile_folder, is_output, lay_out, output
from queast_dsl.diagnostics.registry import CODES

CASES = Path(__file__).parent / "cases"
assert queast_compiler.lint.RULES


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_case_gives_exactly_its_output(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    archive = parse(case.read_text(encoding="utf-8"))
    outputs = [name for name in archive.sections if is_output(name)]
    assert outputs, "a case needs a section `lint`, `rules` or `plan TENANT/MAPPING`"
    monkeypatch.chdir(tmp_path)
    lay_out(archive, Path("mappings"))
    outcome = compile_folder(Path("mappings"), rules="rules" in outputs)
    found = {name: output(name, outcome) for name in outputs}
    if request.config.getoption("--update-golden", default=False):
        case.write_text(write(Archive(archive.heading, archive.fixture, archive.sections | found)), encoding="utf-8")
        return
    for name in outputs:
        assert found[name] == archive.sections[name], f"section {name} differs: pytest tests/golden --update-golden"


def test_an_archive_reads_back_as_it_was_written() -> None:
    archive = Archive("A case.", "hubspot", {"acme/a.yaml": "a: 1\n", "lint": "no findings\n"})
    assert parse(write(archive)) == archive


def test_an_archive_with_a_section_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        parse("x\nfixture: hubspot\n-- lint --\n-- lint --\n")


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_case_that_emits_it(code: str) -> None:
    assert any(f"\n{code} " in case.read_text(encoding="utf-8") for case in CASES.glob("*.txt"))
