"""What a mapping's text becomes."""

from __future__ import annotations

import pytest

from queast_dsl.document.mapping import (
    BodyEach,
    BodyObject,
    Const,
    Expression,
    InlineTemplate,
    Mapping,
    Render,
    SecretRef,
)

from .documents import MAPPING, load, with_field


def _mapping(text: str, **more: str) -> Mapping:
    documents, findings = load(text, **more)
    assert findings == ()
    (mapping,) = documents.mappings
    return mapping


def test_a_mapping_is_named_by_its_file() -> None:
    mapping = _mapping(MAPPING)
    assert (mapping.tenant, mapping.name, mapping.connection.value) == ("acme", "main", "hubspot-main")
    assert [source.path for source in mapping.sources] == ["mappings/acme/main.yaml"]


def test_every_form_of_a_field_is_read() -> None:
    mapping = _mapping(
        with_field("a: {const: 014, write: on_create}")
        + "      b: {template: '{{ company.name }}', on_null: clear}\n"
        + "      c: {render: note}\n"
        + "      d:\n        from: company.city\n        on_null: error\n"
    )
    name, a, b, c, d = mapping.routes[0].fields
    assert isinstance(name.value, Expression)
    assert isinstance(a.value, Const)
    assert a.value.text.text == "014"
    assert isinstance(b.value, InlineTemplate)
    assert b.value.text.text == "{{ company.name }}"
    assert isinstance(c.value, Render)
    assert isinstance(d.value, Expression)
    assert [field.write.value if field.write else None for field in (name, a, b, c, d)] == [
        "always",
        "on_create",
        "always",
        "always",
        "always",
    ]
    assert [field.on_null.value if field.on_null else None for field in (b, c, d)] == ["clear", None, "error"]


def test_without_a_route_write_a_field_has_none() -> None:
    mapping = _mapping(MAPPING.replace("    write: always\n", ""))
    assert mapping.routes[0].fields[0].write is None


def test_a_webhook_body_nests_and_repeats() -> None:
    mapping = _mapping(
        "version: 1\nconnection: warehouse\nroutes:\n  all:\n    entity: company\n    events: [created]\n"
        "    to: event\n    headers:\n      X-Api-Key: secret://warehouse-key\n      X-Source: {const: queast}\n"
        "      X-Id: company.id\n"
        "    body:\n      id: company.id\n      kind: {const: company}\n      from: company.city\n"
        "      stack:\n        each: company.technologies\n        as: item\n        body:\n          name: item\n"
    )
    route = mapping.routes[0]
    assert [type(header.value) for header in route.headers] == [SecretRef, Const, Expression]
    assert isinstance(route.headers[0].value, SecretRef)
    assert route.headers[0].value.name.value == "warehouse-key"
    assert isinstance(route.body, BodyObject)
    kinds = {key.value: type(node) for key, node in route.body.entries}
    assert kinds == {"id": Expression, "kind": Const, "from": Expression, "stack": BodyEach}


def test_a_table_is_written_out_or_read_from_a_file() -> None:
    text = MAPPING + "tables:\n  a: {software: SOFT, NO: Norway}\n  b: {file: tables/b.csv}\n"
    mapping = _mapping(text, acme__tables__b_dot_csv='key,value\nx,1\n"y, z","say ""hi"""\r\n')
    rows = {table.name.value: [(key.value, value.value) for key, value in table.rows] for table in mapping.tables}
    assert rows == {"a": [("software", "SOFT"), ("NO", "Norway")], "b": [("x", "1"), ("y, z", 'say "hi"')]}
    assert [source.path for source in mapping.sources] == ["mappings/acme/main.yaml", "mappings/acme/tables/b.csv"]


def test_a_table_file_that_is_not_there_or_wrong_is_reported_at_its_place() -> None:
    text = MAPPING + "tables:\n  b: {file: tables/b.csv}\n"
    _, findings = load(text)
    assert [(finding.code, finding.span.line if finding.span else 0) for finding in findings] == [("QM004", 12)]
    for csv, line in (
        ("key,value\nx\n", 2),
        ("key,value\nx,1\nx,2\n", 3),
        ('key,value\n"x,1\n', 2),
        ("key,value\n", 1),
        ("software,SOFT\nbanking,BANK\n", 1),
        ("key,value\noslo , x\n", 2),
        ("key,value\noslo, x\n", 2),
        ("key,value\n,x\n", 2),
    ):
        _, findings = load(text, acme__tables__b_dot_csv=csv)
        assert [(finding.code, finding.span.line if finding.span else 0) for finding in findings] == [("QM116", line)]


def test_blanks_and_an_empty_key_in_quotes_are_meant() -> None:
    text = MAPPING + "tables:\n  b: {file: tables/b.csv}\n"
    mapping = _mapping(text, acme__tables__b_dot_csv='key,value\n" oslo"," x "\n"",none\n')
    (table,) = mapping.tables
    assert [(key.value, value.value) for key, value in table.rows] == [(" oslo", " x "), ("", "none")]


@pytest.mark.parametrize(
    ("table", "help"),
    [
        ("file: tables/b.CSV", "name a CSV file"),
        ("file: tables/b.txt", "name a CSV file"),
        ("file: tables/b", "name a CSV file"),
        ("file: /etc/passwd", "name a CSV file"),
        ("file: b.xlsx", "name a CSV file"),
        ("flie: tables/b.csv", "did you mean `file`?"),
        ("File: b.csv", "did you mean `file`?"),
        ("path: tables/b.csv", "did you mean `file`?"),
    ],
)
def test_a_table_that_was_meant_to_be_in_a_file_is_no_row(table: str, help: str) -> None:
    _, findings = load(MAPPING + f"tables:\n  b: {{{table}}}\n")
    (finding,) = findings
    assert (finding.code, finding.span and finding.span.line) == ("QM116", 12)
    assert finding.help is not None
    assert finding.help.startswith(help)


@pytest.mark.parametrize("row", ["file: Word", "file: application/pdf", "software: SOFT", "NO: acme.no", "csv: Table"])
def test_a_table_may_have_one_row(row: str) -> None:
    (table,) = _mapping(MAPPING + f"tables:\n  b: {{{row}}}\n").tables
    assert len(table.rows) == 1


def test_a_table_file_stays_in_the_tenants_folder() -> None:
    _, findings = load(MAPPING + "tables:\n  b: {file: ../globex/b.csv}\n", globex__b_dot_csv="a,b\nx,1\n")
    assert [finding.code for finding in findings] == ["QM104"]


def test_a_caret_in_a_block_template_is_right() -> None:
    mapping = _mapping(MAPPING + "templates:\n  note: |\n    <b>\n      {{ company.name }}\n")
    text = mapping.templates[0].text
    start = text.text.index("company.name")
    span = text.at(start, start + len("company.name"))
    assert (span.line, span.column) == (14, 10)
