"""Plans that the tests of this folder share."""

from __future__ import annotations

from queast_compiler.plan.connection import ConnectionPlan, MatchPlan
from queast_compiler.plan.guards import needs_of
from queast_compiler.plan.ir import Expr, Path
from queast_compiler.plan.mapping import FieldPlan, MappingPlan, OnNull, RoutePlan, ScopePlan, Wire
from queast_compiler.plan.needs import Write

FILE = "mappings/acme/acme-hubspot.yaml"


def text(*steps: str, optional: bool = False) -> Path:
    return Path("company", steps, "str", (*(False for _ in steps[1:]), optional))


def field_plan(
    name: str,
    expr: Expr,
    *,
    wire: Wire = "native",
    required: bool = False,
    on_null: OnNull = "skip",
    clear: object = "",
    max_length: int | None = None,
    truncate: bool = False,
    line: int = 10,
    write: Write = "always",
) -> FieldPlan:
    overflow = "truncate" if truncate else "error"
    return FieldPlan(name, expr, wire, required, write, on_null, clear, max_length, overflow, FILE, line)


def route_plan(
    *fields: FieldPlan,
    when: Expr | None = None,
    body: Expr | None = None,
    headers: tuple[tuple[str, Expr], ...] = (),
) -> RoutePlan:
    return RoutePlan(
        name="companies",
        entity="company",
        events=("created", "updated"),
        object="companies",
        role="company",
        action="send" if body else "upsert",
        when=when,
        attach_to=(),
        fields=fields,
        body=body,
        headers=headers,
        secret_headers=(),
        afterwards=(("deleted", "keep"),),
        file=FILE,
        line=8,
    )


def mapping_plan(
    *routes: RoutePlan,
    where: Expr | None = None,
    tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (),
    tenant: str = "acme",
) -> MappingPlan:
    return MappingPlan(
        tenant=tenant,
        mapping="acme-hubspot",
        connection="hubspot-main",
        connection_digest="sha256:" + "0" * 64,
        mode="live",
        scope=ScopePlan("all", "strict", where, None),
        routes=routes,
        tables=tables,
        personal_data=(),
        reads=("company.name",),
        sources=((FILE, "0" * 64),),
        needs=needs_of(routes),
    )


def connection_plan(tenant: str = "acme") -> ConnectionPlan:
    return ConnectionPlan(
        tenant=tenant,
        connection="hubspot-main",
        connector="hubspot",
        connector_version=1,
        account="24512345",
        url="https://api.hubapi.com",
        time_zone="Europe/Oslo",
        secrets=(("token", "hubspot-main"),),
        match=(
            MatchPlan(
                entity="company",
                object="companies",
                order=("link", "external_id", "domain"),
                external_id="queast_company_id",
                domain_from=text("domain", optional=True),
                domain_to=("domain", "website"),
                card=(("name", "name"), ("country", "country")),
                on_none="create",
                on_many="review",
            ),
        ),
        manifest={"api": {"base": "https://api.hubapi.com"}, "retry": [0, 0.5, None, True]},
        sources=(("mappings/acme/connections.yaml", "1" * 64),),
    )
