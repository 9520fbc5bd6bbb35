"""`qmap approve ID --show` tells the second person what they decide on, computed anew from what was signed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from queast_runtime.security.history import Accepted
from release.house import LOWER, OVERWRITE, WORD, House


def test_the_second_person_reads_what_publish_printed(house: House) -> None:
    """D5.4"""
    for edit in (LOWER, OVERWRITE, WORD):
        house.edit(*edit)
    printed = house.publish()
    assert (printed.code, len(printed.out.splitlines())) == (4, 2)
    id_ = house.asks(accept="IDENTITY,FIELD")
    said = house("approve", id_, "--show", "--token", house.token("tenant_admin", "Bo"))
    assert (said.code, said.out) == (0, printed.out.replace("mappings/acme/", "acme/"))
    assert "1 change more that nobody has to accept: --format json" in said.err
    assert "cli:anna (admin) asked for it on " in said.err
    assert ": fewer questions\n" in said.err
    assert "accepted: IDENTITY, FIELD; IDENTITY takes a second person" in said.err
    assert f"you can approve it: qmap approve {id_}\n" in said.err
    assert (house.sequence, house.waiting()) == (1, [id_]), "nothing was approved by it"


def test_all_changes_are_in_json_with_their_gate(house: House) -> None:
    for edit in (LOWER, OVERWRITE, WORD):
        house.edit(*edit)
    house.compile()
    gated = house("publish", "plans", "--format", "json").json["gated"][0]["changes"]
    id_ = house.asks(accept="IDENTITY,FIELD")
    bo = house.token("tenant_admin", "Bo")
    said = house("approve", id_, "--show", "--format", "json", "--token", bo)
    assert said.code == 0
    (row,) = said.json["waiting"]
    assert (row["id"], row["can_be_approved"], row["mappings"]) == (id_, True, ["companies", "events", "notes"])
    changes = said.json["changes"]
    assert [each for each in changes if each["gate"] == "block"] == gated
    assert [each["path"] for each in changes if each["gate"] == "info"] == ["routes.signals.headers.X-Kind"]


def test_a_first_release_with_personal_data_is_shown_against_nothing(fresh: House) -> None:
    """D5.4"""
    path = fresh.folder / "mappings" / "acme" / "events.yaml"
    people = "  people:\n    entity: person\n    events: [created]\n    to: event\n    body: {mail: person.email}\n"
    grant = "pii: {purpose: sales, basis: legitimate_interest, send: [person.email]}\n"
    path.write_text(path.read_text(encoding="utf-8") + people + grant, encoding="utf-8")
    printed = fresh.publish()
    id_ = fresh.asks(accept="PRIVACY")
    said = fresh("approve", id_, "--show")
    assert (said.code, said.out) == (0, printed.out.replace("mappings/acme/", "acme/"))
    assert {line.split()[0] for line in said.out.splitlines()} == {"PRIVACY"}


def test_a_rollback_that_waits_says_which_mapping_goes_back(house: House) -> None:
    """D5.4"""
    house.edit(*LOWER)
    lowered = house.asks("--token", house.token("tenant_admin", "Ana"))
    assert house("approve", lowered).code == 0
    digest = house.mappings()["companies"]
    house.undo(*LOWER)
    house.published("--accept", "IDENTITY", "--reason", "too many wrong links")
    back = ("rollback", "companies", "--to", digest, "--reason", "too few links", "--with-connection")
    waits = house(*back, "--accept", "IDENTITY", "--format", "json")
    assert waits.code == 4
    (row,) = waits.json["waiting"]
    said = house("approve", row["pending"], "--show")
    assert said.code == 0
    assert f"acme/companies goes back: {house.mappings()['companies'][:19]} → {digest[:19]}" in said.err
    assert "0.95 → 0.9 " in said.out
    (listed,) = house("approve", "--format", "json").json["waiting"]
    assert (listed["kind"], listed["mappings"]) == ("rollback", ["companies", "notes"])


def test_whose_commit_accepted_it_is_said(house: House) -> None:
    house.edit(*LOWER)
    pending = house.pending(house.asks())
    word = Accepted("IDENTITY", "3f2a9c1b0d4e" * 3 + "abcd", "Ana <ana@acme.example>", "the queue is too long")
    id_ = house.signed(replace(pending, accepted=(word,)))
    said = house("approve", id_, "--show")
    line = "IDENTITY was accepted by Ana <ana@acme.example> in commit 3f2a9c1b0d4e: the queue is too long"
    assert line in said.err.splitlines()
    assert "accepted: IDENTITY (3f2a9c1b0d4e)" in said.err


def test_one_that_cannot_be_approved_any_more_is_shown_and_that_is_said(house: House) -> None:
    house.edit(*LOWER)
    id_ = house.asks()
    shown = house("approve", id_, "--show").out
    house.undo(*LOWER)
    house.edit(*WORD)
    house.published()
    said = house("approve", id_, "--show")
    assert (said.code, said.out) == (0, shown), "what it was compared with, not what stands now"
    assert f"it cannot be approved: {id_} was compared with another release" in said.err
    assert "somebody else approves it" not in said.err


def plan_of(house: House, digest: str) -> Path:
    return house.releases / "plans" / f"{digest.removeprefix('sha256:')}.json"


def test_nothing_is_shown_of_plans_that_are_gone_or_altered(house: House) -> None:
    """D6.5 what stood, too"""
    house.edit(*LOWER)
    id_ = house.asks()
    pending = house.pending(id_)
    for digest in (pending.mappings["companies"], pending.was_mappings["companies"]):
        path = plan_of(house, digest)
        kept = path.read_bytes()
        path.write_bytes(kept.replace(b'"if_empty"', b'"on_create"', 1))
        said = house("approve", id_, "--show")
        assert said.out == ""
        assert "cannot tell what it changes: " in house.failed(said, 5)
        assert "was altered" in said.err
        path.unlink()
        assert "is not here" in house.fails("approve", id_, "--show", code=5)
        assert house("approve").code == 0, "the list goes without"
        path.write_bytes(kept)
    assert house("approve", id_, "--show").code == 0


def test_a_plan_of_another_tenant_is_not_shown_though_its_digest_fits(house: House) -> None:
    """D5.1"""
    theirs = b'{"connection":"x","tenant":"globex"}'
    digest = f"sha256:{hashlib.sha256(theirs).hexdigest()}"
    plan_of(house, digest).write_bytes(theirs)
    house.edit(*LOWER)
    pending = house.pending(house.asks())
    id_ = house.signed(replace(pending, mappings={**pending.mappings, "companies": digest}))
    said = house("approve", id_, "--show")
    assert said.out == ""
    assert "cannot tell what it changes: " in house.failed(said, 5)
    token = house.token("tenant_admin", "Bo")
    house.fails("approve", id_, "--token", token, code=5)
    assert house.sequence == 1
