"""Matches that wait for a person. At most one is open for an entity on an account, by a partial unique index."""

from __future__ import annotations

import json

from queast_runtime.ports.rows import NewReview, Review, ReviewAnswer
from queast_runtime.store.identifiers import new_id
from queast_runtime.store.sql import Access, Row, Sql, from_us, to_us

_COLUMNS = (
    "id, account, object, queast_id, reason, candidates, event_source, event_id, created_at,"
    " choice, partner_id, actor, answered_at"
)
_ENTITY = "tenant = :tenant AND account = :account AND object = :object AND queast_id = :queast_id"
_OPEN = Sql(f"SELECT {_COLUMNS} FROM reviews WHERE {_ENTITY} AND choice IS NULL")  # noqa: S608 (constants only)
_LAST_ANSWER = Sql(
    f"SELECT choice, partner_id, actor, answered_at FROM reviews WHERE {_ENTITY} AND choice IS NOT NULL"  # noqa: S608
    " ORDER BY answered_at DESC, id DESC LIMIT 1"
)
_ALL = Sql(f"SELECT {_COLUMNS} FROM reviews WHERE tenant = :tenant ORDER BY created_at, id")  # noqa: S608
_ALL_OPEN = Sql(
    f"SELECT {_COLUMNS} FROM reviews WHERE tenant = :tenant AND choice IS NULL ORDER BY created_at, id"  # noqa: S608
)
_PUT = Sql(
    "INSERT INTO reviews (tenant, id, account, object, queast_id, reason, candidates, event_source, event_id,"
    " created_at) VALUES (:tenant, :id, :account, :object, :queast_id, :reason, :candidates, :event_source,"
    " :event_id, :created_at) ON CONFLICT (tenant, account, object, queast_id) WHERE choice IS NULL DO NOTHING"
)
_ANSWER = Sql(
    "UPDATE reviews SET choice = :choice, partner_id = :partner_id, actor = :actor, answered_at = :at"
    " WHERE tenant = :tenant AND id = :id AND choice IS NULL"
)


class ReviewReads(Access):
    __slots__ = ()

    def open_review(self, tenant: str, account: str, object: str, queast_id: str) -> Review | None:
        row = self.one(_OPEN, tenant=tenant, account=account, object=object, queast_id=queast_id)
        return None if row is None else self._review(tenant, row)

    def last_answer(self, tenant: str, account: str, object: str, queast_id: str) -> ReviewAnswer | None:
        row = self.one(_LAST_ANSWER, tenant=tenant, account=account, object=object, queast_id=queast_id)
        return None if row is None else ReviewAnswer(row[0], row[1], row[2], from_us(row[3]))

    def reviews(self, tenant: str, *, still_open: bool = True) -> tuple[Review, ...]:
        rows = self.all(_ALL_OPEN if still_open else _ALL, tenant=tenant)
        return tuple(self._review(tenant, row) for row in rows)

    def _review(self, tenant: str, row: Row) -> Review:
        id_, account, object_, queast_id, reason, sealed, source, event_id, created_at, choice, partner, actor, at = row
        return Review(
            id=id_,
            account=account,
            object=object_,
            queast_id=queast_id,
            reason=reason,
            candidates=tuple(json.loads(self.sealer.open(tenant, ("reviews", id_, "candidates"), sealed))),
            event_source=source,
            event_id=event_id,
            created_at=from_us(created_at),
            answer=None if choice is None else ReviewAnswer(choice, partner, actor, from_us(at)),
        )


class ReviewWrites(ReviewReads):
    __slots__ = ()

    def put_review(self, tenant: str, review: NewReview) -> str:
        id_ = new_id(review.created_at)
        candidates = json.dumps(review.candidates, ensure_ascii=False).encode()
        added = self.change(
            _PUT,
            tenant=tenant,
            id=id_,
            account=review.account,
            object=review.object,
            queast_id=review.queast_id,
            reason=review.reason,
            candidates=self.sealer.seal(tenant, ("reviews", id_, "candidates"), candidates),
            event_source=review.event_source,
            event_id=review.event_id,
            created_at=to_us(review.created_at),
        )
        if added:
            return id_
        standing = self.open_review(tenant, review.account, review.object, review.queast_id)
        if standing is None:
            raise RuntimeError("a review was refused by an open one that is not there")
        return standing.id

    def answer_review(self, tenant: str, review_id: str, answer: ReviewAnswer) -> bool:
        return bool(
            self.change(
                _ANSWER,
                tenant=tenant,
                id=review_id,
                choice=answer.choice,
                partner_id=answer.partner_id,
                actor=answer.actor,
                at=to_us(answer.at),
            )
        )
