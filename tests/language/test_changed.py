"""`changed(path)`: what may be asked, and what the answer depends on."""

from __future__ import annotations

import pytest

from language_case import SIGNAL, compiled, value_of
from queast_compiler.plan.ir import CHANGED
from queast_dsl.types import BoolType


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("changed(signal.title)", "signal.title"),
        ("signal.summary | changed", "signal.summary"),
        ("changed(company.domain)", "signal.company.domain"),
        ("changed(company.technologies)", "signal.company.technologies"),
    ],
)
def test_a_field_of_the_event_can_be_asked_for_and_the_answer_is_never_null(text, path):
    typed = compiled(text, kind="condition").good()
    assert (typed.type, typed.nullable, typed.reads) == (BoolType(), False, {path})
    for answer in (True, False):
        assert value_of(typed, {"signal": SIGNAL, CHANGED: {path: answer}}) is answer


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("changed(lower(company.name))", "lower(company.name)"),
        ("changed('a')", "'a'"),
        ("changed(company)", "company"),
        ("changed(signal.mentions)", "signal.mentions"),
        ("changed(company.technologies[0])", "company.technologies[0]"),
        ("changed(signal.mentions[].field)", "signal.mentions[].field"),
    ],
)
def test_what_is_no_single_field_is_refused_at_its_place(text, marked):
    outcome = compiled(text, granted=("signal.mentions", "signal.mentions.person_id"))
    assert outcome.codes == ["QM234"]
    assert outcome.marked == marked


def test_an_item_of_a_loop_has_no_changes_of_its_own():
    outcome = compiled(
        "{% for each in company.technologies ?? [] %}{{ if(changed(each), 'x', '') }}{% endfor %}", kind="plain"
    )
    assert outcome.codes == ["QM234"]


def test_outside_a_route_nothing_is_delivered_so_nothing_can_be_asked():
    assert compiled("changed(company.name)", entity="company", remembers=False).codes == ["QM234"]


def test_a_sequence_changes_with_every_event_and_asks_nothing():
    assert compiled("changed(signal.sequence)").codes == ["QM227"]


def test_whether_a_personal_field_changed_is_personal_data():
    assert compiled("changed(person.email)", entity="person").codes == ["QM240"]
    typed = compiled("changed(person.email)", entity="person", granted=("person.email",)).good()
    assert typed.labels == compiled("person.email", entity="person", granted=("person.email",)).good().labels != set()
