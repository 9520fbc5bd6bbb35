"""Takes down what came of one step: link, mirror, projection, pause and the delivery's end, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from queast_runtime.delivery.mirror import mirror_record
from queast_runtime.delivery.our_words import our_words, without_our_words
from queast_runtime.delivery.pausing import pause
from queast_runtime.delivery.prepare import QUARANTINE
from queast_runtime.delivery.rails import count_created
from queast_runtime.delivery.reading import FormOf
from queast_runtime.delivery.remembering import take_down
from queast_runtime.delivery.resolve import against_found, drop_claim, link, marked, put_review, review_need
from queast_runtime.delivery.retry import (
    BLOCKS_ROOT_S,
    AskPerson,
    DropProperty,
    GiveUp,
    History,
    MatchAgain,
    PauseConnection,
    TryAgain,
    after_failure,
    as_refusal,
)
from queast_runtime.delivery.steps import (
    Ambiguous,
    Answered,
    Came,
    CheckThenWrite,
    Claimed,
    Compared,
    Found,
    KeyGone,
    Look,
    LookedUp,
    NoLookup,
    NothingToWrite,
    Place,
    ReadThenWrite,
    Write,
)
from queast_runtime.delivery.verifying import take_back
from queast_runtime.engine.guarding import in_words
from queast_runtime.engine.payload import Subject
from queast_runtime.matching.decide import Linked, NeedsReview
from queast_runtime.matching.keys import Keys
from queast_runtime.observability.log import warn
from queast_runtime.ports import (
    ErrorClass,
    LookupFailed,
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
    Delivery,
    DeliveryState,
    Dropped,
    Ending,
    Parked,
    RetryAt,
    Unknown,
)
from queast_runtime.ports.store import Transaction

NOTHING_TO_WRITE: Final = "nothing to write"
LINK_CHANGED: Final = "the link changed meanwhile"
_SOON_S: Final = 0.05
_LOOKS_EVERY_S: Final = 300.0
_PASSING: Final = frozenset({ErrorClass.TRANSIENT, ErrorClass.UNKNOWN})
_LIMITS: Final = frozenset({ErrorClass.RATE_LIMITED, ErrorClass.QUOTA_EXHAUSTED})


@dataclass(frozen=True, slots=True)
class Book:
    """Where results are taken down. `idempotent` answers for (object, operation), `form` for (object, property).
    `pauses` counts this process's pauses in a row, so that a destination which keeps asking for patience is asked ever
    less often."""

    place: Place
    idempotent: Callable[[str, str], bool]
    form: FormOf
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
            if came.rule != "external_id" and marked(tx, book.place, came.step.subject, came.partner_id):
                # The answer may have left out the property that holds our id; the mirror has read it.
                stop = Ambiguous(came.step, (came.partner_id,), "the record carries another entity's id")
                return settle(tx, book, stop)
            read = mirror_record(came.step.match, without_our_words(tx, book.place, book.form, came.record))
            is_ours = our_words(tx, book.place, came.record.object, came.partner_id)
            if came.evidence not in read.keys.get(came.rule, ()) or is_ours(came.rule, came.evidence):
                stop = Ambiguous(came.step, (came.partner_id,), "the record says only what we wrote there")
                return settle(tx, book, stop)
            linked = against_found(
                tx, book.place, came.step.subject, claimed.taken, found, read.card, book.now
            ) or link(tx, book.place, came.step.subject, claimed.taken, found, book.now, created=False)
            if isinstance(linked, NeedsReview):
                finish(tx, book, claimed, Parked((review_need(came.step.subject),)), None)
                return Settled()
            if tx.mirror_card(book.place.tenant, book.place.account, came.record.object, came.partner_id) is None:
                tx.put_mirror_record(book.place.tenant, book.place.account, came.record.object, read)
            finish(tx, book, claimed, RetryAt(book.now, own_fault=False), None)
            return Settled(linked=True)
        case Ambiguous():
            claimed, subject = came.step.claimed, came.step.subject
            put_review(
                tx, book.place, subject, claimed.taken, NeedsReview(came.candidates, None, came.reason), book.now
            )
            finish(tx, book, claimed, Parked((review_need(subject),)), None)
            return Settled()
        case NoLookup():
            what = "read before write" if isinstance(came.step, ReadThenWrite) else "search before create"
            return _failed(tx, book, came.step.claimed, as_refusal(what, came.failed), came.step.item, sent=False)
        case NothingToWrite():
            return _nothing_written(tx, book, came)
        case KeyGone():
            take_back(tx, book.place, book.form, came, book.now)
            finish(tx, book, came.claimed, RetryAt(book.now, own_fault=False), None)
            return Settled()
        case _:
            assert_never(came)


def _answered(tx: Transaction, book: Book, came: Answered) -> Settled:
    step, result = came.step, came.result
    match result:
        case Written():
            compared = step.compared if isinstance(step, Write) else None
            return _written(tx, book, step.claimed, step.item, result, compared)
        case Refused():
            return _failed(tx, book, step.claimed, result, step.item)
        case Unanswered():
            if book.idempotent(step.item.object, step.item.op):
                return _failed(tx, book, step.claimed, result, step.item)
            end = AttemptEnd(result.phase, ErrorClass.UNKNOWN, result.status, result.message, unanswered=True)
            finish(tx, book, step.claimed, Unknown(book.now), end)
            return Settled()
        case _:
            assert_never(result)


def finish(tx: Transaction, book: Book, claimed: Claimed, ending: Ending, attempt: AttemptEnd | None) -> bool:
    """End the claim; what hung on a record that will not come ends with it."""
    place = book.place
    if not tx.finish(place.tenant, claimed.id, place.epoch, book.now, ending, attempt):
        return False
    if isinstance(ending, Dead | Dropped):
        end_followers(tx, book, claimed.taken.delivery, ending)
    return True


def end_followers(tx: Transaction, book: Book, row: Delivery, ending: Dead | Dropped) -> None:
    """End what waits for the record of an upsert that ended without one, unless another upsert may still bring it."""
    place = book.place
    if row.kind != "upsert" or tx.link(place.tenant, place.account, row.object, row.queast_id) is not None:
        return
    subject = Subject(row.entity, row.object, Keys(row.queast_id, None, None, None))
    if tx.is_coming(place.tenant, place.name, row.entity, row.queast_id):
        return
    drop_claim(tx, place, subject, book.now)
    message = f"its {row.entity} was not delivered: {ending.message}"
    follow: Dead | Dropped = (
        Dead(ending.error_class, message) if isinstance(ending, Dead) else Dropped(DeliveryState.CANCELLED, message)
    )
    tx.end_waiting(place.tenant, place.name, subject.need, book.now, follow)


def _written(
    tx: Transaction, book: Book, claimed: Claimed, item: WriteItem, result: Written, compared: Compared | None
) -> Settled:
    row, partner_id = claimed.taken.delivery, result.partner_id
    note = (in_words(compared.allowed.left) or None) if compared is not None else None
    end = AttemptEnd(Phase.BODY, None, result.status, note)
    linked = False
    if row.kind == "upsert" and partner_id is not None:
        subject = claimed.payload.subjects[0]
        standing = tx.link(book.place.tenant, book.place.account, subject.object, subject.keys.external_id)
        if item.op == "update":
            # What it wrote can be put back, and is nobody's evidence; but the link is for others to make.
            if standing is None or standing.partner_id != partner_id:
                note = f"{LINK_CHANGED}; {note}" if note else LINK_CHANGED
        elif standing is None:
            made = Linked(partner_id, "external_id", subject.keys.external_id)
            outcome = link(tx, book.place, subject, claimed.taken, made, book.now, created=result.created)
            if isinstance(outcome, NeedsReview):
                message = f"record {partner_id} stands for another entity"
                finish(tx, book, claimed, Dead(ErrorClass.CONFLICT, message), end)
                return Settled()
            linked = True
        if result.created:
            count_created(tx, book.place, row.mapping, book.now)
        values = item.values if compared is None else compared.allowed.values
        take_down(tx, book.place, book.form, claimed, partner_id, values, result.stored, compared, book.now)
    if finish(tx, book, claimed, Delivered(partner_id, note=note), end):
        tx.record_success(book.place.tenant, book.place.name, book.now)
    return Settled(linked=linked, success=True)


def _nothing_written(tx: Transaction, book: Book, came: NothingToWrite) -> Settled:
    partner_id = came.compared.record.partner_id
    take_down(tx, book.place, book.form, came.claimed, partner_id, {}, {}, came.compared, book.now)
    left = in_words(came.compared.allowed.left)
    note = f"{NOTHING_TO_WRITE}; {left}" if left else NOTHING_TO_WRITE
    finish(tx, book, came.claimed, Delivered(partner_id, note=note), None)
    return Settled()


def _looked_up(tx: Transaction, book: Book, came: LookedUp) -> Settled:
    claimed, result = came.step.claimed, came.result
    match result:
        case ReconciledThere():
            return _written(tx, book, claimed, came.step.item, Written(result.partner_id, True, None), None)
        case ReconciledAbsent():
            _again(tx, book, claimed)
            return Settled()
        case ReconcileLater(failed=LookupFailed(held=False) as failed):
            return _blind(tx, book, came, result.wait_s, failed)
        case ReconcileLater():
            _look_later(tx, book, came, book.now + timedelta(seconds=max(result.wait_s, _SOON_S)))
            return Settled()
        case _:
            assert_never(result)


def _look_later(tx: Transaction, book: Book, came: LookedUp, due: datetime) -> None:
    match came.step:
        case Look():
            finish(tx, book, came.step.claimed, Unknown(due), None)
        case CheckThenWrite():
            # The first look that fails starts the clock of a root that is held up by its own head.
            finish(tx, book, came.step.claimed, RetryAt(due, own_fault=True), None)
        case _:
            assert_never(came.step)


def _again(tx: Transaction, book: Book, claimed: Claimed) -> None:
    """An unanswered write did not happen: write again, ever later for one that never gets an answer."""
    row = claimed.taken.delivery
    unanswered = _tries(tx, book, claimed) - 1
    if unanswered < 1:
        finish(tx, book, claimed, RetryAt(book.now, own_fault=False), None)
        return
    lost = Unanswered(row.error_message or "no answer", Phase.SOME_SENT)
    history = History(unanswered, row.first_failed_at, _is_own(tx, book, row), row.id)
    next_ = after_failure(lost, history, book.now, book.tuning)
    if isinstance(next_, TryAgain):
        finish(tx, book, claimed, RetryAt(next_.at, own_fault=False), None)
    else:
        reason = next_.reason if isinstance(next_, GiveUp) else lost.message
        finish(tx, book, claimed, Dead(ErrorClass.UNKNOWN, reason), None)


def _blind(tx: Transaction, book: Book, came: LookedUp, wait_s: float, failed: LookupFailed) -> Settled:
    """The look-up itself failed: nothing is known, so nothing is written."""
    row = came.step.claimed.taken.delivery
    refused = as_refusal("look for an earlier write", failed)
    own = _is_own(tx, book, row)
    next_ = after_failure(refused, History(book.pauses + 1, None, own, row.id), book.now, book.tuning)
    if isinstance(next_, PauseConnection):
        pause(tx, book.place, next_.until, failed.error, next_.reason, book.now)
        _look_later(tx, book, came, next_.until or book.now)
        return Settled(paused=True)
    for_s = 0.0 if row.first_failed_at is None else (book.now - row.first_failed_at).total_seconds()
    if own and for_s >= BLOCKS_ROOT_S:
        reason = f"for an hour nobody could say whether it was written: {failed.message}"
        finish(tx, book, came.step.claimed, Dead(ErrorClass.UNKNOWN, reason), None)
        return Settled()
    _look_later(tx, book, came, book.now + timedelta(seconds=max(wait_s, min(for_s / 4, _LOOKS_EVERY_S), _SOON_S)))
    return Settled()


def _is_own(tx: Transaction, book: Book, row: Delivery) -> bool:
    """Whether the destination took other records since this one began to fail."""
    last = tx.connection_state(book.place.tenant, book.place.name).last_success
    return row.first_failed_at is not None and last is not None and last > row.first_failed_at


def _failed(
    tx: Transaction, book: Book, claimed: Claimed, failure: Refused | Unanswered, item: WriteItem, *, sent: bool = True
) -> Settled:
    """`sent` is False where only a look-up failed: whatever became of that, no byte of the write had left."""
    row = claimed.taken.delivery
    error = failure.error if isinstance(failure, Refused) else ErrorClass.TRANSIENT
    if isinstance(failure, Refused) and failure.held:
        due = book.now + timedelta(seconds=failure.wait_s or 0.0)
        finish(tx, book, claimed, RetryAt(due, own_fault=False), None)
        return Settled()
    unanswered = isinstance(failure, Unanswered)
    phase = failure.phase if sent else Phase.NOTHING_SENT
    end = AttemptEnd(phase, error, failure.status, failure.message, unanswered)
    own = _is_own(tx, book, row)
    if isinstance(failure, Refused) and error in _PASSING and failure.status is not None and own:
        # It answers others, so this is about the record: no reason to make them wait for it again and again.
        failure = replace(failure, whole_connection=False)
    patient = isinstance(failure, Refused) and (failure.whole_connection or error in _LIMITS)
    tries = book.pauses + 1 if patient else _tries(tx, book, claimed)
    next_ = after_failure(failure, History(tries, row.first_failed_at, own, row.id), book.now, book.tuning)
    match next_:
        case TryAgain(at=at) | MatchAgain(at=at):
            finish(tx, book, claimed, RetryAt(at, own_fault=True), end)
        case PauseConnection(until=until, reason=reason):
            pause(tx, book.place, until, error, reason, book.now)
            answered = error in _PASSING and failure.status is not None
            finish(tx, book, claimed, RetryAt(until or book.now, own_fault=answered), None)
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
        # The destination's word for a property that we did not send is not repeated: it may be anything.
        reason = f"refused for a property that was not sent: {end.message}"
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
    gone = NeedsReview((), None, "the linked record is gone")
    put_review(tx, place, subject, claimed.taken, gone, book.now)
    finish(tx, book, claimed, Parked((review_need(subject),)), end)
