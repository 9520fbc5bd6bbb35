"""A release is made under the platform's policy, which only its admin sets (D2.4, D6.5)."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

import pytest

from queast_runtime.cli import publish
from release.house import LOWER, LOWER_STILL, OVERWRITE, POLICY, House

WIDER = "version: 1\nmatching:\n  auto_link: {min: 0.5}\n"
NARROW = "version: 1\nmatching:\n  auto_link: {min: 0.93}\n"


def beside(house: House, text: str) -> None:
    """Put another policy beside the tenant's sources."""
    (house.folder / "mappings" / "policy.yaml").write_text(text, encoding="utf-8")


def policies(house: House, *more: str) -> list[dict[str, str]]:
    return house("policy", "show", "--format", "json", *more).json["policies"]


def test_what_the_operator_first_publishes_under_stands(house: House) -> None:
    (first,) = policies(house)
    assert first["by"] == "cli:anna"
    assert house("policy", "show", "--text").out == POLICY


@pytest.mark.parametrize("text", [NARROW, WIDER, "#\n" + POLICY])
def test_no_publish_puts_another_policy_in_the_place_of_one_that_stands(house: House, text: str) -> None:
    """D2.4: an old copy beside the sources changes nothing for all tenants; somebody has to mean it."""
    beside(house, text)
    house.edit(*OVERWRITE)
    said = house.publish("--accept", "FIELD", "--reason", "agreed")
    assert said.code == 6, said
    assert "mappings/policy.yaml is another policy than the platform's, which counts" in said.err
    assert "qmap policy set mappings/policy.yaml" in said.err
    assert house.sequence == 1
    assert house("policy", "set", "mappings", "--reason", "meant").code == 0
    assert house.publish("--accept", "FIELD", "--reason", "agreed").code == 0
    assert policies(house)[0]["reason"] == "meant"


def test_the_operator_needs_no_copy_of_the_policy_that_stands(house: House) -> None:
    house.edit(*OVERWRITE)
    change = house.change()
    (house.folder / "mappings" / "policy.yaml").unlink()
    assert house("publish", change, "--accept", "FIELD", "--reason", "agreed").code == 0
    assert len(policies(house)) == 1


def test_a_policy_that_is_set_while_a_publish_compiles_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.edit(*OVERWRITE)
    plans = house.compile()
    whole = publish._compiled_again

    def compiled(*arguments: Any) -> Any:
        made = whole(*arguments)
        (house.folder / "mappings" / "policy.yaml").unlink()
        (house.folder / "other").mkdir(exist_ok=True)
        (house.folder / "other" / "policy.yaml").write_text(NARROW, encoding="utf-8")
        assert house("policy", "set", "other").code == 0
        return made

    monkeypatch.setattr(publish, "_compiled_again", compiled)
    said = house("publish", plans)
    assert said.code == 6, said
    assert "another policy stands since the sources were compiled" in said.err
    assert house.sequence == 1


def test_a_tenant_who_widens_the_policy_beside_the_sources_is_held_to_the_platforms(house: House) -> None:
    """D2.4, D6.5: a threshold that only the tenant's own copy of the policy allows is refused."""
    token = house.token("tenant_admin", "Bo")
    beside(house, WIDER)
    house.edit("connections.yaml", "auto_link: 0.95", "auto_link: 0.81")
    plans = house.compile()
    said = house("publish", plans, "--accept", "IDENTITY", "--reason", "x", "--token", token)
    assert said.code == 1, said
    assert "0.85" in said.err + said.out
    assert house.sequence == 1
    assert len(policies(house)) == 1


def test_a_tenants_own_copy_need_not_be_the_platforms(house: House) -> None:
    """Nor need there be one: what a tenant may not see of it stays with the platform."""
    token = house.token("tenant_admin", "Bo")
    beside(house, POLICY + "# our copy\n")
    house.edit("companies.yaml", "domain: company.domain", "domain: {from: company.domain, write: if_empty}")
    said = house("publish", house.change(), "--token", token)
    assert said.code == 0, said
    house.undo("companies.yaml", "domain: company.domain", "domain: {from: company.domain, write: if_empty}")
    plans = house.compile()
    (house.folder / "mappings" / "policy.yaml").unlink()
    said = house("publish", plans, "--token", token)
    assert said.code in (0, 4), said
    assert "policy.yaml" not in said.err


@pytest.mark.parametrize("lies_there", [True, False])
def test_plans_of_another_policy_are_refused_with_the_cause(house: House, lies_there: bool) -> None:
    (house.folder / "today").mkdir()
    (house.folder / "today" / "policy.yaml").write_text(POLICY + "rates: {requests_per_second: 2}\n", encoding="utf-8")
    assert house("policy", "set", "today").code == 0
    if not lies_there:
        (house.folder / "mappings" / "policy.yaml").unlink()
    said = house("publish", house.compile(), "--token", house.token("tenant_admin", "Bo"))
    assert said.code == 6, said
    assert "mappings/policy.yaml is not the platform's policy, which counts" in said.err
    assert "ask the platform's admin for it" in said.err


@pytest.mark.parametrize("what", ["pipe", "link", "large", "latin"])
def test_what_lies_in_the_place_of_a_tenants_copy_does_not_matter(house: House, what: str) -> None:
    token = house.token("tenant_admin", "Bo")
    plans = house.compile()
    path = house.folder / "mappings" / "policy.yaml"
    path.unlink()
    match what:
        case "pipe":
            os.mkfifo(path)
        case "link":
            path.symlink_to("/etc/hostname")
        case "large":
            path.write_bytes(b"#" * 300_000)
        case _:
            path.write_bytes(b"\xff\xfe")
    said = house("publish", plans, "--token", token)
    assert said.code == 0, said


def test_no_token_sets_a_policy(house: House) -> None:
    for role in ("tenant_admin", "reviewer"):
        err = house.fails("policy", "set", "mappings", "--token", house.token(role, "Bo"), code=6)
        assert f"role {role} may not set the platform's policy" in err
        assert "it takes admin" in err
    assert len(policies(house)) == 1


def test_a_token_sees_that_a_policy_stands_and_not_what_it_says_of_others(house: House) -> None:
    token = house.token("tenant_admin", "Bo")
    (shown,) = policies(house, "--token", token)
    assert sorted(shown) == ["at", "policy"]
    assert "cli:anna" not in house("policy", "show", "--token", token).out
    said = house.fails("policy", "show", "--text", "--token", token, code=6)
    assert "may not see the text of the platform's policy" in said


@pytest.mark.parametrize("meant", [False, True])
def test_a_pipeline_sets_a_policy_only_where_somebody_says_so(house: House, meant: bool) -> None:
    house.environment = {**house.environment, "CI": "true"}
    word = ["--as-operator"] if meant else []
    beside(house, NARROW)
    said = house("policy", "set", "mappings", *word)
    assert said.code == (0 if meant else 6), said
    assert len(policies(house)) == (2 if meant else 1)
    shutil.rmtree(house.state / "policy")
    plans = house.compile()
    assert house("publish", plans, *word).code == (0 if meant else 6)
    assert len(policies(house)) == (1 if meant else 0)


def test_an_attempt_to_set_the_policy_is_kept(house: House) -> None:
    house.fails("policy", "set", "mappings", "--token", house.token("tenant_admin", "Bo"), code=6)
    (kept,) = house("history", "companies", "--refused", "--format", "json").json["refused"]
    assert (kept["doing"], kept["actor"]["subject"], kept["exit"]) == ("policy set", "Bo", 6)


def test_a_first_publish_that_is_refused_sets_no_policy(house: House) -> None:
    shutil.rmtree(house.state / "policy")
    house.edit(*OVERWRITE)
    assert house.publish().code == 4
    assert policies(house) == []


def test_setting_the_policy_that_stands_is_no_change(house: House) -> None:
    assert house("policy", "set", "mappings").code == 0
    assert house("policy", "set", "mappings/policy.yaml", "--format", "json").json["changed"] is False
    assert len(policies(house)) == 1


def test_what_waits_for_a_second_person_is_held_to_the_policy_that_stands_when_they_approve(house: House) -> None:
    """D5.4"""
    house.edit(*LOWER)
    assert house.publish("--accept", "IDENTITY", "--reason", "x").code == 4
    (waits,) = house.waiting()
    beside(house, NARROW)
    # A file that lies there is not what stands.
    token = house.token("tenant_admin", "Bo")
    assert house("approve", waits, "--token", token).code == 0
    house.edit("connections.yaml", "auto_link: 0.9", "auto_link: 0.88")
    beside(house, POLICY)
    assert house.publish("--accept", "IDENTITY", "--reason", "x").code == 4
    (waits,) = house.waiting()
    (house.folder / "other").mkdir()
    (house.folder / "other" / "policy.yaml").write_text(NARROW, encoding="utf-8")
    assert house("policy", "set", "other").code == 0
    assert "another policy stands" in house.fails("approve", waits, "--token", token, code=6)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("version: 1\nmatching: {auto_link: {min: 7}}\n", 1, "7"),
        ("version: 1\nmatchin: {}\n", 1, "matching"),
        (b"\xff\xfe", 6, "is no UTF-8 text"),
        ("", 1, ""),
        ("#" * (1 << 20) + "\n", 6, "more than"),
    ],
)
def test_a_file_that_is_no_policy_does_not_stand(house: House, text: str | bytes, code: int, says: str) -> None:
    path = house.folder / "policy.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    said = house("policy", "set", "policy.yaml")
    assert said.code == code, said
    assert says in said.out + said.err
    assert "Traceback" not in said.err
    assert house("policy", "show", "--text").out == POLICY


def test_a_policy_that_is_not_there_is_wrong_use(house: House) -> None:
    assert "there is no policy nowhere" in house.fails("policy", "set", "nowhere", code=2)
    (house.folder / "empty").mkdir()
    assert "there is no policy empty/policy.yaml" in house.fails("policy", "set", "empty", code=2)
    (house.folder / "mine.yaml").write_text("version: 1\n", encoding="utf-8")
    said = house.fails("policy", "set", "mine.yaml", code=2)
    assert "mine.yaml is not called policy.yaml, as a policy is" in said
    assert "help: rename it to policy.yaml" in said


def test_where_no_policy_stands_no_token_publishes(house: House) -> None:
    shutil.rmtree(house.state / "policy")
    house.edit(*OVERWRITE)
    change = house.change()
    err = house.fails("publish", change, "--token", house.token("tenant_admin", "Bo"), code=6)
    assert "qmap policy set" in err
    assert house("policy", "show").code == 0
    assert "no policy stands here yet" in house.fails("policy", "show", "--text", code=6)


@pytest.mark.parametrize("how", ["edited", "removed", "of_another_key", "truncated", "pipe", "folder"])
def test_a_record_that_was_altered_stops_everything_that_hangs_on_it(house: House, how: str) -> None:
    assert house("policy", "set", _written(house, NARROW)).code == 0
    first = house.state / "policy" / "1.json"
    match how:
        case "edited":
            envelope = json.loads(first.read_text(encoding="utf-8"))
            envelope["payload"] = envelope["payload"][:-8] + "AAAAAA=="
            first.write_text(json.dumps(envelope), encoding="utf-8")
        case "removed":
            first.unlink()
        case "of_another_key":
            shutil.copyfile(house.state / "policy" / "2.json", first)
        case "pipe":
            first.unlink()
            os.mkfifo(first)
        case "folder":
            first.unlink()
            first.mkdir()
        case _:
            first.write_bytes(first.read_bytes()[:100])
    house.edit(*LOWER_STILL)
    plans = house.compile()
    for command in (("publish", plans), ("policy", "show"), ("policy", "set", "mappings"), ("diff",)):
        err = house.fails(*command, code=6)
        assert "the record of policy 1 does not count" in err
    assert house.sequence == 1


def _written(house: House, text: str) -> str:
    (house.folder / "another").mkdir()
    (house.folder / "another" / "policy.yaml").write_text(text, encoding="utf-8")
    return "another"


def test_where_no_folder_of_policies_can_be_nobody_says_that_none_stands(house: House) -> None:
    shutil.rmtree(house.state / "policy")
    (house.state / "policy").write_text("x", encoding="utf-8")
    assert "cannot tell which policy stands" in house.fails("policy", "show", code=5)
