"""Whatever is put together from the language's words: a typed result or a finding, and the two back ends agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language_case import JOB_AD, NOW, SIGNAL, compiled, value_of
from queast_compiler.codegen import load_expression
from queast_compiler.codegen.record import Failed
from queast_dsl.functions import FORMS, REGISTRY, FunctionError

_ATOMS = st.sampled_from(
    [
        "company.name", "company.domain", "company.employee_count", "company.industry", "company.technologies",
        "company.founded_on", "company.address.city", "company.bookmarked", "signal.score", "signal.job_ad",
        "signal.job_ad.title", "signal.occurred_at", "signal.tags", "signal.tags[0]", "now()", "null", "true", "1",
        "2.5", "'a'", "'software'", "[]", "['a', 'b']", "[1, null]", "company", "company.nmae", "industries",
    ]
)  # fmt: skip


def _grown(inner):
    pairs = st.tuples(inner, inner)
    operators = ["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "and", "or", "in", "not in", "??"]
    names = sorted((*REGISTRY, *FORMS))
    return st.one_of(
        st.tuples(pairs, st.sampled_from(operators)).map(lambda p: f"({p[0][0]} {p[1]} {p[0][1]})"),
        st.tuples(st.sampled_from(names), st.lists(inner, max_size=3)).map(lambda p: f"{p[0]}({', '.join(p[1])})"),
        inner.map(lambda text: f"(not {text})"),
        inner.map(lambda text: f"({text})[0]"),
        inner.map(lambda text: f"lookup({text}, industries, else = null)"),
        inner.map(lambda text: f"case({text}, 'a' = 1, else = 0)"),
        inner.map(lambda text: f"({text} | text)"),
    )


_EXPRESSIONS = st.recursive(_ATOMS, _grown, max_leaves=6)


@settings(max_examples=600, deadline=None)
@given(_EXPRESSIONS)
def test_any_expression_is_typed_or_has_a_finding(text):
    outcome = compiled(text)
    assert (outcome.typed is None) == any(finding.severity == "error" for finding in outcome.findings)


@pytest.mark.parametrize("full", [False, True], ids=["optional fields missing", "optional fields there"])
@settings(max_examples=500, deadline=None)
@given(text=_EXPRESSIONS)
def test_a_value_that_is_said_not_to_be_null_is_not(full, text):
    outcome = compiled(text)
    if outcome.typed is None:
        return
    extra = {"job_ad": JOB_AD, "tags": ["x"], "company": {**SIGNAL["company"], "domain": "a.no", "bookmarked": True}}
    data = {"signal": {**SIGNAL, **extra} if full else SIGNAL}
    try:
        value = value_of(outcome.typed, data)
    except (FunctionError, Failed):
        return  # a field failure by design: the value's fault, told at run time
    assert outcome.typed.nullable or value is not None
    if "lookup" not in text:  # an expression of its own has no tables
        assert load_expression(outcome.typed.ir, "m.yaml")(data, NOW) == value
