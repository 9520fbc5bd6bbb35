"""Which plans of other days the platform's policy of today does not let out any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from queast_compiler.passes.check_destination import POLICY_BUDGET
from queast_compiler.passes.check_policy import labels_of
from queast_compiler.passes.lower_name import score
from queast_compiler.plan.calibrated import AUTO_LINK, MARGIN, REVIEW
from queast_compiler.plan.connection import ConnectionPlan, NamePlan
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.policy import DestinationGrant, Grant, Policy, allows_host, holds, longest
from queast_dsl.loading import load_policy
from queast_dsl.source import Located
from queast_runtime.cli.compiling import fail_on_findings
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format


@dataclass(frozen=True, slots=True)
class Beyond:
    """A plan that today's policy does not let out; `bound` is what holds it, a sentence."""

    plan: str
    bound: str


def refuse_beyond(
    data: bytes, format: Format, connections: Iterable[ConnectionPlan], mappings: Iterable[MappingPlan]
) -> None:
    """Raise CommandError (refused) for the first of these plans that a policy, by its file's bytes, does not let out;
    findings for a policy that cannot be used."""
    diagnostics = Diagnostics()
    policy = load_policy(Path("the platform's"), data, diagnostics)
    fail_on_findings([], format, diagnostics.findings)
    if policy is None:
        raise CommandError(Exit.REFUSED, "the platform's policy says nothing", "a release is made under a policy only")
    today = datetime.now(UTC).date()
    by_name = {each.connection: each for each in connections}
    found = [each for plan in by_name.values() for each in _of_connection(plan, policy, today)]
    found += [each for plan in mappings for each in _of_mapping(plan, by_name.get(plan.connection), policy, today)]
    for each in found[:1]:
        raise CommandError(
            Exit.REFUSED,
            f"the older plan of {each.plan} is beyond today's policy: {each.bound}",
            "publish sources that keep to the policy instead",
        )


def _of_connection(plan: ConnectionPlan, policy: Policy, today: date) -> Iterator[Beyond]:
    name = f"connection {plan.tenant}/{plan.connection}"
    for match in plan.match:
        if match.name is not None:
            for bound in _thresholds(match.name, plan, policy, today):
                yield Beyond(name, f"match.{match.entity}.name.{bound}")
    rate = policy.rates.of(plan.tenant)
    if rate is not None:
        budgets = (plan.manifest.get("rate_limit") or {}).get("budgets", ())
        kept = [each["limit"] / each["window_s"] for each in budgets if each.get("id") == POLICY_BUDGET]
        # A window below one request a second is kept to the millisecond.
        if not kept or kept[0] > float(rate.value) * 1.001:
            yield Beyond(name, f"rates.requests_per_second is {rate.value}, and the plan keeps to no such rate")


def _thresholds(name: NamePlan, plan: ConnectionPlan, policy: Policy, today: date) -> Iterator[str]:
    least = policy.matching
    bound = score(least.auto_link, AUTO_LINK)
    if name.auto_link < bound:
        own = (each for each in least.grants if each.is_for(plan.tenant, plan.connection))
        grants = [each for each in own if name.auto_link >= float(each.auto_link.value)]
        why = _ungranted(grants, today) or _outlives(name.granted_until, _end_of(grants))
        if why is not None:
            yield f"auto_link {name.auto_link} is lower than {bound}, {why}"
    # One that was not written is never above `auto_link`.
    if name.review < min(score(least.review, REVIEW), name.auto_link):
        yield f"review {name.review} is lower than {score(least.review, REVIEW)}"
    if name.margin < score(least.margin, MARGIN):
        yield f"margin {name.margin} is lower than {score(least.margin, MARGIN)}"


def _of_mapping(plan: MappingPlan, connection: ConnectionPlan | None, policy: Policy, today: date) -> Iterator[Beyond]:
    name = f"{plan.tenant}/{plan.mapping}"
    bounds = policy.personal_data
    for path, until in plan.personal_data:
        beyond = labels_of(path) - set(bounds.released)
        if beyond:
            grants = bounds.grants_of(plan.tenant, plan.connection, path)
            why = _ungranted(grants, today) or _outlives(until, _end_of(grants))
            if why is not None:
                yield Beyond(name, f"personal_data lets {path} out by a grant only, {why}")
    if plan.personal_use is not None:
        yield from _words(name, "purposes", plan.personal_use.purpose, bounds.purposes)
        yield from _words(name, "bases", plan.personal_use.basis, bounds.bases)
    if plan.scope.signals == "informational":
        own = [each for each in policy.informational_export if each.tenant.value == plan.tenant]
        why = _ungranted(own, today) or _outlives(plan.scope.informational_expires, _end_of(own))
        if why is not None:
            yield Beyond(name, f"informational_export takes a grant, {why}")
    if connection is not None:
        for bound in _destination(plan, connection, policy, today):
            yield Beyond(name, bound)


def _destination(plan: MappingPlan, connection: ConnectionPlan, policy: Policy, today: date) -> Iterator[str]:
    bounds = policy.destinations
    host = urlsplit(connection.url).hostname if connection.manifest["api"].get("base_url") is None else None
    asked: list[tuple[str, tuple[Located[str], ...] | None, Callable[[str], bool], _Of]] = [
        (f"connector {connection.connector}", bounds.connectors, lambda each: each == connection.connector, _connectors)
    ]
    if host is not None:
        asked.append((f"host {host}", bounds.hosts, lambda each: allows_host(each, host), _hosts))
    for what, allowed, fits, of_grant in asked:
        if allowed is None or any(fits(each.value) for each in allowed):
            continue
        grants = [
            grant
            for grant in bounds.grants
            if grant.is_for(plan.tenant, plan.connection) and any(fits(each.value) for each in of_grant(grant))
        ]
        ends = [each.granted_until for each in plan.routes]
        why = _ungranted(grants, today)
        why = why or next((w for until in ends if (w := _outlives(until, _end_of(grants)))), None)
        if why is not None:
            yield f"destinations does not open {what}, {why}"


_Of = Callable[[DestinationGrant], tuple[Located[str], ...]]


def _connectors(grant: DestinationGrant) -> tuple[Located[str], ...]:
    return grant.connectors


def _hosts(grant: DestinationGrant) -> tuple[Located[str], ...]:
    return grant.hosts


def _words(name: str, key: str, given: str, allowed: tuple[Located[str], ...] | None) -> Iterator[Beyond]:
    if allowed is not None and all(given != each.value for each in allowed):
        yield Beyond(name, f"personal_data.{key} does not know {given}")


def _ungranted(grants: Iterable[Grant], today: date) -> str | None:
    grant = longest(grants)
    if grant is None:
        return "and nothing grants it"
    return None if holds(grant, today) else f"and the grant for it ended on {grant.expires.value}"


def _end_of(grants: Iterable[Grant]) -> str:
    grant = longest(grants)
    return "" if grant is None else grant.expires.value


def _outlives(until: str | None, end: str) -> str | None:
    """A plan keeps the end of the grant that it was compiled under, and takes no other one's."""
    if until is not None and until <= end:
        return None
    return f"and it is granted until {end} only, which the plan does not know"
