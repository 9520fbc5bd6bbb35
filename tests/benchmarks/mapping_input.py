"""What the mapping benchmark runs: a plan of 12 fields for companies, loaded from a signed release, and events."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_compiler.codegen import LoadedRoute
from queast_compiler.plan import ir
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import plan_digest, plan_set
from queast_compiler.plan.mapping import FieldPlan, MappingPlan, OnNull, RoutePlan, ScopePlan, Wire
from queast_compiler.plan.release import sign
from queast_runtime.security.keys import development_key, trusted_keys
from queast_runtime.security.releases import load_release, write_release

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
FILE = "mappings/bench/bench-hubspot.yaml"
EVENTS = 400
INDUSTRIES = {
    "banking": "BANKING",
    "construction": "CONSTRUCTION",
    "energy": "OIL_ENERGY",
    "logistics": "LOGISTICS_AND_SUPPLY_CHAIN",
    "software": "COMPUTER_SOFTWARE",
}
DESCRIPTION_LENGTH = 120


def _path(name: str, kind: ir.Kind, *, optional: bool = True) -> ir.Path:
    return ir.Path("company", (name,), kind, (optional,))


def _fields() -> tuple[FieldPlan, ...]:
    staff = _path("employee_count", "int")
    size = ir.If(ir.Compare(">=", staff, ir.Lit(250)), ir.Lit("enterprise"), ir.Lit("smb"))
    domain = ir.Coalesce((_path("domain", "str"), ir.Call("domain", (_path("website_url", "str"),))))
    updated = _path("updated_at", "datetime", optional=False)
    rows: tuple[tuple[str, ir.Expr, Wire, bool, OnNull, int | None], ...] = (
        ("name", _path("name", "str", optional=False), "native", True, "skip", None),
        ("domain", domain, "native", False, "skip", None),
        ("website", _path("website_url", "str"), "native", False, "skip", None),
        ("city", ir.Path("company", ("address", "city"), "str", (True, True)), "native", False, "clear", None),
        ("country", _path("country", "str"), "native", False, "skip", None),
        ("industry", ir.Lookup("industries", _path("industry", "str"), None), "native", False, "skip", None),
        ("numberofemployees", staff, "string", False, "skip", None),
        ("company_size", size, "native", False, "skip", None),
        ("annualrevenue", _path("revenue", "num"), "native", False, "skip", None),
        ("founded", _path("founded_on", "date"), "date_midnight_ms", False, "skip", None),
        ("description", _path("description", "str"), "native", False, "skip", DESCRIPTION_LENGTH),
        ("queast_updated_at", updated, "datetime_epoch_ms", False, "skip", None),
    )
    return tuple(
        FieldPlan(name, expr, wire, required, "always", on_null, "", length, "truncate", FILE, 12 + n)
        for n, (name, expr, wire, required, on_null, length) in enumerate(rows)
    )


def plans() -> tuple[ConnectionPlan, MappingPlan]:
    """Return the benchmark's plans."""
    connection = ConnectionPlan(
        "bench", "hubspot-main", "hubspot", 1, "1", "https://api.hubapi.com", "UTC", (), (), {}, ()
    )
    route = RoutePlan(
        name="companies",
        entity="company",
        events=("updated",),
        object="companies",
        role="company",
        action="upsert",
        when=None,
        attach_to=(),
        fields=_fields(),
        body=None,
        headers=(),
        secret_headers=(),
        afterwards=(),
        file=FILE,
        line=9,
    )
    mapping = MappingPlan(
        tenant="bench",
        mapping="bench-hubspot",
        connection="hubspot-main",
        connection_digest=plan_digest(connection),
        mode="live",
        scope=ScopePlan("all", "strict", None, None),
        routes=(route,),
        tables=(("industries", tuple(INDUSTRIES.items())),),
        personal_data=(),
        reads=("company.name",),
        sources=((FILE, "0" * 64),),
    )
    return connection, mapping


def loaded_route() -> LoadedRoute:
    """Publish the plans to a folder of its own and return what a worker loads from there."""
    connection, mapping = plans()
    content = plan_set("bench", [connection], [mapping])
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        write_release(state, sign(content, sequence=1, created_at=NOW, key=development_key(state)), content)
        release = load_release(state, "bench", trusted=trusted_keys(state), last_sequence=0)
    return release.mappings[0].routes[0]


def events(seed: int = 20260131) -> list[dict[str, Any]]:
    """Return the `data` of events of about 1.5 KB each as they arrive; one in fifty holds a value of a wrong kind."""
    chance = random.Random(seed)
    return [{"company": _company(chance, n)} for n in range(EVENTS)]


def _company(chance: random.Random, n: int) -> dict[str, Any]:
    company: dict[str, Any] = {
        "id": f"c_{n:08}",
        "sequence": n + 1,
        "name": f"Nordic Example {n} AS",
        "legal_name": f"Nordic Example {n} AS",
        "organization_number": f"{900_000_000 + n}",
        "domain": f"example{n}.no",
        "website_url": f"https://www.example{n}.co.uk/about?ref={n}",
        "linkedin_url": f"https://www.linkedin.com/company/example-{n}",
        "phone": f"+4722{n:06}",
        "country": chance.choice(["NO", "SE", "DK", "FI"]),
        "city": "Oslo",
        "address": {"street": f"Storgata {n}", "postal_code": "0155", "city": "Oslo", "country": "NO"},
        "industry": chance.choice([*INDUSTRIES, "media"]),
        "employee_count": chance.randrange(1, 5000),
        "revenue": chance.choice([chance.randrange(10**8), round(chance.random() * 1e8, 2)]),
        "revenue_currency": "NOK",
        "founded_on": f"{chance.randrange(1900, 2025)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
        "description": "Makes and sells things that other companies need. " * chance.randrange(6, 20),
        "technologies": ["python", "postgresql", "kubernetes", "terraform"][: chance.randrange(5)],
        "created_at": "2025-06-01T08:00:00Z",
        "updated_at": f"2026-01-{chance.randrange(10, 29)}T10:{chance.randrange(10, 60)}:00Z",
        "do_not_export": False,
    }
    for name in ("website_url", "industry", "revenue", "founded_on", "address", "description"):
        if chance.random() < 0.08:
            company[name] = None
    if chance.random() < 0.15:
        del company["domain"]
    if n % 50 == 7:
        name = chance.choice(["revenue", "founded_on", "updated_at", "employee_count", "country", "domain"])
        company[name] = chance.choice([True, ["x"], {"x": 1}])
    return company
