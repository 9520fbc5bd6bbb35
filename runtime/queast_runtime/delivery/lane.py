"""Drains one connection: claim heads, commit, send, take down what came, again.

A turn is one transaction that settles what came back and claims what is next, so a busy lane pays one commit for both.
A claim is committed before its first byte leaves, and no root has two claims: a kill at any moment leaves at most one
send per root whose outcome must be looked up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from queast_runtime.delivery.attempt import Ready, batches, broke, closes, given_back, run_batch
from queast_runtime.delivery.bindings import Bindings, by_bound, plan_need
from queast_runtime.delivery.desk import Desk
from queast_runtime.delivery.filling import Filler, fill, mirrors, to_renew
from queast_runtime.delivery.leaving import denial
from queast_runtime.delivery.pausing import still_paused
from queast_runtime.delivery.prepare import Bench, prepare, quarantined
from queast_runtime.delivery.reading import KEPT, keep_before, link_moved, read_first, read_groups
from queast_runtime.delivery.settle import Book, end_followers, finish, settle
from queast_runtime.delivery.steps import (
    Bound,
    Came,
    CheckThenWrite,
    Claimed,
    Look,
    Place,
    ReadThenWrite,
    Rules,
    SearchThenWrite,
    Step,
    Write,
    claimed_of,
)
from queast_runtime.delivery.turnstile import Turnstile, keep_spent
from queast_runtime.delivery.verifying import still_says
from queast_runtime.engine.payload import read_payload
from queast_runtime.observability.faults import reach
from queast_runtime.observability.log import warn
from queast_runtime.ports import Clock, Driver, ErrorClass, RemoteRecord, Tuning
from queast_runtime.ports.ledger import Dead, Parked
from queast_runtime.ports.store import Transaction

CLAIMS: Final = 128
REQUESTS: Final = 16
# Another process may pause, resume or redrive; its change is seen after at most this long.
LOOK_AGAIN_S: Final = 1.0
# A claim that waited longer for its request is asked once more whether it may leave. With the longest wait at the gate
# this keeps an opt-out's effect below a minute, however slow the destination is, and costs a quick one nothing.
ASK_AGAIN_S: Final = 10.0


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
    mirrored: frozenset[tuple[str, str]] = frozenset()
    unmirrored: tuple[tuple[Bound, str], ...] = ()


@dataclass(slots=True)
class Lane:
    """One connection's drain. `bindings` may be replaced while it runs (`adopt`): what is in flight ends as it began.
    One that `left` ends by itself.

    `nap` waits a number of seconds; tests let a clock jump instead.
    """

    bindings: Bindings
    desk: Desk
    clock: Clock
    tuning: Tuning
    turnstile: Turnstile
    nap: Callable[[float], Awaitable[None]] = asyncio.sleep
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    left: bool = False
    _came: list[Came] = field(default_factory=list)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _filling: asyncio.Task[None] | None = None
    _ending: bool = False
    _claims: int = 0
    _pauses: int = 0
    _mirrored: frozenset[tuple[str, str]] = frozenset()
    _older: dict[str, Bound] = field(default_factory=dict)
    _tidied: date | None = None
    _looked: datetime | None = None
    _requests: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(REQUESTS))

    @property
    def place(self) -> Place:
        return self.bindings.today.place

    @property
    def driver(self) -> Driver:
        return self.bindings.today.driver

    def adopt(self, bindings: Bindings) -> None:
        """Work by another release from the next turn on."""
        self.bindings = bindings
        # Another plan may match other objects, or stand for another account.
        self._mirrored, self._looked = frozenset(), None
        self.left = False
        self.wake.set()

    def leave(self) -> None:
        """End: the connection left the release, and nothing is on its way to it any more."""
        self.left = True
        self.wake.set()

    def stay(self) -> None:
        """Go on: something is on its way again."""
        if self.left:
            self.left = False
            self.wake.set()

    @property
    def holds_older(self) -> bool:
        """Whether older plans are known here."""
        return bool(self.bindings.known or self._older)

    def know(self, mappings: Collection[str]) -> None:
        """Hold what the given plans of mappings are bound to, and no other older one. Reads plans: not for the loop."""
        bindings = self.bindings
        bindings.forget_but(mappings)
        bounds = [bound for each in mappings if (bound := bindings.bound(each)) is not None]
        self._older = {each.place.account: each for each in bounds if each.place.account != self.place.account}

    async def run(self, stop: asyncio.Event, *, until_idle: bool, patience_s: float | None = None) -> None:
        """Drain until `stop` (what is in flight is still settled), or until only people can bring more.

        With `until_idle`, a due time further off than `patience_s` seconds counts as idle too.
        """
        self._ending = False
        self.turnstile.open(stop)
        try:
            while not (stop.is_set() or self.left):
                self.wake.clear()
                self._reap()
                settled = len(self._came)
                turn = await self._take_turn()
                if any(step.item.links for step in turn.steps):
                    # The record is made and linked, what hangs on it is claimed, and no request of it has begun.
                    reach("between-create-and-associate")
                if turn.unmirrored and self._filling is None:
                    self._filling = self._start(self._fill(turn.unmirrored, stop))
                self._set_off(turn.steps)
                wait_s = self._wait_s(turn)
                if self._running:
                    await self._sleep(wait_s, stop, self._running)
                elif not (turn.ended or settled):
                    if until_idle and (wait_s is None or (patience_s is not None and wait_s > patience_s)):
                        return
                    await self._sleep(wait_s, stop)
        finally:
            await self._land()

    async def _take_turn(self) -> Turn:
        came = tuple(self._came)
        spent = self.turnstile.unsaved()
        exhausted_s = self.turnstile.exhausted_s()
        turn = await self.desk.do(lambda tx: self._turn(tx, came, spent, exhausted_s))
        # Only now is it durable; had the transaction failed, the results would still be here to be settled.
        del self._came[: len(came)]
        self.turnstile.saved(spent)
        self.turnstile.shut = turn.held
        self._claims += len(turn.steps) - len(came)
        self._pauses = turn.pauses
        self._mirrored |= turn.mirrored
        if turn.linked:
            reach("after-link-commit")
        return turn

    def _turn(self, tx: Transaction, came: Sequence[Came], spent: Mapping[str, float], exhausted_s: float) -> Turn:
        # Read once: another release may be adopted while this runs in the store's thread.
        bindings, now = self.bindings, self.clock.now()
        today = bindings.today
        tenant, name = today.place.tenant, today.place.name
        keep_spent(tx, tenant, name, spent, now)
        if self._tidied != now.date():
            self._tidied = now.date()
            tx.expire_before_images(tenant, now - KEPT)
        linked, pauses = self._settle(tx, came, now)
        state = tx.connection_state(tenant, name)
        if still_paused(state, now):
            return Turn(due=state.paused_until, held=True, linked=linked, pauses=pauses)
        if state.paused:
            tx.resume(tenant, name)
        if exhausted_s > 0:
            return Turn(due=now + timedelta(seconds=exhausted_s), held=True, linked=linked, pauses=pauses)
        # What was made for another account than today's waits for that one's mirror.
        older = (each for account, each in self._older.items() if account != today.place.account)
        mirrored, unmirrored, mirror_due = mirrors(tx, (today, *older), self._mirrored, now)
        if bindings.renews and (self._looked is None or abs(now - self._looked) >= timedelta(seconds=LOOK_AGAIN_S)):
            self._looked = now
            complete = {object_ for account, object_ in self._mirrored | mirrored if account == today.place.account}
            unmirrored += tuple((today, object_) for object_ in to_renew(tx, today.place, complete, now))
        free = CLAIMS - self._claims + len(came)
        taken = tx.take(tenant, name, now, free, today.place.epoch) if free > 0 else ()
        bench = Bench(today.place, today.driver, bindings.leaves, quarantined(tx, today.place) if taken else {}, now)
        steps: list[Step] = []
        # In order of admission: who came first decides which of two companies gets a record that both claim.
        for one in sorted(taken, key=lambda one: one.delivery.position):
            bound = bindings.of(one.delivery)
            if bound is None:
                warn("plan missing", tenant=tenant, connection=name, delivery=one.delivery.id)
                tx.finish(tenant, one.delivery.id, today.place.epoch, now, Parked((plan_need(one.delivery),)), None)
                continue
            book = self._book(bound, now)
            try:
                claimed = Claimed(one, read_payload(one.body), bound)
            except (ValueError, KeyError, TypeError) as error:
                dead = Dead(ErrorClass.REJECT, f"its stored body cannot be read: {type(error).__name__}")
                tx.finish(tenant, one.delivery.id, today.place.epoch, now, dead, None)
                end_followers(tx, book, one.delivery, dead)
                continue
            if bound.place.account != today.place.account:
                self._older[bound.place.account] = bound
            at = bench if bound is today else replace(bench, place=bound.place, driver=bound.driver)
            step = prepare(tx, at, claimed)
            if isinstance(step, Write | ReadThenWrite | SearchThenWrite | CheckThenWrite | Look):
                steps.append(step)
            else:
                finish(tx, book, claimed, step, None)
        # What failed before goes last: one record that closes the door each time must not do so before others pass.
        steps.sort(key=lambda step: step.claimed.taken.delivery.first_failed_at is not None)
        due = tx.next_due(tenant, name) if free > 0 and not taken else None
        dues = [each for each in (due, mirror_due) if each is not None]
        ended = len(taken) - len(steps)
        return Turn(tuple(steps), ended, min(dues, default=None), False, linked, pauses, mirrored, unmirrored)

    def _settle(self, tx: Transaction, came: Sequence[Came], now: datetime) -> tuple[bool, int]:
        if not came:
            return False, self._pauses
        linked, pauses = False, self._pauses
        for result in came:
            settled = settle(tx, self._book(claimed_of(result).bound, now), result)
            linked = linked or settled.linked
            if settled.success:
                pauses = 0
            elif settled.paused and pauses == self._pauses:
                pauses += 1
        reach("before-finish")
        return linked, pauses

    async def _fill(self, wanted: Sequence[tuple[Bound, str]], stop: asyncio.Event) -> None:
        renews = self.bindings.renews

        def stopped() -> bool:
            # What a connection that left needs yet is read on where this stopped.
            return stop.is_set() or self._ending or self.left or self.bindings.renews != renews

        for bound, object_ in wanted:
            place = bound.place
            filler = Filler(place, bound.driver, self.desk, self.clock, self.tuning, self.turnstile, stopped)
            match = place.match(object_)
            if match is not None:
                await fill(filler, match)

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        return task

    def _set_off(self, claimed: Sequence[Step]) -> None:
        claimed_at_s = self.clock.monotonic()
        for bound, steps in by_bound(claimed):
            for group in read_groups((s for s in steps if isinstance(s, ReadThenWrite)), bound.driver):
                self._start(self._read_first(bound, group, claimed_at_s))
            self._send(bound, [step for step in steps if not isinstance(step, ReadThenWrite)], claimed_at_s)

    def _send(self, bound: Bound, steps: Sequence[Ready], claimed_at_s: float) -> None:
        for batch in batches(steps, bound.driver):
            self._start(self._carry_out(bound, batch, claimed_at_s))

    async def _read_first(self, bound: Bound, group: Sequence[ReadThenWrite], claimed_at_s: float) -> None:
        """Read what a group of records holds and keep it; then send what may be written, each batch by itself."""
        async with self._requests:
            try:
                ready = await read_first(bound.driver, bound.place, group, partial(_is_borne_out, bound.place))
                writes = [one for one in ready if isinstance(one, Write)]
                if any(write.compared is not None and write.compared.rules.keep_before for write in writes):
                    gone = await self.desk.do(partial(self._keep_before, bound, writes))
                    ready = [given_back(one) if isinstance(one, Write) and one in gone else one for one in ready]
                    writes = [one for one in ready if isinstance(one, Write)]
            except Exception as error:  # noqa: BLE001
                warn("read broke", tenant=self.place.tenant, connection=self.place.name, error=type(error).__name__)
                ready, writes = [broke(step, error) for step in group], []
        came = [one for one in ready if not isinstance(one, Write)]
        if any(closes(one) for one in came):
            self.turnstile.shut = True
        self._came.extend(came)
        reach("between-read-and-write")
        self._send(bound, writes, claimed_at_s)

    async def _carry_out(self, bound: Bound, batch: Sequence[Ready], claimed_at_s: float) -> None:
        async def denied(steps: Sequence[Ready]) -> frozenset[str]:
            late = self.clock.monotonic() - claimed_at_s >= ASK_AGAIN_S
            # A person may have taken the link to a record that is not ours alone down while it was read.
            asked = [one for one in steps if late or (isinstance(one, Write) and one.compared is not None)]
            return await self.desk.do(partial(self._denied, bound, asked, late)) if asked else frozenset()

        async with self._requests:
            try:
                came = await run_batch(bound.driver, batch, denied)
            except Exception as error:  # noqa: BLE001
                # A fault of ours that one record brings out must not hold up every other record of the tenant, nor
                # leave its claims open until the next start.
                warn("batch broke", tenant=self.place.tenant, connection=self.place.name, error=type(error).__name__)
                came = [broke(step, error) for step in batch]
            if any(closes(one) for one in came):
                # Whoever waits for a turn need not hear it from the destination again; the next turn decides.
                self.turnstile.shut = True
            self._came.extend(came)

    def _keep_before(self, bound: Bound, writes: Sequence[Write], tx: Transaction) -> list[Write]:
        """Keep what the records hold; return the writes whose link is another by now, of which nothing is kept."""
        gone = [write for write in writes if link_moved(tx, bound.place, write)]
        going = [write for write in writes if write not in gone]
        keep_before(tx, bound.place, bound.driver.form, going, self.clock.now())
        return gone

    def _denied(self, bound: Bound, steps: Sequence[Ready], late: bool, tx: Transaction) -> frozenset[str]:
        now, leaves = self.clock.now(), self.bindings.leaves
        return frozenset(
            step.claimed.id
            for step in steps
            if link_moved(tx, bound.place, step)
            or (late and denial(tx, bound.place.tenant, leaves, step.claimed, now) is not None)
        )

    def _reap(self) -> None:
        """Drop what has ended. A task's own fault surfaces here."""
        ended = {task for task in self._running if task.done()}
        self._running -= ended
        if self._filling in ended:
            self._filling = None
        for task in ended:
            task.result()

    def _wait_s(self, turn: Turn) -> float | None:
        return None if turn.due is None else max((turn.due - self.clock.now()).total_seconds(), 0.0)

    async def _sleep(
        self, wait_s: float | None, stop: asyncio.Event, running: Collection[asyncio.Task[None]] = ()
    ) -> None:
        """Wait for news: a result, a wake, the next due time, or what another process may have changed."""
        limit = LOOK_AGAIN_S if wait_s is None else min(wait_s, LOOK_AGAIN_S)
        waits: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(self.wake.wait()),
            asyncio.ensure_future(stop.wait()),
        }
        if not running:
            waits.add(asyncio.ensure_future(self.nap(limit)))
        try:
            # Beside a request that may hang, only the real clock can say that another root's retry is due.
            timeout = limit if running else None
            await asyncio.wait({*waits, *running}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _land(self) -> None:
        """Let what is in flight end and take it down, so that a stop leaves nothing to look up."""
        self._ending = True
        # A read that ends may begin a write.
        while flying := {task for task in self._running if not task.done()}:
            await asyncio.wait(flying)
        came, spent = tuple(self._came), self.turnstile.unsaved()
        if came or spent:
            await self.desk.do(lambda tx: self._take_down(tx, came, spent))
            del self._came[: len(came)]
            self._claims -= len(came)
            self.turnstile.saved(spent)
        self._reap()

    def _take_down(self, tx: Transaction, came: Sequence[Came], spent: Mapping[str, float]) -> None:
        now = self.clock.now()
        keep_spent(tx, self.place.tenant, self.place.name, spent, now)
        self._settle(tx, came, now)

    def _book(self, bound: Bound, now: datetime) -> Book:
        driver = bound.driver
        return Book(bound.place, driver.is_idempotent, driver.form, self.tuning, now, self._pauses)


def _is_borne_out(place: Place, rules: Rules, record: RemoteRecord) -> bool:
    match = place.match(record.object)
    return rules.decided is None or match is None or still_says(match, rules.decided, record)
