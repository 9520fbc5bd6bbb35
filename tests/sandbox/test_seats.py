"""Which connections the sandbox stands in for: those of the folder that it is started in."""

from __future__ import annotations

from pathlib import Path

import pytest

from queast_runtime.cli.init.command import Asked, run
from queast_runtime.cli.seats import seats_of
from queast_runtime.sandbox.settings import Seat, example_seats

EXAMPLES = Path(__file__).parents[2] / "mappings"


def test_the_example_tenants_have_the_seats_that_they_always_had() -> None:
    found = seats_of(EXAMPLES)
    assert sorted(found.taken, key=lambda each: each.tenant) == sorted(
        example_seats(EXAMPLES), key=lambda each: each.tenant
    )
    assert found.left_out == ()


def test_a_folder_without_tenants_gets_those_of_the_examples(tmp_path: Path) -> None:
    assert seats_of(tmp_path / "nowhere").taken == example_seats()


def test_a_new_tenant_is_stood_in_for_and_a_second_of_a_kind_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for tenant, kind in (("one", "hubspot"), ("two", "hubspot"), ("three", "webhook")):
        run(Asked(Path(), kind, tenant))
    found = seats_of(Path("mappings"))
    assert found.taken == (
        Seat("hubspot", "https://api.hubapi.com", "one", "hubspot-main", "10000001"),
        Seat("webhook", "https://hooks.three.example", "three", "endpoint", ""),
    )
    assert found.left_out == ("two/hubspot-main",)


def test_what_has_errors_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(Asked(Path(), "hubspot", "one"))
    Path("mappings/one/connections.yaml").write_text("version: 1\nconnections: [nonsense]\n")
    assert seats_of(Path("mappings")).taken == example_seats(Path("mappings"))
