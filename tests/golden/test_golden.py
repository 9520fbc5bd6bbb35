"""Every case compiles to exactly the text it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from golden.archive import Archive, parse, write
from golden.running import compile_folder, is_output, lay_out, output
from queast_dsl.diagnostics.codes import bounds, connections, destinations, policy, releases

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_case_gives_exactly_its_output(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    archive = parse(case.read_text(encoding="utf-8"))
    outputs = [name for name in archive.sections if is_output(name)]
    assert outputs, "a case needs a section `lint` or `plan TENANT/MAPPING`"
    monkeypatch.chdir(tmp_path)
    lay_out(archive, Path("mappings"))
    outcome = compile_folder(Path("mappings"))
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


def test_every_code_of_the_compiler_has_a_case() -> None:
    shown = "".join(case.read_text(encoding="utf-8") for case in CASES.glob("*.txt"))
    # They need a manifest with editions, or with a property that is never shown, which none that ships has:
    # tests/compiler/test_open_world.py.
    shown += "\nQM304 \nQM334 "
    owned = (*destinations.CODES, *connections.CODES, *policy.CODES, *bounds.CODES, *releases.CODES)
    assert [code.code for code in owned if f"\n{code.code} " not in shown] == []
