"""Links between our ids and theirs: one to one by the database's own constraints, with an append-only history.

A pair that somebody rejected is not linked again: the insert looks for the rejection itself, and a trigger stands
behind it for whatever else may write.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from queast_runtime.ports.rows import Link, LinkChange, LinkTaken, PairLinked, PairRejected, Rejection, Standing
from queast_runtime.store.sql import Access, Row, Sql, from_us, from_us_or_none, to_us, to_us_or_none

_COLUMNS = (
    "account, object, queast_id, partner_id, connection, rule, standing, evidence, score, plan_digest, actor,"
    " created_at, created_record, confirmed_by, confirmed_at"
)
_VALUES = (
    ":account, :object, :queast_id, :partner_id, :connection, :rule, :standing, :evidence, CAST(:score AS FLOAT),"
    " :plan_digest, :actor, CAST(:created_at AS BIGINT), CAST(:created_record AS INTEGER), CAST(:confirmed_by AS TEXT),"
    " CAST(:confirmed_at AS BIGINT)"
)
_OURS = "tenant = :tenant AND account = :account AND object = :object AND queast_id = :queast_id"
_PAIR = f"{_OURS} AND partner_id = :partner_id"
_GET = Sql(f"SELECT {_COLUMNS} FROM links WHERE {_OURS}")  # noqa: S608 (constants only)
_IS_LINKED = Sql(f"SELECT 1 FROM links WHERE {_OURS}")  # noqa: S608 (constants only)
_GET_THEIRS = Sql(
    f"SELECT {_COLUMNS} FROM links"  # noqa: S608 (constants only)
    " WHERE tenant = :tenant AND account = :account AND object = :object AND partner_id = :partner_id"
)
_COUNT = Sql("SELECT count(*) FROM links WHERE tenant = :tenant AND connection = :connection")
# No conflict target: either of the two keys may be the one that is taken.
_PUT = Sql(
    f"INSERT INTO links (tenant, {_COLUMNS}) SELECT :tenant, {_VALUES}"  # noqa: S608 (constants only)
    f" WHERE NOT EXISTS (SELECT 1 FROM rejections WHERE {_PAIR}) ON CONFLICT DO NOTHING"
)
_CONFIRM = Sql(
    "UPDATE links SET standing = 'established', confirmed_by = :actor, confirmed_at = :at"  # noqa: S608 (constants only)
    f" WHERE {_OURS} AND confirmed_by IS NULL"
)
_REMOVE = Sql(f"DELETE FROM links WHERE {_OURS}")  # noqa: S608 (constants only)
_REMEMBER = Sql(
    f"INSERT INTO link_history (tenant, number, action, {_COLUMNS}, changed_by, reason, changed_at)"  # noqa: S608
    " VALUES (:tenant, (SELECT coalesce(max(number), 0) + 1 FROM link_history WHERE tenant = :tenant), :action,"
    f" {_VALUES}, :changed_by, :reason, :changed_at)"
)
_CHANGES = f"SELECT number, action, changed_by, reason, changed_at, {_COLUMNS} FROM link_history"  # noqa: S608
_HISTORY = Sql(f"{_CHANGES} WHERE {_OURS} ORDER BY number")
_PLACES = Sql(
    "SELECT DISTINCT account, object FROM link_history WHERE tenant = :tenant AND queast_id = :queast_id"
    " ORDER BY account, object"
)
_NEWEST = Sql(f"{_CHANGES} WHERE tenant = :tenant AND number < :before ORDER BY number DESC LIMIT :limit")
_COUNT_CHANGES = Sql(
    "SELECT count(*) FROM link_history WHERE tenant = :tenant AND connection = :connection AND changed_at >= :since"
    " AND (action = 'unlinked' OR (action = 'linked' AND standing = 'inferred'))"
)
_REJECTIONS = Sql(f"SELECT partner_id FROM rejections WHERE {_OURS}")  # noqa: S608 (constants only)
_REJECTION = Sql(f"SELECT actor, reason, rejected_at FROM rejections WHERE {_PAIR}")  # noqa: S608 (constants only)
_REJECT = Sql(
    "INSERT INTO rejections (tenant, account, object, queast_id, partner_id, actor, reason, rejected_at)"  # noqa: S608
    " SELECT :tenant, :account, :object, :queast_id, :partner_id, :actor, :reason, CAST(:at AS BIGINT)"
    f" WHERE NOT EXISTS (SELECT 1 FROM links WHERE {_PAIR}) ON CONFLICT DO NOTHING"
)
_UNREJECT = Sql(f"DELETE FROM rejections WHERE {_PAIR}")  # noqa: S608 (constants only)
_LAST_NUMBER = 2**62


def _link(row: Row) -> Link:
    return Link(
        account=row[0],
        object=row[1],
        queast_id=row[2],
        partner_id=row[3],
        connection=row[4],
        rule=row[5],
        standing=row[6],
        evidence=json.loads(row[7]),
        score=row[8],
        plan_digest=row[9],
        actor=row[10],
        created_at=from_us(row[11]),
        created_record=bool(row[12]),
        confirmed_by=row[13],
        confirmed_at=from_us_or_none(row[14]),
    )


def _change(row: Row) -> LinkChange:
    number, action, actor, reason, at, *rest = row
    return LinkChange(number, action, _link(tuple(rest)), actor, reason, from_us(at))


def _parameters(link: Link) -> dict[str, Any]:
    return {
        "account": link.account,
        "object": link.object,
        "queast_id": link.queast_id,
        "partner_id": link.partner_id,
        "connection": link.connection,
        "rule": link.rule,
        "standing": link.standing,
        "evidence": json.dumps(link.evidence, sort_keys=True, ensure_ascii=False),
        "score": link.score,
        "plan_digest": link.plan_digest,
        "actor": link.actor,
        "created_at": to_us(link.created_at),
        "created_record": int(link.created_record),
        "confirmed_by": link.confirmed_by,
        "confirmed_at": to_us_or_none(link.confirmed_at),
    }


class LinkReads(Access):
    __slots__ = ()

    def link(self, tenant: str, account: str, object: str, queast_id: str) -> Link | None:
        row = self.one(_GET, tenant=tenant, account=account, object=object, queast_id=queast_id)
        return None if row is None else _link(row)

    def is_linked(self, tenant: str, account: str, object: str, queast_id: str) -> bool:
        return self.one(_IS_LINKED, tenant=tenant, account=account, object=object, queast_id=queast_id) is not None

    def link_to(self, tenant: str, account: str, object: str, partner_id: str) -> Link | None:
        row = self.one(_GET_THEIRS, tenant=tenant, account=account, object=object, partner_id=partner_id)
        return None if row is None else _link(row)

    def links(
        self,
        tenant: str,
        account: str | None = None,
        *,
        connection: str | None = None,
        queast_id: str | None = None,
        standing: Standing | None = None,
        rule: str | None = None,
        after: tuple[str, str, str] | None = None,
        limit: int | None = None,
    ) -> tuple[Link, ...]:
        wanted = {
            "account": account,
            "connection": connection,
            "queast_id": queast_id,
            "standing": standing,
            "rule": rule,
        }
        params: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        terms = ["tenant = :tenant", *(f"{name} = :{name}" for name in params)]
        if after is not None:
            terms.append("(account, object, queast_id) > (:after_account, :after_object, :after_id)")
            params |= dict(zip(("after_account", "after_object", "after_id"), after, strict=True))
        page = ""
        if limit is not None:
            page, params["limit"] = " LIMIT :limit", limit
        sql = Sql(
            f"SELECT {_COLUMNS} FROM links WHERE {' AND '.join(terms)}"  # noqa: S608 (names of columns are constants)
            f" ORDER BY account, object, queast_id{page}"
        )
        return tuple(_link(row) for row in self.all(sql, tenant=tenant, **params))

    def count_links(self, tenant: str, connection: str) -> int:
        row = self.one(_COUNT, tenant=tenant, connection=connection)
        return 0 if row is None else int(row[0])

    def link_history(self, tenant: str, account: str, object: str, queast_id: str) -> tuple[LinkChange, ...]:
        rows = self.all(_HISTORY, tenant=tenant, account=account, object=object, queast_id=queast_id)
        return tuple(_change(row) for row in rows)

    def link_places(self, tenant: str, queast_id: str) -> tuple[tuple[str, str], ...]:
        return tuple((account, object) for account, object in self.all(_PLACES, tenant=tenant, queast_id=queast_id))

    def link_changes(self, tenant: str, limit: int, after: int | None = None) -> tuple[LinkChange, ...]:
        before = _LAST_NUMBER if after is None else after
        return tuple(_change(row) for row in self.all(_NEWEST, tenant=tenant, before=before, limit=limit))

    def count_link_changes(self, tenant: str, connection: str, since: datetime) -> int:
        row = self.one(_COUNT_CHANGES, tenant=tenant, connection=connection, since=to_us(since))
        return 0 if row is None else int(row[0])

    def rejections(self, tenant: str, account: str, object: str, queast_id: str) -> frozenset[str]:
        rows = self.all(_REJECTIONS, tenant=tenant, account=account, object=object, queast_id=queast_id)
        return frozenset(row[0] for row in rows)

    def rejection(self, tenant: str, account: str, object: str, queast_id: str, partner_id: str) -> Rejection | None:
        pair = {"account": account, "object": object, "queast_id": queast_id, "partner_id": partner_id}
        row = self.one(_REJECTION, tenant=tenant, **pair)
        return None if row is None else Rejection(actor=row[0], reason=row[1], at=from_us(row[2]), **pair)


class LinkWrites(LinkReads):
    __slots__ = ()

    def put_link(
        self, tenant: str, link: Link, reason: str = "", *, by: str | None = None, at: datetime | None = None
    ) -> bool:
        if self.change(_PUT, tenant=tenant, **_parameters(link)):
            self._remember_link(tenant, "linked", link, by or link.actor, reason, at or link.created_at)
            return True
        if self.rejection(tenant, link.account, link.object, link.queast_id, link.partner_id) is not None:
            raise PairRejected(link.account, link.object, link.queast_id, link.partner_id)
        standing = self.link(tenant, link.account, link.object, link.queast_id)
        if standing is None:
            standing = self.link_to(tenant, link.account, link.object, link.partner_id)
        if standing is None:
            raise RuntimeError("a link was refused by a key that no link holds")
        if standing.queast_id == link.queast_id and standing.partner_id == link.partner_id:
            return False
        raise LinkTaken(link.account, link.object, standing.queast_id, standing.partner_id)

    def remove_link(
        self, tenant: str, account: str, object: str, queast_id: str, *, actor: str, reason: str, at: datetime
    ) -> bool:
        standing = self.link(tenant, account, object, queast_id)
        if standing is None:
            return False
        self.change(_REMOVE, tenant=tenant, account=account, object=object, queast_id=queast_id)
        self._remember_link(tenant, "unlinked", standing, actor, reason, at)
        return True

    def confirm_link(
        self, tenant: str, account: str, object: str, queast_id: str, *, actor: str, reason: str, at: datetime
    ) -> bool:
        ours = {"tenant": tenant, "account": account, "object": object, "queast_id": queast_id}
        if not self.change(_CONFIRM, actor=actor, at=to_us(at), **ours):
            return False
        confirmed = self.link(tenant, account, object, queast_id)
        if confirmed is None:
            raise RuntimeError("a link was confirmed that is not there")
        self._remember_link(tenant, "confirmed", confirmed, actor, reason, at)
        return True

    def reject_pair(self, tenant: str, rejection: Rejection) -> bool:
        pair = {
            "account": rejection.account,
            "object": rejection.object,
            "queast_id": rejection.queast_id,
            "partner_id": rejection.partner_id,
        }
        how = {"actor": rejection.actor, "reason": rejection.reason, "at": to_us(rejection.at)}
        if self.change(_REJECT, tenant=tenant, **pair, **how):
            return True
        if self.rejection(tenant, **pair) is not None:
            return False
        raise PairLinked(**pair)

    def unreject_pair(self, tenant: str, account: str, object: str, queast_id: str, partner_id: str) -> bool:
        pair = {"account": account, "object": object, "queast_id": queast_id, "partner_id": partner_id}
        return bool(self.change(_UNREJECT, tenant=tenant, **pair))

    def _remember_link(
        self,
        tenant: str,
        action: Literal["linked", "unlinked", "confirmed"],
        link: Link,
        actor: str,
        reason: str,
        at: datetime,
    ) -> None:
        self.change(
            _REMEMBER,
            tenant=tenant,
            action=action,
            changed_by=actor,
            reason=reason,
            changed_at=to_us(at),
            **_parameters(link),
        )
