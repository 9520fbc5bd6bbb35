"""`qmap init --from CONNECTION`: a mapping is proposed that sends nothing, compiles, and says why of each line."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from init.accounts import prop, write_account
from queast_dsl.diagnostics import Severity
from queast_runtime.cli.compiling import compile_selection
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.init.command import Asked, run
from queast_runtime.cli.init.importing import proposed_mapping
from queast_runtime.cli.places import Selection

EXAMPLES = Path(__file__).parents[2] / "mappings"
SPECS = os.environ.get("QMAP_VENDOR_SPECS")


def errors(folder: Path, tenant: str) -> list[str]:
    found = compile_selection(Selection(folder / "mappings", tenant, None), rules=True)
    return [f"{each.code} {each.message}" for each in found.all_findings if each.severity is Severity.ERROR]


def proposed(folder: Path, tenant: str = "globex", connection: str = "crm") -> dict[str, Any]:
    """Write the proposal, hold it to having no error, and return it as YAML reads it."""
    text, _ = proposed_mapping(folder / "mappings", tenant, connection)
    (folder / f"mappings/{tenant}/{connection}-proposed.yaml").write_text(text)
    assert errors(folder, tenant) == []
    read: dict[str, Any] = yaml.load(text, yaml.BaseLoader)
    return read


def fields(read: dict[str, Any]) -> dict[str, str]:
    routes = read["routes"]
    return {name: value for route in routes.values() for name, value in route["fields"].items()} if routes else {}


@pytest.mark.parametrize(("tenant", "connection"), [("acme", "hubspot-main"), ("nordlys", "pipedrive-main")])
def test_a_mapping_is_proposed_for_every_example_account(
    tenant: str, connection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "mappings", ignore=shutil.ignore_patterns("events", "sandbox.json"))
    monkeypatch.chdir(tmp_path)
    run(Asked(Path(), connection))
    assert errors(tmp_path, tenant) == []
    read = yaml.load((tmp_path / f"mappings/{tenant}/{connection}-proposed.yaml").read_text(), yaml.BaseLoader)
    assert read["mode"] == "off"
    assert len(fields(read)) >= 10
    assert fields(read)["name"] == "company.name"
    before = {each: each.read_bytes() for each in tmp_path.rglob("*.yaml")}
    with pytest.raises(CommandError, match="is there already, and left alone"):
        run(Asked(Path(), f"{tenant}/{connection}"))
    assert {each: each.read_bytes() for each in tmp_path.rglob("*.yaml")} == before


@pytest.mark.skipif(SPECS is None, reason="needs the vendors' documents: QMAP_VENDOR_SPECS")
def test_what_pipedrive_documents_of_an_organization_is_recognised(tmp_path: Path) -> None:
    document = yaml.load((Path(str(SPECS)) / "pipedrive/pipedrive-subset.openapi.yaml").read_text(), yaml.CSafeLoader)
    body = document["paths"]["/api/v2/organizations"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    types = {"string": "string", "integer": "integer", "boolean": "boolean", "number": "number"}
    flat = {**body["properties"], **body["properties"]["address"]["properties"]}
    listed = {
        name: prop(types[each["type"]], each["description"][:500])
        for name, each in flat.items()
        if each["type"] in types and name not in ("owner_id", "visible_to")
    }
    write_account(tmp_path, listed, "pipedrive")
    found = fields(proposed(tmp_path))
    assert found["website"] == "company.website_url"
    assert found["linkedin"] == "company.linkedin_url"
    assert found["employee_count"] == "company.employee_count"
    assert found["annual_revenue"] == "round_int(company.revenue)"
    assert found["postal_code"] == "company.address.postal_code"
    assert found["country"] == "company.country"


def test_each_line_says_why_and_a_guess_is_a_comment(tmp_path: Path) -> None:
    listed = {
        "name": prop(),
        "cf_headcount": prop("integer", "Head count"),
        "hq": prop(label="City of the head office"),
        "segment": prop(label="Segment"),
        "created": prop("datetime", "Created", read_only=True),
    }
    write_account(tmp_path, listed)
    proposed(tmp_path)
    text = (tmp_path / "mappings/globex/crm-proposed.yaml").read_text()
    assert re.search(
        r"^      cf_headcount: company.employee_count +# review: name and type agree \((0\.9\d|1\.00)\)$", text, re.M
    )
    assert re.search(r"^#   segment \(Segment, string\): nothing of Queast's is called like it$", text, re.M)
    assert re.search(r"^#   created \(Created, datetime\): only the destination writes it$", text, re.M)
    for line in text.splitlines():
        if line.startswith("      ") and ": company" in line:
            assert "# review: " in line


def test_a_property_is_proposed_only_what_its_type_can_hold(tmp_path: Path) -> None:
    listed = {
        "name": prop(),
        "employees": prop("string", "Number of employees"),
        "revenue": prop("integer"),
        "founded": prop("datetime", "Founded"),
        "website": prop("boolean", "Website"),
        "technologies": prop("text", "Technologies"),
        "city": prop("string", "City", max_length=20),
        "phone": prop("date", "Phone"),
    }
    write_account(tmp_path, listed)
    found = fields(proposed(tmp_path))
    assert found["employees"] == "text(company.employee_count)"
    assert found["revenue"] == "round_int(company.revenue)"
    assert found["founded"] == "start_of_day(company.founded_on)"
    assert found["technologies"] == "join(company.technologies, ', ')"
    assert found["city"] == "truncate(company.city, 20)"
    assert not {"website", "phone"} & set(found)


def test_options_become_rows_by_their_labels_and_what_has_none_is_said(tmp_path: Path) -> None:
    options = [
        {"value": "11", "label": "Banking"},
        {"value": "12", "label": "Investment banking"},
        {"value": "13", "label": "Computer software"},
        {"value": "14", "label": "Food machinery manufacturing"},
        {"value": "15", "label": "Car manufacturing"},
        {"value": "16", "label": "Real-Estate"},
    ]
    write_account(tmp_path, {"name": prop(), "sector": prop("enumeration", "Sector", options=options)})
    read = proposed(tmp_path)
    assert fields(read)["sector"] == "company.industry | lookup(sector_options, else = null)"
    assert read["tables"] == {"sector_options": {"banking": "11", "software": "13", "real_estate": "16"}}
    text = (tmp_path / "mappings/globex/crm-proposed.yaml").read_text()
    assert '    software: "13"   # review: the option says more\n' in text
    assert "    # manufacturing: no option is called like it\n" in text


def test_a_required_property_without_a_candidate_gets_a_placeholder_and_its_route_writes_nothing(
    tmp_path: Path,
) -> None:
    listed = {"name": prop(), "budget": prop("integer", required=True), "code": prop(required=True, max_length=3)}
    write_account(tmp_path, listed)
    route = proposed(tmp_path)["routes"]["companies"]
    assert route["when"] == "false"
    assert route["fields"] == {"budget": {"const": "0"}, "code": {"const": "FIL"}, "name": "company.name"}
    text = (tmp_path / "mappings/globex/crm-proposed.yaml").read_text()
    assert (
        len(re.findall(r"# review: REQUIRED, and nothing of Queast's is proposed for it: a placeholder$", text, re.M))
        == 2
    )
    assert "#   budget (budget, integer): REQUIRED; nothing of Queast's is called like it\n" in text


def test_free_text_is_never_proposed_but_as_a_comment(tmp_path: Path) -> None:
    write_account(tmp_path, {"name": prop(), "description": prop("text", "Description")})
    assert set(fields(proposed(tmp_path))) == {"name"}
    text = (tmp_path / "mappings/globex/crm-proposed.yaml").read_text()
    assert re.search(r"^      # description: company\.description .*free text may name persons", text, re.M)


_TYPES = [
    "string",
    "text",
    "html",
    "markdown",
    "integer",
    "number",
    "boolean",
    "date",
    "datetime",
    "enumeration",
    "set",
    "owner",
]
_PIECES = [
    "name",
    "Website",
    "employees",
    "hs_",
    "revenue",
    "city",
    "e-mail",
    "on",
    "null",
    ": #",
    '"',
    "å",
    "\n",
    "~",
    "2",
]
_NAMES = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=4).map("".join)
_PROPERTY = st.builds(
    prop,
    st.sampled_from(_TYPES),
    _NAMES,
    max_length=st.none() | st.integers(1, 300),
    required=st.sampled_from([False, False, False, True]),
    options=st.lists(
        st.builds(lambda v, w: {"value": v, "label": w}, _NAMES, _NAMES), max_size=4, unique_by=lambda o: o["value"]
    ),
)


@given(st.dictionaries(_NAMES, _PROPERTY, max_size=8))
@settings(max_examples=20, deadline=None)
def test_whatever_an_account_calls_its_properties_the_proposal_compiles(properties: dict[str, Any]) -> None:
    # What cannot be written on a line of YAML, or has no options, nobody can fill in.
    closed = ("enumeration", "set", "owner")
    assume(not any(each["required"] and ("\n" in key or each["type"] in closed) for key, each in properties.items()))
    with tempfile.TemporaryDirectory() as folder:
        write_account(Path(folder), {**properties, "name": prop()})
        if errors(Path(folder), "globex"):
            return
        proposed(Path(folder))


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("warehouse", "takes events and has no properties"),
        ("hubspot-mian", "neither a beginning nor a connection"),
        ("nordlys/hubspot-main", "neither a beginning nor a connection"),
    ],
)
def test_what_cannot_be_proposed_for_is_said_and_nothing_written(
    named: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "mappings", ignore=shutil.ignore_patterns("events", "sandbox.json"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=says) as told:
        run(Asked(Path(), named))
    assert told.value.code is Exit.USAGE
    assert list(tmp_path.rglob("*-proposed.yaml")) == []


def test_a_required_property_that_takes_no_value_is_said(tmp_path: Path) -> None:
    write_account(tmp_path, {"name": prop(), "stage": prop("enumeration", required=True)})
    with pytest.raises(CommandError, match="no mapping to crm can be proposed: QM326 no options of `stage`") as told:
        proposed_mapping(tmp_path / "mappings", "globex", "crm")
    assert told.value.code is Exit.FINDINGS


def test_a_connection_without_an_account_file_says_what_to_write(tmp_path: Path) -> None:
    write_account(tmp_path, {})
    (tmp_path / "mappings/globex/accounts/crm.json").unlink()
    with pytest.raises(CommandError, match="has no account file"):
        proposed_mapping(tmp_path / "mappings", "globex", "crm")


def test_what_to_type_next_works_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_account(tmp_path / "t5", {"name": prop()})
    monkeypatch.chdir(tmp_path)
    run(Asked(Path("t5"), "crm"))
    told = capsys.readouterr().err
    assert "  1. cd t5\n  2. look through mappings/globex/crm-proposed.yaml" in told
    (tmp_path / "t5/mappings/globex/crm-proposed.yaml").unlink()
    monkeypatch.chdir(tmp_path / "t5")
    run(Asked(Path(), "crm"))
    assert "\n  1. look through mappings/globex/crm-proposed.yaml" in capsys.readouterr().err


def test_connections_that_cannot_be_read_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_account(tmp_path, {"name": prop()})
    path = tmp_path / "mappings/globex/connections.yaml"
    path.write_text(path.read_text().replace("connections:", "conections:"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=r"mappings/globex/connections.yaml cannot be read") as told:
        run(Asked(Path(), "crm"))
    assert told.value.code is Exit.FINDINGS
    assert told.value.help == "mend what this shows: qmap lint mappings/globex/connections.yaml"
