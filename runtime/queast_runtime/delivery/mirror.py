"""What the mirror keeps of a record: the exact keys and the few values that matching reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from queast_compiler.plan.connection import MatchPlan
from queast_runtime.delivery.naming import company_of
from queast_runtime.delivery.persons import PERSON, person_record
from queast_runtime.delivery.steps import Place
from queast_runtime.engine.payload import Subject
from queast_runtime.matching.keys import Keys, domain_key, linkedin_key, name_key
from queast_runtime.ports import LookupFailed, RemoteRecord
from queast_runtime.ports.rows import MirrorCard, MirrorRecord
from queast_runtime.ports.store import Snapshot, Transaction

CLAIM = "claim:"


def mirror_record(match: MatchPlan, record: RemoteRecord) -> MirrorRecord:
    """`{"website": "https://www.acme.no", …}`  ->  `{"domain": ("acme.no",), …}`."""
    properties = record.properties
    said = {kind: _at(properties, path) for kind, path in match.card}
    keys = {
        "external_id": _texts([properties.get(match.external_id)] if match.external_id else ()),
        "domain": _texts(domain_key(properties.get(name)) for name in match.domain_to),
        "linkedin": _texts([linkedin_key(said.get("linkedin"))]),
        "name": _texts([name_key(said.get("name"))]),
    }
    # A record of several domains has none to compare names by: which of them is its own nobody knows.
    domain = keys["domain"][0] if len(keys["domain"]) == 1 else None
    card = MirrorCard(said.get("name"), said.get("country"), said.get("city"), domain)
    held = {kind: values for kind, values in keys.items() if values}
    return MirrorRecord(record.partner_id, held, card, company_of(card).postings)


def own_record(partner_id: str, keys: Keys, card: MirrorCard) -> MirrorRecord:
    """What is known of a record that we created: what our entity says."""
    held = {
        "external_id": (keys.external_id,),
        "domain": _texts([keys.domain]),
        "linkedin": _texts([keys.linkedin]),
        "name": _texts([keys.name]),
    }
    held = {kind: values for kind, values in held.items() if values}
    return MirrorRecord(partner_id, held, card, company_of(card).postings)


def own_card(tx: Snapshot, tenant: str, subject: Subject) -> MirrorCard | None:
    """What our company's latest state says of what names are compared with; None for what is no company of that kind,
    or of which only an id is known."""
    row = tx.entity(tenant, "company", subject.keys.external_id) if subject.entity == "company" else None
    if row is None or row.state is None:
        return None
    state: dict[str, Any] = orjson.loads(row.state)
    said = {name: _text(state.get(name)) for name in ("name", "country", "city")}
    # As evidence beside the name a website is as good as the domain that the connection compares.
    domain = subject.keys.domain or domain_key(state.get("domain")) or domain_key(state.get("website_url"))
    return MirrorCard(said["name"], said["country"], said["city"], domain)


def claimed_record(partner_id: str, keys: Keys) -> MirrorRecord:
    """The place of a record that we are about to create, which holds the domain only."""
    return MirrorRecord(partner_id, {"domain": _texts([keys.domain])})


def page_record(match: MatchPlan, place: Place, record: RemoteRecord) -> MirrorRecord:
    """A record of a page as the mirror keeps it; of a person only keyed hashes."""
    if match.entity == PERSON:
        said = {kind: _at(record.properties, path) for kind, path in match.card}
        return person_record(match, place, record, said)
    return mirror_record(match, record)


def next_cursor(tx: Transaction, tenant: str, account: str, match: MatchPlan, now: datetime) -> tuple[bool, str | None]:
    """Return (whether it is complete, where to read on); starts a filling where none runs."""
    state = tx.mirror_state(tenant, account, match.object)
    if state is not None and state.complete and not state.filling:
        return True, None
    if state is None or not state.filling:
        tx.start_mirror(tenant, account, match.object, now)
        return False, None
    return False, state.cursor


def lost_place(failed: LookupFailed) -> bool:
    """Whether the destination no longer knows the cursor, so that the filling must begin again."""
    return failed.error.value in ("reject", "gone")


def _at(properties: Mapping[str, Any], path: str) -> str | None:
    """Return the text at a dotted path, None where there is none."""
    found: Any = properties
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return _text(found)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))
