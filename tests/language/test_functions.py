"""Each function of the registry: its examples run, its promises hold."""

from __future__ import annotations

import inspect
import subprocess
import sys
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language.boundaries import broken_promise
from language_case import COMPANY, SIGNAL, compiled, value_of
from queast_compiler.codegen.record import Failed
from queast_dsl.functions import FORMS, REGISTRY, Function, FunctionError, Param
from queast_dsl.types import max_length

_EXAMPLES = [(function.name, example) for function in REGISTRY.values() for example in function.examples]
_FORM_EXAMPLES = [(form.name, example) for form in FORMS.values() for example in form.examples]


@pytest.mark.parametrize(("name", "example"), _EXAMPLES + _FORM_EXAMPLES, ids=lambda each: str(each)[:40])
def test_an_example_gives_what_it_says(name, example):
    result = value_of(compiled(example.expression).good(), {})
    assert result == example.result
    assert type(result) is type(example.result)
    assert name in example.expression


@pytest.mark.parametrize("function", REGISTRY.values(), ids=lambda function: function.name)
def test_a_function_has_a_doc_an_example_and_a_signature_that_its_code_agrees_with(function: Function):
    assert function.doc.endswith(".")
    assert function.examples
    try:
        parameters = list(inspect.signature(function.python).parameters.values())
    except ValueError:
        return  # written in C
    if any(param.variadic for param in function.params):
        assert parameters[0].kind is inspect.Parameter.VAR_POSITIONAL
        return
    positional = [each for each in parameters if each.kind is not inspect.Parameter.KEYWORD_ONLY]
    for param, own in zip(function.params, positional, strict=False):
        assert (own.default is not inspect.Parameter.empty) >= param.optional
        if param.optional:
            assert own.default == param.default


def test_there_are_many_functions_and_no_name_is_also_a_form():
    assert len(REGISTRY) >= 60
    assert not REGISTRY.keys() & FORMS.keys()


_TEXT = st.one_of(st.text(max_size=60), st.text(st.sampled_from("aß ŉŐΐﬃİÆ<&*\u0301"), max_size=60))
_BY_KIND = {
    "str": _TEXT,
    "int": st.integers(-(2**62), 2**62),
    "num": st.one_of(st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False)),
    "bool": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(timezones=st.just(UTC)),
    "moment": st.one_of(st.dates(), st.datetimes(timezones=st.just(UTC))),
    "scalar": st.one_of(_TEXT, st.integers(), st.booleans(), st.dates()),
    "list": st.lists(_TEXT, max_size=5),
    "list_str": st.lists(_TEXT, max_size=5),
}


@pytest.mark.parametrize("function", REGISTRY.values(), ids=lambda function: function.name)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_function_gives_a_bounded_value_or_says_why_not(function: Function, data):
    args = [data.draw(_BY_KIND[param.accepts]) for param in function.params]
    try:
        result = function.python(*args)
    except FunctionError as error:
        result, refusal = None, error
    else:
        refusal = None
    if refusal is not None:
        assert refusal.reason
        assert not function.total
        return
    assert broken_promise(function, args, result) is None


# Fields whose length the schema bounds, and what they may hold: letters that grow in another case, marks, spaces.
_BOUNDED = {"company.country": 2, "company.address.region": 100, "company.name": 200, "company.city": 100}
_ODD = st.text(st.sampled_from("aZ09 .-_*<>&\"'/:@,;|ßŉŐΐﬃİÆø\u0301\u200b\U0001f600\n"), max_size=40)
_NUMBERS = ["0", "1", "2", "5", "40", "300"]
_WRITTEN = {
    "str": [*_BOUNDED, "'a'", "'ßﬃ'", "''", "', '"],
    "int": _NUMBERS,
    "num": [*_NUMBERS, "2.5", "company.employee_count"],
    "bool": ["true", "company.bookmarked"],
    "date": ["company.founded_on"],
    "datetime": ["company.updated_at", "now()"],
    "moment": ["company.founded_on", "company.updated_at"],
    "scalar": ["company.employee_count", "company.revenue", "company.founded_on", "company.bookmarked", "company.city"],
    "list": ["company.technologies", "[company.city, company.name]"],
    "list_str": ["company.technologies", "[company.city, company.name]"],
}
_LITERAL = {"format_date": ["'YYYY-MM-DD'", "'MMMM D'"], "matches": ["'a'"], "extract": ["'(a+)'"]}


@pytest.mark.parametrize("function", REGISTRY.values(), ids=lambda function: function.name)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_text_is_longer_than_the_type_of_the_call_says(function: Function, data):
    written = [data.draw(st.sampled_from(_written(function, param))) for param in function.params]
    outcome = compiled(f"{function.name}({', '.join(written)})")
    if outcome.typed is None:
        return
    limit = max_length(outcome.typed.type)
    texts = {path: data.draw(_ODD)[:length] for path, length in _BOUNDED.items()}
    # A country is two letters of ASCII by its schema, which the bound relies on.
    texts["company.country"] = data.draw(st.sampled_from(["NO", "SE"]))
    company = {
        **COMPANY,
        **{path.split(".")[-1]: text for path, text in texts.items() if path.count(".") == 1},
        "address": {"region": texts["company.address.region"]},
        "technologies": data.draw(st.lists(_ODD, max_size=3)),
        "revenue": data.draw(st.floats(-1e300, 1e300)),
        "updated_at": "2026-01-31T12:00:00.123Z",
        "bookmarked": True,
    }
    try:
        value = value_of(outcome.typed, {"signal": {**SIGNAL, "company": company}})
    except FunctionError:
        return
    except Failed:
        return
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str):
            assert limit is None or len(text) <= limit


def _written(function: Function, param: Param) -> list[str]:
    return _LITERAL.get(function.name, ["'a'"]) if param.literal else _WRITTEN[param.accepts]


def test_growth_past_the_bound_is_refused():
    for name, args in (
        ("replace", ("a" * 1000, "a", "b" * 1000)),
        ("pad_left", ("a", 10**9)),
        ("concat", ("a" * 40_000, "b" * 40_000)),
        ("join", (["a" * 40_000] * 2, "")),
        ("escape_html", ("<" * 40_000,)),
    ):
        with pytest.raises(FunctionError):
            REGISTRY[name].python(*args)


def test_importing_the_registry_loads_no_large_library():
    code = (
        "import sys, queast_dsl.functions;"
        "print([m for m in ('lark','yaml','jsonschema','publicsuffixlist','phonenumbers','idna') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
