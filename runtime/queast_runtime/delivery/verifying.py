"""Whether a record still says what its link was made by: asked once, of the read before the first write through it.

The mirror may be a day old. A link by what a record said yesterday, and says no more, is taken back before anything is
written, and the record is matched as it is now.
"""

from __future__ import annotations

from datetime import datetime

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.delivery.mirror import mirror_record
from queast_runtime.delivery.naming import company_of
from queast_runtime.delivery.our_words import without_our_words
from queast_runtime.delivery.reading import FormOf
from queast_runtime.delivery.steps import Decided, KeyGone, Place
from queast_runtime.engine.payload import Subject
from queast_runtime.ports import RemoteRecord
from queast_runtime.ports.ledger import Delivery
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Snapshot, Transaction


def decided_by(tx: Snapshot, place: Place, link: Link, row: Delivery, subject: Subject) -> Decided | None:
    """Return what the engine made this link by, where the delivery is the one that it was made for; else None."""
    if link.actor != "engine" or link.created_record or link.confirmed_by is not None:
        return None
    if row.created_at > link.created_at or link.evidence.get("event") != row.event_id:
        return None
    if link.rule == "name":
        card = tx.mirror_card(place.tenant, place.account, link.object, link.partner_id)
        return None if card is None else Decided("name", None, card)
    keys = subject.keys
    key = {"external_id": keys.external_id, "domain": keys.domain, "linkedin": keys.linkedin}.get(link.rule)
    return None if key is None else Decided(link.rule, key, None)


def still_says(match: MatchPlan, decided: Decided, record: RemoteRecord) -> bool:
    """Whether the record as it was read now says what decided."""
    now = mirror_record(match, record)
    if decided.key is not None:
        return decided.key in now.keys.get(decided.rule, ())
    if decided.card is None or now.card is None:
        return True
    then, here = company_of(decided.card), company_of(now.card)
    if (then.words, then.forms, then.domain) != (here.words, here.forms, here.domain):
        return False
    # What lies inside of another property may be read in another form before a write.
    shown = {kind for kind, path in match.card if "." not in path}
    pairs = (("country", then.country, here.country), ("city", then.city, here.city))
    return all(a == b or (kind not in shown and None in (a, b)) for kind, a, b in pairs)


def take_back(tx: Transaction, place: Place, form_of: FormOf, came: KeyGone, now: datetime) -> None:
    """Take down the link that the record no longer bears out, and renew what is known of the record."""
    record, ours = came.record, came.claimed.payload.subjects[0].keys.external_id
    link = tx.link(place.tenant, place.account, record.object, ours)
    if link is not None and link.partner_id == record.partner_id:
        reason = f"the record no longer says its {link.rule}"
        tx.remove_link(place.tenant, place.account, record.object, ours, actor="engine", reason=reason, at=now)
    match = place.match(record.object)
    if match is not None:
        theirs = mirror_record(match, without_our_words(tx, place, form_of, record))
        tx.put_mirror_record(place.tenant, place.account, record.object, theirs)
