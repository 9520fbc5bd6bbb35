"""Links between our ids and theirs: one to one by the database's own constraints, with an append-only history."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from queast_runtime.ports.rows import Link, LinkChange, LinkTaken
from queast_runtime.store.sql import Access, Row, Sql, from_us, to_us

_COLUMNS = (
    "account, object, queast_id, partner_id, rule, evidence, score, plan_digest, actor, created_at, created_record"
)
_VALUES = (
    ":account, :object, :queast_id, :partner_id, :rule, :evidence, :score, :plan_digest, :actor, :created_at,"
    " :created_record"
)
_OURS = "tenant = :tenant AND account = :account AND object = :object AND queast_id = :queast_id"
_GET = Sql(f"SELECT {_COLUMNS} FROM links WHERE {_OURS}")  # noqa: S608 (constants only)
_GET_THEIRS = Sql(
    f"SELECT {_COLUMNS} FROM links"  # noqa: S608 (constants only)
    " WHERE tenant = :tenant AND account = :account AND object = :object AND partner_id = :partner_id"
)
_ALL = Sql(f"SELECT {_COLUMNS} FROM links WHERE tenant = :tenant ORDER BY account, object, queast_id")  # noqa: S608
_OF_ACCOUNT = Sql(
    f"SELECT {_COLUMNS} FROM links WHERE tenant = :tenant AND account = :account"  # noqa: S608 (constants only)
    " ORDER BY object, queast_id"
)
# No conflict target: either of the two keys may be the one that is taken.
_PUT = Sql(f"INSERT INTO links (tenant, {_COLUMNS}) VALUES (:tenant, {_VALUES}) ON CONFLICT DO NOTHING")  # noqa: S608
_REMOVE = Sql(f"DELETE FROM links WHERE {_OURS}")  # noqa: S608 (constants only)
_REMEMBER = Sql(
    f"INSERT INTO link_history (tenant, number, action, {_COLUMNS}, changed_by, reason, changed_at)"  # noqa: S608
    " VALUES (:tenant, (SELECT coalesce(max(number), 0) + 1 FROM link_history WHERE tenant = :tenant), :action,"
    f" {_VALUES}, :changed_by, :reason, :changed_at)"
)
_HISTORY = Sql(
    f"SELECT number, action, changed_by, reason, changed_at, {_COLUMNS} FROM link_history"  # noqa: S608
    f" WHERE {_OURS} ORDER BY number"
)


def _link(row: Row) -> Link:
    account, object_, queast_id, partner_id, rule, evidence, score, plan_digest, actor, created_at, created = row
    return Link(
        account=account,
        object=object_,
        queast_id=queast_id,
        partner_id=partner_id,
        rule=rule,
        evidence=json.loads(evidence),
        score=score,
        plan_digest=plan_digest,
        actor=actor,
        created_at=from_us(created_at),
        created_record=bool(created),
    )


def _parameters(link: Link) -> dict[str, Any]:
    return {
        "account": link.account,
        "object": link.object,
        "queast_id": link.queast_id,
        "partner_id": link.partner_id,
        "rule": link.rule,
        "evidence": json.dumps(link.evidence, sort_keys=True, ensure_ascii=False),
        "score": link.score,
        "plan_digest": link.plan_digest,
        "actor": link.actor,
        "created_at": to_us(link.created_at),
        "created_record": int(link.created_record),
    }


class LinkReads(Access):
    __slots__ = ()

    def link(self, tenant: str, account: str, object: str, queast_id: str) -> Link | None:
        row = self.one(_GET, tenant=tenant, account=account, object=object, queast_id=queast_id)
        return None if row is None else _link(row)

    def link_to(self, tenant: str, account: str, object: str, partner_id: str) -> Link | None:
        row = self.one(_GET_THEIRS, tenant=tenant, account=account, object=object, partner_id=partner_id)
        return None if row is None else _link(row)

    def links(self, tenant: str, account: str | None = None) -> tuple[Link, ...]:
        rows = (
            self.all(_ALL, tenant=tenant) if account is None else self.all(_OF_ACCOUNT, tenant=tenant, account=account)
        )
        return tuple(_link(row) for row in rows)

    def link_history(self, tenant: str, account: str, object: str, queast_id: str) -> tuple[LinkChange, ...]:
        rows = self.all(_HISTORY, tenant=tenant, account=account, object=object, queast_id=queast_id)
        return tuple(
            LinkChange(number, action, _link(tuple(rest)), actor, reason, from_us(at))
            for number, action, actor, reason, at, *rest in rows
        )


class LinkWrites(LinkReads):
    __slots__ = ()

    def put_link(self, tenant: str, link: Link, reason: str = "") -> bool:
        if self.change(_PUT, tenant=tenant, **_parameters(link)):
            self._remember(tenant, "linked", link, link.actor, reason, link.created_at)
            return True
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
        self._remember(tenant, "unlinked", standing, actor, reason, at)
        return True

    def _remember(
        self, tenant: str, action: Literal["linked", "unlinked"], link: Link, actor: str, reason: str, at: datetime
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
