"""`qmap run`: take events in from files or standard input, and deliver until nothing is left to do."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from queast_runtime.cli.broken import PUBLISH_FIRST
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.intake import Batch, batches, check
from queast_runtime.cli.opening import opened_store
from queast_runtime.cli.output import Format, Voice, complain, data, data_json, say, table
from queast_runtime.cli.status import check_released
from queast_runtime.cli.wording import counted, held_creations
from queast_runtime.observability.log import log_to
from queast_runtime.ports.ledger import DeliveryState
from queast_runtime.ports.rows import StoreBusy
from queast_runtime.ports.store import Snapshot, Store
from queast_runtime.security.egress import SandboxOriginsInvalid, sandbox_origins
from queast_runtime.settings import Settings
from queast_runtime.worker import Receipt, Worker, stopping_on_signals
from queast_runtime.worker.opening import SettingUnusable, WorkerRefused, opened_worker

# What is due later is left to a later run, and told of: a day's quota or limit need not be sat through.
_PATIENCE_S: Final = 900.0
# Lines told of, of each file.
_SHOWN: Final = 3


@dataclass(slots=True)
class Unread:
    """How many lines of a file could not be read as events, and the first few: their numbers, and why."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Intake:
    """What came in. `counts` are by decision, `read` of what could be read alone; `unread` is by file."""

    counts: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    unread: dict[Path, Unread] = field(default_factory=dict)

    def take(self, batch: Batch, receipt: Receipt) -> None:
        self.counts.update(receipt.counts)
        for (number, _), taken in zip(batch.lines, receipt.taken, strict=True):
            if taken.unread is None:
                self.read[taken.decision.value] += 1
                continue
            told = self.unread.setdefault(batch.file, Unread())
            told.count += 1
            if len(told.first) < _SHOWN:
                told.first.append((number, taken.unread))


def run(files: Sequence[Path], tenant: str, follow: bool, store_url: str | None, format: Format) -> None:
    """Run under the tenant's newest release.

    Exits: 1 this run gave deliveries up, 2 a tenant without a release, 5 environment or a connection that stands
    still until a person mends something (1 and 5 only of a run that ends by itself, not of `follow`), 6 a release that
    is refused.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", tenant):
        raise CommandError(Exit.USAGE, f"{tenant} cannot be a tenant's name", "give the name of its folder, e.g. acme")
    check(files)
    log_to(level=logging.INFO if Voice.verbose else logging.WARNING if follow else logging.ERROR)
    try:
        # A setting that cannot be read is wrong whatever stands here.
        sandbox_origins()
    except SandboxOriginsInvalid as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error
    with opened_store(store_url) as (settings, state, store):
        check_released(state, tenant)
        with store.read() as view:
            before = _dead(view, tenant)
        try:
            intake = asyncio.run(_work(settings, state, store, files, tenant, follow))
        except SettingUnusable as error:
            raise CommandError(Exit.ENVIRONMENT, str(error)) from error
        except WorkerRefused as error:
            raise CommandError(Exit.REFUSED, str(error), PUBLISH_FIRST) from error
        except StoreBusy as error:
            raise CommandError(Exit.ENVIRONMENT, str(error)) from error
        with store.read() as view:
            _report(view, tenant, intake, format)
            stopped = _tell_of_pauses(view, tenant)
            _tell_of_held(view, tenant)
            given_up = _tell_of_dead(view, tenant, before)
    if not follow and (stopped or given_up):
        raise SystemExit(Exit.ENVIRONMENT if stopped else Exit.FINDINGS)


async def _work(
    settings: Settings, state: Path, store: Store, files: Sequence[Path], tenant: str, follow: bool
) -> Intake:
    stop = asyncio.Event()
    intake = Intake()
    async with opened_worker(settings, state, store, [tenant]) as worker:
        with stopping_on_signals(stop):
            if follow:
                reading = asyncio.create_task(_take_in(worker, files, tenant, intake, stop, follow=True))
                reading.add_done_callback(lambda _: stop.set())
                await worker.run(stop)
                await reading
                return intake
            await _take_in(worker, files, tenant, intake, stop, follow=False)
            if not stop.is_set():
                await worker.run_until_idle(stop, patience_s=_PATIENCE_S)
    return intake


async def _take_in(
    worker: Worker, files: Sequence[Path], tenant: str, intake: Intake, stop: asyncio.Event, *, follow: bool
) -> None:
    async for batch in batches(files, follow=follow, stop=stop):
        intake.take(batch, await worker.submit([line for _, line in batch.lines], tenant))


def _report(view: Snapshot, tenant: str, intake: Intake, format: Format) -> None:
    decisions = view.decision_counts(tenant)
    states: Counter[tuple[str, DeliveryState]] = Counter()
    for each in view.delivery_counts(tenant):
        states[each.connection, each.state] += each.count
    if format is Format.JSON:
        data_json(
            {
                "tenant": tenant,
                "intake": dict(intake.counts),
                "unread": [
                    {
                        "file": str(file),
                        "lines": each.count,
                        "first": [{"line": line, "reason": reason} for line, reason in each.first],
                    }
                    for file, each in intake.unread.items()
                ],
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
    _tell_of_unread(intake)
    unread = sum(each.count for each in intake.unread.values())
    say(f"events taken in now: {_listed(intake.read + Counter({'could not be read': unread}))}")
    data(
        table(
            [(name, state.value, count) for (name, state), count in sorted(states.items())],
            header=("CONNECTION", "STATE", "DELIVERIES"),
        )
    )


def _tell_of_unread(intake: Intake) -> None:
    """Say of each file how many of its lines are no events, and why the first are not."""
    for file, each in intake.unread.items():
        name = "standard input" if str(file) == "-" else str(file)
        lines = [f"{name}: {counted(each.count, 'line')} could not be read"]
        lines += [f"  {name}:{number}: {reason}" for number, reason in each.first]
        if each.count > len(each.first):
            lines.append(f"  and {each.count - len(each.first)} more")
        complain("\n".join(lines))


def _tell_of_pauses(view: Snapshot, tenant: str) -> bool:
    """Say where a connection stands still and why; return whether one does until a person mends something."""
    stopped = False
    for name in sorted({each.connection for each in view.delivery_counts(tenant)}):
        state = view.connection_state(tenant, name)
        if state.paused:
            stopped = stopped or state.paused_until is None
            until = "" if state.paused_until is None else f" until {state.paused_until:%Y-%m-%d %H:%M} UTC"
            complain(
                f"connection {tenant}/{name} is paused{until}: {state.paused_reason}",
                None if until else "mend that and run again; what waits is kept",
            )
    return stopped


def _tell_of_held(view: Snapshot, tenant: str) -> None:
    """Say which mappings made as many records today as they may."""
    for name in sorted({each.connection for each in view.delivery_counts(tenant)}):
        for held in held_creations(view, tenant, name, datetime.now(UTC)):
            say(f"connection {tenant}/{name}: {held}")


def _dead(view: Snapshot, tenant: str) -> int:
    return sum(each.count for each in view.delivery_counts(tenant) if each.state is DeliveryState.DEAD)


def _tell_of_dead(view: Snapshot, tenant: str, before: int) -> bool:
    """Say how many deliveries this run gave up; return whether it did. What earlier runs gave up was told then."""
    now = _dead(view, tenant)
    if now <= before:
        return False
    earlier = f", {before} before it" if before else ""
    complain(
        f"this run gave up {now - before} deliver{'y' if now - before == 1 else 'ies'}{earlier}",
        f"see why: qmap deliveries list --tenant {tenant} --state dead",
    )
    return True


def _listed(counts: Counter[str]) -> str:
    rows: list[Any] = [f"{count} {name}" for name, count in counts.most_common()]
    return ", ".join(rows) or "none"
