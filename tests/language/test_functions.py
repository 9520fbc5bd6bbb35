"""Each function of the registry: its examples run, its promises hold."""

from __future__ import annotations

import inspect
import subprocess
import sys
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from language_case import compiled, value_of
from queast_dsl.functions import FORMS, MAX_TEXT, REGISTRY, Function, FunctionError

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


_TEXT = st.text(max_size=60)
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
    assert function.nullable_result or result is not None
    if isinstance(result, str):
        assert len(result) <= MAX_TEXT
        if function.bound == "input" and function.returns != "item":
            assert len(result) <= len(args[0])


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
