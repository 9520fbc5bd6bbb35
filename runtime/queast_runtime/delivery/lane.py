"""Drains one connection: claim heads, commit, send, take down what came, again.

A turn is one transaction that settles what came back and claims what is next, so a busy lane pays one commit for both.
A claim is committed before its first byte leaves, and no root has two claims: a kill at any moment leaves at most one
send per root whose outcome must be looked up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from queast_compiler.plan.mapping import ScopePlan
from queast_runtime.delivery.attempt import Wire, batches, run_batch
from queast_runtime.delivery.budget import Budget
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.filling import Filler, fill
from queast_runtime.delivery.prepare import Bench, prepare, quarantined
from queast_runtime.delivery.settle import Book, finish, settle
from queast_runtime.delivery.steps import (
    Came,
    CheckThenWrite,
    Claimed,
    Look,
    Place,
    SearchThenWrite,
    Step,
    Write,
)
from queast_runtime.engine.payload import read_payload
from queast_runtime.observability.faults import reach
from queast_runtime.ports import Clock, Driver, ErrorClass, Tuning
from queast_runtime.ports.ledger import Dead
from queast_runtime.ports.store import Transaction

CLAIMS: Final = 128
REQUESTS: Final = 16
# Another process may pause, resume or redrive; its change is seen after at most this long.
LOOK_AGAIN_S: Final = 1.0
SPENT: Final = "spent:"


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn found. `due` is when the next head is due by itself; `held` that nothing is claimed for now, until
    `due` or (None) until a person resumes. `linked` is for the fault point behind its commit."""

    steps: tuple[Step, ...] = ()
    ended: int = 0
    due: datetime | None = None
    held: bool = False
    linked: bool = False
    pauses: int = 0
    mirrored: frozenset[str] = frozenset()
    unmirrored: tuple[str, ...] = ()


@dataclass(slots=True)
class Lane:
    """One connection's drain. `nap` waits a number of seconds; tests let a clock jump instead."""

    place: Place
    driver: Driver
    desk: Desk
    clock: Clock
    tuning: Tuning
    scopes: Mapping[str, ScopePlan]
    budget: Budget
    nap: Callable[[float], Awaitable[None]] = asyncio.sleep
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    idle: bool = False
    _came: list[Came] = field(default_factory=list)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _claims: int = 0
    _pauses: int = 0
    _mirrored: frozenset[str] = frozenset()
    _spent: dict[str, float] = field(default_factory=dict)
    _requests: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REQUESTS))

    async def run(self, stop: asyncio.Event, *, until_idle: bool, patience_s: float | None = None) -> None:
        """Drain until `stop` (what is in flight is still settled), or until only people can bring more.

        With `until_idle`, a due time further off than `patience_s` seconds counts as idle too.
        """
        try:
            while not stop.is_set():
                self.wake.clear()
                settled = len(self._came)
                turn = await self._take_turn()
                if turn.unmirrored:
                    await self._fill(turn.unmirrored, stop)
                    continue
                for batch in batches(turn.steps, self.driver):
                    self._start(batch)
                if self._running:
                    self.idle = False
                    await self._until_one_ends(stop)
                elif not (turn.ended or settled):
                    wait_s = self._wait_s(turn)
                    self.idle = wait_s is None
                    if until_idle and (wait_s is None or (patience_s is not None and wait_s > patience_s)):
                        return
                    await self._sleep(wait_s, stop)
        finally:
            await self._land()

    async def _take_turn(self) -> Turn:
        came = tuple(self._came)
        turn = await self.desk.do(lambda tx: self._turn(tx, came))
        # Only now is it durable; had the transaction failed, the results would still be here to be settled.
        del self._came[: len(came)]
        self._claims += len(turn.steps) - len(came)
        self._pauses = turn.pauses
        self._mirrored |= turn.mirrored
        if turn.linked:
            reach("after-link-commit")
        return turn

    def _turn(self, tx: Transaction, came: Sequence[Came]) -> Turn:
        tenant, name, now = self.place.tenant, self.place.name, self.clock.now()
        linked, pauses = self._settle(tx, came, now)
        state = tx.connection_state(tenant, name)
        if state.paused:
            if state.paused_until is None or state.paused_until > now:
                return Turn(due=state.paused_until, held=True, linked=linked, pauses=pauses)
            tx.resume(tenant, name)
        spent_s = self.budget.exhausted_s(self.clock.monotonic())
        if spent_s > 0:
            return Turn(due=now + timedelta(seconds=spent_s), held=True, linked=linked, pauses=pauses)
        mirrored, unmirrored = self._mirrors(tx, now)
        if unmirrored:
            return Turn(linked=linked, pauses=pauses, mirrored=mirrored, unmirrored=unmirrored)
        free = CLAIMS - self._claims + len(came)
        taken = tx.take(tenant, name, now, free, self.place.epoch) if free > 0 else ()
        bench = Bench(self.place, self.driver, self.scopes, quarantined(tx, self.place), now) if taken else None
        steps: list[Step] = []
        book = self._book(now)
        # In order of admission: who came first decides which of two companies gets a record that both claim.
        for one in sorted(taken, key=lambda one: one.delivery.position):
            try:
                claimed = Claimed(one, read_payload(one.body))
            except (ValueError, KeyError, TypeError) as error:
                dead = Dead(ErrorClass.REJECT, f"its stored body cannot be read: {type(error).__name__}")
                tx.finish(tenant, one.delivery.id, self.place.epoch, now, dead, None)
                continue
            assert bench is not None
            step = prepare(tx, bench, claimed)
            if isinstance(step, Write | SearchThenWrite | CheckThenWrite | Look):
                steps.append(step)
            else:
                finish(tx, book, claimed, step, None)
        due = None if taken else tx.next_due(tenant, name)
        return Turn(tuple(steps), len(taken) - len(steps), due, False, linked, pauses, mirrored)

    def _settle(self, tx: Transaction, came: Sequence[Came], now: datetime) -> tuple[bool, int]:
        if not came:
            return False, self._pauses
        book, linked, pauses = self._book(now), False, self._pauses
        for result in came:
            settled = settle(tx, book, result)
            linked = linked or settled.linked
            if settled.success:
                pauses = 0
            elif settled.paused and pauses == self._pauses:
                pauses += 1
        spent, self._spent = self._spent, {}
        for window, cost in spent.items():
            tx.count(self.place.tenant, self.place.name, now.date(), f"{SPENT}{window}", round(cost))
        reach("before-finish")
        return linked, pauses

    def _mirrors(self, tx: Transaction, now: datetime) -> tuple[frozenset[str], tuple[str, ...]]:
        objects = {match.object for match in self.place.connection.match} - self._mirrored
        if not objects:
            return frozenset(), ()
        needs = tx.needs(self.place.tenant, self.place.name)
        done: set[str] = set()
        missing: list[str] = []
        for object_ in sorted(objects):
            need = f"mirror:{object_}"
            state = tx.mirror_state(self.place.tenant, self.place.account, object_)
            if state is not None and state.complete:
                done.add(object_)
                if need in needs:
                    tx.wake(self.place.tenant, self.place.name, need, now)
            elif need in needs:
                missing.append(object_)
        return frozenset(done), tuple(missing)

    async def _fill(self, objects: Sequence[str], stop: asyncio.Event) -> None:
        filler = Filler(self.place, self.driver, self.desk, self.clock, self.tuning, self._gate, self.nap, stop.is_set)
        for match in self.place.connection.match:
            if match.object in objects:
                await fill(filler, match)

    def _start(self, batch: Sequence[Step]) -> None:
        task = asyncio.create_task(self._carry_out(batch))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _carry_out(self, batch: Sequence[Step]) -> None:
        async with self._requests:
            self._came.extend(await run_batch(Wire(self.driver, self._gate), batch))

    async def _gate(self, operation: str) -> None:
        while (wait_s := self.budget.wait_s(operation, self.clock.monotonic())) > 0:
            await self.nap(wait_s)
        for window, cost in self.budget.spend(operation, self.clock.monotonic()).items():
            self._spent[window] = self._spent.get(window, 0.0) + cost

    async def _until_one_ends(self, stop: asyncio.Event) -> None:
        """Wait for a result, or for news that may fill the free claims. A task's own fault surfaces here."""
        waits = {asyncio.ensure_future(self.wake.wait()), asyncio.ensure_future(stop.wait())}
        done, _ = await asyncio.wait({*self._running, *waits}, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        for task in done - waits:
            task.result()

    def _wait_s(self, turn: Turn) -> float | None:
        return None if turn.due is None else max((turn.due - self.clock.now()).total_seconds(), 0.0)

    async def _sleep(self, wait_s: float | None, stop: asyncio.Event) -> None:
        limit = LOOK_AGAIN_S if wait_s is None else min(wait_s, LOOK_AGAIN_S)
        waits = [
            asyncio.ensure_future(self.wake.wait()),
            asyncio.ensure_future(stop.wait()),
            asyncio.ensure_future(self.nap(limit)),
        ]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _land(self) -> None:
        """Let what is in flight end and take it down, so that a stop leaves nothing to look up."""
        while self._running:
            await asyncio.wait(set(self._running))
        if self._came:
            came = tuple(self._came)
            await self.desk.do(lambda tx: self._settle(tx, came, self.clock.now()))
            self._came.clear()

    def _book(self, now: datetime) -> Book:
        return Book(self.place, self.driver.is_idempotent, self.tuning, now, self._pauses)
