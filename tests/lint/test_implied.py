"""One condition implies another only where it holds of every event."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language_case import NOW, SIGNAL, compiled
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.lint.implied import implies
from queast_dsl.expr.parser import parse


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("company.employee_count >= 1000", "company.employee_count >= 100"),
        ("company.employee_count > 100", "company.employee_count >= 100"),
        ("company.employee_count == 5", "company.employee_count < 10"),
        ("5 < company.employee_count", "company.employee_count > 4"),
        ("company.country == 'NO'", "company.country in ['NO', 'SE']"),
        ("company.country == 'NO'", "company.country != 'SE'"),
        ("company.country == 'NO'", "is_present(company.country)"),
        ("company.domain == 'a.no'", "company.domain"),
        ("company.bookmarked == true", "company.bookmarked"),
        ("company.bookmarked and company.domain", "company.domain"),
        ("company.country == 'NO'", "company.country == 'NO' or company.bookmarked"),
        ("company.employee_count in [1, 2]", "company.employee_count < 3 and company.employee_count > 0"),
        ("company.country not in ['NO', 'SE']", "company.country != 'NO'"),
    ],
)
def test_an_earlier_condition_covers_a_later_one(later: str, earlier: str) -> None:
    assert implies(parse(later), parse(earlier))
    assert later == earlier or not implies(parse(earlier), parse(later))


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        ("company.employee_count >= 100", "company.employee_count > 100"),
        ("company.employee_count >= 100", "company.revenue >= 100"),
        ("company.country != 'NO'", "company.country == 'SE'"),
        ("company.bookmarked == false", "company.bookmarked"),
        ("company.domain or company.bookmarked", "company.domain"),
        ("lower(company.name) == 'a'", "company.name == 'a'"),
        ("company.employee_count != 5", "company.employee_count < 10"),
    ],
)
def test_a_condition_that_adds_something_is_not_covered(later: str, earlier: str) -> None:
    assert not implies(parse(later), parse(earlier))


_TERMS = ("company.employee_count", "signal.score")
_NUMBERS = st.integers(0, 3).map(str)
_OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_LISTS = st.lists(_NUMBERS, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")
_ATOMS = st.one_of(
    st.tuples(st.sampled_from(_TERMS), _OPERATORS, _NUMBERS).map(" ".join),
    st.tuples(st.sampled_from(_TERMS), st.sampled_from(["in", "not in"]), _LISTS).map(" ".join),
    st.sampled_from(_TERMS),
    st.sampled_from(_TERMS).map(lambda term: f"is_present({term})"),
)
_CONDITIONS = st.recursive(
    _ATOMS, lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({' '.join(p)})")
)
_VALUES = st.one_of(st.none(), st.integers(-1, 4))


@settings(max_examples=400, deadline=None)
@given(later=_CONDITIONS, earlier=_CONDITIONS, count=_VALUES, score=_VALUES)
def test_what_is_said_to_be_implied_holds_of_every_event(
    later: str, earlier: str, count: int | None, score: int | None
) -> None:
    if not implies(parse(later), parse(earlier)):
        return
    one, other = compiled(later, kind="condition").typed, compiled(earlier, kind="condition").typed
    if one is None or other is None:
        return
    signal = {**SIGNAL, "score": score, "company": {**SIGNAL["company"], "employee_count": count}}
    run = Interpreter({})
    holds = [run.expression(each.ir)({"signal": signal}, NOW) is True for each in (one, other)]
    assert holds != [True, False]
