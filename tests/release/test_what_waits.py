"""`qmap approve` without an ID lists what waits for a second person, and whether it still can be approved."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from queast_runtime.security.keys import token_key
from queast_runtime.security.pending import sign_pending
from queast_runtime.security.roles import Caller, Role
from queast_runtime.security.tokens import mint
from release.house import LOWER, LOWER_STILL, OVERWRITE, WORD, House

OLD = timedelta(days=7, seconds=5)


@pytest.fixture
def waiting(house: House) -> str:
    """The id of a release of a lowered threshold that waits."""
    house.edit(*LOWER)
    return house.asks()


def rows(house: House, *arguments: str) -> list[dict[str, Any]]:
    said = house("approve", "--format", "json", *arguments)
    assert said.code == 0, said
    found: list[dict[str, Any]] = said.json["waiting"]
    return found


def role_token(house: House, role: Role, tenant: str = "acme") -> str:
    now = datetime.now(UTC)
    caller = Caller(tenant, role, "Rita")
    return mint(
        token_key(house.state), caller, jti="j" * 24, now=now, ends_at=now + timedelta(hours=1), minted_by="cli:olga"
    )


def test_where_nothing_waits_one_line_says_so(fresh: House) -> None:
    for _ in range(2):
        said = fresh("approve")
        assert (said.code, said.out) == (0, "")
        assert said.err.splitlines()[-1] == "nothing waits for a second person"
        assert fresh("approve", "--format", "json").json == {"schema_version": 1, "waiting": [], "damaged": []}
        fresh.published()


def test_what_waits_is_listed_with_who_asked_for_what_and_until_when(house: House, waiting: str) -> None:
    """D5.4"""
    house.edit(*OVERWRITE)
    house.edit(*WORD)
    later = house.asks("--token", house.token("tenant_admin", "Ana Berg"), accept="IDENTITY,FIELD")
    # What was asked for within one second stands in the order of its ids.
    first, second = sorted(rows(house), key=lambda row: row["id"] != waiting)
    assert (first["id"], first["tenant"], first["kind"]) == (waiting, "acme", "publish")
    assert (first["subject"], first["role"], first["reason"]) == ("cli:anna", "admin", "fewer questions")
    assert first["mappings"] == ["companies", "notes"], "those whose connection matches otherwise"
    assert [each["category"] for each in first["accepted"]] == ["IDENTITY"]
    assert first["can_be_approved"] is False
    assert first["why"] == f"cli:anna asked for {waiting}: somebody else approves it"
    bo = house.token("tenant_admin", "Bo")
    theirs = {row["id"]: (row["can_be_approved"], row["why"]) for row in rows(house, "--token", bo)}
    assert theirs[waiting] == (True, None)
    asked, ends = (datetime.fromisoformat(first[name].replace("Z", "+00:00")) for name in ("at", "ends_at"))
    assert ends - asked == timedelta(days=7)
    assert (second["id"], second["subject"], second["role"]) == (later, "Ana Berg", "tenant_admin")
    assert second["mappings"] == ["companies", "events", "notes"]
    assert second["second"] == ["IDENTITY"]
    said = house("approve", "--token", bo)
    head, *lines = said.out.splitlines()
    one, other = sorted(lines, key=lambda line: not line.startswith(waiting))
    assert head.split() == ["ID", "TENANT", "MAPPINGS", "ACCEPTED", "BY", "AT", "UNTIL", "CAN", "BE", "APPROVED"]
    assert one.split()[:2] == [waiting, "acme"]
    assert "cli:anna (admin)" in one
    assert "companies, events, notes  IDENTITY, FIELD  Ana Berg (tenant_admin)" in other
    assert one.endswith("  yes")
    assert "qmap approve ID --show" in said.err
    assert 'qmap withdraw ID --reason "..."' in said.err


def test_many_mappings_are_counted_in_the_table_and_all_named_in_json(house: House, waiting: str) -> None:
    stands = house.pending(waiting)
    more = {f"m{number}": stands.mappings["companies"] for number in range(40)}
    many = house.signed(replace(stands, mappings={**stands.mappings, **more}))
    names = next(row["mappings"] for row in rows(house) if row["id"] == many)
    assert len(names) == 42
    assert f"{', '.join(names[:3])} and 39 more" in house("approve").out


@pytest.mark.parametrize("role", ["tenant_admin", "reviewer", "support"])
def test_whoever_may_read_the_history_may_list_and_look(house: House, waiting: str, role: Role) -> None:
    """D5.1"""
    token = role_token(house, role)
    assert [row["id"] for row in rows(house, "--token", token)] == [waiting]
    assert house("approve", waiting, "--show", "--token", token).code == 0
    house.environment = {**house.environment, "QMAP_TOKEN": token}
    assert waiting in house("approve").out
    assert house.waiting() == [waiting]


def test_no_other_role_and_no_token_that_does_not_count_lists_anything(house: House, waiting: str) -> None:
    """D5.1"""
    token = role_token(house, "runtime")
    for arguments in (["approve"], ["approve", waiting, "--show"]):
        said = house(*arguments, "--token", token)
        assert (said.code, said.out) == (6, "")
        assert "role runtime may not see who released what" in said.err
        said = house(*arguments, "--token", token[:-2])
        assert (said.code, said.out) == (6, "")
    house.environment = {**house.environment, "QMAP_TOKEN": ""}
    assert "QMAP_TOKEN is empty" in house.fails("approve", code=6)


def test_a_token_sees_its_own_tenant_only_and_the_operator_sees_all(house: House, waiting: str) -> None:
    """D5.1"""
    theirs = house.signed(replace(house.pending(waiting), tenant="globex"), house.state / "releases" / "globex")
    assert {row["id"] for row in rows(house)} == {waiting, theirs}
    for tenant, sees, other in (("acme", waiting, theirs), ("globex", theirs, waiting)):
        token = house.token("reviewer", "Rita", tenant)
        assert [row["id"] for row in rows(house, "--token", token)] == [sees]
        err = house.fails("approve", other, "--show", "--token", token, code=2)
        assert f"no release waits under the id {other}" in err
    nothing_here = role_token(house, "reviewer", "nordlys")
    assert rows(house, "--token", nothing_here) == []


def another_release(house: House, waiting: str) -> str:
    house.undo(*LOWER)
    house.edit(*WORD)
    house.published()
    return waiting


def another_policy(house: House, waiting: str) -> str:
    path = house.folder / "mappings" / "policy.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# looked at\n", encoding="utf-8")
    assert house("policy", "set", "mappings").code == 0
    return waiting


def no_policy(house: House, waiting: str) -> str:
    shutil.rmtree(house.state / "policy")
    return waiting


def new_plan(house: House, waiting: str) -> Path:
    digest = house.pending(waiting).mappings["companies"]
    return house.releases / "plans" / f"{digest.removeprefix('sha256:')}.json"


def plan_gone(house: House, waiting: str) -> str:
    new_plan(house, waiting).unlink()
    return waiting


def plan_altered(house: House, waiting: str) -> str:
    path = new_plan(house, waiting)
    path.write_bytes(path.read_bytes().replace(b"acme", b"acne", 1))
    return waiting


def ended(house: House, waiting: str) -> str:
    pending = house.pending(waiting)
    return house.signed(replace(pending, at=pending.at - OLD))


def record_altered(house: House, waiting: str) -> str:
    path = house.releases / "history" / "1.json"
    path.write_bytes(path.read_bytes()[:-9])
    return waiting


def envelope_gone(house: House, waiting: str) -> str:
    (house.releases / "current.json").write_text("no envelope")
    return waiting


def withdrawn(house: House, waiting: str) -> str:
    kept = house.waits_at(waiting).read_bytes()
    assert house("withdraw", waiting, "--reason", "a mistake").code == 0
    house.waits_at(waiting).write_bytes(kept)
    return waiting


def approved(house: House, waiting: str) -> str:
    """Approved, then published otherwise, until what stood stands again; and the file is put back."""
    kept = house.waits_at(waiting).read_bytes()
    assert house("approve", waiting, "--token", house.token("tenant_admin", "Bo")).code == 0
    house.undo(*LOWER)
    house.published("--accept", "IDENTITY", "--reason", "too many wrong links")
    house.waits_at(waiting).write_bytes(kept)
    return waiting


def left_by_a_rollback(house: House, waiting: str) -> str:
    """What waits came to stand by another request, and a rollback left it."""
    before = house.mappings()
    other = house.asks("--token", house.token("tenant_admin", "Ana"))
    assert house("approve", other, "--token", house.token("tenant_admin", "Bo")).code == 0
    for mapping, more in (("companies", ["--with-connection", "--accept", "IDENTITY"]), ("events", [])):
        back = ("rollback", mapping, "--to", before[mapping], "--reason", "wrong links")
        assert house(*back, *more).code == 0
    assert house.mappings() == before
    return waiting


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (another_release, "was compared with another release of acme than release 2"),
        (another_policy, "another policy stands than the one that"),
        (no_policy, "no policy of the platform stands here yet"),
        (plan_gone, "is not here"),
        (plan_altered, "was altered"),
        (ended, "waited for 7 days"),
        (record_altered, "the record of release 1 of acme does not count"),
        (envelope_gone, "cannot tell what is published of acme"),
        (withdrawn, "was withdrawn by cli:anna"),
        (approved, "was approved by Bo, as release 2"),
        (left_by_a_rollback, "was left by a rollback since"),
    ],
)
def test_what_cannot_be_approved_is_listed_with_the_reason_that_an_approval_gives(
    house: House, waiting: str, harm: Callable[[House, str], str], says: str
) -> None:
    """D5.4"""
    id_ = harm(house, waiting)
    cem = house.token("tenant_admin", "Cem")
    row = next(each for each in rows(house, "--token", cem) if each["id"] == id_)
    assert (row["can_be_approved"], says in row["why"]) == (False, True), row
    line = next(line for line in house("approve", "--token", cem).out.splitlines() if line.startswith(id_))
    assert f"no: {row['why']}" in line
    stood = (house.releases / "current.json").read_bytes()
    said = house("approve", id_, "--token", cem)
    assert said.code in (5, 6)
    assert said.err.splitlines()[0] == f"qmap: {row['why']}"
    assert (house.releases / "current.json").read_bytes() == stood


def altered(envelope: dict[str, Any]) -> dict[str, Any]:
    body = envelope["payload"]
    return {**envelope, "payload": ("A" if body[0] != "A" else "B") + body[1:]}


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@pytest.mark.parametrize(
    ("harm", "says", "code"),
    [
        ("altered", "was altered after signing", 6),
        ("cut", "is not JSON", 6),
        ("empty", "is not JSON", 6),
        ("junk", "is not JSON", 6),
        ("nested", "is not JSON", 6),
        ("unsigned", "carries no signature", 6),
        ("another key", "is signed by a key that is not trusted here", 6),
        ("a release", "the payload type is not", 6),
        ("renamed", "is another waiting release", 6),
        ("another tenant", "is another waiting release", 6),
        ("a folder", "Is a directory", 5),
    ],
)
def test_a_file_that_does_not_count_is_told_in_a_line_and_hides_no_other(
    house: House, waiting: str, harm: str, says: str, code: int
) -> None:
    """D6.5"""
    kept = house.waits_at(waiting).read_bytes()
    bad = "p" + "0" * 12
    path = house.waits_at(bad)
    if harm == "another key":
        bad, envelope = sign_pending(house.pending(waiting), Ed25519PrivateKey.generate())
        assert bad == waiting, "what is signed is the same"
        bad, envelope = sign_pending(replace(house.pending(waiting), reason="other"), Ed25519PrivateKey.generate())
        house.waits_at(bad).write_bytes(envelope)
    elif harm == "another tenant":
        bad = house.signed(replace(house.pending(waiting), tenant="globex"))
    elif harm == "a folder":
        path.mkdir()
    else:
        path.write_bytes(
            {
                "altered": canonical(altered(json.loads(kept))),
                "cut": kept[:-20],
                "empty": b"",
                "junk": b"\x00\xff" * 40,
                "nested": b"[" * 100_000,
                "unsigned": canonical({**json.loads(kept), "signatures": []}),
                "a release": (house.releases / "current.json").read_bytes(),
                "renamed": kept,
            }[harm]
        )
    said = house("approve")
    told = house.failed(said, code)
    (line,) = [line for line in told.splitlines() if line.startswith("qmap: ")]
    assert line.startswith(f"qmap: acme: the waiting release {bad} does not count: ")
    assert says in line
    assert [each.split()[0] for each in said.out.splitlines()[1:]] == [waiting]
    found = house("approve", "--format", "json")
    assert found.code == code
    assert [row["id"] for row in found.json["waiting"]] == [waiting]
    (damaged,) = found.json["damaged"]
    assert (damaged["tenant"], damaged["id"]) == ("acme", bad)
    for arguments in (["--show"], []):
        assert says in house.fails("approve", bad, *arguments, "--token", house.token("tenant_admin", "B"), code=code)
    assert says in house.fails("withdraw", bad, "--reason", "rubbish", code=code)
    assert house.sequence == 1
    assert house("approve", waiting, "--token", house.token("tenant_admin", "Bo")).code == 0


def test_no_byte_of_what_waits_can_be_another(house: House, waiting: str) -> None:
    """D6.5 forty bytes changed at random: each is told of, and none approved"""
    chance, path = random.Random(7), house.waits_at(waiting)
    kept = path.read_bytes()
    token = house.token("tenant_admin", "Bo")
    for _ in range(40):
        place, bit = chance.randrange(len(kept)), 1 << chance.randrange(8)
        path.write_bytes(kept[:place] + bytes([kept[place] ^ bit]) + kept[place + 1 :])
        said = house("approve")
        if said.code == 0:
            # The line break at the end belongs to no envelope.
            assert place == len(kept) - 1
            continue
        assert "does not count" in house.failed(said, 6)
        house.fails("approve", waiting, "--token", token, code=6)
    assert house.sequence == 1


def test_a_copy_among_another_tenants_hides_nothing(house: House, waiting: str) -> None:
    """D5.1"""
    for tenant in ("aaa", "globex"):
        folder = house.state / "releases" / tenant / "pending"
        folder.mkdir(parents=True)
        (folder / f"{waiting}.json").write_bytes(house.waits_at(waiting).read_bytes())
    said = house("approve")
    assert said.code == 6
    assert [line.split()[:2] for line in said.out.splitlines()[1:]] == [[waiting, "acme"]]
    for tenant in ("aaa", "globex"):
        assert f"qmap: {tenant}: the waiting release {waiting} does not count" in said.err
    assert house("approve", waiting, "--show").code == 0
    token = house.token("tenant_admin", "Gus", "globex")
    assert "is another waiting release" in house.fails("approve", waiting, "--token", token, code=6)
    assert house("withdraw", waiting, "--reason", "a mistake").code == 0
    assert house.waiting() == []


@pytest.mark.parametrize("name", ["lost+found", "Acme", ".cache", "a b"])
def test_a_folder_that_can_be_no_tenants_is_passed_over(house: House, waiting: str, name: str) -> None:
    (house.state / "releases" / name / "pending").mkdir(parents=True)
    (house.state / "releases" / name / "pending" / f"{waiting}.json").write_text("{}")
    assert [row["id"] for row in rows(house)] == [waiting]
    assert house("approve", waiting, "--token", house.token("tenant_admin", "Bo")).code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--show"], "--show takes the ID of what waits"),
        (["--reason", "fine"], "--reason goes with an approval"),
        (["p" + "1" * 12, "--show", "--reason", "fine"], "--reason goes with an approval"),
        (["p" + "1" * 12, "--show"], "no release waits under the id"),
        (["", "--show"], "no release waits under the id"),
        ([""], "no release waits under the id"),
        (["../../keys/release", "--show"], "no release waits under the id"),
        (["p" * 5_000], "no release waits under the id"),
    ],
)
def test_wrong_words_are_wrong_use(house: House, waiting: str, arguments: list[str], says: str) -> None:
    assert says in house.fails("approve", *arguments, code=2)
    assert house.waiting() == [waiting]


def test_a_lower_threshold_waits_beside_the_first_and_only_one_of_them_comes_to_stand(
    house: House, waiting: str
) -> None:
    """D5.4"""
    house.undo(*LOWER)
    house.edit(*LOWER_STILL)
    other = house.asks()
    assert house("approve", other, "--token", house.token("tenant_admin", "Bo")).code == 0
    (row,) = rows(house, "--token", house.token("tenant_admin", "Cem"))
    assert row["id"] == waiting
    assert f"{waiting} was compared with another release of acme than release 2" in row["why"]
