"""Constants where no property gives a type, and how plans name files."""

from __future__ import annotations

import pytest

from queast_compiler.passes.plan_paths import plan_path
from queast_compiler.passes.scalars import read_scalar
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
        ("1e5", "1e5"),
        ("+4712345678", "+4712345678"),
        ("1234567890123456789012", "1234567890123456789012"),
        ("True", "True"),
        ("", ""),
    ],
)
def test_a_bare_constant_is_what_json_would_read_and_else_text(written: str, value: object) -> None:
    found = read_scalar(Const(scalar(written, written)))
    assert found == value
    assert type(found) is type(value)


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
