"""`qmap withdraw` takes back what waits, for good, and says so to whoever asks later."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

from example_run import COMMAND, environment
from queast_runtime.cli import approve, withdraw
from queast_runtime.cli.releases import standing as standing_module
from queast_runtime.cli.releases import waiting as waiting_module
from queast_runtime.cli.releases.standing import alone
from queast_runtime.security import chain
from queast_runtime.security.keys import development_key, token_key, trusted_keys
from queast_runtime.security.roles import Caller, Role
from queast_runtime.security.tokens import mint
from queast_runtime.security.withdrawals import keep_withdrawal, read_withdrawals
from release.house import LOWER, WORD, House

MISTAKE = ("--reason", "asked for by mistake")


@pytest.fixture
def waiting(house: House) -> str:
    """The id of a release of a lowered threshold that waits."""
    house.edit(*LOWER)
    return house.asks()


def withdrawn(house: House, mapping: str = "companies") -> list[dict[str, Any]]:
    said = house("history", mapping, "-t", "acme", "--format", "json")
    assert said.code == 0, said
    rows: list[dict[str, Any]] = said.json["withdrawn"]
    return rows


def refused(house: House) -> list[tuple[str, str, str]]:
    said = house("history", "companies", "--refused", "--format", "json")
    return [(row["doing"], row["about"], row["actor"]["subject"]) for row in said.json["refused"]]


def token_of(house: House, role: Role, subject: str) -> str:
    now = datetime.now(UTC)
    caller = Caller("acme", role, subject)
    return mint(
        token_key(house.state), caller, jti="j" * 24, now=now, ends_at=now + timedelta(hours=1), minted_by="cli:olga"
    )


def test_what_was_withdrawn_is_kept_and_told_and_cannot_be_approved(house: House, waiting: str) -> None:
    """D5.4, D6.5"""
    kept = house.waits_at(waiting).read_bytes()
    bo = house.token("tenant_admin", "Bo Dahl")
    said = house("withdraw", waiting, *MISTAKE, "--token", bo)
    assert (said.code, said.out) == (0, f"acme  withdrawn  {waiting}\n")
    assert "cli:anna asked for it on " in said.err
    assert (house.sequence, house.waiting()) == (1, [])
    (row,) = withdrawn(house)
    assert (row["id"], row["subject"], row["role"], row["minted_by"]) == (
        waiting,
        "Bo Dahl",
        "tenant_admin",
        "cli:olga",
    )
    assert row["reason"] == "asked for by mistake"
    assert (row["asked_by"], row["asked_reason"]) == ({"subject": "cli:anna", "role": "admin"}, "fewer questions")
    assert ([each["category"] for each in row["accepted"]], row["second"]) == (["IDENTITY"], ["IDENTITY"])
    assert row["mappings"] == ["companies", "notes"]
    line = (
        f"{waiting}, which cli:anna asked for on {row['asked_at'][:10]}, was withdrawn by Bo Dahl on {row['at'][:10]}"
    )
    told = house("history", "companies").err.splitlines()
    assert told == [f"{line}: asked for by mistake"], "and nothing waits any more"
    assert withdrawn(house, "events") == [], "it would have changed nothing there"

    cem = house.token("tenant_admin", "Cem")
    for put_back in (False, True):
        if put_back:
            house.waits_at(waiting).write_bytes(kept)
        err = house.fails("approve", waiting, "--token", cem, code=6)
        assert err.splitlines() == [
            f"qmap: {line}: asked for by mistake",
            "  help: publish it again, so that somebody asks for it anew",
        ]
        assert line in house.fails("approve", waiting, "--show", code=6)
    assert house.sequence == 1
    assert refused(house) == [("approve", waiting, "Cem"), ("approve", waiting, "Cem")]
    assert house("history", "companies").err.splitlines() == [f"{line}: asked for by mistake"], "it does not wait"
    (listed,) = house("approve", "--format", "json").json["waiting"]
    assert (listed["can_be_approved"], listed["why"]) == (False, f"{line}: asked for by mistake")
    path = house.releases / "withdrawals" / "1.json"
    assert path.stat().st_mode & 0o777 == 0o600


def test_withdrawing_again_takes_a_file_away_that_was_put_back_and_nothing_else(house: House, waiting: str) -> None:
    kept = house.waits_at(waiting).read_bytes()
    assert house("withdraw", waiting, *MISTAKE).code == 0
    assert "was withdrawn by cli:anna" in house.fails("withdraw", waiting, "--reason", "again", code=6)
    house.waits_at(waiting).write_bytes(kept)
    house.fails("withdraw", waiting, "--reason", "again", "--token", house.token("reviewer", "Rita"), code=6)
    assert house.waiting() == [waiting]
    said = house("withdraw", waiting, "--reason", "again", "--token", house.token("tenant_admin", "Bo"))
    assert (said.code, said.out) == (0, f"acme  withdrawn  {waiting}\n")
    assert "it was taken back, by cli:anna, for good" in said.err
    assert house.waiting() == []
    assert [row["reason"] for row in withdrawn(house)] == ["asked for by mistake"]


def test_what_is_printed_is_json_too(house: House, waiting: str) -> None:
    said = house("withdraw", waiting, *MISTAKE, "--format", "json")
    assert said.code == 0
    assert said.json == {"schema_version": 1, "withdrawn": withdrawn(house)}


def test_what_was_withdrawn_can_be_asked_for_again_even_within_the_second(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D5.4"""
    now = datetime.now(UTC)

    class Still(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return now

    monkeypatch.setattr(waiting_module, "datetime", Still)
    house.edit(*LOWER)
    first = house.asks()
    assert house("withdraw", first, *MISTAKE).code == 0
    second = house.asks()
    third = house.asks("--token", house.token("tenant_admin", "Ana"))
    assert len({first, second, third}) == 3
    assert house.waiting() == sorted((second, third))
    assert house("approve", second, "--token", house.token("tenant_admin", "Bo")).code == 0
    assert house.sequence == 2


def test_who_asked_takes_it_back_in_whatever_role_they_have_now(house: House) -> None:
    """D5.1"""
    house.edit(*LOWER)
    id_ = house.asks("--token", house.token("tenant_admin", "Ana Berg"))
    for subject in ("ana berg", "Rita", "cli:anna"):
        err = house.fails("withdraw", id_, *MISTAKE, "--token", house.token("reviewer", subject), code=6)
        assert "role reviewer may not take back what somebody else asked for" in err
        assert "it takes tenant_admin or admin" in err
    runtime = token_of(house, "runtime", "Ana Berg")
    assert "role runtime may not" in house.fails("withdraw", id_, *MISTAKE, "--token", runtime, code=6)
    assert house("withdraw", id_, *MISTAKE, "--token", house.token("reviewer", "Ana Berg")).code == 0
    (row,) = withdrawn(house)
    assert (row["subject"], row["role"]) == ("Ana Berg", "reviewer")


@pytest.mark.parametrize("subject", ["anna", "cli:anna"])
def test_the_operators_name_in_a_token_is_not_the_operator(house: House, waiting: str, subject: str) -> None:
    """D5.1 what counts as one person where an approval is refused is no right here"""
    house.fails("withdraw", waiting, *MISTAKE, "--token", house.token("reviewer", subject), code=6)
    house.fails("withdraw", waiting, *MISTAKE, "--token", token_of(house, "support", subject), code=6)
    assert house.waiting() == [waiting]
    assert {each[:2] for each in refused(house)} == {("withdraw", waiting)}
    house.account = "bob"
    assert house("withdraw", waiting, *MISTAKE).code == 0, "the operator may, whoever asked"


def test_a_person_of_another_tenant_does_not_even_see_it(house: House, waiting: str) -> None:
    """D5.1"""
    (house.state / "releases" / "globex").mkdir()
    token = house.token("tenant_admin", "Ulla", tenant="globex")
    err = house.fails("withdraw", waiting, *MISTAKE, "--token", token, code=2)
    assert "what waits: nothing" in err
    assert house("withdraw", waiting, *MISTAKE).code == 0
    for arguments in (["approve"], ["withdraw", *MISTAKE]):
        command, *more = arguments
        assert "no release waits under the id" in house.fails(command, waiting, *more, "--token", token, code=2)


@pytest.mark.parametrize("reason", ["", " x", "a\nb", "a\u202eb", "x" * 501, None])
def test_without_a_reason_that_can_be_kept_nothing_is_withdrawn(house: House, waiting: str, reason: str | None) -> None:
    house.fails("withdraw", waiting, *(() if reason is None else ("--reason", reason)), code=2)
    assert house.waiting() == [waiting]
    assert not (house.releases / "withdrawals").exists()


@pytest.mark.parametrize("id_", ["p" + "0" * 12, "", "p" * 5_000, "../../keys/release", "\x1b[31m"])
def test_what_does_not_wait_is_not_withdrawn(house: House, waiting: str, id_: str) -> None:
    err = house.fails("withdraw", id_, *MISTAKE, code=2)
    assert "no release waits under the id" in err
    assert "\x1b" not in err
    assert (house.waiting(), refused(house)) == ([waiting], [])


def test_one_that_waited_for_too_long_is_withdrawn_like_any_other(house: House, waiting: str) -> None:
    pending = house.pending(waiting)
    old = house.signed(replace(pending, at=pending.at - timedelta(days=30)))
    assert house("withdraw", old, *MISTAKE).code == 0
    assert house.waiting() == [waiting]


def test_what_was_approved_is_not_withdrawn_though_its_file_is_put_back(house: House, waiting: str) -> None:
    """D5.4"""
    kept = house.waits_at(waiting).read_bytes()
    bo = house.token("tenant_admin", "Bo")
    assert house("approve", waiting, "--token", bo).code == 0
    assert "no release waits under the id" in house.fails("withdraw", waiting, *MISTAKE, code=2)
    house.waits_at(waiting).write_bytes(kept)
    err = house.fails("withdraw", waiting, *MISTAKE, code=6)
    assert f"{waiting} was approved by Bo, as release 2" in err
    assert (withdrawn(house), house.sequence) == ([], 2)


def test_a_first_release_that_was_withdrawn_is_in_the_history_of_its_mappings(fresh: House) -> None:
    fresh.edit(*LOWER)
    id_ = fresh.asks()
    assert fresh("withdraw", id_, *MISTAKE).code == 0
    assert [row["id"] for row in withdrawn(fresh)] == [id_]
    assert f"{id_}, which cli:anna asked for" in fresh("history", "companies", "-t", "acme").err
    assert "has no history here" in fresh.fails("history", "nothing", "-t", "acme", code=2)
    assert not (fresh.releases / "current.json").exists()


def test_no_more_than_the_limit_is_told(house: House) -> None:
    house.edit(*LOWER)
    ids = [house.asks("--token", house.token("tenant_admin", name)) for name in ("Ana", "Bo", "Cem")]
    for number, id_ in enumerate(ids):
        assert house("withdraw", id_, "--reason", f"mistake {number}").code == 0
    said = house("history", "companies", "--limit", "2")
    assert [line.rpartition(": ")[2] for line in said.err.splitlines()[:2]] == ["mistake 2", "mistake 1"]
    assert "1 older withdrawn ones are not shown: --limit" in said.err


def three_withdrawn(house: House) -> tuple[str, bytes]:
    """Withdraw three; return the id of the second and its file."""
    house.edit(*LOWER)
    ids = [house.asks("--token", house.token("tenant_admin", name)) for name in ("Ana", "Bo", "Cem")]
    kept = house.waits_at(ids[1]).read_bytes()
    for id_ in ids:
        assert house("withdraw", id_, *MISTAKE).code == 0
    return ids[1], kept


@pytest.mark.parametrize(
    "harm", ["removed", "altered", "swapped", "first removed", "cut", "forged", "another tenant", "far", "folder"]
)
def test_a_record_that_is_gone_or_another_lets_nothing_be_approved(house: House, harm: str) -> None:
    """D6.5 nor is it withdrawn over such a record; what is published does not ask for it"""
    id_, kept = three_withdrawn(house)
    folder = house.releases / "withdrawals"
    records, _ = read_withdrawals(house.releases, "acme", trusted_keys(house.state))
    if harm == "removed":
        (folder / "2.json").unlink()
    elif harm == "first removed":
        (folder / "1.json").unlink()
    elif harm == "altered":
        (folder / "2.json").write_text((folder / "2.json").read_text().replace('"sig":"', '"sig":"AAAA', 1))
    elif harm == "cut":
        (folder / "2.json").write_bytes((folder / "2.json").read_bytes()[:-30])
    elif harm == "swapped":
        (folder / "2.json").write_bytes((folder / "1.json").read_bytes())
    elif harm == "far":
        (folder / "999999999.json").write_bytes((folder / "3.json").read_bytes())
    elif harm == "folder":
        (folder / "2.json").unlink()
        (folder / "2.json").mkdir()
    elif harm == "another tenant":
        # A whole chain, true where it was made.
        for path in folder.iterdir():
            path.unlink()
        keep_withdrawal(house.releases, replace(records[1], tenant="globex"), development_key(house.state))
    else:
        # Signed by the very key, by somebody who can: the one after it says that it is another.
        beside = house.state / "beside"
        (beside / "withdrawals").mkdir(parents=True)
        (beside / "withdrawals" / "1.json").write_bytes((folder / "1.json").read_bytes())
        keep_withdrawal(beside, replace(records[1], id="p" + "1" * 12), development_key(house.state))
        (folder / "2.json").write_bytes((beside / "withdrawals" / "2.json").read_bytes())
    code, says = 6, "the record of withdrawal "
    house.waits_at(id_).write_bytes(kept)
    began = time.process_time()
    said = house("history", "companies")
    assert says in house.failed(said, code)
    if harm == "removed":
        assert "the record of withdrawal 2 does not count: its file is missing\n" in said.err
    if harm == "far":
        assert "withdrawal 4 does not count: its file is missing, and all up to 999999998\n" in said.err
    bo = house.token("tenant_admin", "Bo")
    for command in (["approve", id_, "--token", bo], ["withdraw", id_, *MISTAKE]):
        assert says in house.fails(*command, code=code)
    assert time.process_time() - began < 5, "CPU seconds; nothing counts up to a far number"
    (row,) = house("approve", "--format", "json").json["waiting"]
    assert (row["can_be_approved"], says in row["why"]) == (False, True)
    assert house.sequence == 1
    house.undo(*LOWER)
    house.edit(*WORD)
    assert house.published() == 2


def test_a_full_disk_leaves_it_waiting(house: House, waiting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(chain, "write_once", full)
        err = house.fails("withdraw", waiting, *MISTAKE, code=5)
    assert f"cannot keep the withdrawal of {waiting}" in err
    assert (house.waiting(), withdrawn(house)) == ([waiting], [])
    assert house("approve", waiting, "--token", house.token("tenant_admin", "Bo")).code == 0


def test_a_process_that_ends_between_record_and_file_has_withdrawn_it(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*arguments: Any) -> None:
        keep_withdrawal(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(withdraw, "keep_withdrawal", dies)
        assert house("withdraw", waiting, *MISTAKE).code == 130
    assert house.waiting() == [waiting]
    err = house.fails("approve", waiting, "--token", house.token("tenant_admin", "Bo"), code=6)
    assert "was withdrawn by cli:anna" in err
    assert house("withdraw", waiting, "--reason", "once more").code == 0
    assert (house.waiting(), len(withdrawn(house))) == ([], 1)


def test_whoever_waits_too_long_for_another_is_told(
    house: House, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_module, "PATIENCE_S", 0.05)
    with alone(house.state):
        assert "another process has been publishing" in house.fails("withdraw", waiting, *MISTAKE, code=5)
    assert house.waiting() == [waiting]


@pytest.mark.parametrize("first", ["approve", "withdraw"])
def test_who_comes_to_the_lock_second_finds_that_the_other_won(
    house: House, waiting: str, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D5.4 the other's whole command runs after this one found the id, and before it holds the lock"""
    bo = ("--token", house.token("tenant_admin", "Bo"))
    commands = {"approve": ("approve", waiting, *bo), "withdraw": ("withdraw", waiting, *MISTAKE, *bo)}
    second = "withdraw" if first == "approve" else "approve"
    module = {"approve": approve, "withdraw": withdraw}[second]
    codes: list[int] = []

    @contextmanager
    def late(state: Path) -> Iterator[None]:
        codes.append(house(*commands[first]).code)
        with alone(state):
            yield

    monkeypatch.setattr(module, "alone", late)
    err = house.fails(*commands[second], code=2 if first == "approve" else 6)
    assert codes == [0]
    assert house.waiting() == []
    if first == "approve":
        assert f"no release waits under the id {waiting} any more" in err
        assert (house.sequence, withdrawn(house)) == (2, [])
    else:
        assert f"{waiting}, which cli:anna asked for" in err
        assert (house.sequence, len(withdrawn(house))) == (1, 1)


def test_of_two_processes_that_approve_and_withdraw_at_once_exactly_one_wins(house: House) -> None:
    """D5.4"""
    bo = ("--token", house.token("tenant_admin", "Bo"))
    cem = ("--token", house.token("tenant_admin", "Cem"))
    env = environment(house.state)
    rows = 0
    for number in range(4):
        house.edit(*LOWER)
        id_ = house.asks("--token", house.token("tenant_admin", "Ana"))
        before = house.sequence
        typed = [("approve", id_, *bo), ("withdraw", id_, *MISTAKE, *cem)]
        started = [
            subprocess.Popen([*COMMAND, *each], cwd=house.folder, env=env, stderr=subprocess.PIPE, text=True)
            for each in (typed if number % 2 else typed[::-1])
        ]
        said = [(each.communicate(timeout=60)[1], each.returncode) for each in started]
        approved, taken_back = said if number % 2 else said[::-1]
        assert "Traceback" not in approved[0] + taken_back[0]
        assert (approved[1], taken_back[1]) in ((0, 2), (6, 0)), said
        rows += taken_back[1] == 0
        assert house.sequence == before + (approved[1] == 0)
        assert (house.waiting(), len(withdrawn(house))) == ([], rows)
        house.undo(*LOWER)
        if approved[1] == 0:
            house.published("--accept", "IDENTITY", "--reason", "as before")
