"""Reading matches that wait for a person, or had one, and what was done with them."""

from __future__ import annotations

import json
from typing import Any

from queast_runtime.ports.matches import QueuePlace, Review, ReviewAnswer, ReviewCount, ReviewKind, ReviewStep
from queast_runtime.store.sql import Access, Row, Sql, from_us, from_us_or_none

_COLUMNS = (
    "id, account, object, queast_id, connection, entity, kind, reason, rule, score, subject, candidates, mapping,"
    " plan_digest, event_source, event_id, created_at, version, put_off_at, unsure_by,"
    " choice, partner_id, actor, answered_at, role, note"
)
_ENTITY = "tenant = :tenant AND account = :account AND object = :object AND queast_id = :queast_id AND kind = :kind"
_GET = Sql(f"SELECT {_COLUMNS} FROM reviews WHERE tenant = :tenant AND id = :id")  # noqa: S608 (constants only)
_OPEN = Sql(f"SELECT {_COLUMNS} FROM reviews WHERE {_ENTITY} AND choice IS NULL")  # noqa: S608 (constants only)
_LAST_ANSWER = Sql(
    f"SELECT id, choice, partner_id, actor, answered_at, role, note FROM reviews WHERE {_ENTITY}"  # noqa: S608
    " AND choice IS NOT NULL ORDER BY answered_at DESC, id DESC LIMIT 1"
)
_AT = "(queued_at, id)"
_OF_IT = "(SELECT queued_at, id FROM reviews WHERE tenant = :tenant AND id = :id)"
_UNSURE = "unsure_by IS NOT NULL"
# What was withdrawn says nothing of what people think, and would push what they said out of the newest few.
_BY_PEOPLE = "answered_at IS NOT NULL AND choice <> 'withdrawn'"
_AFTER = "(queued_at, id) > (SELECT queued_at, id FROM reviews WHERE tenant = :tenant AND id = :after)"
_COUNTS = Sql(
    "SELECT connection, kind, choice, count(*), count(put_off_at) FROM reviews WHERE tenant = :tenant"
    " GROUP BY connection, kind, choice ORDER BY connection, kind, choice"
)
_STEPS = "SELECT number, review_id, action, choice, partner_id, role, note, actor, at FROM review_history"
_HISTORY = Sql(f"{_STEPS} WHERE tenant = :tenant AND number < :before ORDER BY number DESC LIMIT :limit")
_HISTORY_OF = Sql(
    f"{_STEPS} WHERE tenant = :tenant AND review_id = :review_id AND number < :before ORDER BY number DESC LIMIT :limit"
)
_LAST_NUMBER = 2**62


def review_place(review_id: str, column: str) -> tuple[str, ...]:
    """Where a column of a review, or of its history, is sealed to."""
    return ("reviews", review_id, column)


class ReviewReads(Access):
    __slots__ = ()

    def review(self, tenant: str, review_id: str) -> Review | None:
        row = self.one(_GET, tenant=tenant, id=review_id)
        return None if row is None else self._review(tenant, row)

    def open_review(
        self, tenant: str, account: str, object: str, queast_id: str, kind: ReviewKind = "match"
    ) -> Review | None:
        row = self.one(_OPEN, tenant=tenant, account=account, object=object, queast_id=queast_id, kind=kind)
        return None if row is None else self._review(tenant, row)

    def last_answer(
        self, tenant: str, account: str, object: str, queast_id: str, kind: ReviewKind = "match"
    ) -> ReviewAnswer | None:
        row = self.one(_LAST_ANSWER, tenant=tenant, account=account, object=object, queast_id=queast_id, kind=kind)
        return None if row is None else self._review_answer(tenant, *row)

    def reviews(
        self,
        tenant: str,
        *,
        still_open: bool = True,
        connection: str | None = None,
        kind: ReviewKind | None = None,
        unsure: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[Review, ...]:
        terms = ["choice IS NULL"] if still_open else []
        if unsure:
            terms.append(_UNSURE)
        params: dict[str, Any] = {}
        if after is not None:
            terms.append(_AFTER)
            params["after"] = after
        return self._select_reviews(tenant, connection, kind, terms, params, "queued_at, id", limit)

    def queue_place(
        self,
        tenant: str,
        review_id: str,
        *,
        connection: str | None = None,
        kind: ReviewKind | None = None,
        unsure: bool = False,
    ) -> QueuePlace:
        equals = {"connection": connection, "kind": kind}
        params = {name: value for name, value in equals.items() if value is not None}
        terms = ["tenant = :tenant", "choice IS NULL", *(f"{name} = :{name}" for name in params)]
        queue = f"FROM reviews WHERE {' AND '.join([*terms, _UNSURE] if unsure else terms)}"
        row = self.one(
            Sql(
                f"SELECT (SELECT count(*) {queue}), (SELECT count(*) {queue} AND id = :id),"
                f" (SELECT count(*) {queue} AND {_AT} < {_OF_IT}),"
                f" (SELECT id {queue} AND {_AT} < {_OF_IT} ORDER BY queued_at DESC, id DESC LIMIT 1),"
                f" (SELECT id {queue} AND {_AT} > {_OF_IT} ORDER BY queued_at, id LIMIT 1)"
            ),
            tenant=tenant,
            id=review_id,
            **params,
        )
        assert row is not None
        total, is_in, before, previous, following = row
        if not is_in:
            return QueuePlace(None, int(total), None, following)
        return QueuePlace(int(before) + 1, int(total), previous, following)

    def answered_reviews(
        self, tenant: str, *, connection: str | None = None, kind: ReviewKind | None = None, limit: int
    ) -> tuple[Review, ...]:
        return self._select_reviews(tenant, connection, kind, [_BY_PEOPLE], {}, "answered_at DESC, id DESC", limit)

    def review_counts(self, tenant: str) -> tuple[ReviewCount, ...]:
        return tuple(
            ReviewCount(connection, kind, choice, int(count), int(put_off) if choice is None else 0)
            for connection, kind, choice, count, put_off in self.all(_COUNTS, tenant=tenant)
        )

    def review_history(
        self, tenant: str, review_id: str | None = None, *, limit: int, after: int | None = None
    ) -> tuple[ReviewStep, ...]:
        page = {"before": _LAST_NUMBER if after is None else after, "limit": limit}
        if review_id is None:
            rows = self.all(_HISTORY, tenant=tenant, **page)
        else:
            rows = self.all(_HISTORY_OF, tenant=tenant, review_id=review_id, **page)
        return tuple(self._review_step(tenant, row) for row in rows)

    def _select_reviews(
        self,
        tenant: str,
        connection: str | None,
        kind: ReviewKind | None,
        terms: list[str],
        params: dict[str, Any],
        order: str,
        limit: int | None,
    ) -> tuple[Review, ...]:
        equals = {"connection": connection, "kind": kind}
        params |= {name: value for name, value in equals.items() if value is not None}
        terms = ["tenant = :tenant", *(f"{name} = :{name}" for name in equals if name in params), *terms]
        page = ""
        if limit is not None:
            page, params["limit"] = " LIMIT :limit", limit
        sql = Sql(
            f"SELECT {_COLUMNS} FROM reviews WHERE {' AND '.join(terms)} ORDER BY {order}{page}"  # noqa: S608 (constants)
        )
        return tuple(self._review(tenant, row) for row in self.all(sql, tenant=tenant, **params))

    def _review(self, tenant: str, row: Row) -> Review:
        id_, choice = row[0], row[20]
        return Review(
            id=id_,
            account=row[1],
            object=row[2],
            queast_id=row[3],
            connection=row[4],
            entity=row[5],
            kind=row[6],
            reason=row[7],
            rule=row[8],
            score=row[9],
            subject={} if row[10] is None else json.loads(self._open_review_part(tenant, id_, "subject", row[10])),
            candidates=tuple(json.loads(self._open_review_part(tenant, id_, "candidates", row[11]))),
            mapping=row[12],
            plan_digest=row[13],
            event_source=row[14],
            event_id=row[15],
            created_at=from_us(row[16]),
            version=row[17],
            put_off_at=from_us_or_none(row[18]),
            unsure_by=row[19],
            answer=None if choice is None else self._review_answer(tenant, id_, choice, *row[21:]),
        )

    def _review_answer(self, tenant: str, review_id: str, *row: Any) -> ReviewAnswer:
        choice, partner_id, actor, at, role, note = row
        return ReviewAnswer(choice, partner_id, actor, from_us(at), role, self._review_note(tenant, review_id, note))

    def _review_step(self, tenant: str, row: Row) -> ReviewStep:
        number, review_id, action, choice, partner_id, role, note, actor, at = row
        answer = None
        if choice is not None:
            answer = self._review_answer(tenant, review_id, choice, partner_id, actor, at, role, note)
        return ReviewStep(number, review_id, action, answer, actor, from_us(at))

    def _review_note(self, tenant: str, review_id: str, sealed: bytes | None) -> str:
        return "" if sealed is None else self._open_review_part(tenant, review_id, "note", sealed).decode()

    def _open_review_part(self, tenant: str, review_id: str, column: str, sealed: bytes) -> bytes:
        return self.sealer.open(tenant, review_place(review_id, column), sealed)
