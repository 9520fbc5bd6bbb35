"""Events in, records and notes at the destination: over the real store and generated code."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine_plans import COMPANY, SIGNAL, connection_plan, mapping_plan, match_plan, route_plan
from memory_destination import LOST, Memory
from queast_runtime.ports import ErrorClass, ItemResult, LookupFailed, Phase, Refused, Tuning, Unanswered, WriteItem
from queast_runtime.ports.ledger import DeliveryState

Make = Callable[..., Any]


def refuse(error: ErrorClass, **changes: Any) -> Refused:
    return Refused(error, "planned", 400, Phase.BODY, **changes)


def once(*results: ItemResult | None) -> Callable[[WriteItem], ItemResult | None]:
    left = list(results)
    return lambda item: left.pop(0) if left else None


def test_a_company_is_created_once_and_its_note_hangs_on_it(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"), one.signal())
    one.drain()
    (company_id,) = one.memory.of("companies")
    (note_id,) = one.memory.of("notes")
    assert one.memory.of("companies")[company_id]["name"] == "Acme AS"
    assert one.memory.of("companies")[company_id]["first_name"] == "Acme AS"
    assert one.memory.links[note_id] == (("companies", company_id),)
    assert one.states() == ["delivered", "delivered"]


def test_a_signal_alone_brings_its_company(scene: Make) -> None:
    one = scene()
    receipt = one.submit(one.signal())
    assert receipt.deliveries == 2
    one.drain()
    assert len(one.memory.of("companies")) == len(one.memory.of("notes")) == 1


def test_a_second_note_of_the_same_signal_is_never_made(scene: Make) -> None:
    one = scene()
    one.submit(one.signal(), one.signal(sequence=2))
    one.drain()
    one.submit(one.signal(sequence=3))
    one.drain()
    assert len(one.memory.of("notes")) == 1


def test_the_same_content_under_a_higher_sequence_is_not_sent(scene: Make) -> None:
    """D4.1."""
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.submit(one.company(sequence=4))
    one.drain()
    assert [op for op, _, _ in one.memory.log] == ["create"]
    one.submit(one.company(sequence=5, name="Acme ASA"))
    one.drain()
    assert [op for op, _, _ in one.memory.log] == ["create", "update"]


def test_a_change_and_its_reversal_both_arrive(scene: Make) -> None:
    """D4.1: the hash is of what was delivered, in order."""
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.submit(one.company(sequence=4, name="B"))
    one.drain()
    one.submit(one.company(sequence=5))
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert record["name"] == "Acme AS"


def test_on_create_fields_stay_out_of_updates(scene: Make) -> None:
    one = scene()
    one.memory.add("companies", "7", domain="acme.no", first_name="theirs")
    one.submit(one.company())
    one.drain()
    assert one.memory.of("companies")["7"] == {"domain": "acme.no", "first_name": "theirs", "name": "Acme AS"}


def test_two_records_with_our_domain_wait_for_a_person_and_so_does_the_note(scene: Make) -> None:
    one = scene()
    one.memory.add("companies", "7", domain="acme.no")
    one.memory.add("companies", "8", website="https://www.acme.no/")
    one.submit(one.company(), one.signal())
    one.drain()
    assert one.memory.log == []
    assert {need for row in one.deliveries() for need in row.needs} == {"review:companies:c_1", "link:companies:c_1"}
    with one.store.read() as snapshot:
        (review,) = snapshot.reviews("acme")
    assert review.reason == "several records share the key"


def test_of_two_of_our_companies_that_share_a_domain_the_first_is_created_and_the_second_waits(scene: Make) -> None:
    failing = once(Refused(ErrorClass.TRANSIENT, "busy", 500, Phase.BODY))
    one = scene(memory=Memory(fault=failing))
    one.submit(one.company("created"), one.company("created", id="c_2", name="Acme Sister"))
    one.drain()
    assert [record["name"] for record in one.memory.of("companies").values()] == ["Acme AS"]
    assert one.states() == ["delivered", "waiting"]


def test_a_record_made_by_hand_after_the_mirror_is_found_by_the_live_search(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created", id="c_9", domain="other.no"))
    one.drain()
    one.memory.add("companies", "77", domain="acme.no")
    one.submit(one.company())
    one.drain()
    assert one.memory.of("companies")["77"]["name"] == "Acme AS"
    assert len(one.memory.of("companies")) == 2


def test_nothing_is_created_before_the_mirror_is_complete(scene: Make) -> None:
    fails = [LookupFailed(ErrorClass.TRANSIENT, "down")] * 3
    one = scene(memory=Memory(lookup_fault=lambda what: fails.pop() if fails and what == "list" else None))
    for n in range(5):
        one.memory.add("companies", str(n), domain=f"x{n}.no")
    one.memory.add("companies", "9", domain="acme.no")
    one.submit(one.company())
    assert one.states() == ["waiting"]
    one.drain()
    assert [op for op, _, _ in one.memory.log] == ["update"]
    assert one.memory.looks == ["list None"] * 4 + ["list 2", "list 4", "read 9"]


def test_a_lost_answer_to_a_create_is_looked_up_and_never_repeated(scene: Make) -> None:
    one = scene(memory=Memory(fault=once(LOST, LOST)))
    one.submit(one.company("created"), one.signal())
    one.drain()
    assert [entry[:2] for entry in one.memory.log] == [("create", "companies"), ("create", "notes")]
    assert [look.split()[0] for look in one.memory.looks].count("reconcile") == 2
    assert one.states() == ["delivered", "delivered"]


def test_a_create_that_was_lost_before_it_acted_is_made_after_the_look(scene: Make) -> None:
    one = scene(memory=Memory(fault=once(Unanswered("reset", Phase.SOME_SENT))))
    one.submit(one.company("created"))
    one.drain()
    assert len(one.memory.of("companies")) == 1
    assert [op for op, _, _ in one.memory.log] == ["create", "create"]


def test_a_fresh_ledger_over_the_same_destination_makes_nothing_twice(scene: Make) -> None:
    one = scene()
    events = [one.company("created"), one.signal(), one.signal(id="s_2", title="More")]
    one.submit(*events)
    one.drain()
    two = scene(memory=one.memory)
    before = (dict(one.memory.of("companies")), dict(one.memory.of("notes")))
    two.submit(*events)
    two.drain()
    assert (one.memory.of("companies"), one.memory.of("notes")) == before
    assert two.states() == ["delivered"] * 3


def test_an_opt_out_between_admission_and_send_stops_company_and_notes(scene: Make) -> None:
    """D5.3."""
    one = scene()
    one.submit(one.company("created"), one.signal(), one.company("opted_out", sequence=4))
    one.drain()
    assert one.memory.log == []
    assert set(one.states()) == {"cancelled"}
    assert one.submit(one.signal(id="s_2", sequence=9)).reasons == {"opted_out": 1}


def test_a_refused_company_is_a_dead_letter_and_its_notes_name_the_cause(scene: Make) -> None:
    one = scene(memory=Memory(fault=once(refuse(ErrorClass.REJECT))))
    one.submit(one.company("created"), one.signal())
    one.drain()
    assert one.states() == ["dead", "dead"]
    assert [row.error_message for row in one.deliveries()] == [
        "planned",
        "its company was not delivered: planned",
    ]


def test_a_refused_property_is_left_out_and_the_rest_arrives(scene: Make) -> None:
    one = scene(memory=Memory(fault=once(refuse(ErrorClass.CONFIG_FIELD, property="domain"))))
    one.submit(one.company("created"))
    one.drain()
    (record,) = one.memory.of("companies").values()
    assert "domain" not in record
    assert record["name"] == "Acme AS"
    with one.store.read() as snapshot:
        assert "quarantine:companies:domain" in snapshot.facts("acme", "crm")


def test_a_batch_refused_for_one_property_loses_nobody(scene: Make) -> None:
    def fault(item: WriteItem) -> ItemResult | None:
        return refuse(ErrorClass.CONFIG_FIELD, property="domain") if "domain" in item.values else None

    one = scene(memory=Memory(fault=fault))
    one.submit(*(one.company("created", id=f"c_{n}", domain=f"x{n}.no") for n in range(9)))
    one.drain()
    assert one.states() == ["delivered"] * 9


@pytest.mark.parametrize("error", [ErrorClass.AUTH, ErrorClass.CONFIG, ErrorClass.BLOCKED])
def test_a_closed_door_pauses_the_connection_and_loses_nothing(scene: Make, error: ErrorClass) -> None:
    one = scene(memory=Memory(fault=once(refuse(error))))
    one.submit(one.company("created"), one.company("created", id="c_2", domain="b.no"))
    one.drain()
    with one.store.read() as snapshot:
        state = snapshot.connection_state("acme", "crm")
    assert (state.paused, state.paused_until, state.paused_reason) == (True, None, "planned")
    assert not {"dead", "cancelled", "superseded"} & set(one.states())
    with one.store.transaction() as tx:
        tx.resume("acme", "crm")
    one.drain()
    assert one.states() == ["delivered", "delivered"]


def test_retry_after_pauses_the_destination_and_is_waited_for(scene: Make) -> None:
    one = scene(memory=Memory(fault=once(refuse(ErrorClass.RATE_LIMITED, wait_s=600.0))))
    one.submit(one.company("created"))
    began = one.clock.at
    one.drain(patience_s=60.0)
    assert one.states() == ["pending"]
    one.drain()
    assert one.states() == ["delivered"]
    assert one.clock.at - began >= timedelta(seconds=600)


def test_a_gone_record_waits_for_a_person(scene: Make) -> None:
    """D3.5: `on_gone: review`."""
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.memory.fault = once(refuse(ErrorClass.GONE))
    one.submit(one.company(sequence=4, name="B"))
    one.drain()
    assert one.states() == ["delivered", "waiting"]
    with one.store.read() as snapshot:
        assert snapshot.link("acme", "1", "companies", "c_1") is None
        assert len(snapshot.reviews("acme")) == 1


def test_a_webhook_event_keeps_its_id_over_ledgers_and_is_not_repeated_for_a_sequence(scene: Make) -> None:
    """D4.1 and D6.1: same webhook-id for the same thing."""
    hooks = {
        "plans": (
            mapping_plan(route_plan("company", "send", events=("created", "updated", "deleted")), connection="hook"),
        ),
        "connections": (connection_plan("hook"),),
    }
    one = scene(**hooks)
    events = [one.company("created"), one.company(sequence=4), one.company(sequence=5, name="B")]
    one.submit(*events)
    one.drain()
    assert [body[0]["data"]["company"]["sequence"] for body in one.memory.sent.values()] == [3, 5]
    one.submit(one.company(sequence=6, name="B"), one.company("deleted", sequence=7, name="B"))
    one.drain()
    assert [body[0]["type"] for body in one.memory.sent.values()][2:] == ["queast.company.deleted"]
    two = scene(**hooks, memory=Memory())
    two.submit(*events)
    two.drain()
    assert list(two.memory.sent) == list(one.memory.sent)[:2]


def test_a_webhook_whose_answer_is_lost_goes_again_under_the_same_id(scene: Make) -> None:
    one = scene(
        plans=(mapping_plan(route_plan("company", "send"), connection="hook"),),
        connections=(connection_plan("hook"),),
        memory=Memory(fault=once(LOST)),
    )
    one.submit(one.company("created"))
    one.drain()
    ((bodies),) = one.memory.sent.values()
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]


def test_what_a_killed_process_left_sending_is_looked_up_before_anything_else(scene: Make) -> None:
    one = scene()
    one.submit(one.company("created"))
    one.drain()
    one.submit(one.signal())
    with one.store.transaction() as tx:
        (claimed,) = tx.take("acme", "crm", one.clock.now(), 10, 0)
    assert claimed.delivery.kind == "create"
    one.restart()
    one.drain()
    assert [look for look in one.memory.looks if look.startswith("reconcile")]
    assert len(one.memory.of("notes")) == 1


def test_a_broken_line_is_kept_with_its_bytes_and_counted_once(scene: Make) -> None:
    one = scene()
    assert one.submit(b'{"id": ', b"nonsense").counts == {"refused": 2}
    assert one.submit(b'{"id": ').counts == {"duplicate": 1}
    with one.store.read() as snapshot:
        counts = {(row.decision.value, row.count) for row in snapshot.decision_counts("acme") if not row.mapping}
    assert ("refused", 1) in counts or ("refused", 2) in counts


def test_a_job_ad_waits_until_where_can_read_its_company(scene: Make) -> None:
    from dataclasses import replace

    from queast_compiler.plan.ir import Compare, Lit, Path

    where = Compare("==", Path("company", ("country",), "str", (True,)), Lit("NO"))
    plan = mapping_plan(route_plan("job_ad", "send", events=("created",)), connection="hook")
    plan = replace(plan, scope=replace(plan.scope, where=where))
    one = scene(plans=(plan,), connections=(connection_plan("hook"),))
    ad = {"id": "j_1", "sequence": 1, "title": "Clerk", "company_id": "c_1", "url": "https://acme.example/jobs/1"}
    assert one.submit(one.event("job_ad.created", {"job_ad": ad})).counts == {"parked": 1}
    one.drain()
    assert one.memory.sent == {}
    one.submit(one.company(country="NO"))
    one.drain()
    assert len(one.memory.sent) == 1


def test_an_order_that_ends_in_names_waits_for_a_person_where_one_agrees(scene: Make) -> None:
    matching = match_plan(order=("link", "external_id", "domain", "linkedin", "name"))
    one = scene(connections=(connection_plan(match=(matching,)),))
    one.memory.add("companies", "5", name="ACME  as")
    one.submit(one.company())
    one.drain()
    assert one.states() == ["waiting"]
    assert one.memory.log == []


def test_states_are_exhaustive_at_the_end_of_a_busy_day(scene: Make) -> None:
    one = scene(memory=Memory(fault=once(LOST, refuse(ErrorClass.TRANSIENT), LOST)))
    one.submit(
        *(one.company("created", id=f"c_{n}", domain=f"x{n}.no") for n in range(20)),
        *(
            one.signal(id=f"s_{n}", company={**COMPANY, "id": f"c_{n % 20}", "domain": f"x{n % 20}.no"})
            for n in range(60)
        ),
    )
    one.drain()
    assert set(one.states()) == {DeliveryState.DELIVERED.value}
    assert (len(one.memory.of("companies")), len(one.memory.of("notes"))) == (20, 60)
    assert SIGNAL["title"] in {note["body"] for note in one.memory.of("notes").values()}


def test_ends_of_our_own_process_do_not_count_towards_giving_up(scene: Make) -> None:
    tuning = Tuning(retry_delays_s=(0.0, 0.1), rates={"hubspot": 10_000})
    one = scene(tuning=tuning)
    one.submit(one.company("created"))
    one.memory.fault = lambda item: refuse(ErrorClass.AUTH)
    one.drain()
    for _ in range(4):
        with one.store.transaction() as tx:
            assert len(tx.take("acme", "crm", one.clock.now(), 10, 0)) == 1
            assert len(tx.recover("acme", one.clock.now(), 1)) == 1
    with one.store.transaction() as tx:
        tx.resume("acme", "crm")
    one.memory.fault = once(refuse(ErrorClass.TRANSIENT))
    one.drain()
    assert one.states() == ["delivered"]
