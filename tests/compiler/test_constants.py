"""Constants where no property gives a type, and how plans name files."""

from __future__ import annotations

import pytest

from queast_compiler.passes.plan_paths import plan_path
from queast_compiler.passes.scalars import NoScalar, read_scalar
from queast_dsl.document.mapping import Const
from queast_dsl.source import SourceFile, SourceText, Span


def scalar(written: str, text: str) -> SourceText:
    return SourceText(text, Span(SourceFile("a.yaml", written), 0, len(written)))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("2.50", 2.5),
        ("014", "014"),
        ("NO", "NO"),
        ("1:30", "1:30"),
        ("1e5", 100000.0),
        ("9223372036854775807", 2**63 - 1),
        ("a_1", "a_1"),
        ("+4712345678", "+4712345678"),
        ("True", "True"),
        ("", ""),
    ],
)
def test_a_bare_constant_is_what_json_would_read_and_else_text(written: str, value: object) -> None:
    found = read_scalar(Const(scalar(written, written)))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("written", "spellings"),
    [
        ("1234567890123456789012", ['"1234567890123456789012"']),
        ("9223372036854775808", ['"9223372036854775808"']),
        ("1e400", ['"1e400"']),
        ("0.12345678901234567891", ['"0.12345678901234567891"']),
        ("1_000", ["1000", '"1_000"']),
    ],
)
def test_a_number_that_cannot_be_held_is_refused_and_every_way_to_write_it_named(
    written: str, spellings: list[str]
) -> None:
    found = read_scalar(Const(scalar(written, written)))
    assert isinstance(found, NoScalar)
    assert all(spelling in found.help for spelling in spellings)
    assert read_scalar(Const(scalar(f"'{written}'", written), is_quoted=True)) == written


def test_a_quoted_constant_is_text() -> None:
    assert read_scalar(Const(scalar("'12'", "12"), is_quoted=True)) == "12"
    assert read_scalar(Const(scalar('"true"', "true"), is_quoted=True)) == "true"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("mappings/acme/main.yaml", "acme/main.yaml"),
        ("/srv/acme/mappings/acme/tables/a.csv", "acme/tables/a.csv"),
        ("base/hubspot.v1.yaml", "base/hubspot.v1.yaml"),
        ("connectors/hubspot.yaml", "connectors/hubspot.yaml"),
    ],
)
def test_a_plan_names_files_from_the_tenants_folder_on(path: str, shown: str) -> None:
    assert plan_path(path, "acme") == shown
