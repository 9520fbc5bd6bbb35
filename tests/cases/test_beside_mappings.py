"""Tests stand in a tenant's folder, and only what asks for them reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import queast_schemas
from cases.folder import TenantFolder
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_tenant
from queast_runtime.cli.app import app
from queast_runtime.cli.places import is_mapping, is_tests
from queast_runtime.engine.verdict import Reason

Tenant = Callable[[str], TenantFolder]
WRONG = "  - {name: a, given: {event: company.creted}, expect: {exact: true}}\n"


def lint(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["lint", *arguments])
    return done.exit_code, done.stdout


def test_lint_looks_at_tests_with_their_tenant_or_by_name_and_not_with_a_mapping(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(WRONG)
    for paths in ((), ("mappings/acme",), ("mappings/acme/tests/a.yaml",)):
        code, out = lint(*paths)
        assert (code, "QM571" in out) == (1, True), paths
    assert lint("mappings/acme/acme-hubspot.yaml") == (0, "")


def test_lint_fixes_a_name_in_a_test(tenant: Tenant) -> None:
    acme = tenant("acme")
    path = acme.tests(WRONG)
    assert lint("--fix")[0] == 0
    assert "company.created" in path.read_text()


def test_a_sound_file_of_tests_can_be_named(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(WRONG.replace("creted", "created"))
    assert lint("mappings/acme/tests/a.yaml") == (0, "")


def test_compiling_does_not_read_tests(tenant: Tenant, tmp_path: Path) -> None:
    acme = tenant("acme")
    acme.tests(WRONG)
    assert CliRunner().invoke(app, ["compile", "-o", str(tmp_path / "plans")]).exit_code == 0
    assert load_tenant(Path("mappings"), "acme", Diagnostics()).tests == ()


def test_a_file_in_a_folder_below_is_told_as_not_read(tenant: Tenant) -> None:
    acme = tenant("acme")
    acme.tests(WRONG)
    (acme.folder / "tests" / "more").mkdir()
    (acme.folder / "tests" / "a.yaml").rename(acme.folder / "tests" / "more" / "a.yaml")
    _, out = lint()
    assert "QM006 `tests/more/a.yaml` is not read: tests stand in the folder `tests` itself" in out


@pytest.mark.parametrize(
    ("path", "mapping", "tests"),
    [
        ("acme/a.yaml", True, False),
        ("acme/tests/a.yaml", False, True),
        ("acme/tests/b/a.yaml", False, False),
        ("acme/tests.yaml", True, False),
        ("acme/tables/a.yaml", False, False),
    ],
)
def test_a_path_is_that_of_a_mapping_or_of_tests(path: str, mapping: bool, tests: bool) -> None:
    assert (is_mapping(path), is_tests(path)) == (mapping, tests)


def test_an_empty_file_of_tests_is_told_how_tests_begin(tenant: Tenant) -> None:
    acme = tenant("acme")
    (acme.folder / "tests").mkdir()
    (acme.folder / "tests" / "a.yaml").write_text("")
    code, out = lint("mappings/acme/tests")
    assert code == 1
    assert "= help: write `mapping: acme-hubspot` to begin" in out


def test_what_a_test_may_call_a_refusal_is_what_the_engine_says() -> None:
    expect = queast_schemas.load("tests")["$defs"]["expect"]["properties"]
    assert expect["refused"]["enum"] == [each.value for each in Reason]


def test_a_misspelt_refusal_is_a_finding_with_its_fix(tenant: Tenant) -> None:
    acme = tenant("acme")
    path = acme.tests("  - {name: a, given: {event: company.created}, expect: {refused: out_of_scop}}\n")
    code, out = lint()
    assert code == 1
    assert "QM103" in out
    assert "did you mean `out_of_scope`?" in out
    assert lint("--fix")[0] == 0
    assert "refused: out_of_scope}" in path.read_text()
