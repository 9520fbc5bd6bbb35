"""A plan of the release that stands is gone or was altered: what is said of it, and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.house import OVERWRITE, House

CHECKS = pytest.mark.parametrize("damage", ["gone", "altered"])


def damaged(house: House, damage: str) -> Path:
    """Damage the plan of a mapping that stands."""
    path = house.releases / "plans" / f"{house.mappings()['companies'].removeprefix('sha256:')}.json"
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")
    return path


@CHECKS
def test_status_says_that_a_release_lost_a_plan(house: House, damage: str) -> None:
    path = damaged(house, damage)
    said = house("status")
    assert said.code == 6
    assert f"plan sha256:{path.stem} is not here as it was signed" in said.err
    assert "publish the sources that it was made of again" in said.err
    assert [line.split()[1] for line in said.out.splitlines()[1:]] == ["refused", "refused"]
    rows = house("status", "--format", "json").json
    assert {row["state"] for row in rows["connections"]} == {"refused"}
    assert "is not here as it was signed" in rows["refused"]["acme"]


@CHECKS
def test_publishing_what_it_was_made_of_puts_the_plan_back(house: House, damage: str) -> None:
    path, sequence = damaged(house, damage), house.sequence
    assert "publish the sources" in house.fails("diff", "--sample", "0", code=6)
    (house.folder / "none.jsonl").write_bytes(b"")
    assert "publish the sources" in house.fails("run", "--tenant", "acme", "none.jsonl", code=6)
    said = house.publish()
    assert said.code == 0, said
    assert "acme: 1 plan of the release that stands put back" in said.err
    assert path.is_file()
    assert house.sequence == sequence + 1
    assert house("status").code == 0
    assert house("diff", "--sample", "0").code == 0


@CHECKS
def test_other_sources_put_nothing_back_and_are_not_published(house: House, damage: str) -> None:
    path, sequence = damaged(house, damage), house.sequence
    before = path.read_bytes() if path.exists() else None
    house.edit(*OVERWRITE)
    said = house("publish", house.compile())
    assert said.code == 5, said
    assert "publishing what it was made of does that for plans" in said.err
    assert (path.read_bytes() if path.exists() else None) == before
    assert house.sequence == sequence


def test_an_envelope_that_nobody_signed_names_no_plans_to_put_back(house: House) -> None:
    path = damaged(house, "gone")
    current = house.releases / "current.json"
    current.write_bytes(current.read_bytes().replace(b'"signatures":[{', b'"signatures":[],"x":[{'))
    assert house("publish", house.compile()).code == 5
    assert not path.exists()


def test_status_shows_the_digest_that_over_takes(house: House) -> None:
    assert "which one stands: qmap status" in house.fails(
        "publish", house.compile(), "--over", "zzz", "--accept", "FIELD", "--reason", "x", code=2
    )
    header, row, *_ = house("status").out.splitlines()
    assert header.split()[1:4] == ["STATE", "RELEASE", "DIGEST"]
    _, _, release, digest = row.split()[:4]
    assert release == str(house.sequence)
    rows = house("status", "--format", "json").json["connections"]
    assert {(each["release"], each["digest"][:19]) for each in rows} == {(house.sequence, f"sha256:{digest}")}
    house.edit(*OVERWRITE)
    done = house("publish", house.compile(), "--over", digest, "--accept", "FIELD", "--reason", "agreed")
    assert done.code in (0, 4), done
    assert "counts over a release" not in done.err
