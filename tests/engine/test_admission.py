"""Who may leave: opt-outs, sequences, strictness, scope. Decisions D2.3, D4.1, D5.2, D5.3."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engine_plans import COMPANY, SIGNAL, mapping_plan, route_plan
from queast_compiler.plan.mapping import RoutePlan, ScopePlan
from queast_runtime.engine.admission import Facts, admit, concerns, effects, strict_enough, takes, where_roots
from queast_runtime.engine.event import Event, read_event
from queast_runtime.engine.verdict import Admitted, Reason, Refused
from queast_runtime.ports.rows import Decision

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = Facts(False, None, None, None, False, False)


def read(type_: str, data: dict[str, Any]) -> Event:
    found = read_event(
        {
            "specversion": "1.0",
            "id": "e_1",
            "source": "queast",
            "type": type_,
            "time": "2026-03-01T10:00:00Z",
            "data": data,
        }
    )
    assert isinstance(found, Event), found
    return found


def company(kind: str = "updated", **changes: Any) -> Event:
    return read(f"queast.company.{kind}", {"company": {**COMPANY, **changes}})


def signal(kind: str = "created", **changes: Any) -> Event:
    return read(f"queast.signal.{kind}", {"signal": {**SIGNAL, **changes}})


@pytest.mark.parametrize(
    ("event", "facts", "verdict"),
    [
        (company(), NOTHING, Admitted()),
        (company(), replace(NOTHING, seen=True), Refused(Decision.DUPLICATE, Reason.DUPLICATE)),
        (company(), replace(NOTHING, sequence=4), Refused(Decision.STALE, Reason.STALE_SEQUENCE)),
        (company(), replace(NOTHING, sequence=3), Admitted()),
        (company(), replace(NOTHING, sequence=2), Admitted()),
        (company(), replace(NOTHING, suppressed=True), Refused(Decision.REFUSED, Reason.OPTED_OUT)),
        (company(do_not_export=True), NOTHING, Refused(Decision.REFUSED, Reason.DO_NOT_EXPORT)),
        (company(do_not_export=True), replace(NOTHING, sequence=9), Refused(Decision.REFUSED, Reason.DO_NOT_EXPORT)),
        (company("opted_out"), replace(NOTHING, sequence=9), Refused(Decision.RECORDED, Reason.OPTED_OUT)),
        (company("erased"), NOTHING, Refused(Decision.RECORDED, Reason.ERASED)),
        (signal(do_not_export=True), NOTHING, Refused(Decision.REFUSED, Reason.DO_NOT_EXPORT)),
        (
            signal(company={**COMPANY, "do_not_export": True}),
            NOTHING,
            Refused(Decision.REFUSED, Reason.DO_NOT_EXPORT),
        ),
    ],
)
def test_the_tenant_wide_verdict(event: Event, facts: Facts, verdict: object) -> None:
    """D5.3: deny wins, also over a sequence that came late."""
    assert admit(event, facts) == verdict


def test_a_late_opt_out_still_suppresses() -> None:
    """D5.3."""
    event, facts = company("opted_out"), replace(NOTHING, sequence=99)
    assert effects(event, facts, admit(event, facts)).suppress == (("company", "c_1", "opted_out", None),)


def test_do_not_export_on_an_embedded_company_suppresses_that_company() -> None:
    """D5.3."""
    event = signal(company={**COMPANY, "do_not_export": True})
    assert effects(event, NOTHING, admit(event, NOTHING)).suppress == (("company", "c_1", "do_not_export", 3),)


@pytest.mark.parametrize(("stored", "put"), [(None, True), (2, True), (3, False), (4, False)])
def test_an_embedded_company_is_stored_only_if_its_own_sequence_is_higher(stored: int | None, put: bool) -> None:
    event = signal()
    change = effects(event, replace(NOTHING, company_sequence=stored), Admitted())
    assert (("company", "c_1", 3, COMPANY) in change.put) is put
    assert change.put[0][:3] == ("signal", "s_1", 1)


def test_a_refused_signal_does_not_use_up_its_companys_sequence() -> None:
    change = effects(signal(), NOTHING, Refused(Decision.REFUSED, Reason.NOT_STRICT))
    assert [row[0] for row in change.put] == ["signal"]


@pytest.mark.parametrize(
    ("strictness", "signals", "expires", "enough"),
    [
        ("strict", "strict", None, True),
        ("informational", "strict", None, False),
        ("informational", "strict", "2027-01-01", False),
        ("informational", "informational", "2027-01-01", True),
        ("legacy", "informational", "2027-01-01", True),
        ("informational", "informational", "2026-03-02", True),
        ("informational", "informational", "2026-03-01", False),
        ("informational", "informational", "2026-02-28", False),
        ("informational", "informational", "2026-02-28T23:59:59Z", False),
        ("informational", "informational", None, False),
        (None, "strict", None, False),
    ],
)
def test_only_strict_signals_leave_without_a_grant_that_still_runs(
    strictness: str | None, signals: Any, expires: str | None, enough: bool
) -> None:
    """D2.3."""
    assert strict_enough(strictness, ScopePlan("all", signals, None, expires), NOW) is enough


def test_a_mapping_that_is_off_takes_nothing() -> None:
    plan = replace(mapping_plan(), mode="off")
    assert concerns(company(), plan, NOTHING, NOW) is Reason.MODE_OFF


@pytest.mark.parametrize(
    ("event", "stored", "reason"),
    [
        (company(), False, Reason.NOT_BOOKMARKED),
        (company(), True, None),
        (company(bookmarked=True), False, None),
        (company("bookmarked"), False, None),
        (company("unbookmarked"), True, Reason.NOT_BOOKMARKED),
    ],
)
def test_a_bookmarked_scope_asks_for_the_mark(event: Event, stored: bool, reason: Reason | None) -> None:
    """D5.2."""
    plan = replace(mapping_plan(), scope=ScopePlan("bookmarked", "strict", None, None))
    assert concerns(event, plan, replace(NOTHING, bookmarked=stored), NOW) is reason


@pytest.mark.parametrize(
    ("event", "route", "reason"),
    [
        (company("created"), route_plan("company", "upsert"), None),
        (company("deleted"), route_plan("company", "upsert"), Reason.DELETED),
        (company("bookmarked"), route_plan("company", "upsert"), None),
        (signal(), route_plan("signal", "create", events=("created",)), None),
        (signal("updated"), route_plan("signal", "create", events=("created",)), Reason.NO_ROUTE),
        (signal("cooled_off"), route_plan("signal", "create", events=("created",)), Reason.COOLED_OFF),
        (signal(state="suppressed"), route_plan("signal", "create", events=("created",)), Reason.SUPPRESSED),
        (signal("suppressed"), route_plan("signal", "send", events=("created", "suppressed")), None),
        (company("deleted"), route_plan("company", "send", events=("created", "deleted")), None),
    ],
)
def test_a_route_takes_what_it_lists_and_keeps_what_ended(
    event: Event, route: RoutePlan, reason: Reason | None
) -> None:
    """D4.2: `keep` takes the end of life down and sends nothing."""
    assert takes(event, route) is reason


def test_where_reads_the_embedded_company_before_the_stored_one() -> None:
    stored = {**COMPANY, "name": "old"}
    roots = where_roots(signal(), replace(NOTHING, company=stored))
    assert roots is not None
    assert roots["company"]["name"] == "Acme AS"


def test_where_waits_for_a_company_that_nobody_has_seen() -> None:
    ad = {"id": "j_1", "sequence": 1, "title": "Clerk", "company_id": "c_9", "url": "https://acme.example/jobs/1"}
    event = read("queast.job_ad.created", {"job_ad": ad})
    assert where_roots(event, NOTHING) is None
    assert where_roots(event, replace(NOTHING, company=COMPANY)) is not None
