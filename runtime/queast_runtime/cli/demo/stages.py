"""The demo's steps: lint, compile and publish; run each tenant in a process of its own; compare and sum up."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import read_plans, write_plans
from queast_compiler.plan.mapping import MappingPlan
from queast_runtime.cli.compiling import compile_all, fail_on_findings
from queast_runtime.cli.demo.children import reason_of, run_to_end
from queast_runtime.cli.demo.compare import ByName, Verdict, compare
from queast_runtime.cli.demo.doubles import Doubles
from queast_runtime.cli.demo.expect import Reading, expect
from queast_runtime.cli.demo.highlights import Post, Received, compare_highlights, new_key, post_highlights, posts_for
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, say
from queast_runtime.cli.publish import release
from queast_runtime.cli.releases.handing import same_plans
from queast_runtime.ports.ledger import DeliveryFilter, DeliveryState
from queast_runtime.ports.store import Snapshot

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tenant:
    name: str
    connections: tuple[ConnectionPlan, ...]
    mappings: tuple[MappingPlan, ...]
    release: int


@dataclass(slots=True)
class Lane:
    """What the ledger says of one connection, and what the doubles say of it."""

    tenant: str
    connection: str
    created: int = 0
    updated: int = 0
    noted: int = 0
    sent: int = 0
    retried: int = 0
    looked_up: int = 0
    waiting: int = 0
    dead: int = 0
    links: Counter[str] = field(default_factory=Counter)
    reviews: int = 0
    verdict: Verdict = field(default_factory=Verdict)


@dataclass(slots=True)
class Outcome:
    """Everything the demo shows. `refused` are events by tenant and reason, as the store decided."""

    releases: dict[str, int]
    events: dict[str, int]
    admitted: dict[str, int]
    refused: dict[str, Counter[str]]
    passed_by: dict[str, Counter[str]]
    lanes: list[Lane]
    webhook_repeats: int
    contract_violations: list[JsonObject]
    contract_checked_against: str
    contract_requests_checked: int
    inbound: list[Received] = field(default_factory=list)

    @property
    def verdicts(self) -> list[Verdict]:
        return [*(each.verdict for each in self.lanes), *(each.verdict for each in self.inbound)]

    @property
    def reviews(self) -> int:
        """How many matches wait for a person, those of calls from outside among them."""
        return sum(lane.reviews for lane in self.lanes) + sum(each.waiting for each in self.inbound)

    @property
    def lost(self) -> int:
        return sum(each.lost for each in self.verdicts)

    @property
    def duplicates(self) -> int:
        return sum(each.duplicates for each in self.verdicts)

    @property
    def unexpected(self) -> int:
        return sum(each.unexpected for each in self.verdicts)

    @property
    def flawless(self) -> bool:
        wrong = self.lost + self.duplicates + self.unexpected + len(self.contract_violations)
        return wrong == 0 and self.contract_requests_checked > 0


def lint_and_publish(mappings: Path, state: Path) -> list[Tenant]:
    """Lint and compile every tenant under `mappings`, then publish what was compiled. Exit 1 on an error."""
    compilations = compile_all([mappings])
    fail_on_findings(compilations, Format.TEXT)
    read = sum(each.mappings_read for each in compilations)
    say(f"linted {read} mappings of {len(compilations)} tenants: no errors")
    for each in compilations:
        write_plans(state / "plans", each.selection.tenant, each.compiled.connections, each.compiled.mappings)
    plans = [same_plans(read_plans(state / "plans", each.selection.tenant), each.compiled) for each in compilations]
    rows = release(state, mappings, plans, "the demo")
    tenants = []
    for each, row in zip(compilations, rows, strict=True):
        name = each.selection.tenant
        say(f"published {name}: release {row['sequence']}, {row['digest'][:19]}")
        tenants.append(Tenant(name, each.compiled.connections, each.compiled.mappings, row["sequence"]))
    return tenants


def run_tenant(tenant: Tenant, mappings: Path, state: Path, doubles: Doubles) -> None:
    """Run `qmap run` over the tenant's events against the doubles."""
    files = [str(path) for path in event_files(mappings, tenant.name)]
    command = [sys.executable, "-m", "queast_runtime.cli", "-q", "run", "--tenant", tenant.name, "--format", "json"]
    say(f"running the events of {tenant.name}")
    ran = run_to_end([*command, *files], {**os.environ, **doubles.env, "QMAP_STATE": str(state)})
    # Deliveries that were given up are the summary's to show: it counts and compares them.
    if ran.returncode not in (Exit.OK, Exit.FINDINGS):
        said = f"qmap run --tenant {tenant.name} ended with {ran.returncode}: {reason_of(ran.stderr)}"
        raise CommandError(Exit.ENVIRONMENT, said)


def by_name(folder: Path) -> ByName:
    """Read what ought to become of the companies of a tenant that only their names lead to a record."""
    file = folder / "matches.json"
    if not file.is_file():
        return ByName()
    known = json.loads(file.read_text(encoding="utf-8"))
    # Written down here too, so that the comparison does not take the engine's word for it.
    compared = frozenset({"name", "domain", "website", "country", "city", "linkedin_company_page", "queast_company_id"})
    return ByName(known["linked_by_name"], frozenset(known["asked"]), compared)


@dataclass(frozen=True, slots=True)
class Highlights:
    """What was posted to one connection, and what was answered."""

    posts: list[Post]
    received: Received


def highlights(tenants: Sequence[Tenant], mappings: Path, state: Path, doubles: Doubles) -> list[Highlights]:
    """Post highlights to every connection that takes them, once the tenants' companies are known."""
    valid = event_checker()
    done = []
    for tenant in tenants:
        lines = [line for file in event_files(mappings, tenant.name) for line in _lines(file)]
        for connection in tenant.connections:
            if connection.inbound is not None:
                key = new_key()
                posts = posts_for(lines, valid, key)
                received = post_highlights(tenant.name, connection.connection, posts, key, state, doubles)
                done.append(Highlights(posts, received))
    return done


def event_files(mappings: Path, tenant: str) -> list[Path]:
    return sorted((mappings / tenant / "events").glob("*.jsonl"))


def summed_up(
    tenants: Sequence[Tenant], mappings: Path, state: Path, doubles: Doubles, posted: Sequence[Highlights] = ()
) -> Outcome:
    """Ask the store what it decided and the doubles what they hold, and compare the latter with the events."""
    from queast_runtime.cli.opening import opened_store

    held = doubles.state()
    outcome = Outcome(
        releases={tenant.name: tenant.release for tenant in tenants},
        events={},
        admitted={},
        refused={},
        passed_by={},
        lanes=[],
        webhook_repeats=held["webhook"]["repeats"],
        contract_violations=list(held["violations"]),
        contract_checked_against=held["contract_checked_against"],
        contract_requests_checked=held["contract_requests_checked"],
    )
    valid = event_checker()
    with opened_store(f"sqlite:///{(state / 'queast.db').absolute()}", state) as (_, _, store), store.read() as view:
        for tenant in tenants:
            _decisions(view, tenant.name, outcome)
            for plan in tenant.mappings:
                if not plan.routes:
                    continue
                lines = [line for file in event_files(mappings, tenant.name) for line in _lines(file)]
                expected, reading = expect(lines, plan, valid)
                connection = next(each for each in tenant.connections if each.connection == plan.connection)
                lane = _lane(view, tenant.name, connection)
                lane.verdict = compare(expected, connection, held, by_name(mappings / tenant.name))
                outcome.lanes.append(lane)
                _hold_together(tenant.name, reading, outcome, lane)
            for each in posted:
                if each.received.tenant == tenant.name:
                    plans = [one for one in tenant.mappings if one.connection == each.received.connection]
                    compare_highlights(view, each.received, each.posts, plans)
                    outcome.inbound.append(each.received)
    return outcome


def _decisions(view: Snapshot, tenant: str, outcome: Outcome) -> None:
    refused: Counter[str] = Counter()
    passed_by: Counter[str] = Counter()
    admitted = 0
    for each in view.decision_counts(tenant):
        if each.mapping:
            if each.reason is not None:
                passed_by[each.reason.partition(":")[0]] += each.count
        elif each.decision.value == "admitted":
            admitted += each.count
        else:
            refused[each.reason or each.decision.value] += each.count
    outcome.events[tenant] = admitted + sum(refused.values())
    outcome.admitted[tenant] = admitted
    outcome.refused[tenant] = refused
    outcome.passed_by[tenant] = passed_by


def _hold_together(tenant: str, reading: Reading, outcome: Outcome, lane: Lane) -> None:
    """An event that the files hold and the store never saw is lost before any delivery."""
    missing = reading.events - outcome.events[tenant]
    for _ in range(max(0, missing)):
        lane.verdict.lose("an event that was never taken in")


def _lane(view: Snapshot, tenant: str, connection: ConnectionPlan) -> Lane:
    lane = Lane(tenant, connection.connection)
    rows = view.deliveries(tenant, DeliveryFilter(connection=connection.connection), limit=1_000_000)
    links = view.links(tenant, connection.account)
    created = {link.partner_id for link in links if link.created_record}
    first: set[str] = set()
    for row in rows:
        attempts = view.attempts(tenant, row.id)
        lane.looked_up += sum(each.reconciling for each in attempts)
        lane.retried += max(0, sum(not each.reconciling for each in attempts) - 1)
        match row.state:
            case DeliveryState.DELIVERED if row.kind == "upsert":
                new = row.partner_id in created and row.partner_id not in first
                first.add(row.partner_id or "")
                lane.created += new
                lane.updated += not new
            case DeliveryState.DELIVERED if row.kind == "create":
                lane.noted += 1
            case DeliveryState.DELIVERED:
                lane.sent += 1
            case DeliveryState.WAITING | DeliveryState.PENDING | DeliveryState.UNKNOWN:
                lane.waiting += 1
            case DeliveryState.DEAD:
                lane.dead += 1
            case _:
                pass
    lane.links.update(link.rule for link in links)
    lane.reviews = sum(review.account == connection.account for review in view.reviews(tenant))
    return lane


def event_checker() -> Callable[[JsonObject], bool]:
    """Return a check of an event against the published schemas."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    import queast_schemas

    resources = [
        (f"{name}.schema.json", Resource.from_contents(queast_schemas.load(name))) for name in queast_schemas.names()
    ]
    named = [(str(resource.contents.get("$id", uri)), resource) for uri, resource in resources]
    validator = Draft202012Validator(
        queast_schemas.load("event"), registry=Registry().with_resources([*resources, *named])
    )
    return validator.is_valid


def _lines(file: Path) -> list[str]:
    return file.read_bytes().decode("utf-8", errors="replace").split("\n")
