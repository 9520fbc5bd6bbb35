"""What an accepted plan sends, keeps and logs is the same for events that differ only in what it has no grant for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from random import Random
from typing import Any

import pytest

from compiler.tenant_folder import EVENTS
from delivery.conftest import Scene
from memory_destination import Jumping, Memory
from noninterference.documents import Draft, Outcome, Writer, compiled
from noninterference.pairs import COMPANY, envelope, person_pair, signal_pair
from queast_compiler.codegen import load_mapping
from queast_runtime.delivery.leaving import leaves
from queast_runtime.engine.admission import Facts, granted
from queast_runtime.engine.event import Event
from queast_runtime.engine.identifying import identifying, leaks
from queast_runtime.engine.intents import Considered, Terms, consider, nameable
from queast_runtime.engine.payload import read_payload
from queast_runtime.ports import ErrorClass, Phase, Refused

PLANS = 1_000
# Each part is a test of its own, so that several can run at once.
PARTS = 5
PAIRS = 20
KEY = b"k" * 32
FACTS = Facts(seen=False, sequence=None, company_sequence=None, company=COMPANY, bookmarked=True, suppressed=False)
Pair = tuple[Event, Event]


def accepted(count: int, seed: int) -> tuple[list[tuple[Draft, Outcome]], Counter[str]]:
    """Return that many accepted mappings, and how often each error refused another."""
    writer, found, refused = Writer(Random(seed)), list[tuple[Draft, Outcome]](), Counter[str]()
    for _ in range(20 * count):
        if len(found) == count:
            break
        draft = writer.draft()
        outcome = compiled(draft.text)
        if outcome.plan is not None and not outcome.errors:
            found.append((draft, outcome))
        else:
            refused.update(outcome.errors)
    assert len(found) == count
    return found, refused


def told(considered: Considered) -> list[object]:
    """Everything that is put in the ledger or shown of a decision: payload bytes, keys, hashes, reasons."""
    return [considered.outcomes, [(intent.delivery, intent.subjects) for intent in considered.intents]]


def check(draft: Draft, outcome: Outcome, pairs: list[Pair]) -> int:
    """Return how many intents were compared. Raises AssertionError with the mapping for a difference."""
    plan, connection = outcome.plan, outcome.connection
    assert plan is not None
    assert connection is not None
    mapping = load_mapping(plan)
    terms = Terms(connection, "sha256:0", {}, KEY, Jumping().at)
    leave = leaves([plan])[plan.mapping]
    compared = 0
    for one, other in pairs:
        first = consider(one, mapping, FACTS, terms, delivered={})
        second = consider(other, mapping, FACTS, terms, delivered={})
        assert told(first) == told(second), f"{draft.text}\n{one.data}\n{other.data}"
        compared += len(first.intents)
        for event, considered in ((one, first), (other, second)):
            # The check at send, which knows nothing of the compiler, has nothing against what the compiler accepted.
            named = nameable(event, plan, FACTS, terms.now)
            forbidden = identifying(event, granted(plan, terms.now), named, leave.said)
            for intent in considered.intents:
                payload = read_payload(intent.delivery.body)
                said = {"values": payload.values, "body": payload.body, "headers": payload.headers}
                assert list(leaks(said, forbidden)) == [], f"{draft.text}\n{event.data}\n{said}"
    return compared


def pairs_for(rng: Random, draft: Draft) -> list[Pair]:
    made = [person_pair(rng, draft.granted) for _ in range(PAIRS // 2)]
    return made + [signal_pair(rng, draft.granted) for _ in range(PAIRS // 2)]


@pytest.mark.parametrize("part", range(PARTS))
def test_accepted_plans_tell_the_same_of_events_that_differ_in_forbidden_fields_only(part: int) -> None:
    """D6.3 at least 1,000 random plans in all, each with 20 pairs of events."""
    rng = Random(100 + part)
    plans, refused = accepted(PLANS // PARTS, seed=part)
    compared = sum(check(draft, outcome, pairs_for(rng, draft)) for draft, outcome in plans)
    # Most pairs make something, and a good part of the drafts was refused for what it read.
    assert compared > len(plans) * PAIRS // 3
    assert refused["QM240"] > len(plans) // 10


@pytest.mark.soak
def test_ten_times_as_many_plans_tell_the_same() -> None:
    """D6.3"""
    rng = Random(12)
    plans = accepted(10 * PLANS, seed=5)[0]
    compared = sum(check(draft, outcome, pairs_for(rng, draft)) for draft, outcome in plans)
    assert compared > len(plans) * PAIRS // 3


def run(scene: Callable[..., Scene], outcome: Outcome, event: Event, caplog: pytest.LogCaptureFixture) -> Any:
    """Take one event through a whole worker whose destination fails first; return all that it left anywhere."""
    caplog.clear()
    busy = [Refused(ErrorClass.TRANSIENT, "busy", 503, Phase.BODY)] * 2
    memory = Memory(fault=lambda item: busy.pop() if busy else None)
    one = scene(plans=(outcome.plan,), connections=(outcome.connection,), memory=memory)
    receipt = one.submit(envelope(event.entity, event.data))
    one.drain()
    rows = one.deliveries()
    with one.store.read() as snapshot:
        attempts = [snapshot.attempts("acme", row.id) for row in rows]
    # Ids and the waits between attempts are drawn by chance.
    kept = [
        {key: value for key, value in asdict(row).items() if key not in ("id", "next_due", "ended_at")} for row in rows
    ]
    tried = [(each.number, each.error_class, each.message) for some in attempts for each in some]
    logs = [
        (record.getMessage(), getattr(record, "fields", None)) for record in caplog.records if record.name == "queast"
    ]
    return receipt, kept, tried, memory.log, memory.sent, memory.records, memory.looks, logs


def test_a_whole_run_leaves_the_same_in_ledger_logs_and_at_the_destination(
    scene: Callable[..., Scene], caplog: pytest.LogCaptureFixture
) -> None:
    """D6.3 with retries and attempts, for accepted plans of each kind."""
    rng = Random(13)
    caplog.set_level(logging.DEBUG)
    made = 0
    for draft, outcome in accepted(12, seed=6)[0]:
        for one, other in (person_pair(rng, draft.granted), signal_pair(rng, draft.granted)):
            first, second = (run(scene, outcome, event, caplog) for event in (one, other))
            assert first == second, draft.text
            made += len(first[1])
    assert made >= 12


def test_the_pairs_do_differ_and_a_plan_that_leaks_is_seen_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that the compiler refuses must fail the comparison, or the comparison proves nothing."""
    rng = Random(14)
    pairs = [person_pair(rng, frozenset()) for _ in range(PAIRS)]
    assert all(one.data != other.data for one, other in pairs)
    text = EVENTS.split("routes:")[0] + (
        "pii: {send: [person.email], purpose: sales_outreach, basis: legitimate_interest}\n"
        "routes:\n  persons:\n    entity: person\n    events: [created]\n    to: event\n"
        "    when: contains(person.email ?? '', '7')\n    body: {id: person.id}\n"
    )
    outcome = compiled(text)
    assert not outcome.errors
    with pytest.raises(AssertionError, match="contains"):
        check(Draft(text, frozenset()), outcome, pairs)
