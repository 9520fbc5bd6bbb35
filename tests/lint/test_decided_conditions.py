"""Conditions that no event meets, or every one, are told once; those that an event decides are not."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from example_frame import findings_of
from language_case import NOW, SIGNAL, compiled
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.passes.apart import Effort, can_hold, condition

NOTE = """\
routes:
  notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    when: {when}
    fields:
      hs_timestamp: signal.occurred_at
      hs_note_body: {{template: "<a href='https://app.queast.example'>{{{{ signal.title }}}}</a>"}}
"""


def told(example: str) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in findings_of(example) if each.code.startswith("QM8")]


def never(what: str = "this is never true") -> list[tuple[str, str]]:
    return [("QM834", what)]


@pytest.mark.parametrize(
    "when",
    [
        "signal.score > 100",
        "signal.score < 0",
        "signal.score == 101 or signal.score == -1",
        "signal.score > 5 and signal.score < 3",
        "not (signal.score > 5) and signal.score > 7",
        "company.employee_count < 0",
        "company.employee_count > 10 and company.employee_count < 11",
        "company.country == 'NO' and company.country not in ['NO', 'SE']",
        "is_null(company.domain) and company.domain == 'acme.no'",
        "(signal.score > 100 or signal.score < 0) and company.country == 'NO'",
    ],
)
def test_a_condition_that_no_event_meets(when: str) -> None:
    assert told(NOTE.format(when=when)) == never()


@pytest.mark.parametrize(
    "when",
    [
        "signal.score >= 100",
        "signal.score > 60",
        "company.employee_count > 10 and company.employee_count <= 11",
        "company.employee_count < 1",
        "signal.score > 3 or signal.score < 5",
        "company.revenue < 0",
        "is_null(company.domain) or company.domain == 'acme.no'",
        "is_null(signal.score) or signal.score > 100",
    ],
)
def test_a_condition_that_an_event_decides(when: str) -> None:
    assert told(NOTE.format(when=when)) == []


def test_what_another_rule_tells_is_told_once() -> None:
    assert [code for code, _ in told(NOTE.format(when="company.country == 'NO' and company.country == 'SE'"))] == [
        "QM807"
    ]
    assert [code for code, _ in told(NOTE.format(when="2 > 3"))] == ["QM804"]


@pytest.mark.parametrize(
    ("where", "when", "is_met"),
    [
        ("company.country in ['NO', 'SE']", "company.country == 'DK'", False),
        ("company.country in ['NO', 'SE']", "company.country == 'NO'", True),
        ("company.employee_count > 100", "company.employee_count < 50 and signal.score > 3", False),
        ("company.employee_count > 100", "company.employee_count < 500", True),
        ("company.bookmarked", "not company.bookmarked", False),
    ],
)
def test_a_route_that_the_scope_silences(where: str, when: str, is_met: bool) -> None:
    """A signal's route reads as `signal.company` what the scope reads as `company`."""
    example = f"scope:\n  where: {where}\n{NOTE.format(when=when)}"
    assert told(example) == ([] if is_met else never("never true of what is in the scope"))


def test_a_scope_that_nothing_is_in_is_told_once_for_all_routes() -> None:
    assert told(f"scope:\n  where: company.employee_count < 0\n{NOTE.format(when='signal.score > 3')}") == never()


_TERMS = st.sampled_from(
    [
        *(f"signal.score {op} {n}" for op in ("<", "<=", ">", ">=", "==", "!=") for n in (-1, 0, 2, 99, 100, 101)),
        *("is_null(signal.score)", "is_present(signal.score)", "signal.score in [0, 100]", "signal.score not in [2]"),
    ]
)
_CONDITIONS = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a} and {b})", inner, inner),
        st.builds(lambda a, b: f"({a} or {b})", inner, inner),
        st.builds(lambda a: f"not ({a})", inner),
    ),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(_CONDITIONS, st.sampled_from([None, 0, 1, 2, 3, 50, 98, 99, 100]))
def test_what_some_event_meets_is_never_called_untrue(when: str, score: int | None) -> None:
    typed = compiled(when, entity="signal", kind="condition").typed
    assume(typed is not None)
    assert typed is not None
    event = {"signal": {**SIGNAL, "score": score}}
    if Interpreter({}).expression(typed.ir)(event, NOW) is True:
        assert can_hold(condition([typed.ir], Effort()), {"signal.score": (0, 100)})
