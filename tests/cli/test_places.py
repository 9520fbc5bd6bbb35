"""A mapping is found, checked and compiled from wherever and however it is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from queast_dsl.diagnostics import Diagnostics, Severity
from queast_runtime.cli.compiling import Compilation, compile_all
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.places import select

CONNECTIONS = """\
version: 1
connections:
  warehouse:
    connector: webhook
    url: https://hooks.fjordbank.example/queast
    account: warehouse
    auth: {signing_secret: secret://warehouse}
"""
GOOD = """\
version: 1
connection: warehouse
mode: live
routes:
  companies:
    entity: company
    events: [created]
    to: event
    body:
      name: company.name
"""
BAD = GOOD.replace("company.name", "company.nmae")


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """A tenant with a sound mapping, `good`, and one with a misspelt field, `bad`."""
    folder = tmp_path / "work" / "mappings" / "fjord"
    (folder / "tables").mkdir(parents=True)
    (folder / "connections.yaml").write_text(CONNECTIONS)
    (folder / "good.yaml").write_text(GOOD)
    (folder / "bad.yaml").write_text(BAD)
    (folder / "tables" / "unused.csv").write_text("a,b\n")
    (folder.parent / "policy.yaml").write_text("version: 1\n")
    (tmp_path / "link").symlink_to(folder.parent, target_is_directory=True)
    (tmp_path / "fjord-link").symlink_to(folder, target_is_directory=True)
    return folder


def errors(compilation: Compilation) -> list[tuple[str, str]]:
    return [
        (finding.code, "" if finding.span is None else finding.span.file.path)
        for finding in compilation.findings
        if finding.severity is Severity.ERROR
    ]


# From which folder, what is typed, how findings name the file.
NAMED = (
    ("work", "mappings/fjord/bad.yaml", "mappings/fjord/bad.yaml"),
    ("work", "./mappings/../mappings/fjord/bad.yaml", "mappings/fjord/bad.yaml"),
    ("work/mappings", "fjord/bad.yaml", "fjord/bad.yaml"),
    ("work/mappings/fjord", "bad.yaml", "../fjord/bad.yaml"),
    ("work/mappings/fjord", "./bad.yaml", "../fjord/bad.yaml"),
    ("work/mappings/fjord/tables", "../bad.yaml", "../../fjord/bad.yaml"),
    ("link/fjord", "bad.yaml", "../fjord/bad.yaml"),
    (".", "link/fjord/bad.yaml", "work/mappings/fjord/bad.yaml"),
    (".", "fjord-link/bad.yaml", "work/mappings/fjord/bad.yaml"),
    (".", "{tenant}/bad.yaml", "{tenant}/bad.yaml"),
)


@pytest.mark.parametrize(("start", "typed", "shown"), NAMED)
def test_a_mistake_is_reported_however_its_file_is_named(
    tenant: Path, start: str, typed: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tenant.parents[2] / start)
    (compilation,) = compile_all([Path(typed.format(tenant=tenant))])
    assert errors(compilation) == [("QM211", shown.format(tenant=tenant.resolve()))]
    assert compilation.mappings_read == 1
    assert [plan.mapping for plan in compilation.compiled.mappings] == ["good"]


@pytest.mark.parametrize("typed", ["fjord", ".", "./fjord/", "../mappings", "fjord/../fjord"])
def test_a_folder_means_the_same_from_inside_and_outside(
    tenant: Path, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tenant.parent)
    (compilation,) = compile_all([Path(typed)])
    assert errors(compilation) == [("QM211", "fjord/bad.yaml")]


def test_the_tenant_folder_itself_is_a_place_to_stand(tenant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tenant)
    (compilation,) = compile_all([Path()])
    assert errors(compilation) == [("QM211", "../fjord/bad.yaml")]


def test_a_sound_file_is_not_told_what_is_wrong_in_another(tenant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tenant)
    (compilation,) = compile_all([Path("good.yaml")])
    assert errors(compilation) == []
    assert [(plan.mapping, plan.routes[0].file) for plan in compilation.compiled.mappings] == [
        ("good", "fjord/good.yaml")
    ]


def test_one_tenant_named_twice_is_compiled_once(tenant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tenant)
    chosen = select([Path("bad.yaml"), Path("../fjord/good.yaml"), tenant / "bad.yaml"])
    assert [(each.tenant, each.files) for each in chosen] == [
        ("fjord", frozenset({"fjord/bad.yaml", "fjord/good.yaml"}))
    ]


@pytest.mark.parametrize("typed", ["tables/unused.csv", "notes.txt", "tables/deep.yaml"])
def test_a_file_that_nothing_reads_is_said_to_be_none(
    tenant: Path, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tenant / "notes.txt").write_text("hello\n")
    (tenant / "tables" / "deep.yaml").write_text(GOOD)
    monkeypatch.chdir(tenant)
    with pytest.raises(CommandError, match="is no part of tenant fjord") as refused:
        compile_all([Path(typed)])
    assert refused.value.code is Exit.USAGE


def test_a_linked_file_is_refused_where_it_stands(tenant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tenant.parents[2] / "outside.yaml"
    shutil.move(tenant / "good.yaml", outside)
    (tenant / "good.yaml").symlink_to(outside)
    monkeypatch.chdir(tenant.parent)
    (compilation,) = compile_all([Path("fjord/good.yaml")])
    assert errors(compilation) == [("QM004", "fjord/good.yaml")]


def test_the_top_of_a_repository_stands_for_the_mappings_folder_in_it(
    tenant: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tenant.parent.parent
    monkeypatch.chdir(top)
    assert select([Path()]) == select([Path("mappings")])
    assert select([top]) == select([tenant.parent])
    monkeypatch.chdir(top.parent)
    assert select([Path("work")]) == select([Path("work/mappings")])
    # A folder with tenants of its own is what it is, whatever else is in it.
    (top / "policy.yaml").write_text("version: 1\n")
    with pytest.raises(CommandError):
        select([top])


def test_the_folder_of_tests_is_its_files(tenant: Path) -> None:
    (tenant / "tests").mkdir()
    for name in ("a.yaml", "b.yml", ".hidden.yaml", "notes.txt"):
        (tenant / "tests" / name).write_text("mapping: good\n")
    strays = Diagnostics()
    (chosen,) = select([tenant / "tests"], strays)
    assert (chosen.tenant, chosen.files) == ("fjord", {"fjord/tests/a.yaml", "fjord/tests/b.yml"})
    assert not strays.findings
