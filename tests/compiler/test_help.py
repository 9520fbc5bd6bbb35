"""What a help text says to write compiles when it is written; a slip of another language gets one clear message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixing.fixing_case import MAIN, Tenant, example
from queast_dsl.diagnostics.model import Finding
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.source import Span

GOLDEN = sorted((Path(__file__).parents[1] / "golden" / "cases").glob("*.txt"))
_WRITE = re.compile(r"write `([^`]+)`")


def only(part: str) -> Finding:
    (found,) = example(part).findings()
    return found


def put(tenant: Tenant, span: Span, text: str) -> Tenant:
    return Tenant(tenant.text[: span.start] + text + tenant.text[span.end :])


@pytest.mark.parametrize(
    ("text", "message", "shown"),
    [
        (
            "company.website_url | domain ?? 'x'",
            "`??` cannot stand behind a pipe",
            "(company.website_url | domain) ?? 'x'",
        ),
        ("company.name.lower()", "`lower` does not stand behind a dot", "lower(company.name)"),
        ("a || 'x'", "`||` is no operator", "??"),
        ("x if c else y", "`if` does not stand between values", "if(condition, value, otherwise)"),
        ("if c then x else y", "`if` does not stand between values", "if(condition, value, otherwise)"),
        ("company['country']", "`['country']` names no field", "company.country"),
        ("company.revenue | round 2", "`round` takes what it needs in brackets", "round(2)"),
        ("company.city nor company.name", "`nor` is no operator", "or"),
    ],
)
def test_what_other_languages_write_has_one_message_that_shows_ours(text: str, message: str, shown: str) -> None:
    with pytest.raises(ParseFailure) as failure:
        parse(text)
    assert failure.value.message == message
    assert shown in str(failure.value.help)


@pytest.mark.parametrize(
    "part",
    [
        'city: {template: "in {{ company.city | trim }}"}',
        'city: {template: "of {{ company.employee_count }}"}',
        "headers: {X-A: company.city | trim}\nbody: {id: company.id}",
        "headers: {X-A: company.city}\nbody: {id: company.id}",
    ],
)
def test_the_fallback_that_is_shown_compiles_in_its_place(part: str) -> None:
    tenant = example(part)
    (finding,) = tenant.findings()
    shown = _WRITE.search(finding.help or "")
    assert shown is not None
    assert finding.span is not None
    text = shown[1].removeprefix("{{ ").removesuffix(" }}")
    assert put(tenant, finding.span, text).findings() == ()


@pytest.mark.parametrize(
    "part",
    [
        "regions: [nordics, europe]",
        "city: {const: Oslo, Norway}",
        "city: {const: Oslo, Norway, Europe}",
        "is_public: yes",
    ],
)
def test_text_that_yaml_takes_apart_is_one_finding_whose_fix_compiles(part: str) -> None:
    tenant = example(part)
    (finding,) = tenant.findings()
    assert list(tenant.offered()) == [finding]
    assert tenant.check({MAIN: tenant.fixed_text()}).findings == ()


def test_a_list_of_options_is_left_in_peace() -> None:
    assert example("regions: \"['nordics', 'europe']\"").findings() == ()


def test_a_list_that_does_not_fit_is_not_sent_to_a_table_that_takes_none() -> None:
    help = only("regions: company.technologies").help
    assert help is not None
    assert "`['nordics', 'europe']`" in help
    assert example("regions: \"['nordics', 'europe']\"").findings() == ()


def test_an_infinite_constant_is_refused_and_never_reaches_the_plan() -> None:
    assert only("annualrevenue: {const: 1e400}").code == "QM323"
    assert only("body: {n: {const: 1e400}}").code == "QM323"


@pytest.mark.parametrize("case", GOLDEN, ids=lambda path: path.stem)
def test_code_that_a_golden_help_says_to_write_parses(case: Path) -> None:
    """Whole expressions only: what has `…` in it, or keys of YAML, is a pattern to fill in."""
    text = case.read_text(encoding="utf-8")
    for help in re.findall(r"^   = help: (.*)$", text, re.MULTILINE):
        for shown in _WRITE.findall(help):
            bare = shown.removeprefix("{{ ").removesuffix(" }}")
            if (
                "…" in bare
                or re.search(r"^\w+:|[{}#]|^-|://|\+ '$|^[=!<>?%|:*/]+$", bare)
                or bare in ("or", "and", "not")
            ):
                continue
            parse(bare)
