"""A tenant's connections and the account files that describe what is at the other end."""

from __future__ import annotations

from dataclasses import dataclass

from queast_dsl.document.mapping import Expression, SecretRef
from queast_dsl.source import Located, SourceFile, Span


@dataclass(frozen=True, slots=True)
class DomainRule:
    """`from` is an expression over the entity, `to` the destination's properties compared with it."""

    source: Expression
    to: tuple[Located[str], ...]


@dataclass(frozen=True, slots=True)
class NameRule:
    """Thresholds of the rule by name, as written: scores from 0 to 1. None where the file is silent. `span` is the
    key's."""

    review: Located[str] | None
    auto_link: Located[str] | None
    margin: Located[str] | None
    span: Span


@dataclass(frozen=True, slots=True)
class EvidenceList:
    """What has to agree, or may not differ, beside a name. `span` is the key's, for a list without items."""

    items: tuple[Located[str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class MatchRules:
    """How one entity (`company`, `person`) finds its record. None where the file is silent."""

    entity: Located[str]
    order: tuple[Located[str], ...]
    domain: DomainRule | None
    on_none: Located[str] | None
    on_many: Located[str] | None
    span: Span
    name: NameRule | None = None
    corroborate: EvidenceList | None = None
    veto_if_different: EvidenceList | None = None


@dataclass(frozen=True, slots=True)
class Clearance:
    """The person paths that may go to an account at all. `span` is the key's, for a list without items."""

    send: tuple[Located[str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Inbound:
    """How what the destination sends is verified. `span` is the key's."""

    verify: Located[str]
    secret: SecretRef
    span: Span


@dataclass(frozen=True, slots=True)
class Connection:
    """One account at one destination. `auth` maps the connector's credential names to secrets. Without `personal_data`
    the connection sets no bound of its own; without `inbound` nothing is taken from there."""

    tenant: str
    name: Located[str]
    connector: Located[str]
    account: Located[str]
    url: Located[str] | None
    time_zone: Located[str] | None
    edition: Located[str] | None
    auth: tuple[tuple[Located[str], SecretRef], ...]
    match: tuple[MatchRules, ...]
    source: SourceFile
    span: Span
    personal_data: Clearance | None = None
    inbound: Inbound | None = None


@dataclass(frozen=True, slots=True)
class AccountOption:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class AccountProperty:
    """A property as the account has it. `type`: string, text, html, integer, number, boolean, date, datetime,
    enumeration, set, owner."""

    name: str
    label: str
    type: str
    required: bool
    read_only: bool
    max_length: int | None
    options: tuple[AccountOption, ...]


@dataclass(frozen=True, slots=True)
class AccountOwner:
    id: str
    email: str


@dataclass(frozen=True, slots=True)
class Account:
    """`accounts/<connection>.json`: the account's real properties by object, and its owners."""

    connector: str
    account: str
    pulled_at: str
    objects: dict[str, dict[str, AccountProperty]]
    owners: tuple[AccountOwner, ...]
    source: SourceFile
