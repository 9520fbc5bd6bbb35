"""Every release leaves a signed record; what was done to one is seen."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from queast_compiler.plan.directory import PlanSet, write_atomically
from queast_compiler.plan.release import verify
from queast_runtime.cli.releases import standing as standing_module
from queast_runtime.cli.releases.standing import Order, activate, alone, standing
from queast_runtime.security import releases
from queast_runtime.security.history import Actor, Record, sign_record
from queast_runtime.security.keys import development_key, trusted_keys
from release.house import OVERWRITE, WORD, House


def plans(house: House) -> PlanSet:
    """What stands, as it can be released again."""
    stands = standing(house.state, "acme")
    found, _, _ = standing_module.plans_by_digest(house.state, "acme", stands.connections, stands.mappings)
    return found


def test_a_record_says_who_released_what_when_and_why_and_never_a_value(house: House) -> None:
    house.edit(*OVERWRITE)
    house.published("--accept", "FIELD", "--reason", "agreed with sales")
    newest, first = house.history()
    assert (first["sequence"], first["subject"], first["accepted"], first["active"]) == (1, "cli:anna", [], False)
    assert newest["accepted"] == [{"category": "FIELD", "commit": None, "author": None, "reason": None}]
    assert newest["reason"] == "agreed with sales"
    said = house("history", "companies")
    assert " ".join(said.out.splitlines()[0].split()) == "RELEASE AT PLAN STATE BY ACCEPTED APPROVED BY REASON"
    assert "cli:anna (admin)" in said.out
    assert house("history", "companies", "--limit", "1").err.strip() == "1 older ones are not shown: --limit"
    path = house.releases / "history" / "2.json"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("harm", ["reason", "another release", "signature", "cut", "another tenant", "junk"])
def test_an_altered_record_is_told_of_and_nothing_is_published_over_it(house: House, harm: str) -> None:
    """D6.5"""
    house.edit(*WORD)
    house.published()
    path = house.releases / "history" / "1.json"
    kept = json.loads(path.read_bytes())
    other = json.loads((house.releases / "history" / "2.json").read_bytes())
    if harm == "reason":
        payload = kept["record"]["payload"]
        kept["record"]["payload"] = payload[:-8] + ("A" if payload[-8] != "A" else "B") + payload[-7:]
    elif harm == "another release":
        kept["record"] = other["record"]
    elif harm == "signature":
        kept["record"]["signatures"] = []
    elif harm == "another tenant":
        release = verify(json.dumps(kept["release"], sort_keys=True, separators=(",", ":")).encode(),
                         trusted_keys(house.state), "acme", 0)  # fmt: skip
        record = Record("globex", 1, "publish", standing(house.state, "acme").history.entries[0].record.at,
                        release.digest, 0, Actor("x", "admin"), None)  # fmt: skip
        kept["record"] = json.loads(sign_record(record, development_key(house.state)))
    text = json.dumps(kept, sort_keys=True, separators=(",", ":")) + "\n"
    path.write_text({"cut": text[:-30], "junk": "\x00"}.get(harm, text))
    said = house("history", "events")
    assert said.code == 6
    assert "the record of release 1 does not count" in said.err
    assert said.out.splitlines()[1].split()[0] == "2", "the rest is shown"
    err = house.fails("publish", "plans", code=6)
    assert "the record of release 1 of acme does not count" in err
    assert house.sequence == 2


def test_a_missing_record_is_told_of(house: House) -> None:
    for _ in range(2):
        house.published()
    (house.releases / "history" / "2.json").unlink()
    said = house("history", "events")
    assert (said.code, [line.split()[0] for line in said.out.splitlines()[1:]]) == (6, ["3", "1"])
    assert "never ran" not in said.out, "what took its place is not known"
    assert "the record of release 2 does not count: its file is missing" in said.err
    err = house.fails("publish", house.compile(), code=6)
    assert "the record of release 2 of acme does not count: its file is missing" in err
    (house.releases / "history").rename(house.releases / "before")
    assert house.published() == 4, "as its help says"
    assert [row["subject"] for row in house.history()] == ["cli:anna", None]


def test_a_record_lies_there_before_its_release_stands_and_a_crash_between_burns_the_number(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(path: Path, data: bytes, *, mode: int) -> None:
        if path.name == "current.json":
            raise KeyboardInterrupt
        write_atomically(path, data, mode=mode)

    with monkeypatch.context() as patched:
        patched.setattr(releases, "write_atomically", dies)
        assert house.publish().code == 130
    assert house.sequence == 1
    assert (house.releases / "history" / "2.json").exists()
    assert house.published() == 3
    rows = house.history()
    assert [(row["sequence"], row["took_effect"]) for row in rows] == [(3, True), (2, False), (1, True)]
    assert "never ran" in house("history", "companies").out


def test_a_full_disk_leaves_neither_a_record_nor_a_release(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes, *, mode: int) -> None:
        if path.name == "current.json":
            raise OSError(28, "no space left on device")
        write_atomically(path, data, mode=mode)

    with monkeypatch.context() as patched:
        patched.setattr(releases, "write_atomically", full)
        assert house.publish().code == 5
    assert house.sequence == 1
    assert not (house.releases / "history" / "2.json").exists()
    assert house.published() == 2


def test_two_who_publish_at_once_lose_no_sequence(house: House) -> None:
    content, faults = plans(house), list[BaseException]()

    def many(name: str) -> None:
        try:
            for _ in range(10):
                with alone(house.state):
                    activate(house.state, [Order(content, "publish", Actor(name, "admin"))])
        except BaseException as error:  # noqa: BLE001 - a thread's fault is shown by the assertion below
            faults.append(error)

    threads = [threading.Thread(target=many, args=(name,)) for name in ("anna", "bo", "cem")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert faults == []
    assert house.sequence == 31
    rows = json.loads(house("history", "events", "--limit", "100", "--format", "json").out)["releases"]
    assert [row["sequence"] for row in rows] == list(range(31, 0, -1))
    assert [row["took_effect"] for row in rows] == [True] * 31


def test_whoever_waits_too_long_for_another_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_module, "PATIENCE_S", 0.05)
    with alone(house.state):
        assert "another process has been publishing" in house.fails("publish", house.compile(), code=5)
    assert house.published() == 2


def test_a_release_that_cannot_be_verified_is_not_compared_with(house: House) -> None:
    assert house.published() == 2
    current = house.releases / "current.json"
    kept = current.read_bytes()
    current.write_text("no envelope")
    err = house.fails("publish", house.compile(), code=5)
    assert "cannot tell what is published of acme" in err
    assert "put back what" in err
    current.unlink()
    err = house.fails("publish", house.compile(), code=5)
    assert "is gone, while records of its releases are here" in err
    current.write_bytes(kept)
    assert house.published() == 3, "a sequence that was given is not given again"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"x": 1}', b"\xff", "signed by nobody"])
def test_a_release_that_does_not_count_is_told_of_by_every_command_that_asks(
    house: House, content: bytes | str
) -> None:
    current = house.releases / "current.json"
    kept = current.read_bytes()
    if isinstance(content, str):
        envelope = json.loads(kept)
        envelope["signatures"] = []
        content = json.dumps(envelope).encode()
    current.write_bytes(content)
    status = house("status")
    assert status.code == 6, status
    assert "the release of acme that stands does not count" in status.err
    assert "nothing is published" not in status.err + status.out
    assert "acme" in house("status", "--format", "json").json["refused"]
    assert "does not count" in house.fails("history", "companies", code=6)
    assert "does not count" in house("history", "companies", "--tenant", "acme").err
    (house.folder / "none.jsonl").write_bytes(b"")
    assert "qmap status" in house.fails("run", "--tenant", "acme", "none.jsonl", code=6)
    current.write_bytes(kept)
    assert house("status").code == 0
    assert house("history", "companies").code == 0
