"""A document of the wrong shape: one finding for each mistake, at the key or value that is wrong."""

from __future__ import annotations

import pytest

from queast_dsl.loading.structure import beginning

from .documents import CONNECTIONS, MAPPING, load, place, pointed_at


def _changed(old: str, new: str) -> str:
    assert old in MAPPING
    return MAPPING.replace(old, new)


# changed text, by what, code, text under the caret, part of the message or help
FAULTS = [
    ("    fields:", "    feilds:", "QM100", "feilds", "did you mean `fields`?"),
    ("    to: companies\n", "", "QM101", "companies", "`routes.companies` needs `to`"),
    ("    entity: company\n", "    entiti: company\n", "QM100", "entiti", "did you mean `entity`?"),
    ("connection: hubspot-main\n", "", "QM101", "version", "the file needs `connection`"),
    ("[created, updated]", "created", "QM102", "created", "must be a list, not text"),
    ("name: company.name", "name:", "QM102", "", "must be text or a mapping, not nothing"),
    ("entity: company", "entity: Company", "QM103", "Company", "did you mean `company`?"),
    ("[created, updated]", "[created, updatd]", "QM103", "updatd", "did you mean `updated`?"),
    ("version: 1", "version: 2", "QM103", "2", "allowed: 1"),
    ("version: 1", "version: '1'", "QM103", "'1'", "allowed: 1"),
    ("version: 1", 'version: "1"', "QM103", '"1"', "`version` cannot be `1` in quotes, which make it text  take the"),
    (
        "version: 1",
        "version: 1\nmode:",
        "QM102",
        "",
        "`live` sends; `shadow` is of a later version; for example `live`;",
    ),
    ("version: 1", "version: 1\nmode:", "QM102", "", "allowed: off, live"),
    ("[created, updated]", "12", "QM102", "12", "must be a list, not a whole number"),
    ("[created, updated]", "1.5", "QM102", "1.5", "must be a list, not a number"),
    ("[created, updated]", "true", "QM102", "true", "must be a list, not true or false"),
    ("[created, updated]", '"1.5"', "QM102", '"1.5"', "must be a list, not text"),
    ("version: 1", "version: 1\nextends: hubspot", "QM104", "hubspot", "base/hubspot@1"),
    ("version: 1", 'version: 1\nextends: "base/hubspot@1\\n"', "QM104", '"base/hubspot@1\\n"', "base/hubspot@1"),
    ("  companies:", "  Companies:", "QM104", "Companies", "write `companies`: small letters"),
    (
        "routes:",
        "pii: {purpose: x, basis: consent, send: [person.*]}\nroutes:",
        "QM104",
        "person.*",
        "such as `person.email`",
    ),
    ("    write: always", "    headers: {Bad Header: a}", "QM104", "Bad Header", "write `bad-header`"),
    ("[created, updated]", "[]", "QM105", "[]", "too few items"),
    ("[created, updated]", "[created, created]", "QM105", "[created, created]", "holds an item twice"),
    ("name: company.name", "name: {const: 1, template: x}", "QM113", "template", "keep exactly one of"),
    ("name: company.name", "name: {const: null}", "QM102", "null", "put it in quotes"),
    ("name: company.name", "name: {write: always}", "QM113", "name", "says no value"),
    ("name: company.name", "name: {const: secret://hubspot-main}", "QM114", "secret://hubspot-main", "only under auth"),
    ("routes:", "tables: {a: {b: c}}\nunset_routes:", "QM100", "unset_routes", "no key `unset_routes`"),
    ("    write: always", "    headers: {Content-Length: a}", "QM115", "Content-Length", "set by the delivery"),
]


@pytest.mark.parametrize(("old", "new", "code", "text", "words"), FAULTS)
def test_a_mistake_gives_one_finding_where_it_is(old: str, new: str, code: str, text: str, words: str) -> None:
    documents, findings = load(_changed(old, new))
    assert [finding.code for finding in findings] == [code], findings
    assert pointed_at(findings[0]) == text
    assert words in f"{findings[0].message}  {findings[0].help}"
    assert documents.mappings == ()


LATER = [
    ("version: 1\n", "version: 1\nmode: shadow\n", "shadow"),
    (
        "version: 1\n",
        "version: 1\nreceive: {starred: {when: {event: company.interest_highlighted, property: queast_interest}}}\n",
        "property",
    ),
    ("version: 1\n", "version: 1\nwas: [old]\n", "was"),
    ("    write: always\n", "    was: [old]\n", "was"),
    ("    write: always\n", "    afterwards: {deleted: retract}\n", "retract"),
    ("    write: always\n", "    afterwards: {out_of_scope: close}\n", "close"),
    ("version: 1\n", "version: 1\npii: {match_on: [person.email], purpose: sales, basis: consent}\n", "match_on"),
]


@pytest.mark.parametrize(("old", "new", "text"), LATER)
def test_what_a_later_version_brings_is_refused_once(old: str, new: str, text: str) -> None:
    documents, findings = load(_changed(old, new))
    assert [finding.code for finding in findings] == ["QM110"], findings
    assert pointed_at(findings[0]) == text
    assert "is not available in this version" in findings[0].message
    assert documents.mappings == ()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("    environments: {sandbox: {account: '991'}}\n", "environments"),
        ("    match: {person: {order: [link]}}\n", "person"),
        ("    notify: [ops@acme.example]\n", "notify"),
    ],
)
def test_what_a_later_version_brings_to_connections_is_refused_once(line: str, text: str) -> None:
    documents, findings = load(connections=CONNECTIONS + line)
    assert [finding.code for finding in findings] == ["QM110"], findings
    assert pointed_at(findings[0]) == text
    assert documents.connections == {}


def test_rules_of_a_later_version_may_stand_in_an_order() -> None:
    documents, findings = load(connections=CONNECTIONS + "    match: {company: {order: [link, linkedin, name]}}\n")
    assert findings == ()
    (rules,) = documents.connections["hubspot-main"].match
    assert [rule.value for rule in rules.order] == ["link", "linkedin", "name"]


def test_two_mistakes_give_two_findings() -> None:
    text = _changed("entity: company", "entity: compny").replace("to: companies", "to: [companies]")
    assert [place(finding) for finding in load(text)[1]] == [("QM103", 5, 13), ("QM102", 7, 9)]


def test_afterwards_keep_and_mode_off_are_available() -> None:
    text = _changed("    write: always\n", "    afterwards: {deleted: keep}\n").replace(
        "version: 1", "version: 1\nmode: off"
    )
    documents, findings = load(text)
    assert findings == ()
    (mapping,) = documents.mappings
    assert mapping.mode is not None
    assert mapping.mode.value == "off"
    assert [(key.value, value.value) for key, value in mapping.routes[0].afterwards] == [("deleted", "keep")]


def test_a_secret_place_takes_a_reference_only_and_the_finding_does_not_say_the_value() -> None:
    """D6.7: only `secret://name` in a secret-typed place."""
    _, findings = load(connections=CONNECTIONS.replace("secret://hubspot-main", "hunter2"))
    assert [finding.code for finding in findings] == ["QM112"]
    assert "hunter2" not in f"{findings[0].message}{findings[0].help}"


def test_an_account_that_looks_like_a_number_stays_text() -> None:
    documents, findings = load(connections=CONNECTIONS.replace('"24512345"', "0123"))
    assert findings == ()
    assert documents.connections["hubspot-main"].account.value == "0123"


@pytest.mark.parametrize(
    ("text", "found"), [("[1, 2]\n", "a list"), ("hello\n", "text"), ("12\n", "a whole number"), ("no: yes: 1\n", None)]
)
def test_a_file_that_is_no_mapping_is_told_how_one_begins(text: str, found: str | None) -> None:
    _, (finding,) = load(text)
    if found is not None:
        assert (finding.code, finding.message) == ("QM102", f"the file must be a mapping, not {found}")
        assert finding.help == "write keys and their values, beginning with `version: 1`"


@pytest.mark.parametrize(
    ("schema", "line"),
    [
        ("mapping", "version: 1"),
        ("connections", "version: 1"),
        ("policy", "version: 1"),
        ("tests", "mapping: acme-hubspot"),
    ],
)
def test_a_document_begins_as_its_schema_says(schema: str, line: str) -> None:
    assert beginning(schema) == line
