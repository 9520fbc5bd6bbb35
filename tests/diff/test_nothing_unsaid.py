"""No field of a plan changes without a change being shown, but those that are named as saying nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diff.flips import Field, Plan, flips, plan_classes, single_valued
from diff.sides import sides
from plans.generated import texts
from queast_compiler.diff.compare import Comparison, Side, compare
from queast_compiler.diff.placeless import IGNORED, meaning
from queast_compiler.plan import ir
from queast_compiler.plan.codec import NODES
from queast_compiler.plan.mapping import AttachPlan, MappingPlan

_OLD, _NEW = sides("changes", {})
SIDE = _OLD["acme"]
HUBSPOT, EVENTS = SIDE.mappings["acme-hubspot"], SIDE.mappings["acme-events"]
PLANS: tuple[Plan, ...] = (*SIDE.connections.values(), *SIDE.mappings.values())
FIELDS = [(cls.__name__, each.name) for cls in plan_classes() for each in fields(cls)]
# A manifest's budgets are numbers by its schema; one that is none is no budget.
_FLIPS: dict[Field, list[tuple[Plan, Plan]]] = {}
for _plan in PLANS:
    for _field, _other in flips(_plan):
        _FLIPS.setdefault(_field, []).append((_plan, _other))


def with_plan(side: Side, plan: Plan, instead_of: Plan) -> Side:
    mappings = {name: each for name, each in side.mappings.items() if each is not instead_of}
    connections = {name: each for name, each in side.connections.items() if each is not instead_of}
    if isinstance(plan, MappingPlan):
        return Side(connections, {**mappings, plan.mapping: plan})
    return Side({**connections, plan.connection: plan}, mappings)


def after(old: Plan, new: Plan) -> Comparison:
    side = SIDE if isinstance(old, MappingPlan) else Side({old.connection: old}, {})
    return compare(side, with_plan(side, new, old))


@pytest.mark.parametrize("field", FIELDS, ids=".".join)
def test_a_field_that_changes_is_shown_or_named_as_saying_nothing(field: Field) -> None:
    if field in single_valued() or field[1] == "tenant":
        return
    assert field in _FLIPS, "the plans of the test hold no such field"
    for old, new in _FLIPS[field]:
        if field[1] == "manifest" and not _is_a_manifest(new):
            continue
        changes = after(old, new).changes
        if field[1] in IGNORED:
            assert not changes
        else:
            assert changes, (field, new)


def _is_a_manifest(plan: Any) -> bool:
    """Whether budgets have numbers and objects are objects, as the schema has it."""
    budgets = (plan.manifest.get("rate_limit") or {}).get("budgets", [])
    if not isinstance(budgets, list) or not isinstance(plan.manifest.get("errors", []), list):
        return False
    objects = plan.manifest.get("objects", {})
    return (
        isinstance(plan.manifest.get("rate_limit", {}), dict)
        and isinstance(objects, dict)
        and all(isinstance(each, dict) and isinstance(each.get("forms", []), list) for each in objects.values())
        and all(isinstance(form, dict) for each in objects.values() for form in each.get("forms", []))
        and all(isinstance(each, dict) and {"limit", "window_s"} <= each.keys() for each in budgets)
        and all(isinstance(each[key], int | float) for each in budgets for key in ("limit", "window_s"))
    )


def test_what_says_nothing_is_named_with_a_reason() -> None:
    assert set(IGNORED) <= {name for _, name in FIELDS}
    assert all(len(reason.split()) > 3 for reason in IGNORED.values())
    assert single_valued() == {
        ("ReceivePlan", "event"),
        ("ReceivePlan", "entity"),
        ("InboundPlan", "verify"),
    }, "a second value makes a change of the first: show it"


_COMPANY = ir.Path("company", ("name",), "str", (False,), 3)
_LIST = ir.Path("company", ("technologies",), "list", (True,), 3)
_NODES: tuple[ir.Expr, ...] = (
    ir.Lit("a", 3),
    _COMPANY,
    ir.Index(_LIST, 0, "str", 3),
    ir.Project(_LIST, ("name",), "str", 3),
    ir.Call("truncate", (_COMPANY, ir.Lit(4)), 3),
    ir.Coalesce((_COMPANY, ir.Lit("a")), 3),
    ir.If(ir.Present(_COMPANY), _COMPANY, ir.Lit("a"), 3),
    ir.Switch(_COMPANY, ((ir.Lit("a"), ir.Lit("b")),), ir.Lit("c"), 3),
    ir.Lookup("industries", _COMPANY, ir.Lit("a"), 3),
    ir.Not(ir.Present(_COMPANY), 3),
    ir.And((ir.Present(_COMPANY), ir.Lit(True)), 3),
    ir.Or((ir.Present(_COMPANY), ir.Lit(True)), 3),
    ir.Compare("<", _COMPANY, ir.Lit("a"), 3),
    ir.In(_COMPANY, ir.MakeList((ir.Lit("a"),)), 3),
    ir.Arith("+", ir.Lit(1), ir.Lit(2), 3),
    ir.Neg(ir.Lit(1), 3),
    ir.Present(_COMPANY, 3),
    ir.Concat((_COMPANY, ir.Lit("a")), 3),
    ir.Each("item", _LIST, _COMPANY, 3),
    ir.Repeat("item", _LIST, _COMPANY, 5, 3),
    ir.MakeList((_COMPANY, ir.Lit("a")), 3),
    ir.MakeObj((("a", _COMPANY),), 3),
    ir.Now(3),
)


def with_value(expr: ir.Expr) -> MappingPlan:
    route = HUBSPOT.routes[0]
    first, *rest = route.fields
    return replace(HUBSPOT, routes=(replace(route, fields=(replace(first, expr=expr), *rest)), *HUBSPOT.routes[1:]))


@pytest.mark.parametrize("node", _NODES, ids=lambda node: type(node).__name__)
def test_each_part_of_an_expression_counts_but_its_line(node: ir.Expr) -> None:
    old = with_value(node)
    side = with_plan(SIDE, old, HUBSPOT)
    for each in fields(node):
        value = getattr(node, each.name)
        for other in _other_parts(value):
            new = with_value(replace(node, **{each.name: other}))
            changes = compare(side, with_plan(SIDE, new, HUBSPOT)).changes
            kinds = [change.kind.id for change in changes if change.kind.category != "PRIVACY"]
            assert kinds == ([] if each.name == "line" else ["expression-changed"])


def _other_parts(value: Any) -> list[Any]:
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return [()]
    if isinstance(value, tuple):
        return [value[:-1], (*value, value[0])] if value else []
    if isinstance(value, get_args(ir.Expr)):
        return [ir.Lit("another")]
    if isinstance(value, bool):
        return [not value]
    return [value + 1] if isinstance(value, int) else [f"{value}x"]


def test_every_kind_of_expression_is_among_them() -> None:
    assert {type(node) for node in _NODES} == {cls for cls, _ in NODES.values()}


def test_a_side_compared_with_itself_has_no_change_and_counts_everything() -> None:
    found = compare(SIDE, SIDE)
    assert found.changes == ()
    assert found.unchanged == {"acme-events": 6, "acme-hubspot": 7, "acme-stars": 0}


_ALL_FLIPS = [pair for field, pairs in _FLIPS.items() if field[1] not in ("manifest", "tenant") for pair in pairs]


@given(st.sampled_from(_ALL_FLIPS), st.sampled_from(_ALL_FLIPS), texts(2))
@settings(max_examples=60, deadline=None)
def test_there_is_a_change_whenever_the_plans_mean_something_else(
    one: tuple[Plan, Plan], other: tuple[Plan, Plan], value: ir.Expr
) -> None:
    old = with_plan(SIDE, one[1], one[0])
    new = with_plan(with_plan(SIDE, with_value(value), HUBSPOT), other[1], other[0])
    found, again, back = compare(old, new), compare(old, new), compare(new, old)
    assert found == again
    differ = _meaning(old) != _meaning(new)
    assert bool(found.changes) == differ
    assert bool(back.changes) == differ
    assert [(change.connection, change.mapping or "") for change in found.changes] == sorted(
        (change.connection, change.mapping or "") for change in found.changes
    )


def _meaning(side: Side) -> Any:
    connections = {name: meaning(plan) for name, plan in side.connections.items()}
    return connections, {name: meaning(plan) for name, plan in side.mappings.items()}


def test_the_order_of_routes_fields_headers_rows_and_keys_is_no_change() -> None:
    for plan in (HUBSPOT, EVENTS):
        routes = tuple(
            replace(
                route,
                fields=route.fields[::-1],
                headers=route.headers[::-1],
                events=route.events[::-1],
                attach_to=route.attach_to[::-1],
                body=ir.MakeObj(route.body.entries[::-1]) if isinstance(route.body, ir.MakeObj) else route.body,
            )
            for route in plan.routes[::-1]
        )
        turned = replace(plan, routes=routes, tables=tuple((name, rows[::-1]) for name, rows in plan.tables))
        assert after(plan, turned).changes == ()


def test_plans_of_two_tenants_are_not_compared() -> None:
    with pytest.raises(ValueError, match="several tenants"):
        compare(SIDE, Side({}, {"other": replace(HUBSPOT, tenant="other", mapping="other")}))


def test_what_a_note_hangs_on_is_no_matter_of_order() -> None:
    route = HUBSPOT.routes[1]
    two = replace(route, attach_to=(AttachPlan("company", "companies"), AttachPlan("person", "contacts")))
    one = replace(two, attach_to=two.attach_to[::-1])
    plans = [replace(HUBSPOT, routes=(HUBSPOT.routes[0], each)) for each in (two, one)]
    side = with_plan(SIDE, plans[0], HUBSPOT)
    assert compare(side, with_plan(SIDE, plans[1], HUBSPOT)).changes == ()
