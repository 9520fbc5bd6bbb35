"""What is accepted is accepted over a release, by a person that is known."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from queast_compiler.plan.directory import write_atomically
from queast_runtime.security import releases
from queast_runtime.security.releases import stored_sequence
from release.house import OVERWRITE, SECRET, WORD, House

ACCEPTING = ("--accept", "FIELD", "--reason", "agreed")


def test_accepting_with_a_folder_of_plans_names_the_release_that_it_was_compared_with(house: House) -> None:
    house.edit(*OVERWRITE)
    over = house.over()
    said = house("publish", house.compile(), *ACCEPTING)
    assert (said.code, house.sequence) == (4, 1)
    assert "acme: --accept with a folder of plans counts over a release that it names" in said.err
    assert f"qmap publish plans --over {over[1][7:19]} --accept FIELD" in said.err
    assert house("publish", "plans", *ACCEPTING, *over).code == 0


def test_what_was_accepted_over_another_release_is_not_published(house: House) -> None:
    house.edit(*OVERWRITE)
    over = house.over()
    house.undo(*OVERWRITE)
    house.edit(*WORD)
    assert house.published() == 2
    house.edit(*OVERWRITE)
    err = house.fails("publish", house.compile(), *ACCEPTING, *over, code=6)
    assert "it is not what was compared with" in err
    for wrong in ("abc", "../x", ""):
        assert "first 8 hex digits" in house.fails("publish", "plans", *ACCEPTING, "--over", wrong, code=2)
    assert house.sequence == 2


def test_a_change_file_says_by_itself_what_it_was_compared_with(house: House) -> None:
    house.edit(*OVERWRITE)
    assert house("publish", house.change(), *ACCEPTING).code == 0
    assert house.sequence == 2


@pytest.mark.parametrize("value", ["true", "1", "yes"])
def test_a_pipeline_without_a_token_accepts_no_security_unless_it_says_that_it_is_the_operators(
    house: House, value: str
) -> None:
    """D5.1"""
    first = house.mappings()["events"]
    house.edit(*SECRET)
    assert house.published() == 2
    house.undo(*SECRET)
    house.environment = {**house.environment, "CI": value}
    accepting = ("--accept", "SECURITY", "--reason", "agreed")
    said = house.publish(*accepting)
    assert (said.code, house.sequence) == (6, 2)
    assert "CI is set, and no token was given" in said.err
    assert "--as-operator" in said.err
    back = ("rollback", "events", "--to", first, *accepting)
    assert "CI is set" in house.fails(*back, code=6)
    token = house.token("tenant_admin", "Bo")
    assert "does not accept SECURITY" in house.publish(*accepting, "--token", token).err
    assert "two people" in house.fails(*back, "--as-operator", "--token", token, code=2)
    assert house(*back, "--as-operator").code == 0
    house.edit(*OVERWRITE)
    assert house.published(*ACCEPTING) == 4, "what is no SECURITY is the operator's as ever"


def test_a_process_that_ends_between_two_tenants_leaves_the_rest_to_the_same_command(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    mappings = house.folder / "mappings"
    shutil.copytree(mappings / "acme", mappings / "globex")
    assert house.published() == 2
    for tenant in ("acme", "globex"):
        path = mappings / tenant / "companies.yaml"
        path.write_text(path.read_text().replace("write: if_empty", "write: always"))
    change = house.change()

    def dies(path: Path, data: bytes, *, mode: int) -> None:
        if path.name == "current.json" and path.parent.name == "globex":
            raise KeyboardInterrupt
        write_atomically(path, data, mode=mode)

    with monkeypatch.context() as patched:
        patched.setattr(releases, "write_atomically", dies)
        assert house("publish", change, *ACCEPTING).code == 130
    assert [stored_sequence(house.state, tenant) for tenant in ("acme", "globex")] == [3, 1]
    said = house("publish", change, *ACCEPTING)
    assert said.code == 0, said
    assert "acme: change.json was published of it before; the rest follows" in said.err
    # The number that the first attempt took is not given again.
    assert [stored_sequence(house.state, tenant) for tenant in ("acme", "globex")] == [3, 3]
    assert "is older than what is published" in house.fails("publish", change, *ACCEPTING, code=6)
    assert house("history", "companies", "-t", "globex").code == 0
