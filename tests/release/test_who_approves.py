"""Who is said to be able to approve what waits, and that the same request again is the one that waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from release.house import LOWER, WORD, House
from release.test_what_waits import OLD, another_policy, role_token, rows


@pytest.mark.parametrize("asked_by", [None, "Ana"])
@pytest.mark.parametrize("listed_by", [None, "Ana", "Bo", "Rita"])
def test_the_list_says_what_an_approval_by_the_same_person_would_end_with(
    house: House, asked_by: str | None, listed_by: str | None
) -> None:
    """D5.4 the operator who asked, a person who did, another one, and a role that may not"""
    tokens = {name: ("--token", house.token("tenant_admin", name)) for name in ("Ana", "Bo")}
    tokens["Rita"] = ("--token", role_token(house, "reviewer"))
    house.edit(*LOWER)
    id_ = house.asks(*(tokens[asked_by] if asked_by else ()))
    by = tokens[listed_by] if listed_by else ()
    (row,) = rows(house, *by)
    shown = house("approve", id_, "--show", *by).err
    said = house("approve", id_, *by)
    assert row["can_be_approved"] is (said.code == 0)
    if said.code == 0:
        assert f"you can approve it: qmap approve {id_}\n" in shown
    else:
        assert (said.code, said.err.splitlines()[0]) == (6, f"qmap: {row['why']}")
        assert f"you cannot approve it: {row['why']}\n" in shown


def test_what_the_operator_asked_for_is_said_to_take_a_token(house: House) -> None:
    house.edit(*LOWER)
    arguments = ("--accept", "IDENTITY", "--reason", "fewer questions")
    own = house.publish(*arguments).err
    assert f"a tenant_admin of acme approves it, by their token: qmap approve {house.waiting()[0]} --token TOKEN" in own
    theirs = house.publish(*arguments, "--token", house.token("tenant_admin", "Ana")).err
    assert "help: somebody else approves it: qmap approve p" in theirs


def test_the_same_request_again_is_the_one_that_waits(house: House) -> None:
    """The same plans under the same policy of the same person: another reason makes no other request of it."""
    house.edit(*LOWER)
    first = house.asks()
    kept = house.waits_at(first).read_bytes()
    arguments = ("--accept", "IDENTITY", "--reason", "another reason")
    said = house.publish(*arguments)
    assert (said.code, said.out) == (4, f"acme  waits for a second person  {first}\n")
    assert f"acme: the same waits since {rows(house)[0]['at']} as {first}, and is what waits" in said.err
    assert (house.waiting(), house.waits_at(first).read_bytes()) == ([first], kept)
    assert house.asks("--token", house.token("tenant_admin", "Ana")) != first, "somebody else's"
    another_policy(house, first)
    assert house.asks() != first, "under another policy"
    assert len(house.waiting()) == 3
    house.edit(*WORD)
    house.asks()
    assert len(house.waiting()) == 4, "other plans"


def test_what_waited_for_too_long_is_asked_for_anew(house: House) -> None:
    house.edit(*LOWER)
    first = house.pending(house.asks())
    house.waits_at(house.waiting()[0]).unlink()
    old = house.signed(replace(first, at=first.at - OLD))
    assert house.asks() != old
