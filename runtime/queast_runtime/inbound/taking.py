"""One message, taken once: receipt, match and effect in a single transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from queast_compiler.codegen import EvaluationFailed
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import OwnerPlan
from queast_runtime.delivery.bookmarking import (
    ASIDE,
    Aside,
    Asked,
    ensure_all,
)
from queast_runtime.engine.loaded import ReceiveCode
from queast_runtime.inbound.highlight import Highlight, HighlightedCompany, NotHighlight
from queast_runtime.inbound.match import (
    Doubtful,
    Found,
    JsonObject,
    Known,
    Matched,
    NameFound,
    Nobody,
    NoName,
    match_highlight,
)
from queast_runtime.matching.keys import name_key
from queast_runtime.ports.bookmarks import Bookmarks
from queast_runtime.ports.matches import OWN_ACCOUNT, OWN_COMPANIES, InboundReceipt, NewReview, ReceiptOutcome
from queast_runtime.ports.rows import MirrorCard
from queast_runtime.ports.store import Snapshot, Transaction

MEMORY: Final = timedelta(days=7)
NOTE_CHARACTERS: Final = 2_000
_CANDIDATES: Final = 10

# The rule by name: it reads the store for companies of ours with a name like this one's, but for those that a person
# said it is not.
NameRule = Callable[[Snapshot, str, HighlightedCompany, frozenset[str]], NameFound]


@dataclass(frozen=True, slots=True)
class Rule:
    """One `receive` rule of a live mapping."""

    mapping: str
    digest: str
    code: ReceiveCode


@dataclass(frozen=True, slots=True)
class Terms:
    """A connection as messages of its sender are taken: what its live mappings receive, and how names are compared."""

    tenant: str
    connection: ConnectionPlan
    rules: tuple[Rule, ...]
    bookmarks: Bookmarks
    by_name: NameRule


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose signature held. `body_hash` is a keyed hash of its bytes."""

    id: str
    body_hash: str
    content: Highlight | NotHighlight


@dataclass(frozen=True, slots=True)
class Taken:
    """It came for the first time. `new` counts the bookmarks that are."""

    outcome: ReceiptOutcome
    new: int = 0


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same message came before; nothing happened now."""


@dataclass(frozen=True, slots=True)
class Altered:
    """Another body under an id that was used; nothing happened."""


Answer = Taken | Repeated | Altered


class Raced(Exception):
    """Another transaction took the same message first: begin again, and find its receipt."""


def take(tx: Transaction, terms: Terms, message: Message, now: datetime) -> Answer:
    """Take one message. Raises Raced where another transaction was faster; nothing of this one may stay then."""
    before = tx.inbound_receipt(terms.tenant, terms.connection.connection, message.id)
    if before is not None:
        return Repeated() if before.body_hash == message.body_hash else Altered()
    rules = [each for each in terms.rules if isinstance(message.content, Highlight)]
    if isinstance(message.content, NotHighlight) or not rules:
        _put(tx, terms, message, "ignored", None, None, now)
        return Taken("ignored")
    found = match_highlight(message.content.company, _known(tx, terms, message.content))
    match found:
        case Matched(company_id=company_id):
            _put(tx, terms, message, "bookmarked", company_id, None, now)
            asked = _asked(rules, message.content, now)
            new = ensure_all(
                tx, terms.bookmarks, terms.tenant, asked, company_id, terms.connection.connection, message.id, now
            )
            return Taken("bookmarked", new)
        case Doubtful() | Nobody():
            asking = [each for each in rules if each.code.plan.on_none == "review"]
            if not asking or (isinstance(found, Nobody) and found.was_rejected):
                _put(tx, terms, message, "unmatched", None, None, now)
                return Taken("unmatched")
            review = tx.put_review(terms.tenant, _review(tx, terms, message, message.content, asking, found, now))
            _put(tx, terms, message, "waiting", None, review, now)
            return Taken("waiting")
        case _:
            assert_never(found)


def _put(
    tx: Transaction,
    terms: Terms,
    message: Message,
    outcome: ReceiptOutcome,
    company_id: str | None,
    review_id: str | None,
    now: datetime,
) -> None:
    receipt = InboundReceipt(
        terms.connection.connection, message.id, message.body_hash, outcome, company_id, review_id, now
    )
    if not tx.put_receipt(terms.tenant, receipt):
        raise Raced


def _known(tx: Transaction, terms: Terms, highlight: Highlight) -> Known:
    company, tenant = highlight.company, terms.tenant
    link = None
    if company.partner_id is not None:
        link = tx.link_to(tenant, terms.connection.account, link_object(terms.connection), company.partner_id)
        if link is not None and not _is_there(tx, tenant, link.queast_id):
            link = None
    by_domain: tuple[str, ...] = ()
    if company.domain is not None:
        by_domain = tx.mirror_find(tenant, OWN_ACCOUNT, OWN_COMPANIES, "domain", company.domain)
    settled = link is not None and link.standing == "established"
    subject = subject_id(terms.connection, company)
    rejected = tx.rejections(tenant, OWN_ACCOUNT, OWN_COMPANIES, subject)
    last = tx.last_answer(tenant, OWN_ACCOUNT, OWN_COMPANIES, subject, "inbound")
    return Known(
        linked=None if link is None else link.queast_id,
        is_established=settled,
        domain=by_domain,
        # Names are compared only where no key decides: it is the rule that costs most.
        name=NoName() if settled or by_domain else terms.by_name(tx, tenant, company, rejected),
        rejected=rejected,
        is_refused=last is not None and last.choice == "reject",
    )


def _is_there(tx: Transaction, tenant: str, company_id: str) -> bool:
    row = tx.entity(tenant, "company", company_id)
    return row is not None and row.state is not None


def link_object(connection: ConnectionPlan) -> str:
    """The object whose records stand for companies at the other end; a sender that is no CRM has one all the same."""
    return next((match.object for match in connection.match if match.entity == "company"), "companies")


def subject_id(connection: ConnectionPlan, company: HighlightedCompany) -> str:
    """A name for the company as this sender knows it, so that it is asked about once, however often it is marked.

    The sender's id where it gives one, else domain and name; hashed, for it stands in the clear.
    """
    said = company.partner_id or f"{company.domain or ''}|{name_key(company.name)}"
    kind = "id" if company.partner_id is not None else "name"
    digest = hashlib.sha256(f"{connection.connection}|{kind}|{said}".encode()).hexdigest()[:32]
    return f"{connection.connection}/{digest}"


def _asked(rules: Sequence[Rule], highlight: Highlight, now: datetime) -> tuple[Asked, ...]:
    """What the rules ask for; of two for one owner the first."""
    asked: dict[str, Asked] = {}
    for each in rules:
        owner = owner_of(each.code.plan.then.owner)
        if owner not in asked:
            asked[owner] = Asked(owner, _note(each, highlight, now))
    return tuple(asked.values())


def owner_of(owner: OwnerPlan) -> str:
    """`team:sales`, `user:anna@acme.example`"""
    return f"{owner.kind}:{owner.name}"


def _note(rule: Rule, highlight: Highlight, now: datetime) -> str:
    try:
        text = rule.code.note(highlight.roots, now)
    except EvaluationFailed:
        # The bookmark is what was asked for; it does without the words.
        return ""
    return text[:NOTE_CHARACTERS] if isinstance(text, str) else ""


def _review(
    tx: Transaction,
    terms: Terms,
    message: Message,
    highlight: Highlight,
    asking: Sequence[Rule],
    found: Doubtful | Nobody,
    now: datetime,
) -> NewReview:
    company, first = highlight.company, asking[0]
    shown = {
        "name": company.name,
        "domain": company.domain,
        "country": company.country,
        "city": company.city,
    }
    aside = Aside(
        _asked(asking, highlight, now), company.partner_id, terms.connection.account, link_object(terms.connection)
    )
    listed = _listed(tx, terms.tenant, found)
    return NewReview(
        account=OWN_ACCOUNT,
        object=OWN_COMPANIES,
        queast_id=subject_id(terms.connection, company),
        connection=terms.connection.connection,
        entity="company",
        kind="inbound",
        reason=found.reason if isinstance(found, Doubtful) else "none of Queast's companies fits",
        rule=found.rule if isinstance(found, Doubtful) else None,
        score=listed[0].get("score") if listed else None,
        subject={
            **{key: value for key, value in shown.items() if value is not None},
            ASIDE: aside.as_json(),
        },
        candidates=listed,
        mapping=first.mapping,
        plan_digest=first.digest,
        event_source=f"inbound:{terms.connection.connection}",
        event_id=message.id,
        created_at=now,
    )


def _listed(tx: Transaction, tenant: str, found: Found) -> tuple[JsonObject, ...]:
    match found:
        case Doubtful(company_ids=ids, candidates=ready, rule=rule):
            return (*ready, *candidates(tx, tenant, ids, rule))[:_CANDIDATES]
        case Matched() | Nobody():
            return ()
        case _:
            assert_never(found)


def candidates(snapshot: Snapshot, tenant: str, company_ids: Sequence[str], rule: str) -> tuple[JsonObject, ...]:
    """Return companies of ours as a review shows them."""
    cards = snapshot.mirror_cards(tenant, OWN_ACCOUNT, OWN_COMPANIES, company_ids[:_CANDIDATES])
    return tuple(
        {"partner_id": each, "score": None, "rule": rule, **_shown(cards.get(each)), "evidence": []}
        for each in company_ids[:_CANDIDATES]
    )


def _shown(card: MirrorCard | None) -> JsonObject:
    if card is None:
        return {"name": None, "domain": None, "country": None, "city": None}
    return {"name": card.name, "domain": card.domain, "country": card.country, "city": card.city}
