"""Whether a condition lets more through than another is shown, or taken to be so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from diff.test_wording import SIGNAL, source
from language.random_mappings import conditions
from queast_compiler.diff.answers import FAILED, answers
from queast_compiler.diff.conditions import Reach, reach
from queast_compiler.passes.expressions import compile_condition
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics


def condition(text: str) -> ir.Expr | None:
    typed = compile_condition(source(text), SIGNAL, Diagnostics())
    return None if typed is None else typed.ir


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
    ],
)
def test_two_conditions(old: str, new: str, found: Reach) -> None:
    before, after = condition(old), condition(new)
    assert before is not None
    assert after is not None
    assert reach(before, after, ("signal",), ((), ())) == found


def test_no_condition_lets_everything_through() -> None:
    asked = condition("signal.score >= 40")
    assert reach(asked, None, ("signal",), ((), ())) == "wider"
    assert reach(None, asked, ("signal",), ((), ())) == "narrower"
    assert reach(None, None, ("signal",), ((), ())) == "equal"


def test_a_table_that_changed_may_let_more_through_by_the_same_words() -> None:
    looked_up = ir.Compare("==", ir.Lookup("names", ir.Path("signal", ("type",), "str", (False,)), None), ir.Lit("x"))
    tables = ((("names", (("hiring", "x"),)),), (("names", (("hiring", "x"), ("funding", "x"))),))
    assert reach(looked_up, looked_up, ("signal",), tables) == "wider"
    assert reach(looked_up, looked_up, ("signal",), (tables[0], tables[0])) == "equal"
    elsewhere = ((*tables[0], ("other", ())), (*tables[0], ("other", (("a", "b"),))))
    assert reach(looked_up, looked_up, ("signal",), elsewhere) == "equal"


@given(conditions("signal"), conditions("signal"))
@settings(max_examples=25, deadline=None)
def test_what_is_said_to_be_no_wider_takes_no_event_that_was_refused(old: str, new: str) -> None:
    before, after = condition(old), condition(new)
    if before is None or after is None:
        return
    said = reach(before, after, ("signal",), ((), ()))
    gained = lost = False
    for was, is_now in answers(((before, ()), (after, ())), "signal", ["Oslo", 17, "2026-01-31"]):
        lets, let = is_now is not FAILED and is_now is True, was is not FAILED and was is True
        gained, lost = gained or (lets and not let), lost or (let and not lets)
    assert not (gained and said != "wider")
    assert not (lost and said in ("same", "equal"))
