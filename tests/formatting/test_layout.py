"""What `qmap fmt` makes of a file, piece by piece."""

from __future__ import annotations

import pytest

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.formatting import Formatted, Left, format_text


def formatted(text: str, schema: str = "mapping") -> str:
    found = Diagnostics()
    result = format_text("mappings/acme/main.yaml", text, schema, found)
    assert isinstance(result, Formatted), (result, found.findings)
    again = format_text("mappings/acme/main.yaml", result.text, schema, found)
    assert again == result
    return result.text


BEFORE = """\
# of the file

# about the tables
tables:   # the tables
      # first
      industries:   { software: COMPUTER_SOFTWARE,    banking: BANKING }   # row
      other:
        a:   b
        # end of other


      # end of tables
#header of routes
routes:
  companies:
     fields:
        name: company.name|trim   # the name
        # the domain
        domain: "company.domain??company.website_url"
        x: {from: company.city, write: {b: c}}  # deep
     # the object
     to: companies
     entity:   company
     events: [created,
         updated  # why
         ]
templates:
    note: |
        <b>

          x
        # no comment
    t2: >-
        folded
        text

        more
  # a comment
version:   1



connection: 'hubspot-main'
# the end
"""
AFTER = """\
# of the file

version: 1

connection: 'hubspot-main'
#header of routes
routes:
  companies:
    entity: company
    events:
      - created
      - updated  # why
    # the object
    to: companies
    fields:
      name: company.name | trim   # the name
      # the domain
      domain: "company.domain ?? company.website_url"
      x:  # deep
        from: company.city
        write: {b: c}
templates:
  note: |
    <b>

      x
    # no comment
  t2: >-
    folded
    text

    more
  # a comment

# about the tables
tables:   # the tables
  # first
  industries: { software: COMPUTER_SOFTWARE,    banking: BANKING }   # row
  other:
    a: b
    # end of other

  # end of tables
# the end
"""


def test_a_whole_file_is_laid_out_and_no_comment_leaves_its_entry() -> None:
    assert formatted(BEFORE) == AFTER


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("version :   1", "version: 1\n", id="one break at the end"),
        pytest.param("version: 1  \n\n\n", "version: 1\n", id="no blanks at the end"),
        pytest.param("{version: 1, mode: live}\n", "version: 1\nmode: live\n", id="no braces around a file"),
        pytest.param("--- # c\nmode: live\n", "---\n# c\nmode: live\n", id="a start mark stays"),
        pytest.param("a: 1\nversion: 1\nb: 2\n", "version: 1\na: 1\nb: 2\n", id="unknown keys come last"),
        pytest.param("unset:\n- a\n# b\n- c\n", "unset:\n  - a\n  # b\n  - c\n", id="lists are indented"),
        pytest.param("unset:\n-\n  # c\n  a\n", "unset:\n  # c\n  - a\n", id="a comment behind a hyphen"),
        pytest.param("a:\n  - # c\n    y: 1\n    x: 2\n", "a:\n  # c\n  - y: 1\n    x: 2\n", id="a list of mappings"),
        pytest.param("a:\n  # all gone\nb: 1\n", "a:\n  # all gone\nb: 1\n", id="a comment in an empty place"),
        pytest.param("a: { # c\n}\nb:\n  - [\n  ]\n", "a: {}  # c\nb:\n  - []\n", id="empty braces over lines"),
        pytest.param("a:\n  - [x,\n    y] # c\n", "a:\n  # c\n  - - x\n    - y\n", id="a list in a list"),
        pytest.param("a: {}\nb: []\n", "a: {}\nb: []\n", id="empty braces"),
        pytest.param("a: { # c\n  b: 1, # d\n  # e\n}\n", "a:  # c\n  b: 1  # d\n  # e\n", id="comments in braces"),
        pytest.param("a:\n  one\n\n  two\n", "a: one\n\n  two\n", id="folded plain text"),
        pytest.param("a: |+\n    x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n", id="breaks that are text"),
        pytest.param("a: |  # c\n    x", "a: |-  # c\n  x\n", id="a block that ends with the file"),
        pytest.param("a: |2\n    x\n   y\n", "a: |2\n    x\n   y\n", id="text that begins with blanks"),
        pytest.param("? a\n# c\n: 1\n", "a: 1  # c\n", id="an explicit key"),
        pytest.param(
            "# yaml-language-server: $schema=x\nmode: live\nversion: 1\n",
            "# yaml-language-server: $schema=x\nversion: 1\nmode: live\n",
            id="a line for editors stays first",
        ),
        pytest.param(
            "tables:\n  t: {a: {b: c}}  # qmap: ignore QM813 as it is\n",
            "tables:\n  t: {a: {b: c}}  # qmap: ignore QM813 as it is\n",
            id="a comment that silences a line keeps its line",
        ),
    ],
)
def test_layout(before: str, after: str) -> None:
    assert formatted(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("company.domain|lower", "company.domain | lower"),
        ("concat(a,'b',c)", "concat(a, 'b', c)"),
        ("a   ??   b", "a ?? b"),
        ("'a + b'", "'a + b'"),
        ('"a+b"', '"a + b"'),
        ("'lower(a)|trim'", '"lower(a) | trim"'),
        ("(a ?? 0)>=10", "(a ?? 0)>=10"),
        ("lower(a) | replace(\"x\",'y')", "lower(a) | replace(\"x\",'y')"),
        ("not an expression, this", "not an expression, this"),
        ("if(a, 'x' , case(b,'k'='v'))", "if(a, 'x', case(b, 'k' = 'v'))"),
    ],
)
def test_expressions_get_blanks_around_operators_and_nothing_else(before: str, after: str) -> None:
    frame = "routes:\n  companies:\n    fields:\n      name: {}\n"
    assert formatted(frame.format(before)) == frame.format(after)


def test_an_expression_in_braces_stays_as_it_is() -> None:
    text = "routes:\n  companies:\n    fields:\n      name: {from: company.name|trim, write: always}\n"
    assert formatted(text) == text


def test_line_ends_of_windows_stay() -> None:
    assert formatted("mode: live\r\nversion:  1\r\n") == "version: 1\r\nmode: live\r\n"


def test_connections_and_policies_have_an_order_of_their_own() -> None:
    assert formatted("connections:\n  a:\n    account: x\n    connector: y\nversion: 1\n", "connections") == (
        "version: 1\nconnections:\n  a:\n    connector: y\n    account: x\n"
    )
    before = "informational_export:\n  - reason: b\n    tenant: acme\nversion: 1\n"
    after = "version: 1\ninformational_export:\n  - tenant: acme\n    reason: b\n"
    assert formatted(before, "policy") == after


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [\n", "QM010"),
        ("a: 1\rb: 2\n", "QM003"),
        ("auth: ghp_" + "a1B2" * 9 + "\n", "QM111"),
        ("routes:\n  companies:\n    fields:\n      name: concat('a #b', company.name)\n", "QM033"),
        ("routes:\n  companies:\n    fields:\n      name: {from: lower(a, b), write: always}\n", "QM030"),
    ],
)
def test_a_file_that_is_not_what_it_looks_like_is_left_alone_with_its_finding(text: str, code: str) -> None:
    found = Diagnostics()
    assert format_text("mappings/acme/main.yaml", text, "mapping", found) == Left()
    assert [each.code for each in found] == [code]


def test_what_silences_a_line_goes_along_with_that_line_however_it_is_indented() -> None:
    """Keys are put in order, and the comment speaks of the key below it."""
    before = (
        "version: 1\n"
        "mode: live\n"
        "templates:\n"
        "  note: x\n"
        "    # qmap: ignore QM821 the receiver reads it\n"
        "routes:\n"
        "  a: {entity: company}\n"
    )
    lines = formatted(before).splitlines()
    at = next(n for n, line in enumerate(lines) if "qmap: ignore" in line)
    assert lines[at].strip() == "# qmap: ignore QM821 the receiver reads it"
    assert lines[at + 1] == "routes:"
    assert formatted("\n".join(lines) + "\n").splitlines() == lines


@pytest.mark.parametrize("top", ["# Copyright Acme\n", "# Copyright Acme\n# all rights reserved\n"])
def test_comments_at_the_top_stay_there_though_the_key_below_them_moves(top: str) -> None:
    said = formatted(f"{top}mode: off\nversion: 1\nroutes: {{}}\n")
    assert said.startswith(f"{top}\nversion: 1\nmode: off\n")
    assert formatted(f"{top}version: 1\nmode: off\nroutes: {{}}\n").startswith(f"{top}version: 1\n")


def test_what_silences_lint_goes_with_the_line_below_it() -> None:
    said = formatted("# Copyright Acme\n# qmap: ignore QM816 the file's name says it\nmode: off\nversion: 1\n")
    assert said.startswith("# Copyright Acme\n\nversion: 1\n# qmap: ignore QM816 the file's name says it\nmode: off\n")
