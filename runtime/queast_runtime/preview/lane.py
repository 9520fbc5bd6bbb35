"""One connection of a rehearsal: what its deliveries are prepared, carried out and taken down with, all at once."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, assert_never

from queast_runtime.delivery.attempt import look_first
from queast_runtime.delivery.leaving import Leave
from queast_runtime.delivery.prepare import Bench
from queast_runtime.delivery.reading import read_first
from queast_runtime.delivery.settle import Book
from queast_runtime.delivery.steps import (
    Answered,
    Came,
    CheckThenWrite,
    Look,
    Place,
    ReadThenWrite,
    SearchThenWrite,
    Step,
    Write,
)
from queast_runtime.delivery.steps import Rules as WriteRules
from queast_runtime.delivery.verifying import still_says
from queast_runtime.engine.payload import Subject
from queast_runtime.matching.decide import Match
from queast_runtime.ports import RemoteRecord
from queast_runtime.preview.account import RehearsedAccount

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StandingClock:
    """Says that it is `at`, for ever."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass(slots=True)
class RehearsedLane:
    """One connection: what its deliveries are prepared and taken down with."""

    place: Place
    account: RehearsedAccount
    book: Book
    leaves: Mapping[str, Leave]
    now: datetime
    watched: list[tuple[Subject, Match]] = field(default_factory=list)

    def bench(self) -> Bench:
        return Bench(self.place, self.account, self.leaves, {}, self.now, self._watch)

    def _watch(self, subject: Subject, found: Match) -> None:
        self.watched.append((subject, found))

    def carried_out(self, step: Step) -> Came:
        """Do at once what a step asks of the account."""
        match step:
            case ReadThenWrite():
                reading = read_first(self.account, self.place, [step], partial(_is_borne_out, self.place))
                (ready,) = _at_once(reading)
                return self._written(ready) if isinstance(ready, Write) else ready
            case Write() | SearchThenWrite() | CheckThenWrite():
                return _at_once(look_first(self.account, step)) or self._written(step)
            case Look():
                raise AssertionError("a rehearsal leaves no write without an answer")
            case _:
                assert_never(step)

    def _written(self, step: Write | SearchThenWrite | CheckThenWrite) -> Answered:
        (result,) = _at_once(self.account.write([step.item]))
        return Answered(step, result)


def _is_borne_out(place: Place, rules: WriteRules, record: RemoteRecord) -> bool:
    match = place.match(record.object)
    return rules.decided is None or match is None or still_says(match, rules.decided, record)


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits: a rehearsed account answers at once."""
    try:
        work.send(None)
    except StopIteration as done:
        answer: T = done.value
        return answer
    work.close()
    raise AssertionError("a rehearsal waited for something")
