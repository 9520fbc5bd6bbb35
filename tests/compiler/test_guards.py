"""When a field is written: from `write` in the YAML to guards and reads that a plan needs."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from compiler.tenant_folder import INDUSTRIES, TODAY, account_file, compile_folder, property_entry, write_tenant
from queast_compiler.codegen import load_mapping
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.mapping import MappingPlan
from queast_compiler.plan.needs import GuardNeed, ReadNeed
from queast_dsl.diagnostics.model import Diagnostics, Finding
from queast_dsl.diagnostics.render.text import render
from queast_dsl.loading import load_connector, load_tenant

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
HEAD = """\
version: 1
connection: hubspot-main
mode: live
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    fields:
"""
TABLES = """\
tables:
  regions: {"NO": nordics, SE: nordics, DE: europe}
  industries: {software: COMPUTER_SOFTWARE, banking: BANKING}
"""


def account() -> dict[str, Any]:
    properties = {
        "industry": property_entry("Industry", "enumeration", INDUSTRIES),
        "regions": property_entry("Regions", "set", ("nordics", "europe")),
        "queast_company_id": property_entry("Queast company id", "string"),
    }
    return account_file() | {"objects": {"companies": {"properties": properties}}}


def lines(*fields: str) -> str:
    return HEAD + "".join(f"      {each}\n" for each in fields) + TABLES


def compiled(root: Path, text: str) -> MappingPlan:
    write_tenant(root, {"main": text}, account=account())
    diagnostics = Diagnostics()
    plans = compile_folder(root, diagnostics).mappings
    assert plans, render(diagnostics)
    return plans[0]


def warnings(root: Path, text: str, *able: Any) -> tuple[Finding, ...]:
    write_tenant(root, {"main": text}, account=account())
    diagnostics = Diagnostics()
    compile_tenant(
        load_tenant(root, "acme", diagnostics),
        diagnostics,
        today=TODAY,
        connectors=lambda name: load_connector(name, diagnostics),
        engine=able,
    )
    return diagnostics.findings


def test_a_field_that_says_nothing_is_written_unless_somebody_edited_it(tmp_path: Path) -> None:
    plan = compiled(tmp_path, lines("name: company.name", "city: {from: company.city, write: always}"))
    assert [field.write for field in plan.routes[0].fields] == ["unless_edited", "always"]
    assert plan.needs == (
        GuardNeed("equals_last_written", "companies", "name", "acme/main.yaml", 10),
        ReadNeed("companies", ("name",)),
    )


def test_a_field_overrules_its_route(tmp_path: Path) -> None:
    text = lines("name: company.name", "city: {from: company.city, write: if_empty}")
    plan = compiled(tmp_path, text.replace("    to: companies\n", "    to: companies\n    write: on_create\n"))
    assert [field.write for field in plan.routes[0].fields] == ["on_create", "if_empty"]
    assert [need.property for need in plan.needs if isinstance(need, GuardNeed)] == ["city"]


def test_what_is_written_always_or_once_needs_nothing(tmp_path: Path) -> None:
    plan = compiled(
        tmp_path,
        lines("name: {from: company.name, write: always}", "city: {from: company.city, write: on_create}"),
    )
    assert plan.needs == ()


@pytest.mark.parametrize(
    ("value", "company", "sent"),
    [
        ("company.country | lookup(regions, else = null)", {"country": "DE"}, {"regions": "europe"}),
        ("company.country | lookup(regions, else = null)", {"country": "FR"}, {}),
        ("company.country | lookup(regions, else = null)", {}, {}),
        ("if(company.country == 'NO', 'nordics', 'europe')", {"country": "SE"}, {"regions": "europe"}),
        ("['nordics', 'europe']", {}, {"regions": "nordics;europe"}),
        ("\"'nordics'\"", {}, {"regions": "nordics"}),
    ],
)
def test_one_option_and_a_list_of_them_are_added_alike(
    tmp_path: Path, value: str, company: dict[str, Any], sent: dict[str, Any]
) -> None:
    form = f"from: {value}" if not value.startswith("[") else f'from: "{value}"'
    plan = compiled(tmp_path, lines("name: company.name", "regions:", f"  {form}", "  write: add"))
    event = {"company": {"id": "c1", "name": "Acme", **company}}
    expected = {"name": "Acme", **sent}
    assert load_mapping(plan).routes[0].evaluate(event, NOW).values == expected
    rows = {name: dict(pairs) for name, pairs in plan.tables}
    assert Interpreter(rows).route(plan.routes[0])(event, NOW).values == expected


def test_a_null_that_is_added_may_still_be_an_error(tmp_path: Path) -> None:
    plan = compiled(
        tmp_path,
        lines(
            "name: company.name",
            "regions:",
            "  from: company.country | lookup(regions, else = null)",
            "  write: add",
            "  on_null: error",
        ),
    )
    record = load_mapping(plan).routes[0].evaluate({"company": {"name": "Acme"}}, NOW)
    assert [failure.property for failure in record.failures] == ["regions"]


def test_one_option_without_add_is_still_no_list(tmp_path: Path) -> None:
    write_tenant(
        tmp_path,
        {"main": lines("name: company.name", "regions:", "  from: company.country | lookup(regions, else = null)")},
        account=account(),
    )
    diagnostics = Diagnostics()
    compile_folder(tmp_path, diagnostics)
    assert [finding.code for finding in diagnostics] == ["QM320"]


def test_an_engine_that_can_do_it_is_not_warned_of(tmp_path: Path) -> None:
    text = lines("name: {from: company.name, write: if_empty}", "city: {from: company.city, write: always}")
    (finding,) = warnings(tmp_path, text)
    assert (finding.code, finding.severity) == ("QM700", "warning")
    assert finding.span is not None
    assert finding.span.line == 10
    assert warnings(tmp_path, text, "guard.empty") == ()
    assert [each.code for each in warnings(tmp_path, text, "guard.union")] == ["QM700"]


def test_the_warning_can_be_silenced_with_a_reason(tmp_path: Path) -> None:
    text = lines("name:", "  from: company.name", "  write: if_empty  # qmap: ignore QM700 until the next version")
    assert warnings(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("phone: {from: company.phone, write: if_empty}", "`if_empty` asks what it holds"),
        ("phone: company.phone", "`unless_edited`, which is meant where no `write` is given, asks what it holds"),
        ("phone: {from: company.phone, write: on_create}", ""),
        ("phone: {from: company.phone, write: always}", ""),
    ],
)
def test_a_property_that_is_never_shown_has_no_guard(tmp_path: Path, field: str, says: str) -> None:
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    for name in ("hubspot", "webhook"):
        shipped = files("queast_dsl").joinpath(f"connectors/{name}.yaml").read_text(encoding="utf-8")
        changed = shipped.replace("phone: {type: string}", "phone: {type: string, write_only: true}")
        (manifests / f"{name}.yaml").write_text(changed, encoding="utf-8")
    write_tenant(
        tmp_path / "mappings", {"main": lines("name: {from: company.name, write: always}", field)}, account=account()
    )
    diagnostics = Diagnostics()
    compile_folder(tmp_path / "mappings", diagnostics, manifests=manifests)
    assert [(each.code, says in each.message) for each in diagnostics] == ([("QM334", True)] if says else [])
