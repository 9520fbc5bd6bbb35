"""Every shape in which YAML eats an expression gives one finding, at its place, with a line that works."""

from __future__ import annotations

import pytest

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import read_source, read_tree
from queast_dsl.loading.shapes import quoted

from .documents import MAPPING, load, place, pointed_at, with_field

# line, code, text under the caret
SHAPES = [
    ("city: {from: company.city | lookup(t, else = null)}", "QM030", "company.city | lookup(t, else = null)"),
    ("city: {from: if(company.a, 'x', 'y'), write: always}", "QM030", "if(company.a, 'x', 'y')"),
    ("city: {from: company.country in ['NO', 'SE']}", "QM030", "company.country in ['NO', 'SE']"),
    ("city: {from: 'x' ?? company.city}", "QM030", "'x' ?? company.city"),
    ("city: {from: x ? y : z}", "QM030", "x ? y : z"),
    ("city: concat('City: ', company.city)", "QM031", ":"),
    ("city: if(company.a, 'x: y', 'z')", "QM031", ":"),
    ("city: 'x' ?? company.city", "QM032", "'x'"),
    ('city: "x" + company.city', "QM032", '"x"'),
    ("city: 'x' | f('y: z')", "QM032", "'x'"),
    ("city: replace(company.city, ' #', '')", "QM033", "#', '')"),
    ("city: company.city + #note", "QM033", "#note"),
    ("city: if(company.a, #1", "QM033", "#1"),
    ("city: [company.city, company.name] | first", "QM034", "["),
    ("city: [company.city]", "QM034", "["),
    ("city: {{ company.city }}", "QM035", "{{"),
    ("city: {{ company.city }} AS", "QM035", "{{"),
    ("city: {% if company.city %}a{% endif %}", "QM035", "{%"),
    ("city: in {{ company.city }}", "QM035", "{{"),
    ('city: "{{ company.city }}"', "QM035", "{{"),
    ("city: | lower", "QM036", "|"),
    ("city: > 5", "QM036", ">"),
    ('city: "Software"', "QM037", '"Software"'),
    ("city: 'Made with love'", "QM037", "'Made with love'"),
    ("city: @company.city", "QM038", "@"),
    ("city: `company.city`", "QM038", "`"),
    ("city: % company.city", "QM038", "%"),
    ("city: !company.city", "QM038", "!company.city"),
    ("city: ! company.city", "QM038", "!"),
    ("city: *company.city", "QM038", "*"),
    ("city: &company.city", "QM038", "&"),
    ("city: - company.employee_count", "QM038", "-"),
]


@pytest.mark.parametrize(("line", "code", "text"), SHAPES)
def test_a_shape_gives_one_finding_with_a_fix(line: str, code: str, text: str) -> None:
    documents, findings = load(with_field(line))
    assert [finding.code for finding in findings] == [code], findings
    assert pointed_at(findings[0]) == text
    assert findings[0].span is not None
    assert findings[0].span.line == 11
    assert findings[0].help
    assert documents.mappings == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("when: 'x' == signal.title", "QM032"),
        ("when: !company.bookmarked", "QM038"),
        ("when: company.a in ['x: y']", "QM031"),
    ],
)
def test_a_shape_is_known_in_conditions_too(line: str, code: str) -> None:
    _, findings = load(MAPPING.replace("    write: always\n", f"    {line}\n"))
    assert [finding.code for finding in findings] == [code]
    assert place(findings[0])[1] == 8


def test_a_shape_is_known_in_a_connection() -> None:
    connections = (
        "version: 1\nconnections:\n  hubspot-main:\n    connector: hubspot\n    account: '1'\n    match:\n"
        "      company:\n        domain: {from: coalesce(company.domain, company.website_url), to: [domain]}\n"
    )
    _, findings = load(connections=connections)
    assert [place(finding) for finding in findings] == [("QM030", 8, 24)]


@pytest.mark.parametrize(
    "line",
    [
        "city: company.city # a comment",
        "city: company.city #a (comment",
        'city: "company.city"',
        "city: 'company.city ?? ''none'''",
        "city: \"'x' ?? company.city\"",
        "city: {const: Software}",
        "city: {const: 'x', write: on_create} # (",
        'city: {template: "{{ company.city }}"}',
        "city: concat(company.city, '{{')",
        "city: company.employee_count - 1",
        "city: |\n        company.city\n        ?? company.name",
        'city: "5"',
        'city: "null"',
        'city: "not company.bookmarked"',
        "city: company.city in ['NO', 'SE']",
        "city: if(company.city == 'a:b', 'c', 'd')",
    ],
)
def test_an_expression_that_yaml_leaves_whole_is_let_pass(line: str) -> None:
    documents, findings = load(with_field(line))
    assert findings == ()
    assert len(documents.mappings) == 1


def test_the_shapes_are_looked_for_only_where_an_expression_stands() -> None:
    mapping = MAPPING.replace("version: 1\n", "version: 1\ndescription: 'Software'\n")
    assert load(mapping)[1] == ()
    _, findings = load(MAPPING.replace("version: 1\n", "version: 1\ndescription: Keep: in sync\n"))
    assert [place(finding) for finding in findings] == [("QM010", 2, 18)]


@pytest.mark.parametrize("expression", ["'x' ?? a", '"x" + a', "'x' + \"y\"", "a + '\\\\'"])
def test_the_fix_is_a_line_that_yaml_leaves_whole(expression: str) -> None:
    diagnostics = Diagnostics()
    source = read_source("fix.yaml", quoted("city", expression).encode(), diagnostics)
    assert source is not None
    tree = read_tree(source, diagnostics)
    assert tree is not None
    assert diagnostics.findings == ()
    assert tree.entries[0].value.value == expression


def test_most_shapes_have_a_fix_that_quotes_them() -> None:
    helps = [load(with_field(line))[1][0].help or "" for line, code, _ in SHAPES if code != "QM036"]
    assert sum("quotes alone" not in help for help in helps) > len(helps) / 2


@pytest.mark.parametrize("line", [line for line, code, _ in SHAPES if code != "QM036"])
def test_the_fix_of_a_shape_is_let_pass_where_it_is_put(line: str) -> None:
    (finding,) = load(with_field(line))[1]
    help = finding.help or ""
    if "quotes alone do not make it an expression" in help:
        # What is no expression in quotes either gets no fix that would only move the mistake.
        assert finding.fix is None
        return
    fix = help.partition(": ")[2] if "\n" not in help else help.partition("\n")[2]
    documents, findings = load(with_field(fix.replace("\n", "\n      ")))
    assert findings == (), fix
    assert len(documents.mappings) == 1
