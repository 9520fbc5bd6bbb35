"""The platform's policy: what tenants may do by themselves, and what Queast's `admin` role granted to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol, TypeVar

from queast_dsl.source import Located, SourceFile, Span

# What Queast writes about a signal belongs into these. A record's own properties are searched, listed and copied by the
# destination, so text that may name people goes into them only by a grant.
FREE_TEXT_TO: Final[tuple[str, ...]] = ("note", "task", "event")

# Labels of person fields that a `pii:` block may release by itself where the policy does not say: what reaches somebody
# at work. Who somebody is, what is sensitive and what was written about them leave only by the policy's word.
WITHOUT_GRANT: Final[tuple[str, ...]] = ("business_contact",)


class Grant(Protocol):
    """What every grant says. `expires` is an ISO date: the first day on which the grant no longer holds."""

    @property
    def tenant(self) -> Located[str]: ...
    @property
    def expires(self) -> Located[str]: ...
    @property
    def span(self) -> Span: ...


G = TypeVar("G", bound=Grant)


def holds(grant: Grant, today: date) -> bool:
    """Whether a grant still holds on a day."""
    return today < date.fromisoformat(grant.expires.value)


def longest(grants: Iterable[G]) -> G | None:
    """Return the grant that lasts longest, None of none: where several say the same, it is the one that counts."""
    # ISO dates sort as text.
    return max(grants, key=lambda grant: grant.expires.value, default=None)


@dataclass(frozen=True, slots=True)
class TenantGrant:
    """A grant to one tenant: to export informational signals (D2.3), or to have its stored events looked at by
    `qmap diff`. `expires` is an ISO date; it no longer holds on that day."""

    tenant: Located[str]
    approver: str
    reason: str
    expires: Located[str]
    span: Span


@dataclass(frozen=True, slots=True)
class PersonalDataGrant:
    """A grant of the platform for event paths that a tenant may not release by itself (D6.3, D5.4).

    `paths` are such as `person.mobile_phone` or `company.description`. None as `connection` is any of the tenant's.
    """

    tenant: Located[str]
    connection: Located[str] | None
    paths: tuple[Located[str], ...]
    approver: Located[str]
    second_approver: Located[str]
    reason: str
    expires: Located[str]
    span: Span

    def is_for(self, tenant: str, connection: str) -> bool:
        return self.tenant.value == tenant and (self.connection is None or self.connection.value == connection)


@dataclass(frozen=True, slots=True)
class PersonalDataPolicy:
    """What of persons may leave (D6.3). Each tuple is None where the file is silent.

    `without_grant` are labels: person paths that carry no other may be released by a mapping's `pii:` block alone; None
    is `WITHOUT_GRANT`, so that nothing leaves unspoken. `free_text_to` are roles of objects (`note`, `company`, …) to
    which titles and summaries may go; None is `FREE_TEXT_TO`. `purposes` and `bases` are those that a `pii:` block may
    name; None is any.
    """

    without_grant: tuple[Located[str], ...] | None = None
    free_text_to: tuple[Located[str], ...] | None = None
    purposes: tuple[Located[str], ...] | None = None
    bases: tuple[Located[str], ...] | None = None
    grants: tuple[PersonalDataGrant, ...] = ()
    span: Span | None = None

    @property
    def released(self) -> tuple[str, ...]:
        """The labels that a `pii:` block may release by itself."""
        return WITHOUT_GRANT if self.without_grant is None else tuple(each.value for each in self.without_grant)

    def takes_free_text(self, role: str) -> bool:
        """Whether titles and summaries may go to an object of this role without a grant."""
        if self.free_text_to is None:
            return role in FREE_TEXT_TO
        return any(role == each.value for each in self.free_text_to)

    def grants_of(self, tenant: str, connection: str, path: str) -> tuple[PersonalDataGrant, ...]:
        """Return the grants, expired ones too, that speak of a path on a connection of a tenant."""
        return tuple(
            grant
            for grant in self.grants
            if grant.is_for(tenant, connection) and any(path == each.value for each in grant.paths)
        )

    def granted(self, tenant: str, connection: str, today: date) -> frozenset[str]:
        """Return the paths that a grant releases to a connection of a tenant on a day."""
        return frozenset(
            path.value
            for grant in self.grants
            if grant.is_for(tenant, connection) and holds(grant, today)
            for path in grant.paths
        )


@dataclass(frozen=True, slots=True)
class DestinationGrant:
    """Connectors and hosts open to one tenant beyond what all may use. None as `connection` is any of the tenant's."""

    tenant: Located[str]
    connection: Located[str] | None
    connectors: tuple[Located[str], ...]
    hosts: tuple[Located[str], ...]
    approver: str
    reason: str
    expires: Located[str]
    span: Span

    def is_for(self, tenant: str, connection: str) -> bool:
        return self.tenant.value == tenant and (self.connection is None or self.connection.value == connection)


@dataclass(frozen=True, slots=True)
class DestinationPolicy:
    """Where tenants may send (D2.4). `connectors` and `hosts` are None where the file is silent, and bound nothing."""

    connectors: tuple[Located[str], ...] | None = None
    hosts: tuple[Located[str], ...] | None = None
    grants: tuple[DestinationGrant, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class MatchingGrant:
    """A lower `auto_link` for one tenant (D3.3, D5.4). None as `connection` is any of the tenant's."""

    tenant: Located[str]
    connection: Located[str] | None
    auto_link: Located[str]
    approver: Located[str]
    second_approver: Located[str]
    reason: str
    expires: Located[str]
    span: Span

    def is_for(self, tenant: str, connection: str) -> bool:
        return self.tenant.value == tenant and (self.connection is None or self.connection.value == connection)


@dataclass(frozen=True, slots=True)
class MatchingPolicy:
    """The least that thresholds of matching by name may be (D3.3). None where the file is silent: then it is the
    platform's default, so that nothing is lowered unspoken."""

    auto_link: Located[str] | None = None
    review: Located[str] | None = None
    margin: Located[str] | None = None
    grants: tuple[MatchingGrant, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class RatePolicy:
    """Requests a second to one connection: of any tenant, and of those named instead. None: no bound but the
    destination's own."""

    requests_per_second: Located[str] | None = None
    tenants: tuple[tuple[Located[str], Located[str]], ...] = ()
    span: Span | None = None

    def of(self, tenant: str) -> Located[str] | None:
        return next((rate for name, rate in self.tenants if name.value == tenant), self.requests_per_second)


@dataclass(frozen=True, slots=True)
class Policy:
    informational_export: tuple[TenantGrant, ...]
    source: SourceFile
    personal_data: PersonalDataPolicy = PersonalDataPolicy()
    destinations: DestinationPolicy = DestinationPolicy()
    matching: MatchingPolicy = MatchingPolicy()
    rates: RatePolicy = RatePolicy()
    event_samples: tuple[TenantGrant, ...] = ()

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Every grant of the file, by topic."""
        return (
            *self.informational_export,
            *self.personal_data.grants,
            *self.destinations.grants,
            *self.matching.grants,
            *self.event_samples,
        )


def allows_host(pattern: str, host: str) -> bool:
    """Whether a host is what a pattern names.

    `allows_host("*.acme.example", "hooks.acme.example")  ->  True`; `acme.example` itself is not below itself
    """
    name = host.casefold().rstrip(".")
    return name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern
