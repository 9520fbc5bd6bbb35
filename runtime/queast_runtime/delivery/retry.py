"""When to try again: a pure table of delays, and what one failure means for the record and for its connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, assert_never

from queast_runtime.ports import ErrorClass, LookupFailed, Phase, Refused, Tuning, Unanswered

MINUTE: Final = 60.0
HOUR: Final = 3600.0
DELAYS_S: Final = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
JITTER: Final = 0.2
LONGEST_WAIT_S: Final = 24 * HOUR
# How long a destination that names no time itself is left alone: its recovery must not go unseen for hours.
LONGEST_PAUSE_S: Final = 15 * MINUTE
BLOCKS_ROOT_S: Final = HOUR
_BEFORE_THE_RECORD: Final = frozenset({Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.NOTHING_SENT})


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The record alone waits; the attempt counts."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PauseConnection:
    """Everything to this destination waits until `until` (None: until a person resumes it); no attempt is counted."""

    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class DropProperty:
    """The destination no longer takes one property: leave it out, send the rest, tell people."""

    property: str


@dataclass(frozen=True, slots=True)
class MatchAgain:
    """What we believed about the record is wrong (it exists already): look again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AskPerson:
    """The linked record is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Into the dead letters."""

    reason: str


Next = TryAgain | PauseConnection | DropProperty | MatchAgain | AskPerson | GiveUp


@dataclass(frozen=True, slots=True)
class History:
    """One delivery's past: `attempts` counts the failure at hand; `own` is whether the destination took other records
    since `failing_since`, which makes the trouble this record's own."""

    attempts: int
    failing_since: datetime | None
    own: bool
    key: str


def delays(tuning: Tuning) -> tuple[float, ...]:
    """Seconds before try 1, 2, …; the operator's own where set."""
    return tuning.retry_delays_s or DELAYS_S


def jittered(delay_s: float, key: str, attempt: int) -> float:
    """`delay_s` ±20 %, the same for the same delivery and attempt, so that a restart does not shift the schedule."""
    draw = int.from_bytes(sha256(f"{key}/{attempt}".encode()).digest()[:4], "big") / 0xFFFFFFFF
    return delay_s * (1 - JITTER + 2 * JITTER * draw)


def after_failure(failure: Refused | Unanswered, history: History, now: datetime, tuning: Tuning) -> Next:
    """Decide what comes after one failed attempt."""
    if isinstance(failure, Unanswered):
        return _later(failure.message, None, history, now, tuning)
    match failure.error:
        case ErrorClass.RATE_LIMITED | ErrorClass.QUOTA_EXHAUSTED:
            return PauseConnection(_until(failure.wait_s, history, now, tuning), failure.message)
        case ErrorClass.AUTH | ErrorClass.CONFIG | ErrorClass.BLOCKED:
            until = None if failure.wait_s is None else _until(failure.wait_s, history, now, tuning)
            return PauseConnection(until, failure.message)
        case ErrorClass.CONFIG_FIELD:
            return DropProperty(failure.property) if failure.property else GiveUp(failure.message)
        case ErrorClass.CONFLICT:
            later = _later(failure.message, failure.wait_s, history, now, tuning)
            return MatchAgain(later.at) if isinstance(later, TryAgain) else later
        case ErrorClass.GONE:
            return AskPerson(failure.message)
        case ErrorClass.REJECT:
            return GiveUp(failure.message)
        case ErrorClass.TRANSIENT | ErrorClass.UNKNOWN:
            if failure.whole_connection:
                return PauseConnection(_until(failure.wait_s, history, now, tuning), failure.message)
            unreached = failure.phase in _BEFORE_THE_RECORD
            return _later(failure.message, failure.wait_s, history, now, tuning, unreached)
        case _:
            assert_never(failure.error)


def as_refusal(what: str, failed: LookupFailed) -> Refused:
    """Return a look-up that failed as the refusal of what it was made for."""
    return Refused(
        failed.error,
        f"{what}: {failed.message}",
        None,
        Phase.BODY,
        failed.wait_s,
        None,
        failed.whole_connection,
        failed.held,
    )


def _until(wait_s: float | None, history: History, now: datetime, tuning: Tuning) -> datetime:
    if wait_s is not None:
        return now + timedelta(seconds=min(max(wait_s, 0.0), LONGEST_WAIT_S))
    table = delays(tuning)
    delay_s = min(table[min(max(history.attempts, 1), len(table) - 1)], LONGEST_PAUSE_S)
    return now + timedelta(seconds=jittered(delay_s, history.key, history.attempts))


def _later(
    message: str, wait_s: float | None, history: History, now: datetime, tuning: Tuning, unreached: bool = False
) -> TryAgain | GiveUp:
    table = delays(tuning)
    if history.attempts >= len(table):
        return GiveUp(f"{history.attempts} attempts failed, the last: {message}")
    since = history.failing_since
    if history.own and not unreached and since is not None and (now - since).total_seconds() >= BLOCKS_ROOT_S:
        return GiveUp(f"failed for an hour while other records went through, the last: {message}")
    delay = max(jittered(table[history.attempts], history.key, history.attempts), min(wait_s or 0.0, LONGEST_WAIT_S))
    if history.own and not unreached and since is not None:
        # The last try comes at the end of the hour, not after a delay that would hold the root back for longer.
        left = BLOCKS_ROOT_S - (now - since).total_seconds()
        delay = min(delay, max(left, 1.0))
    return TryAgain(now + timedelta(seconds=delay))
