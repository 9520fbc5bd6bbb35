"""What a change does to events: both sets of plans are rehearsed side by side, and only the difference is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.engine.event import Broken, read_event
from queast_runtime.ports.rows import MirrorRecord
from queast_runtime.preview.comparing import Comparing, Plans
from queast_runtime.preview.effect_model import Effect
from queast_runtime.preview.happening import CrmRecord
from queast_runtime.preview.rehearsal import Rehearsal
from queast_runtime.preview.tally import Tally


@dataclass(frozen=True, slots=True)
class Sample:
    """Events in the order in which they came, and what is known of the CRM's records, by connection."""

    events: Iterable[bytes]
    source: str
    records: Mapping[str, Sequence[CrmRecord]]


def effect(tenant: str, old: Plans, new: Plans, sample: Sample, now: datetime) -> Effect:
    """Take the events through both sides and return the difference. Nothing is sent; memory does not grow with the
    number of events."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qmap-effect-")))
        tally = stack.enter_context(Tally(folder / "tally.db"))
        sides = [
            stack.enter_context(Rehearsal(tenant, each.connections, each.mappings, now=now, folder=folder))
            for each in (old, new)
        ]
        read: dict[Hashable, MirrorRecord] = {}
        for rehearsal, plans in zip(sides, (old, new), strict=True):
            for connection, records in sample.records.items():
                if connection in plans.connections:
                    rehearsal.put_records(connection, _known(records, plans.connections[connection]), read)
        del read
        comparing = Comparing(old, new, tally, _originals(sample.records))
        for raw in sample.events:
            event = read_event(raw)
            if isinstance(event, Broken):
                comparing.unusable += 1
                continue
            before, after = (each.take(event) for each in sides)
            comparing.compare(event, before, after)
        return comparing.effect(sample.source, sum(len(each) for each in sample.records.values()))


def _known(records: Iterable[CrmRecord], plan: ConnectionPlan) -> Iterator[CrmRecord]:
    return (each for each in records if each.object in plan.manifest["objects"])


def _originals(records: Mapping[str, Sequence[CrmRecord]]) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    return {(connection, each.object, each.id): each.values for connection, found in records.items() for each in found}
