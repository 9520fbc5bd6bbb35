"""Going back is held to what publishing is held to: the gate, a second person, and the policy of today."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from queast_runtime.security import pending
from release.house import LOWER, LOWER_STILL, OVERWRITE, SECRET, WORD, House

BACK = ("--with-connection", "--reason", "the queue is too long")
PEOPLE = "  people:\n    entity: person\n    events: [created]\n    to: event\n    body: {mail: person.email}\n"
PII = "pii: {purpose: sales, basis: legitimate_interest, send: [person.email]}\n"


def approved(house: House) -> None:
    (id_,) = house.waiting()
    assert house("approve", id_, "--token", house.token("tenant_admin", "Bo")).code == 0


@pytest.fixture
def raised(fresh: House) -> str:
    """The plan of `companies` under a threshold of 0.88, which was raised since."""
    fresh.edit(*LOWER_STILL)
    assert fresh.publish("--accept", "IDENTITY", "--reason", "agreed").code == 4
    approved(fresh)
    lowered = fresh.mappings()["companies"]
    fresh.undo(*LOWER_STILL)
    assert fresh.published("--accept", "IDENTITY", "--reason", "agreed") == 2
    return lowered


def policy(house: House, text: str) -> None:
    """Let another policy stand."""
    path = house.folder / "today" / "policy.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    assert house("policy", "set", str(path)).code == 0


def test_going_back_says_why(house: House) -> None:
    first = house.mappings()["companies"]
    house.edit(*OVERWRITE)
    assert house.published("--accept", "FIELD", "--reason", "agreed") == 2
    assert "--reason" in house.fails("rollback", "companies", "--to", first, code=2)
    assert house.sequence == 2


def test_going_back_to_a_lower_threshold_takes_a_word_and_a_second_person(fresh: House, raised: str) -> None:
    """D5.4"""
    said = fresh("rollback", "companies", "--to", raised, *BACK)
    assert (said.code, fresh.sequence) == (4, 2)
    assert "match.company.name.auto_link" in said.out
    assert "does not go back: nobody accepted IDENTITY" in said.err
    assert f"qmap rollback companies --to {raised} --with-connection --accept IDENTITY" in said.err
    said = fresh("rollback", "companies", "--to", raised, *BACK, "--accept", "IDENTITY")
    assert (said.code, fresh.sequence) == (4, 2)
    assert f"qmap approve {fresh.waiting()[0]}" in said.err
    approved(fresh)
    assert fresh.mappings()["companies"] == raised
    row = fresh.history()[0]
    assert (row["kind"], row["sequence"], row["approved_by"]["subject"]) == ("rollback", 3, "Bo")
    assert row["went_back"]["back_to"] == raised


def test_going_back_to_what_loosens_nothing_passes_at_once(house: House) -> None:
    first = house.mappings()["companies"]
    house.edit(*OVERWRITE)
    assert house.published("--accept", "FIELD", "--reason", "agreed") == 2
    assert house("rollback", "companies", "--to", first, *BACK).code == 0
    assert house.mappings()["companies"] == first


def test_going_back_tells_a_machine_what_is_gated_and_what_waits(fresh: House, raised: str) -> None:
    asked = ("rollback", "companies", "--to", raised, *BACK, "--format", "json")
    assert fresh(*asked).json["gated"][0]["open"] == ["IDENTITY"]
    said = fresh(*asked, "--accept", "IDENTITY").json
    assert (said["releases"], [each["pending"] for each in said["waiting"]]) == ([], fresh.waiting())


@pytest.mark.parametrize(
    ("today", "says"),
    [
        ("matching:\n  auto_link: {min: 0.93}\n", "auto_link 0.88 is lower than 0.93"),
        ("matching:\n  auto_link: {min: 0.85}\n  review: {min: 0.85}\n", "review 0.8 is lower than 0.85"),
        ("matching:\n  auto_link: {min: 0.85}\nrates: {requests_per_second: 2}\n", "rates.requests_per_second is 2"),
        ("matching:\n  auto_link: {min: 0.85}\ndestinations: {connectors: [webhook]}\n", "connector hubspot"),
    ],
)
def test_an_older_plan_is_held_to_todays_policy(fresh: House, raised: str, today: str, says: str) -> None:
    """D2.4, D3.3"""
    policy(fresh, today)
    said = fresh("rollback", "companies", "--to", raised, *BACK, "--accept", "IDENTITY")
    assert (said.code, fresh.sequence, fresh.waiting()) == (6, 2, [])
    assert "is beyond today's policy: " in said.err
    assert says in said.err


@pytest.mark.parametrize(
    ("today", "says"),
    [
        ("personal_data: {without_grant: []}\n", "personal_data lets person.email out by a grant only"),
        ("personal_data: {purposes: [support]}\n", "personal_data.purposes does not know sales"),
        ("personal_data: {bases: [consent]}\n", "personal_data.bases does not know legitimate_interest"),
        ('destinations: {hosts: ["*.queast.example"]}\n', "destinations does not open host hooks.acme.example"),
    ],
)
def test_an_older_plan_lets_no_person_out_that_todays_policy_keeps(fresh: House, today: str, says: str) -> None:
    """D6.3"""
    path = fresh.folder / "mappings" / "acme" / "events.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + PEOPLE + PII, encoding="utf-8")
    assert fresh.publish("--accept", "PRIVACY", "--reason", "agreed").code == 4
    approved(fresh)
    people = fresh.mappings()["events"]
    path.write_text(before, encoding="utf-8")
    assert fresh.published("--accept", "CONTRACT", "--reason", "agreed") == 2
    policy(fresh, today)
    accepting = ("--accept", "PRIVACY,DESTINATION,FIELD", "--reason", "agreed")
    said = fresh("rollback", "events", "--to", people, *accepting)
    assert (said.code, fresh.sequence) == (6, 2)
    assert says in said.err
    policy(fresh, "")
    assert fresh("rollback", "events", "--to", people, *accepting).code == 4
    approved(fresh)
    assert fresh.mappings()["events"] == people


def test_an_older_plan_lets_nobody_out_where_todays_policy_is_silent(fresh: House) -> None:
    """D6.3, D2.4 what the policy of its day let out takes the word of today's."""
    mappings = fresh.folder / "mappings"
    spoken = "personal_data: {without_grant: [business_contact, direct_identifier]}\n"
    named = (PEOPLE + PII).replace("person.email", "person.full_name")
    silent = (mappings / "policy.yaml").read_text(encoding="utf-8")
    (mappings / "policy.yaml").write_text(silent + spoken, encoding="utf-8")
    path = mappings / "acme" / "events.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before + named, encoding="utf-8")
    assert fresh.publish("--accept", "PRIVACY", "--reason", "agreed").code == 4
    approved(fresh)
    people = fresh.mappings()["events"]
    path.write_text(before, encoding="utf-8")
    assert fresh.published("--accept", "CONTRACT", "--reason", "agreed") == 2
    policy(fresh, "")
    accepting = ("--accept", "PRIVACY,DESTINATION,FIELD", "--reason", "agreed")
    said = fresh("rollback", "events", "--to", people, *accepting)
    assert (said.code, fresh.sequence) == (6, 2)
    assert "personal_data lets person.full_name out by a grant only, and nothing grants it" in said.err
    policy(fresh, spoken)
    assert fresh("rollback", "events", "--to", people, *accepting).code == 4


def test_going_back_takes_a_policy(house: House) -> None:
    first = house.mappings()["events"]
    house.edit(*WORD)
    assert house.published() == 2
    kept = house.state / "policy"
    kept.rename(house.folder / "elsewhere")
    err = house.fails("rollback", "events", "--to", first, "--reason", "x", code=6)
    assert "no policy of the platform stands here yet" in err
    (house.folder / "elsewhere").rename(kept)
    (house.folder / "mappings" / "policy.yaml").unlink()
    assert house("rollback", "events", "--to", first, "--reason", "x").code == 0


def test_what_waits_stands_under_the_policy_that_it_was_held_to_only(house: House) -> None:
    """D2.4"""
    house.edit(*LOWER)
    assert house.publish("--accept", "IDENTITY", "--reason", "x").code == 4
    token = house.token("tenant_admin", "Bo")
    (waits,) = house.waiting()
    policy(house, "matching:\n  auto_link: {min: 0.93}\n")
    err = house.fails("approve", waits, "--token", token, code=6)
    assert f"another policy stands than the one that {waits} was held to" in err
    assert "publish it again" in err
    assert house.sequence == 1


def test_nothing_waits_for_longer_than_seven_days(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """D5.4"""
    house.edit(*LOWER)
    assert house.publish("--accept", "IDENTITY", "--reason", "x").code == 4
    monkeypatch.setattr(pending, "MAX_WAIT", timedelta(seconds=-5))
    token = house.token("tenant_admin", "Bo")
    err = house.fails("approve", house.waiting()[0], "--token", token, code=6)
    assert f"was asked for on {datetime.now(UTC):%Y-%m-%d}, and waited for 7 days" in err
    assert house.sequence == 1


def test_a_comment_does_not_make_another_plan_of_what_was_left_since(house: House) -> None:
    """What was asked for, with a comment more, before a rollback left the same."""
    first = house.mappings()["events"]
    path = house.folder / "mappings" / "acme" / "events.yaml"
    path.write_text(path.read_text(encoding="utf-8") + PEOPLE + PII, encoding="utf-8")
    asking = ("--accept", "PRIVACY", "--reason", "x")
    assert house.publish(*asking).code == 4
    house.edit("events.yaml", "version: 1\n", "version: 1\n# owned by sales\n")
    assert house.publish(*asking).code == 4
    one, other = house.waiting()
    token = house.token("tenant_admin", "Bo")
    assert house("approve", one, "--token", token).code == 0
    assert house("rollback", "events", "--to", first, "--reason", "x", "--accept", "CONTRACT").code == 0
    err = house.fails("approve", other, "--token", token, code=6)
    assert f"acme/events was left by a rollback since {other} was asked for" in err
    assert house.sequence == 3


def test_security_is_no_tenants_to_bring_about_by_going_back(house: House) -> None:
    """D5.1"""
    first = house.mappings()["events"]
    house.edit(*SECRET)
    assert house.published() == 2
    token = house.token("tenant_admin", "Bo")
    asked = ("rollback", "events", "--to", first, "--reason", "x", "--accept", "SECURITY", "--token", token)
    assert "does not accept SECURITY" in house.fails(*asked, code=6)
    assert house.sequence == 2
