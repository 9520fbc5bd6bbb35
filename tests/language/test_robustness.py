"""Whatever is put together from the language's words: a typed result or a finding, and the two back ends agree."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language_case import JOB_AD, NOW, SIGNAL, compiled, source_text, value_of
from queast_compiler.codegen import load_expression
from queast_compiler.codegen.analysis import compared_paths, kind_of
from queast_compiler.codegen.record import Failed
from queast_compiler.passes.expressions import environment
from queast_compiler.passes.expressions.certain_failure import certain_failure
from queast_compiler.passes.expressions.value import Report, Scope, Value
from queast_compiler.plan import ir
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.expr import ast
from queast_dsl.functions import FORMS, REGISTRY, FunctionError
from queast_dsl.types import TEXT, DatetimeType, DateType, IntType, ListType, NumType

_ATOMS = st.sampled_from(
    [
        "company.name", "company.domain", "company.employee_count", "company.industry", "company.technologies",
        "company.founded_on", "company.address.city", "company.bookmarked", "signal.score", "signal.job_ad",
        "signal.job_ad.title", "signal.occurred_at", "signal.tags", "signal.tags[0]", "now()", "null", "true", "1",
        "2.5", "'a'", "'software'", "[]", "['a', 'b']", "[1, null]", "company", "company.nmae", "industries",
        "[company.domain, company.city]", "[signal.summary, 'x', null]", "[company.employee_count, 3]", "0", "''",
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
        pairs.map(lambda pair: f"[{pair[0]}, {pair[1]}]"),
        inner.map(lambda text: f"({text})[0]"),
        inner.map(lambda text: f"lookup({text}, industries, else = null)"),
        inner.map(lambda text: f"case({text}, 'a' = 1, else = 0)"),
        inner.map(lambda text: f"({text} | text)"),
    )


# What a value may fail of on an event that its schema admits; a null that was not foreseen is none of them.
_BOUNDS = {
    "division by zero",
    "the result is past the bounds of an integer",
    "the result is no finite number",
}

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
    answers = dict.fromkeys(compared_paths([outcome.typed.ir]), full)
    data = {"signal": {**SIGNAL, **extra} if full else SIGNAL, ir.CHANGED: answers}
    value, failed = None, None
    try:
        value = value_of(outcome.typed, data)
    except FunctionError:
        return  # a value that the function cannot work on: told at run time by design
    except Failed as failure:
        failed = failure.reason
    if failed is not None:
        assert failed in _BOUNDS
        return
    assert outcome.typed.nullable or value is not None
    if "lookup" not in text:  # an expression of its own has no tables
        assert load_expression(outcome.typed.ir, "m.yaml")(data, NOW) == value


_LISTS = st.lists(
    st.sampled_from(["company.domain", "company.name", "company.city", "null", "'x'", "signal.summary"]), max_size=4
).map(lambda items: f"[{', '.join(items)}]")
_SHAPED = st.sampled_from(["{}", "sort({})", "unique({})", "take({}, 2)", "({} ?? [])", "sort(unique({}))"])
_SHOWN = st.sampled_from(
    ["{{ x }}", "{{ x | upper }}", "{{ concat(x, x) }}", "{% if x == 'x' %}{{ length(x) }}{% endif %}"]
)


@settings(max_examples=200, deadline=None)
@given(items=_LISTS, shape=_SHAPED, shown=_SHOWN)
def test_no_item_of_a_list_is_null_in_a_loop(items, shape, shown):
    text = f"{{% for x in {shape.replace('{}', items)} %}}{shown}{{% endfor %}}"
    outcome = compiled(text, kind="plain")
    if outcome.typed is None:
        assert outcome.codes != []
        return
    for data in ({"signal": SIGNAL}, {"signal": {**SIGNAL, "summary": "s"}}):
        value = value_of(outcome.typed, data)
        assert "None" not in value
        assert load_expression(outcome.typed.ir, "m.yaml")(data, NOW) == value


_TYPES = {
    "str": TEXT,
    "int": IntType(),
    "num": NumType(),
    "date": DateType(),
    "datetime": DatetimeType(),
    "list": ListType(TEXT),
}


@pytest.mark.parametrize(
    "example", [e for f in REGISTRY.values() if len(f.params) > 1 for e in f.examples], ids=lambda e: e.expression
)
def test_a_call_that_may_succeed_is_not_said_to_fail(example):
    call = compiled(example.expression).good().ir
    assert isinstance(call, ir.Call)
    text, env = source_text(example.expression), environment("signal", {}, frozenset())
    written = [Value(arg, _TYPES[kind_of(arg) or "num"], False) for arg in call.args]
    read = [Value(ir.Path("x", (), "str", ()), value.type, False) for value in written]
    for chosen in product((True, False), repeat=len(written)):
        parts = tuple(w if keep else r for w, r, keep in zip(written, read, chosen, strict=True))
        scope = Scope(text, env, Report(Diagnostics()))
        assert certain_failure(call, parts, ast.NOWHERE, scope) is None


@pytest.mark.parametrize(
    "item",
    [
        "company.founded_on",
        "signal.occurred_at",
        "company.employee_count",
        "signal.score",
        "company.bookmarked",
        "now()",
    ],
)
@pytest.mark.parametrize("shape", ["[{}, null]", "take([{}, {}], 1)"])
def test_an_item_of_a_list_that_is_written_out_is_read_as_what_it_is(item, shape):
    items = shape.replace("{}", item)
    company = {**SIGNAL["company"], "bookmarked": True}
    data = {"signal": {**SIGNAL, "company": company}}
    alone = value_of(compiled(f"text({item})").good(), data)
    for text in (f"{{% for x in {items} %}}{{{{ x }}}}{{% endfor %}}", f"{{{{ text(({items})[0]) ?? '' }}}}"):
        typed = compiled(text, kind="plain").good()
        assert value_of(typed, data) == alone
        assert load_expression(typed.ir, "m.yaml")(data, NOW) == alone
