"""What of a record is only our own word: it was written through a link that nobody established, and proves nothing.

Without this a wrong link would feed itself: the domain that it filled into a record would come back with the next
filling of the mirror as that record's own domain, and make a second link that looks certain (D3.4).
"""

from __future__ import annotations

from dataclasses import replace

from queast_runtime.delivery.reading import FormOf, hashes_of
from queast_runtime.delivery.steps import Place
from queast_runtime.ports import RemoteRecord
from queast_runtime.ports.store import Snapshot


def without_our_words(tx: Snapshot, place: Place, form_of: FormOf, record: RemoteRecord) -> RemoteRecord:
    """Return a record as others know it. One that an established link holds says what it says: it is ours to speak for.

    A value that a person typed after us, or typed again, is hashed differently or was theirs before; only what still
    is exactly what we wrote is left out.
    """
    link = tx.link_to(place.tenant, place.account, record.object, record.partner_id)
    if link is not None and link.standing == "established":
        return record
    written = tx.last_written(place.tenant, place.account, record.object, record.partner_id)
    if not written:
        return record
    hash_of = hashes_of(place, form_of, record.object, record.partner_id)
    kept = {
        name: value
        for name, value in record.properties.items()
        if name not in written or hash_of(name, value) != written[name]
    }
    return replace(record, properties=kept)
