"""Whatever a mapping repeats, a value stops at its bounds while it grows, alike in both back ends."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.samples import field_plan, mapping_plan, route_plan
from queast_compiler.codegen import EvaluationFailed, bounds, load_expression, load_mapping
from queast_compiler.codegen.interpret import Interpreter
from queast_compiler.codegen.record import Failed
from queast_compiler.plan import ir

NOW = datetime(2026, 1, 31, tzinfo=UTC)
LIST = ir.Path("company", ("tags",), "list", (True,))
ITEM = ir.Path("a", (), "str", ())
INNER = ir.Path("b", (), "str", ())
REPETITIONS = "the value repeats something more than 10,000 times"
TEMPLATE = "the text of the template is longer than 65,536 characters"
BODY = "the body is larger than 256 KiB"


def event(items: int, length: int = 1) -> dict[str, Any]:
    return {"company": {"tags": ["t" * length] * items}}


def grid(body: ir.Expr) -> ir.Expr:
    return ir.Concat((ir.Repeat("a", LIST, ir.Concat((ir.Repeat("b", LIST, body, 100),)), 100),))


def both(expr: ir.Expr, data: dict[str, Any]) -> Any:
    """The value, or why there is none; the two back ends agree on it."""
    outcomes: list[Any] = []
    try:
        outcomes.append(Interpreter({}).expression(expr)(data, NOW))
    except Failed as error:
        outcomes.append(error.reason)
    # Generated code without the interpreter behind it stops at the bound by itself.
    field = load_mapping(mapping_plan(route_plan(field_plan("p", expr)))).routes[0].evaluate(data, NOW)
    outcomes.append(field.failures[0].reason if field.failures else field.values["p"])
    try:
        outcomes.append(load_expression(expr, "m.yaml")(data, NOW))
    except EvaluationFailed as error:
        outcomes.append(error.reason)
    assert outcomes[0] == outcomes[1] == outcomes[2]
    return outcomes[0]


def test_up_to_ten_thousand_repetitions_are_made_and_more_are_not() -> None:
    assert both(grid(ir.Lit("x")), event(99)) == "x" * 99 * 99
    more = ir.Concat((grid(ir.Lit("x")), *[ir.Repeat("a", LIST, ir.Lit(""), 99)] * 2))
    assert both(more, event(99)) == REPETITIONS


def test_a_template_of_the_longest_length_is_made_and_a_longer_one_is_not() -> None:
    half = ir.Lit("x" * (bounds.MAX_TEMPLATE // 2))
    assert both(ir.Concat((half, half)), {}) == "x" * bounds.MAX_TEMPLATE
    assert both(ir.Concat((half, half, ir.Lit("y"))), {}) == TEMPLATE
    assert both(ir.Repeat("a", LIST, half, 100), event(3)) == TEMPLATE


def test_loops_of_a_value_share_their_bounds_with_the_lists_of_its_body() -> None:
    body = ir.Each("a", LIST, ir.Each("b", LIST, INNER))
    assert both(body, event(99)) == [["t"] * 99] * 99
    assert both(body, event(101)) == REPETITIONS


def test_a_body_stops_growing_at_its_bound() -> None:
    padded = ir.Call("pad_left", (ITEM, ir.Lit(65_000)))
    body = ir.MakeObj((("items", ir.Each("a", LIST, ir.MakeObj((("text", padded),)))),))
    assert len(both(body, event(4))["items"]) == 4
    assert both(body, event(5)) == BODY


def test_a_finished_body_is_measured_as_the_bytes_that_are_sent() -> None:
    def sent(text: str) -> Any:
        body = ir.MakeObj((("text", ir.Path("company", ("name",), "str", (False,))),))
        return load_mapping(mapping_plan(route_plan(body=body))).routes[0].body({"company": {"name": text}}, NOW)

    fits = "ø" * ((bounds.MAX_BODY - len('{"text":""}')) // 2)
    assert sent(fits) == {"text": fits}
    with pytest.raises(EvaluationFailed, match=BODY):
        sent(fits + "øø")


@pytest.mark.parametrize(
    "expr",
    [
        grid(ir.Call("pad_left", (INNER, ir.Lit(65_000)))),
        ir.Concat(tuple(ir.Call("pad_left", (ir.Lit("x"), ir.Lit(65_000 + n))) for n in range(200))),
        ir.Each("a", LIST, ir.Each("b", LIST, ir.Call("pad_left", (INNER, ir.Lit(65_000))))),
        ir.MakeObj(tuple((f"k{n}", ir.Call("pad_left", (ir.Lit("x"), ir.Lit(65_000 + n)))) for n in range(500))),
        ir.Each("a", LIST, ir.MakeObj(tuple((f"key{n}", ir.Lit(n)) for n in range(2_000)))),
    ],
    ids=["nested for", "long template", "nested each", "many values", "wide objects"],
)
def test_what_grows_without_end_is_stopped_within_a_few_megabytes(expr: ir.Expr) -> None:
    run = load_expression(expr, "m.yaml")
    data = event(1_000, 20)
    tracemalloc.start()
    try:
        with pytest.raises(EvaluationFailed, match=f"{TEMPLATE}|{BODY}|{REPETITIONS}"):
            run(data, NOW)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


_leaves = st.sampled_from([ir.Lit("x" * 400), ITEM, ir.Call("pad_left", (ITEM, ir.Lit(3_000))), ir.Lit("")])
_texts = st.builds(
    lambda parts, limit: ir.Repeat("a", LIST, ir.Concat(tuple(parts)), limit), st.lists(_leaves, max_size=12),
    st.integers(0, 100),
)  # fmt: skip
_bodies = st.builds(
    lambda entries: ir.Each("a", LIST, ir.MakeObj(tuple((f"k{n}", each) for n, each in enumerate(entries)))),
    st.lists(_leaves, max_size=12),
)


def _near_the_bounds(expr: ir.Expr, items: int, length: int) -> None:
    outcome = both(expr, event(items, length))
    if isinstance(outcome, str) and isinstance(expr, ir.Repeat):
        assert outcome == TEMPLATE or len(outcome) <= bounds.MAX_TEMPLATE


@settings(max_examples=60, deadline=None)
@given(_texts | _bodies, st.integers(0, 120), st.integers(0, 500))
def test_both_back_ends_stop_at_the_same_place(expr: ir.Expr, items: int, length: int) -> None:
    _near_the_bounds(expr, items, length)


@pytest.mark.soak
@settings(max_examples=5_000, deadline=None)
@given(_texts | _bodies, st.integers(0, 1_200), st.integers(0, 2_000))
def test_both_back_ends_stop_at_the_same_place_over_a_long_run(expr: ir.Expr, items: int, length: int) -> None:
    _near_the_bounds(expr, items, length)
