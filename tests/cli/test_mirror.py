"""What an operator sees and does about the mirror of a CRM's records (D3.1)."""

from __future__ import annotations

import json
from pathlib import Path

from example_run import ExampleRun, qmap


def rows(printed: str) -> dict[tuple[str, str], dict[str, object]]:
    return {(row["connection"], row["object"]): row for row in json.loads(printed)["mirrors"]}


def test_a_mirror_is_filled_by_itself_shown_and_filled_anew(first_run: ExampleRun, tmp_path: Path) -> None:
    env = first_run.env(first_run.fresh_ledger(tmp_path / "state"))
    before = qmap("mirror", "status", "--tenant", "acme", "--format", "json", env=env)
    assert rows(before.stdout)["hubspot-main", "companies"]["state"] == "not begun"
    filled = qmap("mirror", "sync", "--tenant", "acme", "--format", "json", env=env)
    assert filled.returncode == 0, filled.stderr
    held = len(first_run.before["hubspot"]["companies"])
    assert rows(filled.stdout)["hubspot-main", "companies"]["records"] == held
    after = qmap("mirror", "status", "--format", "json", env=env)
    shown = rows(after.stdout)["hubspot-main", "companies"]
    assert (shown["state"], shown["records"], shown["reason"]) == ("complete", held, None)
    again = qmap("mirror", "sync", "--tenant", "acme", "--connection", "hubspot-main", env=env)
    assert again.returncode == 0
    assert f"{held}  complete" in again.stdout


def test_what_cannot_be_filled_is_said_in_a_line(first_run: ExampleRun, tmp_path: Path) -> None:
    env = first_run.env(first_run.fresh_ledger(tmp_path / "state"))
    unknown = qmap("mirror", "sync", "--tenant", "acme", "--connection", "hubspot-mian", env=env)
    assert unknown.returncode == 2
    assert "did you mean `hubspot-main`?" in unknown.stderr
    nobody = qmap("mirror", "status", "--tenant", "amce", env=env)
    assert nobody.returncode == 2
    away = {name: value for name, value in env.items() if not name.startswith("QMAP_SECRET_ACME")}
    refused = qmap("mirror", "sync", "--tenant", "acme", env=away)
    assert refused.returncode == 5
    assert "Traceback" not in refused.stderr
    assert "is not complete" in refused.stderr
