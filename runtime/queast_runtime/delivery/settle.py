"""Takes down what came of one step: link, mirror, projection, pause and the delivery's end, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from queast_runtime.delivery.mirror import own_record
from queast_runtime.delivery.prepare import QUARANTINE
from queast_runtime.delivery.resolve import drop_claim, link, put_review, review_need
from queast_runtime.delivery.retry import (
    AskPerson,
    DropProperty,
    GiveUp,
    History,
    MatchAgain,
    PauseConnection,
    TryAgain,
    after_failure,
)
from queast_runtime.delivery.steps import (
    Ambiguous,
    Answered,
    Came,
    CheckThenWrite,
    Claimed,
    Found,
    Look,
    LookedUp,
    NoLookup,
    Place,
)
from queast_runtime.matching.decide import Linked, NeedsReview
from queast_runtime.observability.log import warn
from queast_runtime.ports import (
    ErrorClass,
    Phase,
    ReconciledAbsent,
    ReconciledThere,
    ReconcileLater,
    Refused,
    Tuning,
    Unanswered,
    WriteItem,
    Written,
)
from queast_runtime.ports.ledger import (
    AttemptEnd,
    Dead,
    Delivered,
    DeliveryState,
    Dropped,
    Ending,
    Parked,
    RetryAt,
    Unknown,
)
from queast_runtime.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Book:
    """Where results are taken down. `idempotent` answers for (object, operation). `pauses` counts this process's
    pauses in a row, so that a destination which keeps asking for patience is asked ever less often."""

    place: Place
    idempotent: Callable[[str, str], bool]
    tuning: Tuning
    now: datetime
    pauses: int


@dataclass(frozen=True, slots=True)
class Settled:
    """`linked`: a link was made. `paused`: the connection was paused. `success`: the destination took something."""

    linked: bool = False
    paused: bool = False
    success: bool = False


def settle(tx: Transaction, book: Book, came: Came) -> Settled:
    """Record one result. A result that comes after another process took over changes nothing."""
    match came:
        case Answered():
            return _answered(tx, book, came)
        case LookedUp():
            return _looked_up(tx, book, came)
        case Found():
            found = Linked(came.partner_id, "external_id" if came.rule == "external_id" else "domain", came.evidence)
            claimed = came.step.claimed
            linked = link(tx, book.place, came.step.subject, claimed.taken, found, book.now, created=False)
            if isinstance(linked, NeedsReview):
                finish(tx, book, claimed, Parked((review_need(came.step.subject),)), None)
                return Settled()
            _remember(tx, book, claimed, came.partner_id)
            finish(tx, book, claimed, RetryAt(book.now, own_fault=False), None)
            return Settled(linked=True)
        case Ambiguous():
            claimed, subject = came.step.claimed, came.step.subject
            put_review(tx, book.place, subject, claimed.taken, came.candidates, came.reason, book.now)
            finish(tx, book, claimed, Parked((review_need(subject),)), None)
            return Settled()
        case NoLookup():
            failed = came.failed
            refused = Refused(
                failed.error,
                f"search before create: {failed.message}",
                None,
                Phase.BODY,
                failed.wait_s,
                None,
                failed.whole_connection,
            )
            return _failed(tx, book, came.step.claimed, refused, came.step.item)
        case _:
            assert_never(came)


def _answered(tx: Transaction, book: Book, came: Answered) -> Settled:
    step, result = came.step, came.result
    match result:
        case Written():
            return _written(tx, book, step.claimed, result.partner_id, result.created, result.status)
        case Refused():
            return _failed(tx, book, step.claimed, result, step.item)
        case Unanswered():
            if book.idempotent(step.item.object, step.item.op):
                return _failed(tx, book, step.claimed, result, step.item)
            end = AttemptEnd(result.phase, ErrorClass.UNKNOWN, result.status, result.message)
            finish(tx, book, step.claimed, Unknown(book.now), end)
            return Settled()
        case _:
            assert_never(result)


def finish(tx: Transaction, book: Book, claimed: Claimed, ending: Ending, attempt: AttemptEnd | None) -> bool:
    """End the claim; what hung on a record that will not come ends with it."""
    place = book.place
    if not tx.finish(place.tenant, claimed.id, place.epoch, book.now, ending, attempt):
        return False
    if isinstance(ending, Dead | Dropped) and claimed.taken.delivery.kind == "upsert":
        _nothing_will_come(tx, book, claimed, ending)
    return True


def _nothing_will_come(tx: Transaction, book: Book, claimed: Claimed, ending: Dead | Dropped) -> None:
    place = book.place
    subject = claimed.payload.subjects[0]
    if tx.link(place.tenant, place.account, subject.object, subject.keys.external_id) is not None:
        return
    drop_claim(tx, place, subject)
    follow: Dead | Dropped = (
        Dead(ending.error_class, f"its {subject.entity} was not delivered: {ending.message}")
        if isinstance(ending, Dead)
        else Dropped(DeliveryState.CANCELLED, f"its {subject.entity} was not delivered: {ending.message}")
    )
    tx.end_waiting(place.tenant, place.name, subject.need, book.now, follow)


def _written(
    tx: Transaction, book: Book, claimed: Claimed, partner_id: str | None, created: bool, status: int | None
) -> Settled:
    row = claimed.taken.delivery
    end = AttemptEnd(Phase.BODY, None, status, None)
    linked = False
    if row.kind == "upsert" and partner_id is not None:
        subject = claimed.payload.subjects[0]
        standing = tx.link(book.place.tenant, book.place.account, subject.object, subject.keys.external_id)
        if standing is None:
            made = Linked(partner_id, "external_id", subject.keys.external_id)
            outcome = link(tx, book.place, subject, claimed.taken, made, book.now, created=created)
            if isinstance(outcome, NeedsReview):
                message = f"record {partner_id} stands for another entity"
                finish(tx, book, claimed, Dead(ErrorClass.CONFLICT, message), end)
                return Settled()
            linked = True
        _remember(tx, book, claimed, partner_id)
    if finish(tx, book, claimed, Delivered(partner_id), end):
        tx.record_success(book.place.tenant, book.place.name, book.now)
    return Settled(linked=linked, success=True)


def _remember(tx: Transaction, book: Book, claimed: Claimed, partner_id: str) -> None:
    subject = claimed.payload.subjects[0]
    record = own_record(partner_id, subject.keys)
    tx.put_mirror_record(book.place.tenant, book.place.account, subject.object, record)


def _looked_up(tx: Transaction, book: Book, came: LookedUp) -> Settled:
    claimed, result = came.step.claimed, came.result
    match result:
        case ReconciledThere():
            return _written(tx, book, claimed, result.partner_id, True, None)
        case ReconciledAbsent():
            finish(tx, book, claimed, RetryAt(book.now, own_fault=False), None)
            return Settled()
        case ReconcileLater():
            due = book.now + timedelta(seconds=max(result.wait_s, 0.05))
            match came.step:
                case Look():
                    finish(tx, book, claimed, Unknown(due), None)
                case CheckThenWrite():
                    finish(tx, book, claimed, RetryAt(due, own_fault=False), None)
                case _:
                    assert_never(came.step)
            return Settled()
        case _:
            assert_never(result)


def _failed(tx: Transaction, book: Book, claimed: Claimed, failure: Refused | Unanswered, item: WriteItem) -> Settled:
    place, row = book.place, claimed.taken.delivery
    error = failure.error if isinstance(failure, Refused) else ErrorClass.TRANSIENT
    end = AttemptEnd(failure.phase, error, failure.status, failure.message)
    state = tx.connection_state(place.tenant, place.name)
    since = row.first_failed_at
    own = since is not None and state.last_success is not None and state.last_success > since
    history = History(_tries(tx, book, claimed), since, own, row.id)
    if isinstance(failure, Refused) and failure.error in (ErrorClass.RATE_LIMITED, ErrorClass.QUOTA_EXHAUSTED):
        history = History(book.pauses + 1, since, own, row.id)
    next_ = after_failure(failure, history, book.now, book.tuning)
    match next_:
        case TryAgain(at=at) | MatchAgain(at=at):
            finish(tx, book, claimed, RetryAt(at, own_fault=True), end)
        case PauseConnection(until=until, reason=reason):
            tx.pause(place.tenant, place.name, until, reason)
            warn("connection paused", tenant=place.tenant, connection=place.name, error=error.value)
            finish(tx, book, claimed, RetryAt(until or book.now, own_fault=False), None)
            tx.count(place.tenant, place.name, book.now.date(), f"paused:{error.value}")
            return Settled(paused=True)
        case DropProperty(property=name):
            _quarantine(tx, book, claimed, name, end, sent=name in item.values)
        case AskPerson(reason=reason):
            _gone(tx, book, claimed, reason, end)
        case GiveUp(reason=reason):
            finish(tx, book, claimed, Dead(error, reason), end)
        case _:
            assert_never(next_)
    return Settled()


def _tries(tx: Transaction, book: Book, claimed: Claimed) -> int:
    """Attempts that the destination (or the way to it) had a part in. One that ended with our own process, without a
    phase, is no reason to give the record up."""
    attempts = tx.attempts(book.place.tenant, claimed.id)
    return max(sum(one.ended_at is None or one.phase is not None for one in attempts), 1)


def _quarantine(tx: Transaction, book: Book, claimed: Claimed, name: str, end: AttemptEnd, *, sent: bool) -> None:
    place, object_ = book.place, claimed.taken.delivery.object
    fact = f"{QUARANTINE}{object_}:{name}"
    if not sent:
        reason = f"property {name} is refused although it was left out: {end.message}"
        finish(tx, book, claimed, Dead(ErrorClass.CONFIG_FIELD, reason), end)
        return
    since = book.now.isoformat()
    tx.put_fact(
        place.tenant,
        place.name,
        fact,
        {"object": object_, "property": name, "since": since, "reason": end.message, "plan": place.digest},
    )
    warn("property left out from now on", tenant=place.tenant, connection=place.name, object=object_, property=name)
    finish(tx, book, claimed, RetryAt(book.now, own_fault=False), end)


def _gone(tx: Transaction, book: Book, claimed: Claimed, reason: str, end: AttemptEnd) -> None:
    place = book.place
    if not claimed.payload.subjects:
        finish(tx, book, claimed, Dead(ErrorClass.GONE, reason), end)
        return
    subject = claimed.payload.subjects[0]
    ours = subject.keys.external_id
    standing = tx.link(place.tenant, place.account, subject.object, ours)
    if standing is not None:
        tx.remove_link(
            place.tenant, place.account, subject.object, ours, actor="engine", reason="record is gone", at=book.now
        )
        tx.remove_mirror_record(place.tenant, place.account, subject.object, standing.partner_id)
    put_review(tx, place, subject, claimed.taken, (), f"the linked record is gone: {reason}", book.now)
    finish(tx, book, claimed, Parked((review_need(subject),)), end)
