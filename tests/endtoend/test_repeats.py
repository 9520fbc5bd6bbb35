"""What was said once is not said again: not on a second run, not under new ids, not with the ledger lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from endtoend.retold import retold
from example_run import ExampleRun, JsonObject, event_file, json_lines, messages_of, run_all, written
from kill_harness import TENANTS

HELD = ("hubspot", "pipedrive", "webhook", "violations")


def held(state: JsonObject) -> dict[str, Any]:
    return {name: state[name] for name in HELD}


def test_the_first_run_brought_something_everywhere_and_broke_no_contract(first_run: ExampleRun) -> None:
    state = first_run.before
    assert len(state["hubspot"]["companies"]) > 80
    assert len(state["hubspot"]["notes"]) > 50
    assert len(state["pipedrive"]["organizations"]) > 80
    assert len(state["pipedrive"]["notes"]) > 50
    assert len(state["webhook"]["messages"]) > 300
    assert state["violations"] == []
    assert state["contract_requests_checked"] > 500


def test_a_second_run_on_the_same_state_sends_nothing(first_run: ExampleRun) -> None:
    before = first_run.doubles.state()
    after = first_run.run()
    assert held(after) == held(before)
    assert after["counters"]["webhook.received"] == before["counters"]["webhook.received"]


def test_new_ids_and_raised_sequences_on_unchanged_content_change_nothing(
    first_run: ExampleRun, tmp_path: Path
) -> None:
    again = {tenant: retold(event_file(tenant)) for tenant in TENANTS}
    for tenant, events in again.items():
        kinds = Counter(event["type"].split(".")[1] for event in events)
        assert kinds["company"] >= 40, (tenant, kinds)
        assert kinds["signal"] >= 40, (tenant, kinds)
    files = {tenant: json_lines(tmp_path / f"{tenant}.jsonl", events) for tenant, events in again.items()}
    before = first_run.doubles.state()
    intake = {tenant: report["intake"] for tenant, report in run_all(first_run.env(), files.__getitem__).items()}
    assert held(first_run.doubles.state()) == held(before)
    for tenant, counts in intake.items():
        # Seen as news of something known, neither refused nor taken for a repeat of the same event.
        assert counts["recorded"] >= 60, (tenant, counts)
        assert counts.keys() <= {"recorded", "refused", "admitted"}, (tenant, counts)


@pytest.fixture(scope="module")
def after_loss(first_run: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> tuple[JsonObject, JsonObject]:
    """The doubles before and after a run whose links and ledger were lost; its keys were kept."""
    before = first_run.doubles.state()
    return before, first_run.run(state=first_run.fresh_ledger(tmp_path_factory.mktemp("lost-ledger")))


def test_with_the_ledger_lost_no_company_is_created_twice(after_loss: tuple[JsonObject, JsonObject]) -> None:
    before, after = after_loss
    assert after["hubspot"]["companies"].keys() == before["hubspot"]["companies"].keys()
    assert after["pipedrive"]["organizations"].keys() == before["pipedrive"]["organizations"].keys()
    ours = Counter(row["properties"].get("queast_company_id") for row in after["hubspot"]["companies"].values())
    del ours[None]
    assert set(ours.values()) == {1}


def test_with_the_ledger_lost_every_company_says_the_same(after_loss: tuple[JsonObject, JsonObject]) -> None:
    before, after = after_loss
    for double, table in (("hubspot", "companies"), ("pipedrive", "organizations")):
        told = {key: _told(row) for key, row in before[double][table].items()}
        assert {key: _told(row) for key, row in after[double][table].items()} == told


def test_with_the_ledger_lost_no_note_is_created_or_touched(after_loss: tuple[JsonObject, JsonObject]) -> None:
    before, after = after_loss
    for double in ("hubspot", "pipedrive"):
        assert after[double]["notes"] == before[double]["notes"]
        assert set(written(after[double]["notes"]).values()) == {1}


def test_with_the_ledger_lost_a_webhook_comes_again_only_with_the_same_id_and_body(
    after_loss: tuple[JsonObject, JsonObject],
) -> None:
    before, after = after_loss
    assert messages_of(after) == messages_of(before)
    assert after["webhook"]["conflicts"] == 0
    assert after["webhook"]["repeats"] > before["webhook"]["repeats"]


def _told(row: JsonObject) -> JsonObject:
    """A record without what the double itself notes about writing it."""
    values = row.get("properties", row)
    times = ("hs_lastmodifieddate", "update_time", "updatedAt", "writes")
    return {name: value for name, value in values.items() if name not in times}
