"""Plans are read from exactly one form, and from nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pytest

from plans.samples import FILE, connection_plan, field_plan, mapping_plan, route_plan, text
from queast_compiler.plan import ir
from queast_compiler.plan.canonical import NotCanonical, dumps, loads
from queast_compiler.plan.codec import NEEDS, NODES, decode_connection, decode_mapping, encode
from queast_compiler.plan.connection import NamePlan
from queast_compiler.plan.directory import PlanDirectoryError, plan_tenants, read_plans, write_plans
from queast_compiler.plan.fieldcodec import PlanMalformed
from queast_compiler.plan.needs import GuardNeed, ReadNeed, ScoreNeed

GUARDED = route_plan(field_plan("name", text("name")), field_plan("regions", text("city"), write="add"))


def test_every_expression_has_exactly_one_tag() -> None:
    assert {cls for cls, _ in NODES.values()} == set(ir.Expr.__args__)
    for cls, shape in NODES.values():
        assert [name for name, _ in shape] == list(cls.__dataclass_fields__)


def expression(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = value["routes"][0]["fields"][0]["expr"]
    return found


def deep(value: dict[str, Any]) -> None:
    inner: dict[str, Any] = {"node": "now", "line": 0}
    for _ in range(150):
        inner = {"node": "not", "of": inner, "line": 0}
    value["routes"][0]["fields"][0]["expr"] = inner


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: expression(v).update(node="os.system"), "unknown kind of expression"),
        (lambda v: expression(v).update(node=["path"]), "unknown kind of expression"),
        (lambda v: expression(v).update(extra=1), "a key is not known"),
        (lambda v: expression(v).pop("steps"), "key steps is missing"),
        (lambda v: expression(v).update(kind="bytes"), "expected one of"),
        (lambda v: expression(v).update(optional=[]), "one flag for each step"),
        (lambda v: expression(v).update(optional=[0]), "expected true or false"),
        (lambda v: expression(v).update(line=True), "expected an integer"),
        (lambda v: expression(v).update(line=-1), "below 0"),
        (lambda v: v.update(routes={}), "expected a list"),
        (lambda v: v.update(schema_version=2), "this program reads 1"),
        (lambda v: v.update(plan="connection"), "not a mapping plan"),
        (deep, "nested deeper than 128"),
    ],
)
def test_a_plan_of_another_form_is_refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
    value = copy.deepcopy(encode(mapping_plan(route_plan(field_plan("name", text("name"))))))
    change(value)
    with pytest.raises(PlanMalformed, match=message):
        decode_mapping(value)


def test_a_mistake_deep_in_a_plan_is_told_with_its_place() -> None:
    value = copy.deepcopy(
        encode(mapping_plan(route_plan(field_plan("a", text("name")), field_plan("b", text("name")))))
    )
    value["routes"][0]["fields"][1]["expr"]["steps"] = ["name", 7]
    with pytest.raises(
        PlanMalformed, match=r"\Amapping\.routes\[0\]\.fields\[1\]\.expr\.steps\[1\]: expected a string"
    ):
        decode_mapping(value)


def test_what_a_plan_needs_survives_being_written_and_read() -> None:
    plan = mapping_plan(GUARDED)
    assert plan.needs == (GuardNeed("union", "companies", "regions", FILE, 10), ReadNeed("companies", ("regions",)))
    assert {GuardNeed, ReadNeed, ScoreNeed} == {cls for cls, _ in NEEDS.values()}
    assert decode_mapping(loads(dumps(encode(plan)))) == plan


def test_a_plan_that_hides_what_it_needs_is_refused() -> None:
    value = encode(mapping_plan(GUARDED)) | {"needs": []}
    with pytest.raises(PlanMalformed, match="not what the fields of the routes ask for"):
        decode_mapping(value)
    (match,) = connection_plan().match
    scored = replace(match, name=NamePlan(0.8, 0.95, 0.05, (), ()))
    with pytest.raises(PlanMalformed, match="not what matching by name asks for"):
        decode_connection(encode(replace(connection_plan(), match=(scored,))))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda need: need.update(need="wish"), "unknown kind of need"),
        (lambda need: need.pop("need"), "unknown kind of need"),
        (lambda need: need.update(guard="none"), "expected one of"),
        (lambda need: need.update(extra=1), "a key is not known"),
        (lambda need: need.pop("property"), "key property is missing"),
    ],
)
def test_a_need_of_another_form_is_refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
    value = copy.deepcopy(encode(mapping_plan(GUARDED)))
    change(value["needs"][0])
    with pytest.raises(PlanMalformed, match=message):
        decode_mapping(value)


def test_thresholds_survive_being_written_and_read_in_one_form() -> None:
    (match,) = connection_plan().match
    scored = NamePlan(0.8, 1.0, 0.05, ("country",), (), "2027-03-01")
    plan = replace(
        connection_plan(),
        match=(replace(match, name=scored),),
        needs=(ScoreNeed("company", "acme/connections.yaml", 9),),
    )
    assert decode_connection(loads(dumps(encode(plan)))) == plan
    for odd in (1, 1.5, -0.1, "0.9", True, None):
        value = copy.deepcopy(encode(plan))
        value["match"][0]["name"]["auto_link"] = odd
        with pytest.raises(PlanMalformed, match="from 0 to 1"):
            decode_connection(value)


def test_a_connection_plan_survives_being_written_and_read() -> None:
    assert decode_connection(loads(dumps(encode(connection_plan())))) == connection_plan()


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":NaN}',
        b'{"a":1.0e0}',
        b'{"a":"\\u0061"}',
        b"[]",
        b'"\xff"',
    ],
)
def test_bytes_in_another_form_than_the_canonical_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        loads(data)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", object()])
def test_a_value_without_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        dumps({"value": value})


def test_what_compile_writes_is_what_publish_reads(tmp_path: File) -> None:
    written = write_plans(tmp_path, "acme", [connection_plan()], [mapping_plan(route_plan())])
    assert plan_tenants(tmp_path) == ("acme",)
    assert read_plans(tmp_path, "acme") == written
    assert sorted(path.name for path in (tmp_path / "acme/plans").iterdir()) == sorted(
        f"{name.removeprefix('sha256:')}.json" for name in written.data
    )


def test_an_altered_plan_and_a_path_for_a_digest_are_refused_by_publish(tmp_path: File) -> None:
    written = write_plans(tmp_path, "acme", [connection_plan()], [mapping_plan(route_plan())])
    path = tmp_path / "acme/plans" / f"{written.mappings['acme-hubspot'].removeprefix('sha256:')}.json"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(PlanDirectoryError, match="does not have the digest in its name"):
        read_plans(tmp_path, "acme")
    index = tmp_path / "acme/index.json"
    index.write_bytes(dumps({**written.as_json(), "mappings": {"acme-hubspot": "../../etc/passwd"}}))
    with pytest.raises(PlanDirectoryError, match="not well formed"):
        read_plans(tmp_path, "acme")
