"""Small plans and entities that the engine's tests share."""

from __future__ import annotations

from typing import Any, Literal

from queast_compiler.plan.connection import ConnectionPlan, MatchPlan
from queast_compiler.plan.ir import Expr, Path
from queast_compiler.plan.mapping import AttachPlan, FieldPlan, MappingPlan, RoutePlan, ScopePlan

COMPANY: dict[str, Any] = {"id": "c_1", "sequence": 3, "name": "Acme AS", "domain": "acme.no"}
SIGNAL: dict[str, Any] = {
    "id": "s_1",
    "sequence": 1,
    "type": "hiring",
    "title": "Hires ten",
    "strictness": "strict",
    "state": "active",
    "occurred_at": "2026-03-01T10:00:00Z",
    "company": COMPANY,
}


def field_plan(property_: str, expr: Expr, write: Literal["always", "on_create"] = "always") -> FieldPlan:
    return FieldPlan(property_, expr, "native", False, write, "skip", "", None, "error", "acme.yaml", 1)


def route_plan(
    entity: str,
    action: Literal["upsert", "create", "send"],
    *,
    name: str = "",
    events: tuple[str, ...] = ("created", "updated"),
    fields: tuple[FieldPlan, ...] = (),
    body: Expr | None = None,
) -> RoutePlan:
    object_ = {"upsert": "companies", "create": "notes", "send": "event"}[action]
    role = {"upsert": "company", "create": "note", "send": "event"}[action]
    attach = (AttachPlan("company", "companies"),) if action == "create" else ()
    return RoutePlan(
        name or f"{entity}-{action}",
        entity,
        events,
        object_,
        role,
        action,
        None,
        attach,
        fields,
        body,
        (),
        (),
        (),
        "acme.yaml",
        1,
    )


NAME = Path("company", ("name",), "str", (False,))
DOMAIN = Path("company", ("domain",), "str", (True,))
TITLE = Path("signal", ("title",), "str", (False,))


def crm_routes() -> tuple[RoutePlan, ...]:
    company = route_plan(
        "company",
        "upsert",
        name="companies",
        fields=(
            field_plan("name", NAME),
            field_plan("domain", DOMAIN),
            field_plan("first_name", NAME, "on_create"),
        ),
    )
    note = route_plan("signal", "create", name="notes", events=("created",), fields=(field_plan("body", TITLE),))
    return company, note


def mapping_plan(*routes: RoutePlan, connection: str = "crm") -> MappingPlan:
    scope = ScopePlan("all", "strict", None, None)
    chosen = routes or crm_routes()
    return MappingPlan("acme", "acme-crm", connection, "sha256:0", "live", scope, chosen, (), (), (), ())


def match_plan(**changes: Any) -> MatchPlan:
    values: dict[str, Any] = {
        "entity": "company",
        "object": "companies",
        "order": ("link", "external_id", "domain"),
        "external_id": "queast_id",
        "domain_from": DOMAIN,
        "domain_to": ("domain", "website"),
        "card": (("name", "name"), ("country", "country"), ("city", "city")),
        "on_none": "create",
        "on_many": "review",
        **changes,
    }
    return MatchPlan(**values)


def connection_plan(name: str = "crm", **changes: Any) -> ConnectionPlan:
    crm = name == "crm"
    values: dict[str, Any] = {
        "tenant": "acme",
        "connection": name,
        "connector": "hubspot" if crm else "webhook",
        "connector_version": 1,
        "account": "1",
        "url": "https://crm.example",
        "time_zone": "UTC",
        "secrets": (),
        "match": (match_plan(),) if crm else (),
        "manifest": {},
        "sources": (),
        **changes,
    }
    return ConnectionPlan(**values)


WHOLE_SIGNAL = Path("signal", (), "obj", ())
WHOLE_PERSON = Path("person", (), "obj", ())
