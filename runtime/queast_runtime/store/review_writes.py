"""Writing reviews. Every change names the version that was read, raises it by one, and leaves a line of history.

At most one review of a kind is open for an entity on an account, by a partial unique index.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import AnotherOpen, NewReview, Review, ReviewAction, ReviewAnswer, StaleVersion
from queast_runtime.store.identifiers import new_id
from queast_runtime.store.reviews import ReviewReads, review_place
from queast_runtime.store.sql import Sql, to_us

_PUT = Sql(
    "INSERT INTO reviews (tenant, id, account, object, queast_id, connection, entity, kind, reason, rule, score,"
    " subject, candidates, mapping, plan_digest, event_source, event_id, created_at, version, queued_at, role)"
    " VALUES (:tenant, :id, :account, :object, :queast_id, :connection, :entity, :kind, :reason, :rule, :score,"
    " :subject, :candidates, :mapping, :plan_digest, :event_source, :event_id, :created_at, 1, :created_at, '')"
    " ON CONFLICT (tenant, account, object, queast_id, kind) WHERE choice IS NULL DO NOTHING"
)
_SEEN = "tenant = :tenant AND id = :id AND version = :version"
_ANSWER = Sql(
    "UPDATE reviews SET version = version + 1, choice = :choice, partner_id = :partner_id, actor = :actor,"  # noqa: S608
    f" answered_at = :at, role = :role, note = :note WHERE {_SEEN} AND choice IS NULL"
)
_PUT_OFF = Sql(
    "UPDATE reviews SET version = version + 1, queued_at = :at, put_off_at = :at, unsure_by = :unsure_by"  # noqa: S608
    f" WHERE {_SEEN} AND choice IS NULL"
)
_CHANGE = Sql(
    "UPDATE reviews SET version = version + 1, reason = :reason, candidates = :candidates"  # noqa: S608
    f" WHERE {_SEEN} AND choice IS NULL"
)
_REOPEN = Sql(
    "UPDATE reviews SET version = version + 1, choice = NULL, partner_id = NULL, actor = NULL, answered_at = NULL,"  # noqa: S608
    " role = '', note = NULL, queued_at = created_at, put_off_at = NULL, unsure_by = NULL"
    f" WHERE {_SEEN} AND (choice IS NOT NULL OR put_off_at IS NOT NULL)"
)
_REMEMBER = Sql(
    "INSERT INTO review_history (tenant, number, review_id, action, choice, partner_id, role, note, actor, at)"
    " VALUES (:tenant, (SELECT coalesce(max(number), 0) + 1 FROM review_history WHERE tenant = :tenant), :id,"
    " :action, :choice, :partner_id, :role, :note, :actor, :at)"
)


class ReviewWrites(ReviewReads):
    __slots__ = ()

    def put_review(self, tenant: str, review: NewReview) -> str:
        id_ = new_id(review.created_at)
        added = self.change(
            _PUT,
            tenant=tenant,
            id=id_,
            account=review.account,
            object=review.object,
            queast_id=review.queast_id,
            connection=review.connection,
            entity=review.entity,
            kind=review.kind,
            reason=review.reason,
            rule=review.rule,
            score=review.score,
            subject=self._sealed_json(tenant, id_, "subject", review.subject),
            candidates=self._sealed_json(tenant, id_, "candidates", review.candidates),
            mapping=review.mapping,
            plan_digest=review.plan_digest,
            event_source=review.event_source,
            event_id=review.event_id,
            created_at=to_us(review.created_at),
        )
        if added:
            self._remember_step(tenant, id_, "opened", None, "engine", review.created_at)
            return id_
        standing = self.open_review(tenant, review.account, review.object, review.queast_id, review.kind)
        if standing is None:
            raise RuntimeError("a review was refused by an open one that is not there")
        return standing.id

    def answer_review(self, tenant: str, review_id: str, version: int, answer: ReviewAnswer) -> Review:
        if answer.choice in ("skip", "unsure"):
            raise ValueError(f"{answer.choice} puts a review off; it does not end it")
        values = {
            "choice": answer.choice,
            "partner_id": answer.partner_id,
            "actor": answer.actor,
            "at": to_us(answer.at),
            "role": answer.role,
            "note": self._sealed_note(tenant, review_id, answer),
        }
        self._update_review(_ANSWER, tenant, review_id, version, values)
        return self._remember_step(tenant, review_id, "answered", answer, answer.actor, answer.at)

    def put_off_review(self, tenant: str, review_id: str, version: int, answer: ReviewAnswer) -> Review:
        if answer.choice != "skip":
            raise ValueError(f"a review is put off by skip, not by {answer.choice}")
        # Who was unsure before stays named: the flag goes when the review is taken back or ends.
        unsure_by = None if (standing := self.review(tenant, review_id)) is None else standing.unsure_by
        self._update_review(_PUT_OFF, tenant, review_id, version, {"at": to_us(answer.at), "unsure_by": unsure_by})
        return self._remember_step(tenant, review_id, "put_off", answer, answer.actor, answer.at)

    def mark_unsure(self, tenant: str, review_id: str, version: int, answer: ReviewAnswer) -> Review:
        if answer.choice != "unsure":
            raise ValueError(f"a review is flagged by unsure, not by {answer.choice}")
        self._update_review(_PUT_OFF, tenant, review_id, version, {"at": to_us(answer.at), "unsure_by": answer.actor})
        return self._remember_step(tenant, review_id, "unsure", answer, answer.actor, answer.at)

    def change_review(
        self,
        tenant: str,
        review_id: str,
        version: int,
        *,
        reason: str,
        candidates: Sequence[JsonObject],
        actor: str,
        at: datetime,
    ) -> Review:
        sealed = self._sealed_json(tenant, review_id, "candidates", list(candidates))
        self._update_review(_CHANGE, tenant, review_id, version, {"reason": reason, "candidates": sealed})
        return self._remember_step(tenant, review_id, "changed", None, actor, at)

    def reopen_review(
        self,
        tenant: str,
        review_id: str,
        version: int,
        actor: str,
        at: datetime,
    ) -> Review:
        standing = self._standing_review(tenant, review_id)
        if standing.answer is not None and standing.version == version:
            # Asked first: the index would refuse it too, but a refusal ends the transaction on PostgreSQL.
            other = self.open_review(tenant, standing.account, standing.object, standing.queast_id, standing.kind)
            if other is not None:
                raise AnotherOpen(other)
        self._update_review(_REOPEN, tenant, review_id, version, {})
        return self._remember_step(tenant, review_id, "undone", None, actor, at)

    def _update_review(self, sql: Sql, tenant: str, review_id: str, version: int, values: Mapping[str, Any]) -> None:
        if not self.change(sql, tenant=tenant, id=review_id, version=version, **values):
            raise StaleVersion(self._standing_review(tenant, review_id))

    def _standing_review(self, tenant: str, review_id: str) -> Review:
        standing = self.review(tenant, review_id)
        if standing is None:
            raise LookupError(f"there is no review {review_id}")
        return standing

    def _remember_step(
        self,
        tenant: str,
        review_id: str,
        action: ReviewAction,
        answer: ReviewAnswer | None,
        actor: str,
        at: datetime,
    ) -> Review:
        self.change(
            _REMEMBER,
            tenant=tenant,
            id=review_id,
            action=action,
            choice=None if answer is None else answer.choice,
            partner_id=None if answer is None else answer.partner_id,
            role="" if answer is None else answer.role,
            note=self._sealed_note(tenant, review_id, answer),
            actor=actor,
            at=to_us(at),
        )
        return self._standing_review(tenant, review_id)

    def _sealed_note(self, tenant: str, review_id: str, answer: ReviewAnswer | None) -> bytes | None:
        if answer is None or not answer.note:
            return None
        return self.sealer.seal(tenant, review_place(review_id, "note"), answer.note.encode())

    def _sealed_json(self, tenant: str, review_id: str, column: str, value: Any) -> bytes:
        plain = json.dumps(value, ensure_ascii=False).encode()
        return self.sealer.seal(tenant, review_place(review_id, column), plain)
