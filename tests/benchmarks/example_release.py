"""An example tenant published to a state folder of its own, and streams of events for it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.mapping_input import events

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import plan_set
from queast_compiler.plan.release import sign
from queast_runtime.cli.compiling import compile_selection
from queast_runtime.cli.places import Selection
from queast_runtime.security.keys import development_key
from queast_runtime.security.releases import write_release

ROOT = Path(__file__).resolve().parents[2]
MAPPINGS = ROOT / "mappings"
SIGNED_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def publish(state: Path, tenant: str) -> ConnectionPlan:
    """Compile the tenant's files and sign a release with the folder's development key; return its connection."""
    compiled = compile_selection(Selection(MAPPINGS, tenant, None)).compiled
    content = plan_set(tenant, compiled.connections, compiled.mappings)
    write_release(state, sign(content, sequence=1, created_at=SIGNED_AT, key=development_key(state)), content)
    (connection,) = compiled.connections
    return connection


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set operator settings while the block runs; every other `QMAP_` variable is left out meanwhile."""
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("QMAP_")]:
        del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def companies(count: int, *, start: int = 0, sequence: int = 1) -> list[bytes]:
    """JSON lines of `count` companies from number `start`; another `sequence` changes a mapped field."""
    return [
        _line("company.updated", f"c-{n:06}/{sequence}", {"company": company(n, sequence)})
        for n in range(start, start + count)
    ]


def signals(count: int, *, kind: int) -> list[bytes]:
    """JSON lines of strict signals, one about each of `count` companies at sequence 1; `kind` sets series apart."""
    return [
        _line("signal.created", f"s-{kind:03}-{n:06}", {"signal": _signal(f"s-{kind:03}-{n:06}", n)})
        for n in range(count)
    ]


def company(n: int, sequence: int) -> dict[str, Any]:
    """Return the company with this number, about 1.5 KB as JSON."""
    return {
        **_COMPANIES[n % len(_COMPANIES)],
        "id": f"c-{n:06}",
        "sequence": sequence,
        "name": f"Nordic Example {n} AS",
        "domain": f"example-{n}.no",
        "country": "NO",
        "employee_count": 10 + sequence,
        "linkedin_url": f"https://www.linkedin.com/company/example-{n}",
    }


def _signal(identity: str, n: int) -> dict[str, Any]:
    return {
        "id": identity,
        "sequence": 1,
        "type": "hiring_surge",
        "title": f"Nordic Example {n} AS advertises more jobs than last quarter",
        "summary": "Made up for the measurement.",
        "strictness": "strict",
        "state": "active",
        "score": 80,
        "occurred_at": "2026-01-20T09:00:00Z",
        "company": company(n, 1),
    }


def _line(type_: str, identity: str, data: dict[str, Any]) -> bytes:
    envelope = {
        "specversion": "1.0",
        "id": f"evt-{identity}",
        "source": "queast",
        "type": f"queast.{type_}",
        "time": "2026-01-30T10:00:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(envelope).encode()


# Every company is well formed here, so that what is measured is the way that each of them goes whole.
_COMPANIES = [
    {name: value for name, value in event["company"].items() if name not in ("address", "revenue", "founded_on")}
    for event in events()
    if isinstance(event["company"]["updated_at"], str)
]
