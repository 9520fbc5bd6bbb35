"""One test: its world is set up, its events are taken in, and what came of them is kept to be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from queast_compiler.cases.model import ReadyCase
from queast_compiler.codegen import LoadedMapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.ports.rows import LinkTaken
from queast_runtime.preview.happening import CrmRecord, Happening, RouteHappening
from queast_runtime.preview.receiving import Received, receive
from queast_runtime.preview.rehearsal import Rehearsal

# A test says who opted out by id alone.
_ENTITIES = ("company", "person", "signal", "job_ad")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test's events, in their order, or of its highlight."""

    happenings: tuple[Happening, ...]
    received: Received | None

    @property
    def routes(self) -> tuple[RouteHappening, ...]:
        return tuple(route for happening in self.happenings for route in happening.routes)


def run_case(
    case: ReadyCase, connection: ConnectionPlan, mapping: LoadedMapping, folder: Path | None = None
) -> Outcome:
    """Run a test against its mapping alone. Raises LookupError for a highlight where nothing is received, and
    for links that cannot stand beside each other."""
    tenant = connection.tenant
    with Rehearsal(tenant, {connection.connection: connection}, [mapping], now=case.now, folder=folder) as rehearsal:
        _set_up(rehearsal, connection.connection, case)
        happenings = tuple(rehearsal.take(event) for event in case.events)
        received = None
        if case.highlight is not None:
            tx = rehearsal.reading()
            received = receive(tx, tenant, connection, [mapping], case.highlight, case.now)
    return Outcome(happenings, received)


def _set_up(rehearsal: Rehearsal, connection: str, case: ReadyCase) -> None:
    rehearsal.put_records(connection, _records(case))
    for company in case.companies:
        rehearsal.put_company(company)
    for link in case.links:
        try:
            rehearsal.put_link(connection, link.object, link.ours, link.id, inferred=link.inferred)
        except LinkTaken as other:
            raise LookupError(f"links: {other}") from other
    for identity in case.bookmarked:
        rehearsal.bookmark(identity)
    for identity in case.suppressed:
        for entity in _ENTITIES:
            rehearsal.suppress(entity, identity)


def _records(case: ReadyCase) -> Iterable[CrmRecord]:
    known = {(each.object, each.id) for each in case.records}
    yield from (CrmRecord(each.object, each.id, each.values) for each in case.records)
    # A record that a link names is there, whatever else is said of it.
    yield from (CrmRecord(each.object, each.id, {}) for each in case.links if (each.object, each.id) not in known)
