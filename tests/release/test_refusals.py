"""What was refused is kept, signed and in a chain; and so is what was released."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from queast_compiler.plan.release import Release, verify
from queast_runtime.security.history import (
    Actor,
    Entry,
    History,
    Record,
    WentBack,
    entry_bytes,
    history_path,
    read_history,
    sign_record,
)
from queast_runtime.security.keys import development_key, trusted_keys
from release.house import LOWER, OVERWRITE, WORD, House


def refused(house: House) -> list[dict[str, object]]:
    said = house("history", "companies", "--refused", "--format", "json")
    assert said.code == 0, said
    rows: list[dict[str, object]] = json.loads(said.out)["refused"]
    return rows


def test_what_was_refused_is_kept_with_who_and_why(house: House) -> None:
    assert refused(house) == []
    first = house.mappings()["companies"]
    house.edit(*OVERWRITE)
    house.edit(*LOWER)
    assert house.publish("--accept", "FIELD", "--reason", "agreed").code == 4
    assert house.publish("--accept", "FIELD,IDENTITY", "--reason", "agreed").code == 4
    (waits,) = house.waiting()
    house.fails("approve", waits, code=6)
    reviewer = house.token("reviewer", "Rita")
    house.fails("rollback", "companies", "--to", first, "--reason", "x", "--token", reviewer, code=6)
    rollback, approve, publish = refused(house)
    # What waits for a second person was not refused.
    assert (publish["doing"], publish["accept"], publish["exit"]) == ("publish", ["FIELD"], 4)
    assert publish["why"] == "nothing is published of acme: nobody accepted IDENTITY"
    assert (approve["doing"], approve["about"], approve["exit"]) == ("approve", waits, 6)
    assert (rollback["doing"], rollback["about"]) == ("rollback", "companies")
    assert rollback["actor"] == {"subject": "Rita", "role": "reviewer"}
    assert rollback["why"] == "role reviewer may not go back to an older plan"
    said = house("history", "companies", "--refused", "--limit", "1")
    assert "Rita (reviewer)" in said.out
    assert said.err.strip() == "2 older ones are not shown: --limit"
    assert house("history", "companies", "--refused", "--token", reviewer).code == 0
    assert house.sequence == 1


def test_wrong_use_and_what_cannot_be_read_are_not_refusals(house: House) -> None:
    house.compile()
    house.fails("publish", "plans", "--accept", "FEILD", "--reason", "x", code=2)
    house.fails("approve", "p" + "0" * 12, code=2)
    assert refused(house) == []


@pytest.mark.parametrize("harm", ["removed", "altered", "swapped", "first removed"])
def test_a_refusal_that_is_gone_or_another_is_seen(house: House, harm: str) -> None:
    """D6.5"""
    house.edit(*OVERWRITE)
    for _ in range(3):
        assert house.publish().code == 4
    folder = house.releases / "refusals"
    if harm == "removed":
        (folder / "2.json").unlink()
    elif harm == "first removed":
        (folder / "1.json").unlink()
    elif harm == "altered":
        (folder / "2.json").write_text((folder / "2.json").read_text().replace('"sig":"', '"sig":"AAAA', 1))
    else:
        (folder / "2.json").write_bytes((folder / "1.json").read_bytes())
    said = house("history", "companies", "--refused")
    assert said.code == 6
    assert "the record of refusal " in said.err
    assert "does not count: " in said.err


@pytest.mark.parametrize("harm", ["begins later", "forged", "record taken out", "last"])
def test_releases_are_a_chain_that_nothing_can_be_taken_out_of(house: House, harm: str) -> None:
    """D6.5"""
    house.edit(*WORD)
    for _ in range(3):
        house.published()
    folder, key, trusted = house.releases, development_key(house.state), trusted_keys(house.state)
    path = history_path(folder, 2)
    kept = json.loads(path.read_bytes())
    if harm == "begins later":
        history_path(folder, 1).unlink()
    elif harm == "last":
        history_path(folder, 4).unlink()
    elif harm == "record taken out":
        path.write_bytes(entry_bytes(canonical(kept["release"]), None))
    else:
        # Signed by the very key, by somebody who can: those after it say that it is another.
        release = verify(canonical(kept["release"]), trusted, "acme", 0)
        entry = read_history(folder, "acme", trusted, 4).entries[1]
        assert entry.record is not None
        record = Record("acme", 2, "publish", entry.record.at, release.digest, 1, Actor("Bo", "admin"), "another",
                        previous=entry.record.previous)  # fmt: skip
        path.write_bytes(entry_bytes(canonical(kept["release"]), sign_record(record, key)))
    err = house.fails("publish", house.compile(), code=6)
    assert "of acme does not count: " in err
    assert house.sequence == 4
    assert house("history", "events").code in (0, 6)


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def test_a_thousand_releases_of_a_hundred_mappings_are_read_off_at_once() -> None:
    """CPU seconds; whoever asks for each mapping and each release asks for what is known."""
    names = {f"m{number}": f"sha256:{number:064x}" for number in range(100)}
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def entry(number: int) -> Entry:
        went = (WentBack("m7", f"sha256:{number:064x}", names["m7"]),) if number % 10 == 0 else ()
        release = Release("acme", number, "2026-01-01T00:00:00Z", {}, names, (), "d", "k")
        return Entry(release, Record("acme", number, "rollback" if went else "publish", at, "d", number - 1,
                                     Actor("x", "admin"), None, went_back=went))  # fmt: skip

    entries = tuple(entry(number) for number in range(1, 1_001))
    began = time.process_time()
    history = History(entries, (), 1_000)
    left = {name: dict(history.left_behind(name)) for name in names}
    ran = [history.took_effect(each) for each in entries]
    took = time.process_time() - began
    assert len(left["m7"]) == 100
    assert all(ran)
    assert took < 0.3
