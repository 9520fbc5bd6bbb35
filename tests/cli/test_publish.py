"""A release of several tenants is signed and stored as a whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kill_harness import ROOT
from queast_compiler.plan.directory import write_atomically
from queast_runtime.capabilities import CARRIED_OUT, refusal
from queast_runtime.cli import compiling, publish
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format
from queast_runtime.cli.releases import standing
from queast_runtime.security import releases
from queast_runtime.security.keys import trusted_keys
from queast_runtime.security.releases import read_published, stored_sequence

TENANTS = ("acme", "fjordbank", "nordlys")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example tenants, published once, and compiled again into `plans`."""
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings", ignore=shutil.ignore_patterns("events", "sandbox.json"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QMAP_STATE", str(tmp_path / "state"))
    compiling.run([], Path("plans"), Format.TEXT)
    publish.run(Path("plans"), Path("mappings"), Format.TEXT)
    return tmp_path


def sequences(folder: Path) -> list[int]:
    return [stored_sequence(folder / "state", tenant) for tenant in TENANTS]


def standing_digest(folder: Path) -> str:
    published = read_published(folder / "state", "acme", trusted_keys(folder / "state"))
    assert published is not None
    return published.release.digest


def test_a_second_publish_raises_every_sequence(folder: Path) -> None:
    publish.run(Path("plans"), Path("mappings"), Format.TEXT)
    assert sequences(folder) == [2, 2, 2]


def test_plans_of_one_tenant_that_differ_keep_all_from_being_released(folder: Path) -> None:
    changed = folder / "mappings" / "nordlys" / "nordlys-pipedrive.yaml"
    changed.write_text(changed.read_text().replace("mode: live", "mode: off"))
    with pytest.raises(CommandError, match=r"nordlys/nordlys-pipedrive is not what the sources compile to") as refused:
        publish.run(Path("plans"), Path("mappings"), Format.TEXT)
    assert refused.value.code is Exit.REFUSED
    assert sequences(folder) == [1, 1, 1]


def test_an_unreadable_release_of_one_tenant_keeps_all_from_being_released(folder: Path) -> None:
    (folder / "state" / "releases" / "nordlys" / "current.json").write_text("no envelope")
    with pytest.raises(CommandError, match="cannot tell what is published of nordlys") as refused:
        publish.run(Path("plans"), Path("mappings"), Format.TEXT)
    assert refused.value.code is Exit.ENVIRONMENT
    assert [stored_sequence(folder / "state", tenant) for tenant in ("acme", "fjordbank")] == [1, 1]


def test_a_release_that_cannot_be_written_puts_back_those_before_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelopes = [folder / "state" / "releases" / tenant / "current.json" for tenant in TENANTS]
    envelopes[0].unlink()
    kept = envelopes[1].read_bytes()

    def fails_at_the_last(path: Path, data: bytes, *, mode: int) -> None:
        if path == envelopes[2]:
            raise OSError(28, "no space left on device")
        write_atomically(path, data, mode=mode)

    monkeypatch.setattr(releases, "write_atomically", fails_at_the_last)
    with pytest.raises(CommandError, match="no space left on device") as refused:
        publish.run(Path("plans"), Path("mappings"), Format.TEXT)
    assert refused.value.code is Exit.ENVIRONMENT
    assert not envelopes[0].exists(), "a first release is taken back, nothing having stood there"
    assert envelopes[1].read_bytes() == kept


def test_every_write_policy_is_published_without_a_word(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = folder / "mappings" / "acme" / "acme-hubspot.yaml"
    changed.write_text(changed.read_text().replace("write: on_create", "write: if_empty"))
    compiling.run([], Path("plans"), Format.TEXT)
    accepting = publish.Asked(
        accept=["FIELD"], reason="the owner may be filled in later", over=[standing_digest(folder)]
    )
    publish.run(Path("plans"), Path("mappings"), Format.TEXT, accepting)
    assert "QM700" not in capsys.readouterr().err
    assert sequences(folder) == [2, 2, 2]


def test_a_plan_that_the_engine_cannot_carry_out_is_refused_and_nothing_is_released(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    able = CARRIED_OUT - {"guard.empty"}
    monkeypatch.setattr(compiling, "CARRIED_OUT", able)
    monkeypatch.setattr(standing, "refusal", lambda plans: refusal(plans, able))
    changed = folder / "mappings" / "acme" / "acme-hubspot.yaml"
    changed.write_text(changed.read_text().replace("write: on_create", "write: if_empty"))
    compiling.run([], Path("plans"), Format.TEXT)
    assert "QM700 warning: `if_empty` is accepted" in capsys.readouterr().err
    with pytest.raises(CommandError) as refused:
        publish.run(Path("plans"), Path("mappings"), Format.TEXT)
    assert refused.value.code is Exit.REFUSED
    assert str(refused.value) == (
        "mapping acme/acme-hubspot writes `hubspot_owner_id` `if_empty` (acme/acme-hubspot.yaml:15), "
        "which this version's engine cannot carry out"
    )
    assert refused.value.help == "write `write: always` or `write: on_create` there, and compile again"
    assert "QM700" not in capsys.readouterr().err, "the refusal says it all"
    assert sequences(folder) == [1, 1, 1]
