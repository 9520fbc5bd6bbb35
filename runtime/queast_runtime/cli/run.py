"""`qmap run`: take events in from files or standard input, and deliver until nothing is left to do."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import opened_store
from queast_runtime.cli.output import Format, data, data_json, say, table
from queast_runtime.ports.ledger import DeliveryState
from queast_runtime.ports.rows import StoreBusy
from queast_runtime.ports.store import Snapshot, Store
from queast_runtime.settings import Settings
from queast_runtime.worker import Worker, stopping_on_signals
from queast_runtime.worker.opening import WorkerRefused, opened_worker

_BATCH = 200
_POLL_S = 0.2
_LONGEST_LINE = 2**20


def run(files: Sequence[Path], tenant: str, follow: bool, store_url: str | None, format: Format) -> None:
    """Run under the tenant's newest release. Exits: 5 environment, 6 a release that is refused."""
    for file in files:
        if str(file) != "-" and not file.is_file():
            raise CommandError(Exit.USAGE, f"no such file: {file}", "events are JSON lines; - reads standard input")
    with opened_store(store_url) as (settings, state, store):
        try:
            intake = asyncio.run(_work(settings, state, store, files, tenant, follow))
        except WorkerRefused as error:
            raise CommandError(Exit.REFUSED, str(error), "publish first: qmap compile, then qmap publish") from error
        except StoreBusy as error:
            raise CommandError(Exit.ENVIRONMENT, str(error)) from error
        with store.read() as view:
            _report(view, tenant, intake, format)


async def _work(
    settings: Settings, state: Path, store: Store, files: Sequence[Path], tenant: str, follow: bool
) -> Counter[str]:
    stop = asyncio.Event()
    intake: Counter[str] = Counter()
    async with opened_worker(settings, state, store, [tenant]) as worker:
        with stopping_on_signals(stop):
            if follow:
                reading = asyncio.create_task(_take_in_growing(worker, files, tenant, stop, intake))
                await worker.run(stop)
                await reading
                return intake
            await _take_in(worker, files, tenant, stop, intake)
            if stop.is_set():
                return intake
            await worker.run_until_idle(stop)
    return intake


async def _take_in(
    worker: Worker, files: Sequence[Path], tenant: str, stop: asyncio.Event, intake: Counter[str]
) -> None:
    for batch in _batches(files):
        if stop.is_set():
            return
        receipt = await worker.submit(batch, tenant)
        intake.update(receipt.counts)


async def _take_in_growing(
    worker: Worker, files: Sequence[Path], tenant: str, stop: asyncio.Event, intake: Counter[str]
) -> None:
    async for batch in _growing(files, stop):
        receipt = await worker.submit(batch, tenant)
        intake.update(receipt.counts)


def _batches(files: Sequence[Path]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for file in files:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            while line := stream.readline(_LONGEST_LINE):
                if line.strip():
                    batch.append(line)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
    if batch:
        yield batch


async def _growing(files: Sequence[Path], stop: asyncio.Event) -> AsyncIterator[list[bytes]]:
    """Yield whole lines as they are written; a line without its end is left for the next look."""
    places = {file: 0 for file in files if str(file) != "-"}
    standard_input = len(places) < len(files)
    while not stop.is_set():
        lines: list[bytes] = []
        for file, place in places.items():
            with file.open("rb") as stream:
                stream.seek(place)
                for line in stream:
                    if not line.endswith(b"\n"):
                        break
                    places[file] += len(line)
                    if line.strip():
                        lines.append(line)
        if standard_input:
            line = await asyncio.to_thread(sys.stdin.buffer.readline, _LONGEST_LINE)
            standard_input = bool(line)
            lines += [line] if line.strip() else []
        if lines:
            yield lines
        elif not standard_input:
            try:
                await asyncio.wait_for(stop.wait(), _POLL_S)
            except TimeoutError:
                continue


def _report(view: Snapshot, tenant: str, intake: Counter[str], format: Format) -> None:
    decisions = view.decision_counts(tenant)
    states: Counter[tuple[str, DeliveryState]] = Counter()
    for each in view.delivery_counts(tenant):
        states[each.connection, each.state] += each.count
    if format is Format.JSON:
        data_json(
            {
                "tenant": tenant,
                "intake": dict(intake),
                "decisions": [
                    {"mapping": d.mapping, "decision": d.decision.value, "reason": d.reason, "count": d.count}
                    for d in decisions
                ],
                "deliveries": [
                    {"connection": name, "state": state.value, "count": count}
                    for (name, state), count in sorted(states.items())
                ],
            }
        )
        return
    say(f"events taken in now: {_listed(intake)}")
    data(table([(name, state.value, count) for (name, state), count in sorted(states.items())]))


def _listed(counts: Counter[str]) -> str:
    rows: list[Any] = [f"{count} {name}" for name, count in counts.most_common()]
    return ", ".join(rows) or "none"
