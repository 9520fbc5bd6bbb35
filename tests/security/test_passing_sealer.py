"""The sealer of a store that is thrown away: its key is in no file, and no value opens anywhere else."""

from __future__ import annotations

import pytest

from queast_runtime.ports.edge import Unsealable
from queast_runtime.security.sealing import PassingSealer

PLACE = ("events", "e1", "body")


def test_what_is_sealed_opens_at_its_place_and_nowhere_else() -> None:
    sealer = PassingSealer()
    sealed = sealer.seal("acme", PLACE, b"plain")
    assert sealer.open("acme", PLACE, sealed) == b"plain"
    assert b"plain" not in sealed
    assert sealer.seal("acme", PLACE, b"plain") != sealed
    for tenant, place, value in (
        ("nordlys", PLACE, sealed),
        ("acme", ("events", "e2", "body"), sealed),
        ("acme", PLACE, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("acme", PLACE, b""),
    ):
        with pytest.raises(Unsealable):
            sealer.open(tenant, place, value)
    with pytest.raises(Unsealable):
        PassingSealer().open("acme", PLACE, sealed)
