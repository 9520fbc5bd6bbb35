"""D5.4: some changes take a second person before they stand."""

from __future__ import annotations

import json
import os
import pwd
from dataclasses import replace
from pathlib import Path

import pytest

from queast_runtime.cli.account import account_name
from queast_runtime.cli.exits import CommandError
from queast_runtime.cli.releases.awaiting import refuse_approved
from queast_runtime.cli.releases.standing import standing
from release.house import LOWER, LOWER_STILL, OVERWRITE, WORD, House

ACCEPTING = ("--accept", "IDENTITY", "--reason", "fewer questions")


@pytest.fixture
def waiting(house: House) -> str:
    """The id of a release of a lowered threshold that waits."""
    house.edit(*LOWER)
    said = house.publish(*ACCEPTING)
    assert said.code == 4
    (id_,) = house.waiting()
    assert f"acme  waits for a second person  {id_}\n" in said.out
    assert f"qmap approve {id_}" in said.err
    return id_


def test_a_lowered_threshold_stands_once_somebody_else_approved_it(house: House, waiting: str) -> None:
    """D3.3, D5.4"""
    before = house.mappings()
    assert house.sequence == 1
    err = house.fails("approve", waiting, code=6)
    assert f"cli:anna asked for {waiting}: somebody else approves it" in err
    token = house.token("tenant_admin", "Bo Dahl")
    said = house("approve", waiting, "--reason", "looked at fifty pairs", "--token", token)
    assert (said.code, house.sequence, house.waiting()) == (0, 2, [])
    assert house.mappings() != before
    row = house.history()[0]
    assert (row["subject"], row["reason"]) == ("cli:anna", "fewer questions")
    assert {name: row["approved_by"][name] for name in ("subject", "role", "reason")} == {
        "subject": "Bo Dahl",
        "role": "tenant_admin",
        "reason": "looked at fifty pairs",
    }
    assert "no release waits under the id" in house.fails("approve", waiting, code=2)


def test_nobody_approves_their_own_under_a_token_either(house: House) -> None:
    """D5.4"""
    token = house.token("tenant_admin", "Bo Dahl")
    house.edit(*LOWER)
    assert house.publish(*ACCEPTING, "--token", token).code == 4
    (id_,) = house.waiting()
    again = house.token("tenant_admin", "Bo Dahl")
    assert "somebody else approves it" in house.fails("approve", id_, "--token", again, code=6)
    assert house("approve", id_).code == 0, "the operator is somebody else"
    assert house.history()[0]["approved_by"]["subject"] == "cli:anna"


def test_no_variable_makes_somebody_else_of_the_operator(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D5.4"""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "bob")
    assert f"cli:anna asked for {waiting}" in house.fails("approve", waiting, code=6)
    monkeypatch.undo()
    assert account_name() == pwd.getpwuid(os.geteuid()).pw_name


def test_another_account_of_the_machine_is_no_person_of_the_tenant(house: House, waiting: str) -> None:
    """D5.4"""
    house.account = "bob"
    err = house.fails("approve", waiting, code=6)
    assert "the operator cli:anna asked for" in err
    assert "a person of acme approves it, by their token" in err
    assert house.sequence == 1


@pytest.mark.parametrize("subject", ["anna", "Anna", "cli:anna", "ANNA", "ａnna"])
def test_an_account_and_a_token_of_the_same_name_are_one_person(house: House, waiting: str, subject: str) -> None:
    """D5.4"""
    token = house.token("tenant_admin", subject)
    err = house.fails("approve", waiting, "--token", token, code=6)
    assert f"{subject} asked for {waiting}: somebody else approves it" in err
    assert house.sequence == 1


def test_nobody_makes_themselves_a_second_person_by_a_token(house: House, waiting: str) -> None:
    """D5.4"""
    token = house.token("tenant_admin", "Bo Dahl", by="anna")
    err = house.fails("approve", waiting, "--token", token, code=6)
    assert f"cli:anna asked for {waiting}, and made this token for Bo Dahl" in err
    assert house.sequence == 1
    assert house("approve", waiting, "--token", house.token("tenant_admin", "Bo Dahl")).code == 0
    assert house.history()[0]["approved_by"]["minted_by"] == "cli:olga"


def test_a_second_person_of_another_tenant_does_not_even_see_it(house: House, waiting: str) -> None:
    """D5.1"""
    (house.state / "releases" / "globex").mkdir()
    token = house.token("tenant_admin", "Ulla", tenant="globex")
    err = house.fails("approve", waiting, "--token", token, code=2)
    assert "what waits: nothing" in err
    assert house.waiting() == [waiting]


def test_what_takes_one_person_does_not_wait(house: House) -> None:
    house.edit(*OVERWRITE)
    assert house.published("--accept", "FIELD", "--reason", "agreed") == 2
    assert house.waiting() == []


def test_an_approval_over_another_release_than_it_was_compared_with_is_refused(house: House, waiting: str) -> None:
    house.undo(*LOWER)
    house.edit(*WORD)
    assert house.published() == 2
    err = house.fails("approve", waiting, "--token", house.token("tenant_admin", "Bo"), code=6)
    assert f"{waiting} was compared with another release of acme than release 2" in err
    assert house.sequence == 2


@pytest.mark.parametrize(
    ("harm", "code", "says"),
    [
        ("altered", 6, "was altered after signing"),
        ("renamed", 6, "is another waiting release"),
        ("cut", 6, "is not JSON"),
        ("unsigned", 6, "carries no signature"),
        ("plan gone", 5, "is not here"),
        ("plan altered", 5, "was altered"),
    ],
)
def test_a_waiting_release_that_was_tampered_with_never_stands(
    house: House, waiting: str, harm: str, code: int, says: str
) -> None:
    """D6.5"""
    path = house.releases / "pending" / f"{waiting}.json"
    plan = next(each for each in plans_of(house, waiting) if each.exists())
    envelope = json.loads(path.read_bytes())
    if harm == "altered":
        body = envelope["payload"]
        envelope["payload"] = ("A" if body[0] != "A" else "B") + body[1:]
        path.write_text(json.dumps(envelope, sort_keys=True, separators=(",", ":")) + "\n")
    elif harm == "renamed":
        waiting = "p" + "0" * 12
        path.rename(path.with_name(f"{waiting}.json"))
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif harm == "unsigned":
        path.write_text(json.dumps({**envelope, "signatures": []}, sort_keys=True, separators=(",", ":")) + "\n")
    elif harm == "plan gone":
        plan.unlink()
    else:
        plan.write_bytes(plan.read_bytes().replace(b"acme", b"acne", 1))
    err = house.fails("approve", waiting, "--token", house.token("tenant_admin", "Bo"), code=code)
    assert says in err
    assert house.sequence == 1


def plans_of(house: House, waiting: str) -> list[Path]:
    """The plans that came with a waiting release: those that the standing one does not name."""
    standing = {digest.removeprefix("sha256:") for digest in house.mappings().values()}
    return [
        each for each in (house.releases / "plans").glob("*.json") if each.stem not in standing and is_mapping(each)
    ]


def is_mapping(plan: Path) -> bool:
    return b'"routes"' in plan.read_bytes()


def test_a_threshold_is_lowered_against_what_is_calibrated_or_stands_and_history_tells_of_what_waits(
    fresh: House,
) -> None:
    fresh.edit(*LOWER)
    # Nothing stood, so it is compared with what is calibrated; what stands from now on is compared with.
    assert fresh.publish(*ACCEPTING).code == 4
    assert fresh("approve", fresh.waiting()[0], "--token", fresh.token("tenant_admin", "Bo")).code == 0
    assert fresh.sequence == 1
    fresh.undo(*LOWER)
    fresh.edit(*LOWER_STILL)
    assert fresh.publish(*ACCEPTING).code == 4
    said = fresh("history", "companies")
    assert f"waits for a second person: qmap approve {fresh.waiting()[0]}" in said.err


def test_a_first_release_with_personal_data_waits_and_then_is_the_first(fresh: House) -> None:
    """D5.4 widening personal data, from nothing too"""
    path = fresh.folder / "mappings" / "acme" / "events.yaml"
    people = "  people:\n    entity: person\n    events: [created]\n    to: event\n    body: {mail: person.email}\n"
    grant = "pii: {purpose: sales, basis: legitimate_interest, send: [person.email]}\n"
    path.write_text(path.read_text(encoding="utf-8") + people + grant, encoding="utf-8")
    assert fresh.publish("--accept", "PRIVACY", "--reason", "sales needs it").code == 4
    assert not (fresh.releases / "current.json").exists()
    (id_,) = fresh.waiting()
    for command in (["run", "-"], ["mirror", "sync"], ["mirror", "status"], ["status"], ["deliveries", "list"]):
        said = fresh.fails(*command, "-t", "acme", code=2)
        assert "the first release of tenant acme waits for a second person" in said
        assert f"qmap approve {id_} --show" in said
    assert fresh("approve", id_, "--token", fresh.token("tenant_admin", "Bo")).code == 0
    assert fresh.sequence == 1


def test_the_same_asked_again_in_the_second_of_its_approval_is_not_approved_already(house: House) -> None:
    house.edit(*LOWER)
    assert house.publish("--accept", "IDENTITY", "--reason", "x").code == 4
    (waiting,) = house.waiting()
    pending = house.pending(waiting)
    assert house("approve", waiting, "--token", house.token("tenant_admin", "Bo")).code == 0
    history = standing(house.state, "acme").history
    record = history.entries[-1].record
    assert record is not None
    again = replace(pending, at=record.at)
    refuse_approved(again, history, "p" + "0" * 12)
    with pytest.raises(CommandError, match="was approved by Bo, as release 2"):
        refuse_approved(again, history, waiting)
