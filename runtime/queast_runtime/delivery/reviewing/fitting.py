"""Whether an answer fits a case as it stands: every check, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from queast_runtime.delivery.reviewing.outcomes import Choice, Refused, left
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import Review
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Snapshot

NOTE_LENGTH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """`partner_id` names the record for `link`, and for `reject` of one; None for `link` is the only candidate left,
    for `reject` all of them. `version` is that of the case as the person saw it."""

    review_id: str
    version: int
    choice: Choice
    partner_id: str | None = None
    note: str = ""


def refusal(tx: Snapshot, tenant: str, review: Review, asked: Answer) -> Refused | None:
    """Say why an answer does not fit an open case, None where it does."""
    if len(asked.note) > NOTE_LENGTH:
        return too_long(asked.note)
    match asked.choice:
        case "skip" | "unsure":
            return _names_a_record(asked)
        case "link":
            chosen = choose(review, asked.partner_id)
            if isinstance(chosen, Refused):
                return chosen
            partner_id = str(chosen["partner_id"])
            return _of_gone(tx, tenant, review, partner_id) or _of_link(tx, tenant, review, partner_id)
        case "reject":
            return _of_reject(tx, tenant, review, asked.partner_id)
        case "create":
            if review.kind == "inbound":
                return Refused("a company is never invented for a call from outside", "reject it: it stays unmatched")
            standing = standing_link(tx, tenant, review)
            if standing is not None and review.kind != "sample":
                return _is_linked(standing)
            return _of_gone(tx, tenant, review, None) or _names_a_record(asked)
        case _:
            assert_never(asked.choice)


def too_long(note: str) -> Refused:
    return Refused(f"the note has {len(note):,} characters, more than {NOTE_LENGTH:,}", "shorten it")


def choose(review: Review, partner_id: str | None) -> JsonObject | Refused:
    """Return the candidate of that id; without one the only candidate that is left."""
    candidates = left(review)
    ids = ", ".join(str(each["partner_id"]) for each in candidates)
    if partner_id is None:
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            return Refused("the case has no candidate", "create a record, or reject the case")
        return Refused("several candidates are left, so one must be named", f"one of: {ids}")
    for each in review.candidates:
        if each["partner_id"] == partner_id:
            if each in candidates:
                return each
            return Refused(f"{partner_id} was rejected in this case", "take that back first, with undo")
    return Refused(f"{partner_id} is no candidate of this case", f"its candidates: {ids or 'there are none'}")


def standing_link(tx: Snapshot, tenant: str, review: Review) -> Link | None:
    """Return the link of the case's entity. A call from outside has none: our side of it is what is looked for."""
    if review.kind == "inbound":
        return None
    return tx.link(tenant, review.account, review.object, review.queast_id)


def _of_gone(tx: Snapshot, tenant: str, review: Review, partner_id: str | None) -> Refused | None:
    """Say why the entity of ours that would be linked or bookmarked may not be; of a call it is the one chosen."""
    entity, ours = review.entity, review.queast_id
    if review.kind == "inbound" and partner_id is not None:
        entity, ours = "company", partner_id
    suppression = tx.suppression(tenant, entity, ours)
    row = tx.entity(tenant, entity, ours)
    if suppression is not None:
        why = f"{entity} {ours} may not be passed on: {suppression.reason.replace('_', ' ')}"
    elif row is not None and row.state is None:
        why = f"{entity} {ours} was deleted"
    else:
        return None
    return Refused(why, "reject the case")


def _of_link(tx: Snapshot, tenant: str, review: Review, partner_id: str) -> Refused | None:
    if review.kind == "inbound":
        return None
    standing = standing_link(tx, tenant, review)
    if standing is not None and standing.partner_id == partner_id:
        return None
    if standing is not None and review.kind != "sample":
        return _is_linked(standing)
    other = tx.link_to(tenant, review.account, review.object, partner_id)
    if other is not None:
        return Refused(
            f"{review.object} {partner_id} stands for {other.queast_id} already, linked by {other.rule}",
            "if that is wrong, unlink it first",
        )
    rejected = tx.rejection(tenant, review.account, review.object, review.queast_id, partner_id)
    if rejected is not None:
        return Refused(
            f"{rejected.actor} said on {rejected.at:%Y-%m-%d} that {partner_id} is not {review.queast_id}"
            f" ({rejected.reason})",
            "take that answer back first, with undo",
        )
    return None


def _of_reject(tx: Snapshot, tenant: str, review: Review, partner_id: str | None) -> Refused | None:
    struck = left(review)
    if partner_id is not None:
        chosen = choose(review, partner_id)
        if isinstance(chosen, Refused):
            return chosen
        struck = (chosen,)
    standing = standing_link(tx, tenant, review)
    ids = {each["partner_id"] for each in struck}
    if standing is not None and review.kind != "sample" and standing.partner_id in ids:
        return _is_linked(standing)
    return None


def _is_linked(standing: Link) -> Refused:
    return Refused(
        f"{standing.queast_id} is linked to {standing.object} {standing.partner_id} already, by {standing.rule}",
        "if that is wrong, unlink it first",
    )


def _names_a_record(asked: Answer) -> Refused | None:
    if asked.partner_id is None:
        return None
    return Refused(f"{asked.choice} is an answer to the whole case, not to {asked.partner_id}", "name no record")
