"""Every function, called with what stands at the ends of each type it takes: FunctionError, or what it promises."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from language.boundaries import BOUNDARIES, broken_promise
from language_case import compiled, value_of
from queast_compiler.codegen.record import Failed
from queast_dsl.functions import REGISTRY, Function, FunctionError, Param

# More than this many ways to combine arguments are drawn from, by a fixed seed, so that a failure comes again.
_MOST = 1_500


@pytest.mark.parametrize("function", REGISTRY.values(), ids=lambda function: function.name)
def test_nothing_but_a_function_error_escapes_and_the_result_is_as_declared(function: Function) -> None:
    calls = 0
    for args in _calls(function):
        calls += 1
        refusal, result = _outcome(function.python, args)
        if refusal is None:
            assert broken_promise(function, args, result) is None, (function.name, args)
        else:
            assert refusal.reason, args
            assert not function.total, args
    assert calls >= min(len(BOUNDARIES[param.accepts]) for param in function.params if not param.literal)


@pytest.mark.parametrize(
    ("function", "param"),
    [(f, p) for f in REGISTRY.values() for p in f.params if p.check is not None],
    ids=lambda each: each.name,
)
def test_a_check_of_what_is_written_out_refuses_by_a_function_error(function: Function, param: Param) -> None:
    assert param.check is not None
    refusals = [_outcome(param.check, [value])[0] for value in BOUNDARIES[param.accepts]]
    assert any(refusals)
    assert all(refusal.reason for refusal in refusals if refusal is not None)


def test_a_function_that_fails_in_its_own_way_is_shown_as_our_bug_and_does_not_end_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_text: str) -> str:
        raise KeyError("a bug of ours")

    monkeypatch.setitem(REGISTRY, "int", replace(REGISTRY["int"], python=broken))
    with pytest.warns(RuntimeWarning, match="a bug in `int`: KeyError"):
        outcome = compiled("int('1')")
    assert outcome.findings == ()


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("round(9000000000000000000, 10) | round_int", 9 * 10**18),
        ("format_number(9223372036854775807, 10)", "9223372036854775807.0000000000"),
        ("format_number(1234567.5, 1, '.', ' ,')", "1.234.567 ,5"),
        ("format_number(-0.001, 2)", "0.00"),
        ("format_number(-0.4, 0)", "0"),
        ("format_number(-0.006, 2)", "-0.01"),
        ("text(round(-0.001, 2))", "0"),
        ("strip_html('<p>a</p><script>var b = 1 < 2;</script><STYLE type=x>p {}</style >c')", "a\nc"),
        ("strip_html('a<script>b</style>c')", "a"),
        ("strip_html('a<scripts>b</scripts>c')", "abc"),
        ("bucket(90071992547409930, 10)", 90071992547409930),
        ("bucket(-1, 10)", -10),
        ("bucket(-0.5, 10)", -10),
        ("text(num('10000000000000000000000'))", "10000000000000000000000"),
        ("text(num('0.0000001'))", "0.0000001"),
        ("text(num('3.0'))", "3"),
        ("text(datetime('0999-01-01T00:00:00Z'))", "0999-01-01T00:00:00Z"),
        ("text(datetime('2026-01-31T12:00:00.5Z'))", "2026-01-31T12:00:00.500000Z"),
        ("round_int(num('-9223372036854775808'))", -(2**63)),
    ],
)
def test_large_small_and_old_values_come_out_exactly(text: str, result: Any) -> None:
    assert value_of(compiled(text).good(), {}) == result


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abs(-9223372036854775807 - 1)", "the number is out of range"),
        ("-(-9223372036854775807 - 1)", "the result is past the bounds of an integer"),
        ("round(num('99999999999999999999'))", "the number is out of range"),
    ],
)
def test_what_leaves_the_integers_fails_while_it_is_compiled(text: str, reason: str) -> None:
    outcome = compiled(text)
    assert outcome.codes == ["QM233"]
    assert reason in outcome.only.message


@pytest.mark.parametrize(
    ("text", "value"),
    [("company.employee_count", 10**30), ("company.revenue", 10**30), ("abs(0 - company.sequence - 1)", 2**63 - 1)],
)
def test_an_integer_past_64_bits_fails_its_field(text: str, value: int) -> None:
    field = "sequence" if "sequence" in text else text.partition(".")[2]
    with pytest.raises((Failed, FunctionError)):
        value_of(compiled(text).good(), {"signal": {"company": {field: value}}})


def _calls(function: Function) -> Iterator[list[Any]]:
    """Every combination of boundary arguments, or a fixed draw of them; optional ones are also left out."""
    choices = [_choices(param) for param in function.params]
    if function.params[-1].variadic:
        choices.append(choices[-1])
    counts = range(function.required, len(choices) + 1)
    for count in counts:
        total = 1
        for each in choices[:count]:
            total *= len(each)
        if total <= _MOST:
            yield from map(list, product(*choices[:count]))
        else:
            rng = random.Random(f"{function.name}/{count}")
            yield from ([rng.choice(each) for each in choices[:count]] for _ in range(_MOST))


def _choices(param: Param) -> list[Any]:
    found = BOUNDARIES[param.accepts]
    if param.check is None:
        return found
    return (
        ["(a+)", "a", "^$", "YYYY"]
        if param.name == "pattern"
        else [each for each in found if _outcome(param.check, [each])[0] is None]
    )


def _outcome(function: Callable[..., Any], args: list[Any]) -> tuple[FunctionError | None, Any]:
    try:
        return None, function(*args)
    except FunctionError as error:
        return error, None
