"""A person's answer to a case: the link or the rejections that it makes, and what waited is matched anew.

Accepting writes to our table of links only; records of the CRM are never merged. Everything that can speak against an
answer is asked before anything is written. What the database still refuses (another process was faster) is raised, so
that the whole transaction goes; `answering_in` turns that into an outcome too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from queast_runtime.delivery.bookmarking import told
from queast_runtime.delivery.reviewing.fitting import Answer, choose, refusal, standing_link
from queast_runtime.delivery.reviewing.following import goes_on, told_again, wake, what_stays
from queast_runtime.delivery.reviewing.outcomes import (
    REJECTED,
    Done,
    OnInbound,
    Outcome,
    Refused,
    Reviewer,
    Stale,
    Unknown,
    left,
    linked_by_engine,
    mark,
)
from queast_runtime.delivery.reviewing.retelling import tell_again
from queast_runtime.delivery.reviewing.verdicts import renew_verdicts
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import Review, ReviewAnswer, StaleVersion
from queast_runtime.ports.rows import Link, LinkTaken, PairLinked, PairRejected, Rejection
from queast_runtime.ports.store import Store, Transaction

_PERSONAL: Final = ("ours", "theirs")


def answer(
    tx: Transaction, tenant: str, asked: Answer, by: Reviewer, now: datetime, on_inbound: OnInbound | None = None
) -> Outcome:
    """Keep an answer and do what it calls for. May raise what the store refuses; then nothing of it may be kept."""
    review = tx.review(tenant, asked.review_id)
    if review is None:
        return Unknown()
    if review.version != asked.version or review.answer is not None:
        return Stale(review)
    against = refusal(tx, tenant, review, asked)
    if against is not None:
        return against
    given = _Given(tx, tenant, review, asked, by, now)
    match asked.choice:
        case "skip":
            return Done(tx.put_off_review(tenant, review.id, review.version, given.row), "put at the end of the queue")
        case "unsure":
            put_off = tx.mark_unsure(tenant, review.id, review.version, given.row)
            return Done(put_off, "put at the end of the queue, marked as unsure")
        case "link" | "reject" if review.kind == "inbound":
            return _of_a_call(given, on_inbound)
        case "link":
            return _link(given)
        case "reject":
            return _reject(given)
        case "create":
            return _create(given)
        case _:
            assert_never(asked.choice)


def answering_in(
    store: Store, tenant: str, asked: Answer, by: Reviewer, now: datetime, on_inbound: OnInbound | None = None
) -> Outcome:
    """Answer in a transaction of its own."""
    try:
        with store.transaction() as tx:
            return answer(tx, tenant, asked, by, now, on_inbound)
    except StaleVersion as error:
        return Stale(error.review)
    except (LinkTaken, PairRejected, PairLinked) as error:
        return Refused(str(error), "look at the case again")


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer that fits. Whatever it makes carries `reason`, by which undoing finds it again."""

    tx: Transaction
    tenant: str
    review: Review
    asked: Answer
    by: Reviewer
    now: datetime

    @property
    def row(self) -> ReviewAnswer:
        asked = self.asked
        return ReviewAnswer(asked.choice, asked.partner_id, self.by.actor, self.now, self.by.role, asked.note)

    @property
    def reason(self) -> str:
        return mark(self.review.id, self.review.version)

    def end(self, partner_id: str | None) -> Review:
        row = replace(self.row, partner_id=partner_id)
        ended = self.tx.answer_review(self.tenant, self.review.id, self.review.version, row)
        if linked_by_engine(ended) is not None:
            renew_verdicts(self.tx, self.tenant, ended.connection)
        return ended

    def take_down(self, link: Link) -> str | None:
        """Take a link down and remember that it was wrong; return what it left behind."""
        stays = what_stays(self.tx, self.tenant, link, link.created_at)
        self.tx.remove_link(
            self.tenant,
            link.account,
            link.object,
            link.queast_id,
            actor=self.by.actor,
            reason=self.reason,
            at=self.now,
        )
        self.strike_off(link.partner_id)
        return stays

    def retell(self, gone: Link | None = None) -> str:
        """Tell the entity's latest once more by the link as it is now. One that went with the record that we made for
        it is not made again by that."""
        if gone is not None and gone.created_record:
            return ""
        review = self.review
        of = (review.account, review.object, review.queast_id)
        return told_again(tell_again(self.tx, self.tenant, *of, self.reason, self.now))

    def strike_off(self, partner_id: str) -> None:
        review = self.review
        self.tx.reject_pair(
            self.tenant,
            Rejection(
                review.account, review.object, review.queast_id, partner_id, self.by.actor, self.reason, self.now
            ),
        )


def _link(given: _Given) -> Outcome:
    tx, tenant, review = given.tx, given.tenant, given.review
    chosen = choose(review, given.asked.partner_id)
    if isinstance(chosen, Refused):
        return chosen
    partner_id = str(chosen["partner_id"])
    standing = standing_link(tx, tenant, review)
    ended = given.end(partner_id)
    if standing is not None and standing.partner_id == partner_id:
        tx.confirm_link(
            tenant,
            review.account,
            review.object,
            review.queast_id,
            actor=given.by.actor,
            reason=given.reason,
            at=given.now,
        )
        woken = wake(tx, tenant, review, given.now)
        return Done(
            ended, f"the link to {review.object} {partner_id} is confirmed{goes_on(woken, 'sent')}{given.retell()}"
        )
    stays = None if standing is None else given.take_down(standing)
    tx.put_link(tenant, _row(given, chosen), given.reason)
    woken = wake(tx, tenant, review, given.now)
    follows = f"{goes_on(woken, 'sent')}{given.retell()}"
    return Done(ended, f"linked to {review.object} {partner_id}{follows}", stays, standing)


def _row(given: _Given, chosen: JsonObject) -> Link:
    review = given.review
    return Link(
        account=review.account,
        object=review.object,
        queast_id=review.queast_id,
        partner_id=str(chosen["partner_id"]),
        connection=review.connection,
        rule="review",
        standing="established",
        evidence={"review": review.id, "found_by": chosen.get("rule"), "lines": _lines(review, chosen)},
        score=chosen.get("score"),
        plan_digest=review.plan_digest,
        actor=given.by.actor,
        created_at=given.now,
        created_record=False,
    )


def _lines(review: Review, chosen: JsonObject) -> list[JsonObject]:
    """The evidence of the chosen record. It is kept in the clear, so what a person's record says stays out."""
    lines: list[JsonObject] = list(chosen.get("evidence", ()))
    if review.entity == "company":
        return lines
    return [{name: value for name, value in line.items() if name not in _PERSONAL} for line in lines]


def _reject(given: _Given) -> Outcome:
    review, named = given.review, given.asked.partner_id
    partner_ids = [str(each["partner_id"]) for each in left(review)]
    struck = partner_ids if named is None else [named]
    standing = standing_link(given.tx, given.tenant, review)
    goes = standing if standing is not None and standing.partner_id in struck else None
    if goes is None and named is not None and len(partner_ids) > 1:
        return _strike_one_off(given, named)
    ended = given.end(named)
    stays = None if goes is None else given.take_down(goes)
    for partner_id in struck:
        given.strike_off(partner_id)
    woken = wake(given.tx, given.tenant, review, given.now)
    what = "rejected, and remembered"
    if goes is not None:
        what = f"the link to {review.object} {goes.partner_id} is taken down, and remembered as wrong"
    again = "" if goes is None else given.retell(goes)
    return Done(ended, f"{what}{goes_on(woken, 'matched anew')}{again}", stays, goes)


def _strike_one_off(given: _Given, partner_id: str) -> Done:
    review = given.review
    candidates = [
        {**each, REJECTED: review.version} if each["partner_id"] == partner_id else each for each in review.candidates
    ]
    changed = given.tx.change_review(
        given.tenant,
        review.id,
        review.version,
        reason=review.reason,
        candidates=candidates,
        actor=given.by.actor,
        at=given.now,
    )
    given.strike_off(partner_id)
    count = len(left(changed))
    return Done(changed, f"rejected; the case goes on with {count} candidate{'s' * (count != 1)}")


def _create(given: _Given) -> Outcome:
    review = given.review
    standing = standing_link(given.tx, given.tenant, review)
    ended = given.end(None)
    stays = None if standing is None else given.take_down(standing)
    for each in left(review):
        given.strike_off(str(each["partner_id"]))
    woken = wake(given.tx, given.tenant, review, given.now)
    when = "now" if woken else f"with the next event of {review.queast_id}"
    return Done(ended, f"a new record may be made for it, once, {when}", stays, standing)


def _of_a_call(given: _Given, on_inbound: OnInbound | None) -> Outcome:
    """Bookmark our company, or leave the call unmatched."""
    review, asked = given.review, given.asked
    if on_inbound is None:
        return Refused("nothing here takes in what came from outside", "answer it where calls are received")
    if asked.choice == "reject":
        if asked.partner_id is not None and len(left(review)) > 1:
            return _strike_one_off(given, asked.partner_id)
        struck = [str(each["partner_id"]) for each in left(review)]
        ended = given.end(asked.partner_id)
        for company_id in struck:
            given.strike_off(company_id)
        on_inbound(given.tx, given.tenant, ended, None)
        return Done(ended, "it stays unmatched, and nothing is bookmarked")
    chosen = choose(review, asked.partner_id)
    if isinstance(chosen, Refused):
        return chosen
    company_id = str(chosen["partner_id"])
    ended = given.end(company_id)
    record = on_inbound(given.tx, given.tenant, ended, company_id)
    return Done(ended, told(company_id, record))
