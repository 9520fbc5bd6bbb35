"""The schema of one connection's mappings refuses what lint refuses of a mapping's structure and names, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from editor.reading import Schema, schema_of, underlined
from mutations.sites import Site, sites
from mutations.test_mutations import MAPPINGS, Workshop, workshop
from mutations.typos import slips
from queast_compiler.editor.dialect import references
from queast_dsl.diagnostics.model import Diagnostics, Severity
from queast_dsl.loading import read_tree
from queast_dsl.loading.nodes import Node
from queast_dsl.source import SourceFile

CONNECTIONS = {
    "acme": "hubspot-main",
    "nordlys": "pipedrive-main",
    "fjordbank": "warehouse",
    "rich": "hubspot-main",
}
ENOUGH = 200
# What a validator can see in one file: keys, closed lists, the shape of names; connections, bases, objects, properties.
SEEN = {"QM100", "QM101", "QM102", "QM103", "QM104", "QM300", "QM301", "QM310", "QM400", "QM406", "QM500"}
# An option, seen where it is a constant; in a table or an expression it is a word like any other.
OPTION = "QM321"


def tree_of(text: str) -> Node | None:
    return read_tree(SourceFile("mapping.yaml", text), Diagnostics())


def shown(schema: Schema, text: str) -> list[str]:
    """Return what is underlined in a mapping."""
    tree = tree_of(text)
    assert tree is not None
    return [text[span.start : span.end] for span in underlined(schema, tree)]


def schema_for(name: str) -> tuple[Workshop, Schema]:
    shop = workshop(name)
    return shop, schema_of(shop.tenant, CONNECTIONS[name], shop.files)


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_sound_mapping_has_nothing_underlined(name: str) -> None:
    shop, schema = schema_for(name)
    assert shown(schema, shop.text) == []


@pytest.mark.parametrize("is_every", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["spread", "every"])
@pytest.mark.parametrize("name", MAPPINGS)
def test_a_slip_is_underlined_once_where_lint_points_or_lint_alone_can_see_it(name: str, is_every: bool) -> None:
    shop, schema = schema_for(name)
    sound = shop.text
    known = shop.options()
    found = sites(SourceFile(shop.path, sound), known)
    every = [(site, slip) for site in found for slip in slips(site.word) if slip not in known]
    tried = every if is_every else every[:: len(every) // ENOUGH]
    wrong, seen = [], 0
    for site, slip in tried:
        text = sound[: site.start] + slip + sound[site.end :]
        why, is_seen = _disagreement(shop, schema, site, text)
        seen += is_seen
        if why:
            wrong.append(f"line {site.line}: {site.kind} `{site.word}` as `{slip}`: {why}")
    assert wrong == [], f"{len(wrong)} of {len(tried)}"
    assert seen >= 40


def _disagreement(shop: Workshop, schema: Schema, site: Site, text: str) -> tuple[str, bool]:
    """Return what a validator and lint see differently, empty where nothing, and whether both see a mistake."""
    tree = tree_of(text)
    # Broken YAML is underlined by any editor.
    if tree is None:
        return "", False
    (finding,) = (each for each in shop.findings(text) if each.severity is Severity.ERROR)
    marks = underlined(schema, tree)
    told = f"{finding.code} {finding.message}; underlined: {[text[mark.start : mark.end][:40] for mark in marks]}"
    # Of a list in a body `each` makes one; without it the other keys are a mapping's like any.
    is_seen = finding.code in SEEN and site.word != "each"
    if finding.code == OPTION:
        is_seen = bool(marks)
    if not is_seen:
        return ("underlined" if marks else "") and told, False
    span = finding.span
    if len(marks) != 1 or span is None:
        return f"{len(marks)} times: {told}", True
    is_there = marks[0].start < span.end and marks[0].end > span.start
    return "" if is_there else f"elsewhere: {told}", True


HEAD = "version: 1\nconnection: hubspot-main\n"
COMPANIES = (
    HEAD + "routes:\n  companies:\n    entity: company\n    events: [created]\n    to: companies\n    write: always\n"
)
NOTES = HEAD + "routes:\n  notes:\n    entity: signal\n    events: [created]\n    to: notes\n    attach_to: [company]\n"


@pytest.fixture(scope="module")
def hubspot() -> Schema:
    return schema_for("acme")[1]


@pytest.mark.parametrize(
    ("text", "underlined_there"),
    [
        (COMPANIES + "    fields: {Company Name: company.name}\n", []),
        (COMPANIES + "    fields: {company NAME: company.name}\n", []),
        (COMPANIES + "    fields: {Name: company.name}\n", ["Name"]),
        (COMPANIES + "    fields: {hs_object_id: company.id}\n", ["company.id"]),
        (COMPANIES + "    fields: {queast_company_id: company.id}\n", ["company.id"]),
        (COMPANIES + "    fields: {hs_timestamp: company.founded_on}\n", ["hs_timestamp"]),
        (COMPANIES + "    fields: {lifecyclestage: {const: Lead}}\n", []),
        (COMPANIES + "    fields: {lifecyclestage: {const: leads}}\n", ["leads"]),
        (COMPANIES + "    fields: {hubspot_owner_id: {const: 51001}}\n", []),
        (COMPANIES + "    fields: {hubspot_owner_id: {const: '51001'}}\n", []),
        (COMPANIES + "    fields: {hubspot_owner_id: {const: 51009}}\n", ["51009"]),
        (COMPANIES + "    fields: {name: {const: 2024}}\n", []),
        (COMPANIES + "    fields: {numberofemployees: {const: 12345678901234567890}}\n", ["12345678901234567890"]),
        (COMPANIES + "    fields: {numberofemployees: {const: '25'}}\n", []),
        (COMPANIES + "    fields: {numberofemployees: {const: many}}\n", ["many"]),
        (COMPANIES + "    fields: {is_public: {const: true}}\n", []),
        (COMPANIES + "    fields: {is_public: {const: yes}}\n", ["yes"]),
        (COMPANIES + "    fields: {queast_founded_on: {const: 2026-01-31}}\n", []),
        (COMPANIES + "    fields: {queast_founded_on: {const: 31.1.2026}}\n", ["31.1.2026"]),
        (COMPANIES + "    fields: {queast_regions: {const: nowhere}}\n", ["nowhere"]),
        (COMPANIES + "    fields: {city: {from: null, on_null: clear}}\n", []),
        (COMPANIES + "    fields: {city: }\n", [""]),
        (COMPANIES + "    fields: {city: {write: on_create}}\n", ["city"]),
        (COMPANIES + "    fields: {city: {from: company.city, const: x}}\n", ["const"]),
        (COMPANIES + "    attach_to: [company]\n", ["attach_to"]),
        (COMPANIES + "    body: {name: company.name}\n", ["body"]),
        (COMPANIES.replace("[created]", "[deleted]"), ["deleted"]),
        (COMPANIES.replace("[created]", "[createt]"), ["createt"]),
        (COMPANIES.replace("to: companies", "to: notes").replace("    write: always\n", ""), ["notes"]),
        (NOTES + "    fields: {hs_timestamp: signal.occurred_at}\n", []),
        (NOTES + "    fields: {hs_timestamp: {from: signal.occurred_at, write: always}}\n", ["write"]),
        (NOTES + "    write: always\n", ["write"]),
        (NOTES.replace("[company]", "[person]"), ["person"]),
        (NOTES.replace("    to: notes\n", ""), ["notes"]),
        (HEAD + "description: 2024\nroutes: {}\n", ["routes"]),
        (HEAD, [HEAD]),
        (HEAD.replace("hubspot-main", "elsewhere"), ["elsewhere"]),
        (HEAD + "extends: base/hubspot@1\n", []),
        (HEAD + "extends: base/hubspot@1\nroutes:\n  companies:\n    fields: {industry: {write: on_create}}\n", []),
        (HEAD + "extends: base/hubspot@1\nroutes:\n  companies:\n    fields: {zip: {write: on_create}}\n", ["zip"]),
        (HEAD + "extends: base/hubspot@1\nroutes:\n  companies:\n    fields: {nmae: company.name}\n", ["nmae"]),
        (HEAD + "extends: base/hubspot@1\nroutes:\n  signal-notes:\n    fields: {name: company.name}\n", ["name"]),
        (HEAD + "extends: base/hubspot@1\nroutes:\n  companies: {to: notes}\n", ["notes"]),
        (HEAD + "extends: base/hubspot@1\nlimits: {creates_per_day: 3}\n", []),
        (HEAD + "extends: base/hubspot@1\nlocked: [mode]\n", ["locked"]),
    ],
)
def test_what_is_underlined(hubspot: Schema, text: str, underlined_there: list[str]) -> None:
    assert [each.strip() for each in shown(hubspot, text)] == [each.strip() for each in underlined_there]


def test_a_property_with_a_number_for_a_name_is_offered_by_its_label_and_taken_by_both() -> None:
    _, schema = schema_for("nordlys")
    fields = schema["$defs"]["organizations.company"]["properties"]
    number = "9831f44fc940d20dcff69fcda715aa769fdc9419"
    assert "queast_domain" in fields
    assert number not in fields
    head = "version: 1\nconnection: pipedrive-main\nroutes:\n  o:\n    entity: company\n    events: [created]\n"
    head += "    to: organizations\n    fields: "
    for key in ("queast_domain", number, "Queast_Domain"):
        assert shown(schema, f"{head}{{{key}: company.domain}}\n") == []
    assert shown(schema, f"{head}{{queast_domian: company.domain}}\n") == ["queast_domian"]


def with_property(shop: Workshop, name: str, label: str) -> Workshop:
    """The workshop with one more property of companies in the account file."""
    path = f"{shop.tenant}/accounts/hubspot-main.json"
    account = json.loads(shop.files[path])
    account["objects"]["companies"]["properties"][name] = {"label": label, "type": "string"}
    return replace(shop, files=shop.files | {path: json.dumps(account).encode()})


@pytest.mark.parametrize(
    ("name", "label", "taken", "refused"),
    [
        (
            "odd/~name 50%",
            "Odd (US) [x] ^ a.b?",
            ["odd/~name 50%", "Odd (US) [x] ^ a.b?", "ODD (us) [X] ^ A.B?"],
            "odd",
        ),
        ("größe", "Größe des Büros", ["größe", "GRÖßE DES BÜROS"], "grösse"),
        ("own", "ZIP", ["own", "ZIP", "zip", "Zip"], "zips"),
        ("again", "Company name", ["again", "name"], "Company name"),
        ("plain", "again and again", ["plain", "Again and Again"], "again"),
    ],
    ids=["signs", "letters", "the name of another", "the label of another", "words"],
)
def test_properties_of_any_name_and_label_are_taken_as_lint_takes_them(
    name: str, label: str, taken: list[str], refused: str
) -> None:
    shop = with_property(workshop("acme"), name, label)
    schema = schema_of("acme", "hubspot-main", shop.files)
    jsonschema.Draft202012Validator.check_schema(schema)
    for key in (*taken, refused):
        text = COMPANIES + f"    fields:\n      {json.dumps(key, ensure_ascii=False)}: company.name\n"
        unknown = [each.code for each in shop.findings(text) if each.code in ("QM310", "QM313")]
        assert (unknown != []) == (key == refused), key
        assert (shown(schema, text) != []) == (key == refused), key


def test_options_that_yaml_reads_as_numbers_are_taken_as_written() -> None:
    _, schema = schema_for("nordlys")
    head = "version: 1\nconnection: pipedrive-main\nroutes:\n  o:\n    entity: company\n    events: [created]\n"
    head += "    to: organizations\n    fields:\n      industry: {const: "
    for value in ("13", "'13'"):
        assert shown(schema, f"{head}{value}}}\n") == []
    assert shown(schema, f"{head}1300}}\n") == ["1300"]


def test_another_connection_of_the_tenant_is_checked_in_general_only() -> None:
    shop = workshop("acme")
    connections = f"{shop.tenant}/connections.yaml"
    more = b"  hook: {connector: webhook, url: 'https://h.example/q', account: hook, auth: {signing_secret: secret://hook}}\n"
    shop = replace(shop, files=shop.files | {connections: shop.files[connections] + more})
    schema = schema_of("acme", "hubspot-main", shop.files)
    text = "version: 1\nconnection: hook\nroutes:\n  all: {entity: company, events: [deleted], to: event}\n"
    assert shown(schema, text) == []
    assert shown(schema, text.replace("entity", "entiti")) == ["entiti"]


def test_without_an_account_file_further_properties_may_be_right() -> None:
    shop = workshop("acme")
    without = {path: data for path, data in shop.files.items() if "accounts/" not in path}
    schema = schema_of("acme", "hubspot-main", without)
    assert shown(schema, COMPANIES + "    fields: {our_own: company.name, name: {const: {a: b}}}\n") == ["const"]


@pytest.mark.parametrize("name", ["acme", "nordlys", "fjordbank"])
def test_it_is_a_schema_of_its_own_that_says_nothing_of_ours(name: str) -> None:
    _, schema = schema_for(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(references(schema)) == set(schema["$defs"])
    assert [key for key in _keywords(schema) if key.startswith("x-") or key in ("oneOf", "$id")] == []


def _keywords(value: Any) -> list[str]:
    match value:
        case dict():
            return [*value, *(key for each in value.values() for key in _keywords(each))]
        case list():
            return [key for each in value for key in _keywords(each)]
        case _:
            return []


@pytest.mark.parametrize("name", ["acme", "nordlys"])
def test_each_property_shows_its_label_and_an_example_that_fits_in_its_place(name: str) -> None:
    _, schema = schema_for(name)
    shapes = [key for key in schema["$defs"] if "properties" in schema["$defs"][key] and "." in key and " " not in key]
    assert shapes
    for shape in shapes:
        described = schema["$defs"][shape]
        for key, each in described["properties"].items():
            assert each["title"], key
            assert each["description"].endswith("."), key
            assert "It reads `" in each["description"], key
            (example,) = each["examples"]
            own = {"$defs": schema["$defs"], "$ref": f"#/$defs/{shape}"}
            assert list(jsonschema.Draft202012Validator(own).iter_errors({key: example})) == [], key


def test_the_examples_of_conditions_and_values_compile() -> None:
    """A path as an example of a property is of a kind that the property takes: lint has nothing against it."""
    shop, schema = schema_for("acme")
    described = schema["$defs"]["companies.company"]["properties"]
    lines = [
        f"      {key}: {{from: {each['examples'][0]}, write: always}}"
        for key, each in described.items()
        if isinstance(each["examples"][0], str) and each["examples"][0] != "null"
    ]
    assert len(lines) > 15
    when = schema["$defs"]["route companies.company"]["properties"]["when"]["examples"][0]
    text = COMPANIES + f"    when: {when}\n    fields:\n" + "\n".join(lines) + "\n"
    errors = [each for each in shop.findings(text) if each.severity is Severity.ERROR]
    assert [(each.code, each.message) for each in errors] == []
