"""A worker runs what a trusted key signed for its tenant, whole and not older, and nothing else."""

from __future__ import annotations

import ast
import base64
import json
import random
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import queast_runtime
from plans.samples import FILE, connection_plan, field_plan, mapping_plan, route_plan, text
from queast_compiler.plan.canonical import dumps
from queast_compiler.plan.connection import NamePlan
from queast_compiler.plan.directory import PlanSet, plan_digest, plan_set
from queast_compiler.plan.dsse import key_id, pae
from queast_compiler.plan.needs import Capability, ScoreNeed, Write
from queast_compiler.plan.release import RefusalReason, ReleaseRefused, sign, verify
from queast_runtime.capabilities import CARRIED_OUT
from queast_runtime.security.keys import KeyUnusable, development_key, trusted_keys
from queast_runtime.security.releases import load_release, stored_sequence, write_release

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EVENT = {"company": {"name": "Equinor"}}


def plans(tenant: str = "acme", property: str = "name") -> PlanSet:
    connection = connection_plan(tenant)
    mapping = mapping_plan(route_plan(field_plan(property, text("name"))), tenant=tenant)
    return plan_set(tenant, [connection], [replace(mapping, connection_digest=plan_digest(connection))])


def publish(state: Path, *, sequence: int = 1, tenant: str = "acme", content: PlanSet | None = None) -> PlanSet:
    content = content or plans(tenant)
    write_release(state, sign(content, sequence=sequence, created_at=NOW, key=development_key(state)), content)
    return content


def refusal(
    state: Path, *, tenant: str = "acme", last_sequence: int = 0, able: Collection[Any] = CARRIED_OUT
) -> RefusalReason:
    with pytest.raises(ReleaseRefused) as refused:
        load_release(state, tenant, trusted=trusted_keys(state), last_sequence=last_sequence, able=able)
    return refused.value.reason


def test_a_published_release_loads_and_runs(tmp_path: Path) -> None:
    publish(tmp_path, sequence=3)
    release = load_release(tmp_path, "acme", trusted=trusted_keys(tmp_path), last_sequence=0)
    assert (release.tenant, release.sequence, stored_sequence(tmp_path, "acme")) == ("acme", 3, 3)
    assert release.connections == {"hubspot-main": connection_plan()}
    assert release.mappings[0].routes[0].evaluate(EVENT, NOW).values == {"name": "Equinor"}


@pytest.mark.parametrize(
    ("write", "capability", "word"),
    [
        ("if_empty", "guard.empty", "`if_empty`"),
        ("unless_edited", "guard.equals_last_written", "`unless_edited`"),
        ("add", "guard.union", "`add`"),
    ],
)
def test_a_plan_whose_guard_the_engine_cannot_carry_out_is_refused_whole(
    tmp_path: Path, write: Write, capability: Capability, word: str
) -> None:
    connection = connection_plan()
    route = route_plan(field_plan("name", text("name")), field_plan("city", text("city", optional=True), write=write))
    mapping = replace(mapping_plan(route), connection_digest=plan_digest(connection))
    publish(tmp_path, content=plan_set("acme", [connection], [mapping]))
    with pytest.raises(ReleaseRefused, match="which this version's engine cannot carry out") as refused:
        load_release(tmp_path, "acme", trusted=trusted_keys(tmp_path), last_sequence=0, able=())
    assert refused.value.reason is RefusalReason.BEYOND_ENGINE
    assert f"mapping acme/acme-hubspot writes `city` {word} ({FILE}:10)" in str(refused.value)
    others = {"guard.empty", "guard.equals_last_written", "guard.union", "match.name"} - {capability}
    assert refusal(tmp_path, able=others) is RefusalReason.BEYOND_ENGINE
    for able in ({capability}, CARRIED_OUT):
        loaded = load_release(tmp_path, "acme", trusted=trusted_keys(tmp_path), last_sequence=0, able=able)
        assert loaded.mappings[0].plan.routes[0].fields[1].write == write


def test_a_connection_whose_names_the_engine_cannot_score_is_refused(tmp_path: Path) -> None:
    plain = connection_plan()
    connection = replace(
        plain,
        match=(replace(plain.match[0], name=NamePlan(0.8, 0.95, 0.05, ("country",), ())),),
        needs=(ScoreNeed("company", "acme/connections.yaml", 9),),
    )
    mapping = replace(mapping_plan(route_plan()), connection_digest=plan_digest(connection))
    publish(tmp_path, content=plan_set("acme", [connection], [mapping]))
    assert refusal(tmp_path, able=frozenset()) is RefusalReason.BEYOND_ENGINE
    assert load_release(tmp_path, "acme", trusted=trusted_keys(tmp_path), last_sequence=0)


def test_a_restart_on_the_same_sequence_is_fine_and_an_older_one_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, sequence=5)
    assert load_release(tmp_path, "acme", trusted=trusted_keys(tmp_path), last_sequence=5).sequence == 5
    assert refusal(tmp_path, last_sequence=6) is RefusalReason.OLDER_SEQUENCE


def test_an_unsigned_release_is_refused(tmp_path: Path) -> None:
    publish(tmp_path)
    path = tmp_path / "releases/acme/current.json"
    envelope = json.loads(path.read_bytes())
    path.write_bytes(dumps({**envelope, "signatures": []}))
    assert refusal(tmp_path) is RefusalReason.UNSIGNED


def test_a_release_signed_by_a_stranger_is_refused(tmp_path: Path) -> None:
    publish(tmp_path)
    content = plans()
    write_release(tmp_path, sign(content, sequence=2, created_at=NOW, key=Ed25519PrivateKey.generate()), content)
    assert refusal(tmp_path) is RefusalReason.UNKNOWN_KEY


def test_a_strangers_signature_under_a_trusted_key_id_is_refused(tmp_path: Path) -> None:
    publish(tmp_path)
    envelope = json.loads(sign(plans(), sequence=2, created_at=NOW, key=Ed25519PrivateKey.generate()))
    envelope["signatures"][0]["keyid"] = key_id(development_key(tmp_path).public_key())
    (tmp_path / "releases/acme/current.json").write_bytes(dumps(envelope))
    assert refusal(tmp_path) is RefusalReason.ALTERED


def test_another_payload_under_the_same_signature_is_refused(tmp_path: Path) -> None:
    publish(tmp_path)
    path = tmp_path / "releases/acme/current.json"
    envelope = json.loads(path.read_bytes())
    payload = json.loads(base64.b64decode(envelope["payload"]))
    envelope["payload"] = base64.b64encode(dumps({**payload, "sequence": 99})).decode()
    path.write_bytes(dumps(envelope))
    assert refusal(tmp_path) is RefusalReason.ALTERED


def test_another_tenants_release_is_refused(tmp_path: Path) -> None:
    content = publish(tmp_path, tenant="other")
    envelope = (tmp_path / "releases/other/current.json").read_bytes()
    write_release(tmp_path, envelope, replace(content, tenant="acme"))
    assert refusal(tmp_path) is RefusalReason.OTHER_TENANT


def test_a_plan_of_another_tenant_in_a_signed_release_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, content=replace(plans("other"), tenant="acme"))
    assert refusal(tmp_path) is RefusalReason.OTHER_TENANT


def test_a_missing_and_an_altered_plan_are_refused(tmp_path: Path) -> None:
    content = publish(tmp_path)
    path = tmp_path / "releases/acme/plans" / f"{content.mappings['acme-hubspot'].removeprefix('sha256:')}.json"
    good = path.read_bytes()
    path.write_bytes(good.replace(b'"name"', b'"game"', 1))
    assert refusal(tmp_path) is RefusalReason.PLAN_ALTERED
    path.unlink()
    assert refusal(tmp_path) is RefusalReason.PLAN_MISSING
    path.write_bytes(good)
    assert load_release(tmp_path, "acme", trusted=trusted_keys(tmp_path), last_sequence=0).sequence == 1


def test_a_mapping_compiled_against_another_connection_plan_is_refused(tmp_path: Path) -> None:
    mapping = mapping_plan(route_plan(field_plan("name", text("name"))))
    publish(tmp_path, content=plan_set("acme", [connection_plan()], [mapping]))
    assert refusal(tmp_path) is RefusalReason.MALFORMED


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"payload":"","payload":""}', b"[" * 100_000])
def test_bytes_that_are_no_envelope_are_malformed(data: bytes) -> None:
    with pytest.raises(ReleaseRefused) as refused:
        verify(data, {}, "acme", 0)
    assert refused.value.reason is RefusalReason.MALFORMED


def flip_bits(count: int) -> None:
    key = Ed25519PrivateKey.generate()
    keys = {key_id(key.public_key()): key.public_key()}
    envelope = sign(plans(), sequence=1, created_at=NOW, key=key)
    chance = random.Random(20260131)
    accepted = 0
    for _ in range(count):
        altered = bytearray(envelope)
        position = chance.randrange(len(altered) * 8)
        altered[position // 8] ^= 1 << (position % 8)
        try:
            verify(bytes(altered), keys, "acme", 0)
        except ReleaseRefused:
            continue
        accepted += 1
    assert accepted == 0


def test_no_flipped_bit_of_an_envelope_is_accepted() -> None:
    flip_bits(500)


@pytest.mark.soak
def test_no_flipped_bit_is_accepted_in_ten_thousand() -> None:
    flip_bits(10_000)


def test_the_signed_bytes_are_those_of_the_dsse_specification() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "
    assert pae("é", b"\x00\xff") == b"DSSEv1 2 \xc3\xa9 2 \x00\xff"


def test_the_development_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = development_key(tmp_path)
    assert development_key(tmp_path).private_bytes_raw() == first.private_bytes_raw()
    path = tmp_path / "keys/release.ed25519"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(trusted_keys(tmp_path)) == [key_id(first.public_key())]
    assert sorted(p.name for p in path.parent.iterdir()) == ["release.ed25519", "trusted"]
    path.chmod(0o644)
    with pytest.raises(KeyUnusable, match="other users may read it"):
        development_key(tmp_path)


def test_a_worker_has_no_other_path_to_a_callable() -> None:
    makers = {"load_mapping", "load_expression", "exec", "eval", "compile", "Interpreter"}
    modules = ("queast_compiler.codegen.load", "queast_compiler.codegen.interpret", "queast_compiler.codegen.generate")
    root = Path(str(queast_runtime.__file__)).parent
    found: set[str] = set()
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root).as_posix()
        if place.startswith(("cli/", "preview/")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ImportFrom(module=module, names=names) if module and module.startswith(
                    "queast_compiler.codegen"
                ):
                    if module.startswith(modules) or makers & {alias.name for alias in names}:
                        found.add(place)
                case ast.Import(names=names) if any(a.name.startswith("queast_compiler.codegen") for a in names):
                    found.add(place)
                case ast.Call(func=ast.Name(id="exec" | "eval" | "compile")):
                    found.add(place)
                case _:
                    pass
    assert found == {"security/releases.py"}
