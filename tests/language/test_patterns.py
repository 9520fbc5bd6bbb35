"""Regular expressions: what RE2 cannot run in linear time is refused when the mapping is compiled."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from language_case import compiled, value_of
from queast_dsl.functions import MAX_TEXT, FunctionError
from queast_dsl.functions.patterns import MAX_PATTERN
from queast_dsl.functions.patterns import compiled as ready


def named(name: str) -> dict[str, object]:
    return {"signal": {"company": {"name": name}}}


NAMED = named("Ærlig & Sønner AS 947 112 233")


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("matches(company.name, '^[A-Z]')", False),
        ("company.name | matches('S.nner')", True),
        ("company.name | extract('[0-9]{3} [0-9]{3} [0-9]{3}') | replace(' ', '')", "947112233"),
        ("company.name | extract('(AS|ASA) [0-9]')", "AS"),
        ("company.name | extract('GmbH')", None),
        ("company.name | replace_pattern('[^A-Za-z ]+', '') | squeeze", "rlig Snner AS"),
        ("replace_pattern('abc', 'x*', '-')", "-a-b-c-"),
        ("replace_pattern('a.b', '[.]', '\\\\1')", "a\\1b"),
    ],
)
def test_a_pattern_finds_takes_and_replaces(expression, result):
    assert value_of(compiled(expression).good(), NAMED) == result


@pytest.mark.parametrize(
    "pattern", ["(", "a(?=b)", "(a)\\\\1", "((a{100}){100}){100}", "x" * (MAX_PATTERN + 1), "(?P<n>a", "[z-a]"]
)
def test_a_pattern_that_cannot_be_used_is_an_error_of_the_mapping(pattern):
    (finding,) = compiled(f"matches(company.name, '{pattern}')").findings
    assert finding.code == "QM232"


def test_a_pattern_is_written_out():
    (finding,) = compiled("matches(company.name, company.domain ?? 'x')").findings
    assert (finding.code, finding.message) == ("QM232", "`pattern` of `matches` is written out, not computed")


def test_what_a_pattern_makes_is_bounded():
    with pytest.raises(FunctionError, match=f"longer than {MAX_TEXT}"):
        value_of(compiled(f"replace_pattern(company.name, '', '{'y' * 500}')").good(), named("x" * 60_000))


def test_half_a_pair_of_characters_is_a_failure_of_the_field_only():
    with pytest.raises(FunctionError, match="half of a character pair"):
        value_of(compiled("matches(company.name, 'x')").good(), named("\ud800"))


def test_hostile_patterns_are_refused_or_run_in_time_that_grows_with_the_text():
    folder = os.environ.get("QMAP_BADINPUT")
    if folder is None:
        pytest.skip("QMAP_BADINPUT is not set")
    rows = [json.loads(line) for line in (Path(folder) / "dev/regex/redos.jsonl").read_text("utf-8").splitlines()]
    assert rows
    # What makes engines that go back and forth run for years takes them more than this on 30 characters.
    text = "a" * 50_000 + "0" * 10_000 + "!"
    for row in rows:
        start = time.process_time()
        try:
            expression = ready(row["pattern"])
        except FunctionError:
            continue
        expression.search(text)
        assert time.process_time() - start < 1, row
