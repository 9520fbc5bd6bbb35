"""What blocks is published once somebody accepted it by name, and by whom it may be."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from queast_runtime.security.keys import token_key
from queast_runtime.security.roles import Caller, Role
from queast_runtime.security.tokens import mint
from release.house import ADDRESS, LOWER, OVERWRITE, SECRET, WORD, House


def test_a_change_that_does_not_block_is_published_without_a_word(house: House) -> None:
    house.edit(*WORD)
    said = house.publish()
    assert (said.code, house.sequence) == (0, 2)
    assert "acme: 1 change" in said.err


def test_a_gated_change_is_shown_with_the_command_that_goes_on_and_that_command_works(house: House) -> None:
    house.edit(*OVERWRITE)
    house.edit(*ADDRESS)
    said = house.publish()
    assert (said.code, house.sequence) == (4, 1)
    assert {line.split()[0] for line in said.out.splitlines()} == {"DESTINATION", "FIELD"}
    assert "mappings/acme/companies.yaml:10" in said.out
    assert "nobody accepted DESTINATION, FIELD" in said.err
    command = said.err.splitlines()[-1].partition("to go on: qmap ")[2]
    assert command == f'publish plans --over {house.over()[1][7:19]} --accept DESTINATION,FIELD --reason "..."'
    assert house(*command.replace('"..."', "agreed").split()).code == 0
    assert house.sequence == 2
    row = house.history()[0]
    assert [each["category"] for each in row["accepted"]] == ["DESTINATION", "FIELD"]
    assert (row["subject"], row["role"], row["reason"], row["active"]) == ("cli:anna", "admin", "agreed", True)


def test_all_that_is_gated_has_to_be_accepted(house: House) -> None:
    house.edit(*OVERWRITE)
    house.edit(*ADDRESS)
    said = house.publish("--accept", "FIELD", "--reason", "agreed")
    assert (said.code, house.sequence) == (4, 1)
    assert "DESTINATION" in said.out
    assert "FIELD" not in said.out, "what was accepted is not shown again"
    assert "--accept DESTINATION,FIELD" in said.err, "the command accepts what was accepted, too"


def test_what_is_gated_is_printed_as_json_too(house: House) -> None:
    house.edit(*OVERWRITE)
    said = house.publish("--format", "json")
    assert said.code == 4
    assert said.json["releases"] == []
    (gated,) = said.json["gated"]
    assert (gated["tenant"], gated["open"]) == ("acme", ["FIELD"])
    assert [each["path"] for each in gated["changes"]] == ["routes.companies.fields.name.write"]


def test_accepting_what_is_not_gated_is_told_and_no_mistake(house: House) -> None:
    house.edit(*WORD)
    said = house.publish("--accept", "PRIVACY", "--reason", "as always")
    assert (said.code, house.sequence) == (0, 2)
    assert "nothing is gated by PRIVACY" in said.err
    assert house.history("events")[0]["accepted"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--accept", "FIELD"], "--accept takes a reason"),
        (["--accept", "FEILD", "--reason", "x"], "no category is called FEILD"),
        (["--accept", "field", "--reason", "x"], "no category is called field"),
        (["--accept", "", "--reason", "x"], "no category is called that"),
        (["--accept", "FIELD", "--reason", ""], "--reason is no reason"),
        (["--accept", "FIELD", "--reason", " x"], "--reason is no reason"),
        (["--accept", "FIELD", "--reason", "a\u202eb"], "--reason is no reason"),
        (["--accept", "FIELD", "--reason", "a\nb"], "--reason is no reason"),
        (["--accept", "FIELD", "--reason", "x" * 501], "1 to 500 visible characters"),
        (["--again"], "--again takes a reason"),
        (["--accept-from", "--output=x"], "--accept-from takes a range"),
        (["--accept-from", "main..HEAD"], "not a git repository"),
    ],
)
def test_wrong_words_are_wrong_use_and_publish_nothing(house: House, arguments: list[str], says: str) -> None:
    house.edit(*OVERWRITE)
    house.compile()
    assert says in house.fails("publish", "plans", *arguments, code=2)
    assert house.sequence == 1


def test_a_tenants_administrator_publishes_and_accepts_all_but_security(house: House) -> None:
    """D5.1"""
    house.edit(*OVERWRITE)
    token = house.token("tenant_admin", "Ana Berg")
    assert house.published("--accept", "FIELD", "--reason", "agreed", "--token", token) == 2
    row = house.history()[0]
    assert (row["subject"], row["role"]) == ("Ana Berg", "tenant_admin")
    house.edit(*SECRET)
    assert house.published("--token", token) == 3
    house.undo(*SECRET)
    said = house.publish("--token", token)
    assert said.code == 4
    assert "SECURITY is accepted by the platform's admin only" in said.err
    said = house.publish("--accept", "SECURITY", "--reason", "agreed", "--token", token)
    assert (said.code, house.sequence) == (6, 3)
    assert "a tenant_admin does not accept SECURITY" in said.err
    assert "the platform's admin may" in said.err
    assert house.published("--accept", "SECURITY", "--reason", "the receiver checks signatures") == 4
    assert house.history("events")[0]["role"] == "admin"


@pytest.mark.parametrize("role", ["reviewer", "support", "runtime"])
def test_no_other_role_publishes_approves_or_goes_back(house: House, role: Role) -> None:
    """D5.1"""
    now = datetime.now(UTC)
    caller = Caller("acme", role, "Bo")
    token = mint(
        token_key(house.state), caller, jti="j" * 24, now=now, ends_at=now + timedelta(hours=1), minted_by="cli:olga"
    )
    digest = house.mappings()["companies"]
    house.edit(*LOWER)
    waits = house.publish("--accept", "IDENTITY", "--reason", "x", "--format", "json").json["waiting"][0]["pending"]
    for arguments in (
        ["publish", "plans"],
        ["approve", waits],
        ["rollback", "companies", "--to", digest, "--reason", "x"],
    ):
        err = house.fails(*arguments, "--token", token, code=6)
        assert f"role {role} may not" in err
        assert "it takes tenant_admin or admin" in err
    assert house("history", "companies", "--token", token).code == (6 if role == "runtime" else 0)
    assert (house.sequence, house.waiting()) == (1, [waits])


def test_a_token_of_another_tenant_an_old_one_and_no_token_open_nothing(house: House) -> None:
    """D5.1"""
    key, now = token_key(house.state), datetime.now(UTC)
    other = Caller("globex", "tenant_admin", "Bo")
    theirs = mint(key, other, jti="j" * 24, now=now, ends_at=now + timedelta(hours=1), minted_by="cli:olga")
    before = now - timedelta(hours=2)
    ended = mint(
        key,
        Caller("acme", "tenant_admin", "Bo"),
        jti="j" * 24,
        now=before,
        ends_at=before + timedelta(hours=1),
        minted_by="cli:olga",
    )
    house.compile()
    for token, says in (
        (theirs, "the token is of tenant globex, and this is about tenant acme"),
        (ended, "this token ended"),
        (theirs[:-2], "this is not a token of this installation"),
        ("x" * 5_000, "this is not a token of this installation"),
        ("", "this is not a token of this installation"),
    ):
        assert says in house.fails("publish", "plans", "--token", token, code=6)
        house.environment = {**house.environment, "QMAP_TOKEN": token}
        if token:
            assert says in house.fails("publish", "plans", code=6)
        house.environment = {name: each for name, each in house.environment.items() if name != "QMAP_TOKEN"}
    assert house.sequence == 1


def test_the_first_release_goes_through_the_same_gate(fresh: House) -> None:
    """D6.3 a mapping that sends what identifies a person takes a word for it, the first time too"""
    grant = "pii:\n  purpose: sales\n  basis: legitimate_interest\n  send: [person.email]\n"
    route = "  people:\n    entity: person\n    events: [created]\n    to: event\n    body: {mail: person.email}\n"
    path = fresh.folder / "mappings" / "acme" / "events.yaml"
    path.write_text(path.read_text(encoding="utf-8") + route + grant, encoding="utf-8")
    said = fresh.publish()
    assert said.code == 4, said
    assert {line.split()[0] for line in said.out.splitlines() if line.startswith(("PRIVACY", "FIELD", "IDENTITY"))} == {
        "PRIVACY"
    }
    assert not (fresh.releases / "current.json").exists()
    assert json.loads(fresh.publish("--format", "json").out)["gated"][0]["open"] == ["PRIVACY"]
