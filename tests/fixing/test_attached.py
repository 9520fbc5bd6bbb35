"""Every fix that is offered takes its finding away, brings no other and loses no comment; many findings have one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fixing.fixing_case import MAIN, Tenant, example
from golden.archive import parse
from golden.running import TODAY, lay_out
from queast_compiler.lint import RULES
from queast_compiler.lint.fixing import Checked, edited, offered, proposals
from queast_compiler.lint.same_meaning import Plans
from queast_compiler.pipeline import compile_tenant
from queast_dsl.diagnostics.model import Diagnostics, Finding
from queast_dsl.diagnostics.registry import CODES
from queast_dsl.loading import load_connector, load_tenant, tenants
from queast_dsl.loading.comments import comments_of
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile
from queast_runtime.cli.writing import read_text

CASES = sorted((Path(__file__).parents[1] / "golden" / "cases").glob("*.txt"))
ROOT = Path("mappings")
# What is fixed in the golden cases and in the wrong examples of the rules: 15 are the least that is promised.
LEAST = 15
# An error of a connection kept its account file from being asked for.
UNCOVERED = {"unknown_connector": ("QM502",)}


class OnDisk:
    """A golden case's tenant as it lies in a folder, edited in memory."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        found = {path.as_posix(): read_text(path) for path in (ROOT / tenant).glob("*.yaml")}
        # What is no text is refused, and has nothing to fix.
        self.texts = {path: file.text for path, file in found.items() if file is not None}

    def check(self, texts: dict[str, str]) -> Checked:
        found = Diagnostics()
        changed = {path.removeprefix("mappings/"): text.encode() for path, text in texts.items()}
        documents = load_tenant(ROOT, self.tenant, found, edited=changed)
        compiled = compile_tenant(documents, found, today=TODAY, connectors=lambda name: load_connector(name, found))
        return Checked(found.findings, Plans(compiled.connections, compiled.mappings))


def comments(path: str, text: str) -> list[str]:
    source = SourceFile(path, text)
    root = read_tree(source, Diagnostics())
    assert root is not None
    return sorted(source.text[span.start : span.end] for span in comments_of(source, root))


def offers_of(case: Path, folder: Path) -> Iterator[tuple[OnDisk, Sequence[Finding], Finding, str, str]]:
    """Yield each fix that is offered: the tenant, its findings, the one fixed, the file and its edited text."""
    lay_out(parse(case.read_text(encoding="utf-8")), folder)
    for name in tenants(folder):
        tenant = OnDisk(name)
        before = tenant.check({})
        held = offered(
            before, before.findings, tenant.texts, lambda texts, tenant=tenant: tenant.check(dict(texts)), checks=99
        )
        for finding, fix in held.items():
            path = fix.edits[0].span.file.path
            yield tenant, before.findings, finding, path, edited(tenant.texts[path], fix.edits)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_fix_of_a_golden_case_takes_its_finding_away_and_adds_none(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for tenant, before, finding, path, text in offers_of(case, ROOT):
        after = tenant.check({path: text}).findings
        left = [(each.code, each.message) for each in after]
        known = [(each.code, each.message) for each in before]
        known.remove((finding.code, finding.message))
        uncovered = [code for code, _ in left if code in UNCOVERED.get(case.stem, ())]
        assert [each for each in left if each[0] not in uncovered] == known
        # QM033 is about an expression that YAML takes for a comment.
        is_read = read_tree(SourceFile(path, tenant.texts[path]), Diagnostics()) is not None
        if is_read and finding.code != "QM033":
            assert comments(path, text) == comments(path, tenant.texts[path])


def test_at_least_fifteen_codes_of_the_golden_cases_carry_a_fix_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed: set[str] = set()
    for case in CASES:
        folder = tmp_path / case.stem
        folder.mkdir()
        monkeypatch.chdir(folder)
        fixed |= {finding.code for _, _, finding, _, _ in offers_of(case, ROOT)}
    assert len(fixed) >= LEAST


FIXABLE_RULES = """
    QM801 QM802 QM805 QM808 QM810 QM811 QM812 QM818 QM823 QM824 QM827 QM832
"""


@pytest.mark.parametrize("code", FIXABLE_RULES.split())
def test_the_wrong_example_of_a_rule_is_fixed(code: str) -> None:
    (rule,) = [each for each in RULES if each.code == code]
    tenant = example(rule.bad)
    (finding,) = tenant.findings()
    assert finding.code == code
    assert list(tenant.offered()) == [finding]
    assert tenant.check({MAIN: tenant.fixed_text()}).findings == ()


@pytest.mark.parametrize("code", sorted(CODES))
def test_what_a_wrong_example_is_fixed_to_has_nothing_against_it(code: str) -> None:
    """Examples that are not parts of a mapping are no YAML here, or are refused for other reasons: nothing to fix."""
    try:
        tenant = example(CODES[code].bad)
        found = tenant.findings()
    except ValueError:
        return
    for finding, fix in tenant.offered().items():
        after = tenant.check({MAIN: edited(tenant.text, fix.edits)}).findings
        assert count(after, finding) == count(found, finding) - 1


def count(findings: Sequence[Finding], finding: Finding) -> int:
    return sum((each.code, each.message) == (finding.code, finding.message) for each in findings)


def test_a_fix_that_would_bring_another_finding_is_not_offered() -> None:
    tenant = example("website: 'https://' + company.name")
    (finding,) = tenant.findings()
    assert finding.code == "QM032"
    assert proposals([finding], tenant.texts)
    assert tenant.offered() == {}


def test_two_names_that_are_as_near_are_left_to_a_person() -> None:
    tenant = Tenant(
        example("city: company.country | lookup(ab, else = null)\ntables:\n  abc: {NO: x}\n  abd: {NO: y}\n").text
    )
    finding = next(each for each in tenant.findings() if each.code == "QM213")
    assert finding.fix is None
