"""The pages beside the components: short, complete where they list, and true where they show."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from compiler.tenant_folder import compile_folder
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.render.text import render
from queast_runtime.cli.exits import Exit
from queast_runtime.observability.faults import POINTS
from queast_runtime.settings import Settings
from queast_runtime.store.tables import metadata

ROOT = Path(__file__).parents[2]
PAGES = ("schemas/README.md", "dsl/README.md", "compiler/README.md", "runtime/README.md")
SOURCES = ("schemas", "dsl", "compiler", "runtime")


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_read_in_one_sitting(page: str) -> None:
    written_by_hand = re.sub(r"<!-- begin .*?<!-- end [a-z]+ -->", "", read(page), flags=re.DOTALL)
    assert 40 <= len(written_by_hand.splitlines()) <= 150
    assert max(len(line) for line in written_by_hand.splitlines()) <= 200


@pytest.mark.parametrize("page", [*PAGES, "runtime/docs/decisions.md"])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    home = (ROOT / page).parent
    package = next(iter(home.glob("queast_*")), home)
    for name in re.findall(r"`([\w./-]+\.(?:py|md|json|yaml|lark)|[\w-]+(?:/[\w-]+)*/)`", read(page)):
        if re.search(r"NAME|STATE", name):
            continue
        places = [ROOT / name, home / name, *package.glob(f"*/{name}"), *ROOT.glob(f"*/queast_*/{name}")]
        assert any(place.exists() for place in places), name


def test_the_runtime_page_lists_every_setting_of_the_environment() -> None:
    named = set(re.findall(r"`(QMAP_[A-Z_]+)", read("runtime/README.md")))
    found = {f"QMAP_{name.upper()}" for name in Settings.model_fields}
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r"\"(QMAP_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    assert found - named == set(), "not on the page"
    assert named - found == {"QMAP_SECRET_"}, "on the page only"


def test_the_runtime_page_lists_exit_codes_fault_points_and_tables() -> None:
    page = read("runtime/README.md")
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", page, flags=re.MULTILINE)}
    # 3 is what `qmap diff` alone ends with, and stands on its own page.
    assert codes == {code.value for code in Exit} - {Exit.CHANGES}
    assert [point for point in POINTS if f"`{point}`" not in page] == []
    assert [table for table in metadata.tables if f"`{table}`" not in page] == []


def test_the_mappings_of_the_language_page_compile_as_they_stand(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", read("dsl/README.md"), flags=re.DOTALL)
    assert len(blocks) == 2
    mapping, body = blocks
    folder = tmp_path / "acme"
    shutil.copytree(ROOT / "mappings" / "acme", folder, ignore=shutil.ignore_patterns("events", "sandbox.json"))
    connections = folder / "connections.yaml"
    hook = "  hook: {connector: webhook, url: 'https://hooks.acme.example/q', account: hook,\n"
    hook += "    auth: {signing_secret: secret://hook}}\n"
    connections.write_text(connections.read_text(encoding="utf-8") + hook, encoding="utf-8")
    (folder / "acme-hubspot.yaml").write_text(mapping, encoding="utf-8")
    head = "version: 1\nconnection: hook\nmode: live\nroutes:\n"
    route = "  {0}s:\n    entity: {0}\n    events: [created]\n    to: event\n"
    persons = "    body: {name: person.full_name}\n"
    (grant,) = re.findall(r"`(pii: \{.*?\})`", read("dsl/README.md"))
    (folder / "hooks.yaml").write_text(head + route.format("signal") + body, encoding="utf-8")
    (folder / "persons.yaml").write_text(f"{head}{route.format('person')}{persons}{grant}\n", encoding="utf-8")
    policy = "version: 1\npersonal_data: {without_grant: [business_contact, direct_identifier]}\n"
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    diagnostics = Diagnostics()
    compiled = compile_folder(tmp_path, diagnostics)
    assert render(diagnostics) == ""
    assert [plan.mapping for plan in compiled.mappings] == ["acme-hubspot", "hooks", "persons"]
