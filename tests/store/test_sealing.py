"""Sealing: a value opens only for its tenant, at its place, with its key (D6.2)."""

from __future__ import annotations

import json
import os
import random
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from queast_runtime.ports.edge import Unsealable
from queast_runtime.security.sealing import AesGcmSealer, Keyring, open_sealer
from store.samples import NOON, FixedClock

PLACE = ("events", "queast", "e1", "body")


def test_the_primitive_agrees_with_the_published_vectors() -> None:
    corpus = os.environ.get("QMAP_BADINPUT")
    if corpus is None:
        pytest.skip("QMAP_BADINPUT is not set")
    checked = 0
    for group in json.loads((Path(corpus) / "vectors" / "aes_gcm_test.json").read_text())["testGroups"]:
        for case in group["tests"]:
            key, nonce, aad = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad"))
            plain, sealed = bytes.fromhex(case["msg"]), bytes.fromhex(case["ct"] + case["tag"])
            if len(key) != 32 or len(nonce) != 12 or group["tagSize"] != 128:
                continue
            checked += 1
            if case["result"] == "invalid":
                with pytest.raises(InvalidTag):
                    AESGCM(key).decrypt(nonce, sealed, aad)
            else:
                assert AESGCM(key).decrypt(nonce, sealed, aad) == plain
                assert AESGCM(key).encrypt(nonce, plain, aad) == sealed
    assert checked > 50


def test_a_sealed_value_moved_elsewhere_never_opens(tmp_path: Path) -> None:
    sealer = open_sealer(tmp_path, FixedClock())
    chance = random.Random(7)
    # Neighbouring parts that join to the same text are among the places.
    words = ["a", "ab", "b", "c", "bc", "", "body", "state"]
    tenants = ["acme", "nordlys", "acme-nordlys"]
    sites = list({(chance.choice(tenants), tuple(chance.choices(words, k=3))) for _ in range(400)})
    values = {site: sealer.seal(*site, b"payload") for site in sites}
    refused = 0
    for _ in range(2_000):
        origin, target = chance.sample(sites, 2)
        with pytest.raises(Unsealable):
            sealer.open(*target, values[origin])
        refused += 1
    assert refused == 2_000
    assert all(sealer.open(*site, value) == b"payload" for site, value in values.items())


def test_every_altered_bit_is_refused(tmp_path: Path) -> None:
    sealer = open_sealer(tmp_path, FixedClock())
    sealed = sealer.seal("acme", PLACE, b"payload")
    for bit in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unsealable):
            sealer.open("acme", PLACE, bytes(altered))
    for length in range(len(sealed)):
        with pytest.raises(Unsealable):
            sealer.open("acme", PLACE, sealed[:length])


def test_each_day_has_its_own_key_and_destroying_it_destroys_that_day_only(tmp_path: Path) -> None:
    clock = FixedClock()
    ring = Keyring(tmp_path / "keys")
    sealer = AesGcmSealer(ring, clock)
    today = sealer.seal("acme", PLACE, b"today")
    clock.at = NOON + timedelta(days=1)
    tomorrow = sealer.seal("acme", PLACE, b"tomorrow")
    assert sealer.open("acme", PLACE, today) == b"today"
    assert ring.destroy("acme", NOON.date())
    assert not ring.destroy("acme", NOON.date())
    for opener in (sealer, open_sealer(tmp_path, clock)):
        with pytest.raises(Unsealable, match="a key that is not here"):
            opener.open("acme", PLACE, today)
        assert opener.open("acme", PLACE, tomorrow) == b"tomorrow"


def test_another_process_opens_what_this_one_sealed(tmp_path: Path) -> None:
    sealed = open_sealer(tmp_path, FixedClock()).seal("acme", PLACE, b"payload")
    other = open_sealer(tmp_path, FixedClock())
    assert other.open("acme", PLACE, sealed) == b"payload"
    assert other.keyring.current("acme", NOON.date()).id in sealed


def test_key_files_are_private_and_a_readable_master_key_is_refused(tmp_path: Path) -> None:
    open_sealer(tmp_path, FixedClock()).seal("acme", PLACE, b"payload")
    files = [path for path in (tmp_path / "keys").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    (tmp_path / "keys" / "sealing.key").chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        open_sealer(tmp_path, FixedClock())


def test_another_master_key_opens_nothing(tmp_path: Path) -> None:
    sealed = open_sealer(tmp_path, FixedClock()).seal("acme", PLACE, b"payload")
    (tmp_path / "keys" / "sealing.key").write_bytes(bytes(32))
    with pytest.raises(Unsealable, match="another master key"):
        open_sealer(tmp_path, FixedClock()).open("acme", PLACE, sealed)


@pytest.mark.parametrize("tenant", ["../acme", "Acme", "", "acme-", "a/b"])
def test_a_tenant_name_cannot_leave_the_key_folder(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(ValueError, match="tenant's name"):
        open_sealer(tmp_path, FixedClock()).seal(tenant, PLACE, b"payload")
