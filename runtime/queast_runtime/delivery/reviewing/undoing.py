"""Taking an answer back: links and rejections stand as before it, and the case is open again.

What went to the CRM meanwhile is not taken back by that; it is told, and the untouched part of it can be reverted.
Where the world went on (the entity was linked otherwise, its record was made) taking back would undo somebody else's
work, and is refused with what to do instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from queast_runtime.delivery.reviewing.following import what_stays
from queast_runtime.delivery.reviewing.highlights import unlink_sender
from queast_runtime.delivery.reviewing.outcomes import (
    REJECTED,
    Done,
    Outcome,
    Refused,
    Reviewer,
    Stale,
    Unknown,
    linked_by_engine,
    mark,
)
from queast_runtime.delivery.reviewing.verdicts import renew_verdicts
from queast_runtime.delivery.reviewing.withdrawing import withdraw
from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState
from queast_runtime.ports.matches import Review, ReviewAnswer, StaleVersion
from queast_runtime.ports.rows import Link, LinkChange, LinkTaken, PairLinked, PairRejected
from queast_runtime.ports.store import Store, Transaction

# More answers than these between putting off and striking off are taken back in the other order.
_STEPS = 200
_UNDER_WAY = (DeliveryState.SENDING, DeliveryState.UNKNOWN)


def undo(tx: Transaction, tenant: str, review_id: str, version: int, by: Reviewer, now: datetime) -> Outcome:
    """Take back the newest answer to a case: what ended it, what put it off, or the candidate struck off last."""
    review = tx.review(tenant, review_id)
    if review is None:
        return Unknown()
    if review.version != version:
        return Stale(review)
    taking = _Taking(tx, tenant, review, by, now)
    if review.answer is not None:
        return _reopen(taking, review.answer)
    struck = max((int(each[REJECTED]) for each in review.candidates if REJECTED in each), default=0)
    if review.put_off_at is not None and _put_off_at_version(tx, tenant, review) >= struck:
        return Done(taking.reopened(), "back in its place in the queue")
    if not struck:
        return Refused("nobody has answered this case, so there is nothing to take back", "answer it")
    return _put_back(taking, struck)


def undoing_in(store: Store, tenant: str, review_id: str, version: int, by: Reviewer, now: datetime) -> Outcome:
    """Take an answer back in a transaction of its own."""
    try:
        with store.transaction() as tx:
            return undo(tx, tenant, review_id, version, by, now)
    except StaleVersion as error:
        return Stale(error.review)
    except (LinkTaken, PairRejected, PairLinked) as error:
        return Refused(str(error), "look at the case again")


@dataclass(frozen=True, slots=True)
class _Taking:
    tx: Transaction
    tenant: str
    review: Review
    by: Reviewer
    now: datetime

    @property
    def given(self) -> str:
        """The mark that the answer to be taken back left on what it made."""
        return mark(self.review.id, self.review.version - 1)

    @property
    def reason(self) -> str:
        return f"undone: {self.given}"

    def standing(self) -> Link | None:
        review = self.review
        return self.tx.link(self.tenant, review.account, review.object, review.queast_id)

    def changes(self) -> tuple[LinkChange, ...]:
        """What the answer did to the entity's link, in order."""
        review = self.review
        history = self.tx.link_history(self.tenant, review.account, review.object, review.queast_id)
        return tuple(change for change in history if change.reason == self.given)

    def lift(self, partner_id: str, reason: str) -> None:
        """Forget a rejection, if it was made for that reason; an older one stays."""
        review = self.review
        pair = (review.account, review.object, review.queast_id, partner_id)
        rejection = self.tx.rejection(self.tenant, *pair)
        if rejection is not None and rejection.reason == reason:
            self.tx.unreject_pair(self.tenant, *pair)

    def take_down(self) -> None:
        review = self.review
        self.tx.remove_link(
            self.tenant,
            review.account,
            review.object,
            review.queast_id,
            actor=self.by.actor,
            reason=self.reason,
            at=self.now,
        )

    def reopened(self) -> Review:
        review = self.review
        return self.tx.reopen_review(self.tenant, review.id, review.version, self.by.actor, self.now)


def _put_off_at_version(tx: Transaction, tenant: str, review: Review) -> int:
    """Return the version at which a case was put off last. Each step of its history made the next version."""
    for back, step in enumerate(tx.review_history(tenant, review.id, limit=_STEPS)):
        if step.action in ("put_off", "unsure"):
            return review.version - back - 1
    return 0


def _put_back(taking: _Taking, version: int) -> Done:
    review = taking.review
    candidates = []
    for each in review.candidates:
        if each.get(REJECTED) == version:
            taking.lift(str(each["partner_id"]), mark(review.id, version))
            each = {name: value for name, value in each.items() if name != REJECTED}
        candidates.append(each)
    changed = taking.tx.change_review(
        taking.tenant,
        review.id,
        review.version,
        reason=review.reason,
        candidates=candidates,
        actor=taking.by.actor,
        at=taking.now,
    )
    return Done(changed, "the rejection is taken back")


def _reopen(taking: _Taking, answer: ReviewAnswer) -> Outcome:
    review, tx, tenant = taking.review, taking.tx, taking.tenant
    if answer.choice == "withdrawn":
        return Refused(f"no person answered this case: {answer.note}", "if its link is wrong, unlink it")
    newer = tx.open_review(tenant, review.account, review.object, review.queast_id, review.kind)
    if newer is not None:
        return Refused(f"case {newer.id} of {review.queast_id} was opened since", "answer that one")
    if review.kind == "inbound":
        company = answer.partner_id if answer.choice == "link" else None
        unlink_sender(tx, tenant, review, taking.by.actor, taking.reason, taking.now)
        tx.unsettle_receipts(tenant, review.id)
        for each in review.candidates:
            taking.lift(str(each["partner_id"]), taking.given)
        stays = None if company is None else f"the bookmark of company {company} stays; take it off in Queast"
        return Done(taking.reopened(), "open again", stays)
    changes, standing = taking.changes(), taking.standing()
    against = _against(taking, answer, changes, standing)
    if against is not None:
        return against
    made = any(change.action == "linked" for change in changes)
    confirmed = any(change.action == "confirmed" for change in changes)
    stays, gone = None, None
    if standing is not None and (made or confirmed):
        if made:
            stays, gone = what_stays(tx, tenant, standing, answer.at), standing
        taking.take_down()
    for partner_id in {str(each["partner_id"]) for each in review.candidates} | {
        change.link.partner_id for change in changes
    }:
        taking.lift(partner_id, taking.given)
    before = _before(taking, changes)
    if before is not None:
        tx.put_link(tenant, before, taking.reason, by=taking.by.actor, at=taking.now)
        if review.kind == "sample":
            asked = (review.account, review.object, review.queast_id)
            why = f"linked by {before.rule} as before"
            withdraw(tx, tenant, asked, why, taking.now, partner_id=before.partner_id)
    reopened = taking.reopened()
    if linked_by_engine(review) is not None:
        renew_verdicts(tx, tenant, review.connection)
    return Done(reopened, _effect(before, gone), stays, gone)


def _effect(before: Link | None, gone: Link | None) -> str:
    if before is not None:
        return f"linked to {before.object} {before.partner_id} as before, and open again"
    if gone is not None:
        return f"the link to {gone.object} {gone.partner_id} is taken down, and the case is open again"
    return "open again"


def _against(
    taking: _Taking, answer: ReviewAnswer, changes: tuple[LinkChange, ...], standing: Link | None
) -> Refused | None:
    """Say what happened since the answer that taking it back would undo as well."""
    review = taking.review
    left = changes[-1].link if changes and changes[-1].action != "unlinked" else None
    if standing is not None and (left is None or left.partner_id != standing.partner_id):
        if answer.choice == "create" and standing.created_record:
            return Refused(
                f"{standing.object} {standing.partner_id} was made for {review.queast_id} and stays in the CRM",
                "if it is wrong, unlink it, then merge or delete the record in the CRM",
            )
        return Refused(
            f"{review.queast_id} was linked to {standing.object} {standing.partner_id} since, by {standing.rule}",
            "if that is wrong, unlink it first",
        )
    if answer.choice == "create" and _is_being_made(taking):
        return Refused("its record is being made right now", "ask again when the request has ended")
    for change in changes:
        if change.action == "unlinked":
            other = taking.tx.link_to(taking.tenant, review.account, review.object, change.link.partner_id)
            if other is not None and other.queast_id != review.queast_id:
                return Refused(
                    f"{other.object} {other.partner_id} was linked to {other.queast_id} since, by {other.rule}",
                    "if that is wrong, unlink it first",
                )
    return None


def _is_being_made(taking: _Taking) -> bool:
    review = taking.review
    where = DeliveryFilter(
        connection=review.connection, states=_UNDER_WAY, kinds=("upsert",), queast_id=review.queast_id
    )
    return bool(taking.tx.deliveries(taking.tenant, where, limit=1))


def _before(taking: _Taking, changes: tuple[LinkChange, ...]) -> Link | None:
    """Return the link as it stood before the answer: what it took down, or what it confirmed without that."""
    for change in changes:
        if change.action == "unlinked":
            return change.link
        if change.action == "confirmed":
            return _unconfirmed(taking, change)
    return None


def _unconfirmed(taking: _Taking, confirmed: LinkChange) -> Link | None:
    """The link's row before it was confirmed, as the history has it."""
    review = taking.review
    history = taking.tx.link_history(taking.tenant, review.account, review.object, review.queast_id)
    earlier = [change.link for change in history if change.number < confirmed.number and change.action != "unlinked"]
    return earlier[-1] if earlier else None
