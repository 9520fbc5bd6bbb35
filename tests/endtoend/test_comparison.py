"""The demo's comparison counts what is lost, doubled or out of place in the doubles' state; it trusts nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from example_run import ExampleRun, JsonObject, event_file
from kill_harness import ROOT
from queast_compiler.plan.canonical import loads
from queast_compiler.plan.codec import decode_connection, decode_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import read_plans
from queast_runtime.cli.demo.compare import Verdict, compare
from queast_runtime.cli.demo.expect import Expected, expect
from queast_runtime.cli.demo.stages import by_name, event_checker

Doctor = Callable[[JsonObject], None]


@pytest.fixture(scope="module")
def wanted(first_run: ExampleRun) -> dict[str, tuple[Expected, ConnectionPlan]]:
    found = {}
    for tenant in ("acme", "nordlys", "fjordbank"):
        plans = read_plans(first_run.plans, tenant)
        decoded = (decode_mapping(loads(plans.data[digest])) for digest in plans.mappings.values())
        (mapping,) = (each for each in decoded if each.routes)
        connection = decode_connection(loads(plans.data[plans.connections[mapping.connection]]))
        lines = event_file(tenant).read_text(encoding="utf-8").split("\n")
        found[tenant] = (expect(lines, mapping, event_checker())[0], connection)
    return found


def judged(
    first_run: ExampleRun, wanted: dict[str, tuple[Expected, ConnectionPlan]], tenant: str, doctor: Doctor | None = None
) -> Verdict:
    state: Any = copy.deepcopy(first_run.before)
    if doctor is not None:
        doctor(state)
    return compare(*wanted[tenant], state, by_name(ROOT / "mappings" / tenant))


def counts(verdict: Verdict) -> tuple[int, int, int]:
    return verdict.lost, verdict.duplicates, verdict.unexpected


def _ours(state: JsonObject, double: str, table: str) -> list[str]:
    """The records that the engine created, with its mark on them."""
    return [key for key, row in state[double][table].items() if row["origin"] == "api"]


@pytest.mark.parametrize("tenant", ["acme", "nordlys", "fjordbank"])
def test_an_honest_state_has_nothing_lost_doubled_or_unexpected(
    tenant: str, first_run: ExampleRun, wanted: dict[str, tuple[Expected, ConnectionPlan]]
) -> None:
    verdict = judged(first_run, wanted, tenant)
    assert counts(verdict) == (0, 0, 0), verdict.details
    assert verdict.records + verdict.messages > 80


def _no_note(state: JsonObject) -> None:
    state["hubspot"]["notes"].popitem()


def _archived_note(state: JsonObject) -> None:
    next(iter(state["hubspot"]["notes"].values()))["archived"] = True


def _garbled_note(state: JsonObject) -> None:
    next(iter(state["pipedrive"]["notes"].values()))["content"] = "<b>Another text</b>"


def _no_company(state: JsonObject) -> None:
    bare = {each["to"]["id"] for row in state["hubspot"]["notes"].values() for each in row["associations"]}
    key = next(key for key in _ours(state, "hubspot", "companies") if key not in bare)
    del state["hubspot"]["companies"][key]


def _set_back(state: JsonObject) -> None:
    key = _ours(state, "hubspot", "companies")[3]
    state["hubspot"]["companies"][key]["properties"]["city"] = "Elsewhere"


def _emptied(state: JsonObject) -> None:
    row = next(row for row in state["pipedrive"]["organizations"].values() if row["origin"] == "api" and row["website"])
    row["website"] = None


def _no_message(state: JsonObject) -> None:
    rows = state["webhook"]["messages"]
    del rows[next(key for key, row in rows.items() if row["body"].get("kind") == "job_ad")]


def _altered_message(state: JsonObject) -> None:
    rows = state["webhook"]["messages"]
    next(row for row in rows.values() if row["body"].get("kind") == "signal")["body"]["title"] = "Another title"


@pytest.mark.parametrize(
    ("tenant", "doctor"),
    [
        ("acme", _no_note),
        ("acme", _archived_note),
        ("nordlys", _garbled_note),
        ("acme", _no_company),
        ("acme", _set_back),
        ("nordlys", _emptied),
        ("fjordbank", _no_message),
        ("fjordbank", _altered_message),
    ],
)
def test_what_is_missing_or_differs_is_lost(
    tenant: str, doctor: Doctor, first_run: ExampleRun, wanted: dict[str, tuple[Expected, ConnectionPlan]]
) -> None:
    verdict = judged(first_run, wanted, tenant, doctor)
    assert verdict.lost == 1, verdict.details


def _doubled_company(state: JsonObject) -> None:
    rows = state["hubspot"]["companies"]
    rows["1"] = copy.deepcopy(rows[_ours(state, "hubspot", "companies")[0]])


def _doubled_organization(state: JsonObject) -> None:
    rows = state["pipedrive"]["organizations"]
    rows["1"] = copy.deepcopy(rows[_ours(state, "pipedrive", "organizations")[0]])


def _doubled_note(state: JsonObject) -> None:
    rows = state["hubspot"]["notes"]
    rows["1"] = copy.deepcopy(next(iter(rows.values())))


def _note_under_another_reference(state: JsonObject) -> None:
    rows = state["pipedrive"]["notes"]
    again = copy.deepcopy(next(iter(rows.values())))
    text, _, _ = again["content"].rpartition("<p>Queast reference")
    rows["1"] = {**again, "content": text + "<p>Queast reference q-aaaaaaaaaaaaaaaa</p>"}


def _message_under_a_second_id(state: JsonObject) -> None:
    rows = state["webhook"]["messages"]
    row = next(row for row in rows.values() if row["body"].get("kind") == "signal")
    rows["msg_again"] = {**row, "id": "msg_again"}


def _event_under_a_second_id(state: JsonObject) -> None:
    """The canonical event again, only its id and sequence being others: the same news all the same."""
    rows = state["webhook"]["messages"]
    row = copy.deepcopy(next(row for row in rows.values() if "specversion" in row["body"]))
    row["body"]["id"] = "another"
    row["body"]["data"]["company"]["sequence"] += 1
    rows["msg_again"] = row


@pytest.mark.parametrize(
    ("tenant", "doctor"),
    [
        ("acme", _doubled_company),
        ("nordlys", _doubled_organization),
        ("acme", _doubled_note),
        ("nordlys", _note_under_another_reference),
        ("fjordbank", _message_under_a_second_id),
        ("fjordbank", _event_under_a_second_id),
    ],
)
def test_what_is_there_twice_is_a_duplicate(
    tenant: str, doctor: Doctor, first_run: ExampleRun, wanted: dict[str, tuple[Expected, ConnectionPlan]]
) -> None:
    verdict = judged(first_run, wanted, tenant, doctor)
    assert (verdict.lost, verdict.duplicates) == (0, 1), verdict.details


def _stranger(state: JsonObject) -> None:
    rows = state["hubspot"]["companies"]
    rows["1"] = copy.deepcopy(rows[_ours(state, "hubspot", "companies")[0]])
    rows["1"]["properties"]["queast_company_id"] = "c-nobody"


def _orphan(state: JsonObject) -> None:
    next(iter(state["pipedrive"]["notes"].values()))["org_id"] = None


def _uncalled_message(state: JsonObject) -> None:
    state["webhook"]["messages"]["msg_again"] = {"id": "msg_again", "body": {"kind": "signal", "id": "s-nobody"}}


@pytest.mark.parametrize(
    ("tenant", "doctor"), [("acme", _stranger), ("nordlys", _orphan), ("fjordbank", _uncalled_message)]
)
def test_what_no_event_calls_for_is_unexpected(
    tenant: str, doctor: Doctor, first_run: ExampleRun, wanted: dict[str, tuple[Expected, ConnectionPlan]]
) -> None:
    verdict = judged(first_run, wanted, tenant, doctor)
    assert verdict.unexpected == 1, verdict.details
