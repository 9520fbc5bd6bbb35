"""Whether a condition lets more through than another is shown, or taken to be so."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diff.test_wording import SIGNAL, source
from language.random_mappings import conditions
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.codegen.record import FieldFailure
from queast_compiler.diff.answers import FAILED, answers
from queast_compiler.diff.conditions import Reach, reach
from queast_compiler.passes.expressions import compile_condition
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics


def condition(text: str) -> ir.Expr | None:
    typed = compile_condition(source(text), SIGNAL, Diagnostics())
    return None if typed is None else typed.ir


MANY = " or ".join(f"contains(signal.title, '{letter}')" for letter in "abcdefghij")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("signal.score >= 40", "signal.score >= 60", "narrower"),
        ("signal.score >= 40", "not signal.score < 40", "same"),
        ("signal.score >= 40", "signal.score > 39", "wider"),
        ("signal.score < 40", "signal.score < 60", "wider"),
        ("signal.score >= 40", "signal.score < 40", "wider"),
        ("signal.score >= 40", "signal.score >= 40 and signal.type == 'hiring_surge'", "narrower"),
        ("signal.score >= 40", "signal.type == 'hiring_surge' or signal.score >= 40", "wider"),
        ("signal.type in ['hiring_surge', 'funding_round']", "signal.type == 'hiring_surge'", "narrower"),
        (
            "signal.type in ['hiring_surge', 'funding_round']",
            "signal.type in ['funding_round', 'hiring_surge']",
            "same",
        ),
        ("is_present(signal.summary)", "not is_null(signal.summary)", "same"),
        # The function says what nobody can know of all texts, so that no sample shows that it is no wider.
        ("contains(signal.title, 'a')", "contains(signal.title, 'ab')", "wider"),
        ("contains(signal.title, 'a')", "contains(signal.title, 'a') and signal.score > 3", "narrower"),
        ("lower(signal.title) == 'x'", "lower(signal.title) == 'x'", "equal"),
        (
            "not (signal.score < 40 or signal.type == 'hiring_surge')",
            "signal.type != 'hiring_surge' and signal.score >= 40",
            "same",
        ),
        ("signal.score >= 40", "signal.score > 39 and signal.score != 39.5", "wider"),
        ("signal.score > 39 and signal.score < 60", "signal.score >= 40 and signal.score <= 59", "narrower"),
        ("signal.score > 10 or is_null(signal.score)", "signal.score > 10", "narrower"),
        ("signal.score > 10", "signal.score > 10 or is_null(signal.score)", "wider"),
        # What one event in a million would show: no sample may say that there is none.
        (
            "signal.score >= 40",
            "signal.score >= 40 or (signal.summary == 'Oslo' and signal.score == 17)",
            "wider",
        ),
        (
            "signal.score >= 40",
            "not (signal.score < 40 and (signal.title != 'x' or signal.summary != 'y'))",
            "wider",
        ),
        # More parts than are asked one by one: only what their form shows is known.
        (MANY, f"({MANY}) and signal.score > 3", "narrower"),
        (MANY, f"({MANY}) or signal.score > 3", "wider"),
        (MANY, f"not not ({MANY})", "same"),
    ],
)
def test_two_conditions(old: str, new: str, found: Reach) -> None:
    before, after = condition(old), condition(new)
    assert before is not None
    assert after is not None
    assert reach(before, after, ((), ())) == found


def test_no_condition_lets_everything_through() -> None:
    asked = condition("signal.score >= 40")
    assert reach(asked, None, ((), ())) == "wider"
    assert reach(None, asked, ((), ())) == "narrower"
    assert reach(None, None, ((), ())) == "equal"


def test_a_table_that_changed_may_let_more_through_by_the_same_words() -> None:
    looked_up = ir.Compare("==", ir.Lookup("names", ir.Path("signal", ("type",), "str", (False,)), None), ir.Lit("x"))
    tables = ((("names", (("hiring", "x"),)),), (("names", (("hiring", "x"), ("funding", "x"))),))
    assert reach(looked_up, looked_up, tables) == "wider"
    assert reach(looked_up, looked_up, (tables[0], tables[0])) == "equal"
    elsewhere = ((*tables[0], ("other", ())), (*tables[0], ("other", (("a", "b"),))))
    assert reach(looked_up, looked_up, elsewhere) == "equal"


_ATOMS = st.sampled_from(
    [
        *("signal.score >= 40", "signal.score > 40", "signal.score < 60", "signal.score == 50", "signal.score != 40"),
        *("40 <= signal.score", "is_null(signal.score)", "is_present(signal.summary)", "signal.summary == 'x'"),
        *("signal.summary < 'x'", "signal.summary in ['x', 'y']", "signal.type == 'hiring_surge'"),
        *("signal.type in ['hiring_surge', 'funding_round']", "signal.type != 'funding_round'"),
        *("signal.company.country == 'NO'", "contains(signal.title, 'a')"),
    ]
)
_CONDITIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
    ),
    max_leaves=5,
)
_SCORES = (None, 0, 39, 39.5, 40, 45, 50, 55, 60, 61)
_SUMMARIES = (None, "", "x", "x\0", "y", "y\0")
_TYPES = ("hiring_surge", "funding_round")
GRID = [
    {"signal": {"score": score, "summary": summary, "type": kind, "title": title, "company": {"country": country}}}
    for score, summary, kind in product(_SCORES, _SUMMARIES, _TYPES)
    for title, country in (("a", "NO"), ("b", None), ("b", "SE"))
]


def taken(expr: ir.Expr) -> list[bool]:
    """Which events of the grid a condition takes."""
    asked = Interpreter({}).expression(expr)

    def takes(event: dict[str, Any]) -> bool:
        try:
            return asked(event, datetime(2026, 1, 31, tzinfo=UTC)) is True
        except FieldFailure:
            return False

    return list(map(takes, GRID))


@given(_CONDITIONS, _CONDITIONS, st.sampled_from(["{new}", "{old} and {new}", "{old} or {new}", "not (not {old})"]))
@settings(max_examples=60, deadline=None)
def test_what_is_said_to_be_no_wider_takes_no_event_of_the_grid_that_was_refused(
    old: str, other: str, form: str
) -> None:
    before, after = condition(old), condition(form.format(old=f"({old})", new=f"({other})"))
    if before is None or after is None:
        return
    said = reach(before, after, ((), ()))
    let, lets = taken(before), taken(after)
    assert said == "wider" or not any(is_now and not was for was, is_now in zip(let, lets, strict=True))
    assert said not in ("same", "equal") or let == lets


@given(conditions("signal"), conditions("signal"))
@settings(max_examples=25, deadline=None)
def test_what_is_said_to_be_no_wider_takes_no_event_that_was_refused(old: str, new: str) -> None:
    before, after = condition(old), condition(new)
    if before is None or after is None:
        return
    said = reach(before, after, ((), ()))
    gained = lost = False
    for was, is_now in answers(((before, ()), (after, ())), "signal", ["Oslo", 17, "2026-01-31"]):
        lets, let = is_now is not FAILED and is_now is True, was is not FAILED and was is True
        gained, lost = gained or (lets and not let), lost or (let and not lets)
    assert not (gained and said != "wider")
    assert not (lost and said in ("same", "equal"))
