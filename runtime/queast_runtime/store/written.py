"""What we wrote into a CRM's records, and what they held before: enough to know an edit, and to undo."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from queast_runtime.ports.matches import BeforeImage
from queast_runtime.store.sql import Access, Sql, from_us, from_us_or_none, to_us, to_us_or_none

_RECORD = "tenant = :tenant AND account = :account AND object = :object AND partner_id = :partner_id"
_IMAGES = Sql(
    "SELECT delivery_id, connection, account, object, partner_id, queast_id, property, before,"  # noqa: S608
    f" written_hash, taken_at, undone_at FROM before_images WHERE {_RECORD} AND taken_at >= :since"
    " ORDER BY taken_at DESC, delivery_id DESC, property"
)
_PUT_IMAGE = Sql(
    "INSERT INTO before_images (tenant, delivery_id, connection, account, object, partner_id, queast_id, property,"
    " before, written_hash, taken_at, undone_at) VALUES (:tenant, :delivery_id, :connection, :account, :object,"
    " :partner_id, :queast_id, :property, :before, :written_hash, :taken_at, :undone_at)"
    " ON CONFLICT (tenant, delivery_id, object, partner_id, property) DO NOTHING"
)
_DROP_IMAGES = Sql("DELETE FROM before_images WHERE tenant = :tenant AND delivery_id = :delivery_id")
_UNDONE = Sql(
    "UPDATE before_images SET undone_at = :at WHERE tenant = :tenant AND delivery_id = :delivery_id"
    " AND object = :object AND partner_id = :partner_id AND property = :property AND undone_at IS NULL"
)
_EXPIRE = Sql("DELETE FROM before_images WHERE tenant = :tenant AND taken_at < :before")
_WRITTEN = Sql(f"SELECT property, hash FROM last_written WHERE {_RECORD} ORDER BY property")  # noqa: S608
_PUT_WRITTEN = Sql(
    "INSERT INTO last_written (tenant, account, object, partner_id, property, hash, written_at)"
    " VALUES (:tenant, :account, :object, :partner_id, :property, :hash, :at)"
    " ON CONFLICT (tenant, account, object, partner_id, property) DO UPDATE"
    " SET hash = excluded.hash, written_at = excluded.written_at"
)
_FORGET_WRITTEN = Sql(f"DELETE FROM last_written WHERE {_RECORD} AND property = :property")  # noqa: S608


def _place(delivery_id: str, object: str, partner_id: str, property: str) -> tuple[str, ...]:
    return ("before_images", delivery_id, object, partner_id, property)


class WrittenReads(Access):
    __slots__ = ()

    def before_images(
        self, tenant: str, account: str, object: str, partner_id: str, since: datetime
    ) -> tuple[BeforeImage, ...]:
        record = {"account": account, "object": object, "partner_id": partner_id}
        images = []
        for row in self.all(_IMAGES, tenant=tenant, since=to_us(since), **record):
            delivery_id, connection, account_, object_, partner, queast_id, property_, sealed, hash_, at, undone = row
            plain = self.sealer.open(tenant, _place(delivery_id, object_, partner, property_), sealed)
            image = BeforeImage(
                delivery_id=delivery_id,
                connection=connection,
                account=account_,
                object=object_,
                partner_id=partner,
                queast_id=queast_id,
                property=property_,
                before=json.loads(plain),
                written_hash=hash_,
                at=from_us(at),
                undone_at=from_us_or_none(undone),
            )
            images.append(image)
        return tuple(images)

    def last_written(self, tenant: str, account: str, object: str, partner_id: str) -> Mapping[str, str]:
        rows = self.all(_WRITTEN, tenant=tenant, account=account, object=object, partner_id=partner_id)
        return dict(rows)


class WrittenWrites(WrittenReads):
    __slots__ = ()

    def put_before_images(self, tenant: str, images: Sequence[BeforeImage]) -> None:
        rows = []
        for image in images:
            place = _place(image.delivery_id, image.object, image.partner_id, image.property)
            plain = json.dumps(image.before, ensure_ascii=False).encode()
            row = {
                "tenant": tenant,
                "delivery_id": image.delivery_id,
                "connection": image.connection,
                "account": image.account,
                "object": image.object,
                "partner_id": image.partner_id,
                "queast_id": image.queast_id,
                "property": image.property,
                "before": self.sealer.seal(tenant, place, plain),
                "written_hash": image.written_hash,
                "taken_at": to_us(image.at),
                "undone_at": to_us_or_none(image.undone_at),
            }
            rows.append(row)
        self.change_each(_PUT_IMAGE, rows)

    def drop_before_images(self, tenant: str, delivery_id: str) -> int:
        return self.change(_DROP_IMAGES, tenant=tenant, delivery_id=delivery_id)

    def mark_undone(self, tenant: str, image: BeforeImage, at: datetime) -> bool:
        changed = self.change(
            _UNDONE,
            tenant=tenant,
            delivery_id=image.delivery_id,
            object=image.object,
            partner_id=image.partner_id,
            property=image.property,
            at=to_us(at),
        )
        return changed > 0

    def expire_before_images(self, tenant: str, before: datetime) -> int:
        return self.change(_EXPIRE, tenant=tenant, before=to_us(before))

    def put_last_written(
        self, tenant: str, account: str, object: str, partner_id: str, hashes: Mapping[str, str | None], at: datetime
    ) -> None:
        record = {"tenant": tenant, "account": account, "object": object, "partner_id": partner_id}
        kept = [
            {**record, "property": name, "hash": hash_, "at": to_us(at)}
            for name, hash_ in hashes.items()
            if hash_ is not None
        ]
        gone = [{**record, "property": name} for name, hash_ in hashes.items() if hash_ is None]
        self.change_each(_PUT_WRITTEN, kept)
        self.change_each(_FORGET_WRITTEN, gone)
