"""A folder with an example tenant and tests of its own, and `qmap test` run in it, in this process."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from queast_runtime.cli.app import app
from queast_runtime.cli.exits import CommandError

MAPPINGS = Path(__file__).parents[2] / "mappings"
HEADS = {"acme": "acme-hubspot", "nordlys": "nordlys-pipedrive", "fjordbank": "warehouse"}


@dataclass
class Said:
    code: int
    out: str
    complaint: str = ""


class TenantFolder:
    """`mappings/TENANT` without its own tests. Commands run from the folder that holds `mappings`."""

    def __init__(self, root: Path, tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.tenant = root, tenant
        shutil.copytree(
            MAPPINGS / tenant,
            self.folder,
            ignore=shutil.ignore_patterns("tests", "events", "sandbox.json", "qmap.lock"),
        )
        # Another tenant's grants have nobody here.
        policy = (MAPPINGS / "policy.yaml").read_text() if tenant == "fjordbank" else "version: 1\n"
        (root / "mappings" / "policy.yaml").write_text(policy)
        monkeypatch.chdir(root)

    @property
    def folder(self) -> Path:
        return self.root / "mappings" / self.tenant

    def tests(self, text: str, name: str = "a.yaml", mapping: str | None = None) -> Path:
        """Write a file of tests; `text` are the tests themselves."""
        path = self.folder / "tests" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"mapping: {mapping or HEADS[self.tenant]}\ntests:\n{text}", encoding="utf-8")
        return path

    def run(self, *arguments: str) -> Said:
        """Run `qmap test ARGUMENTS`."""
        done = CliRunner().invoke(app, ["test", *arguments])
        error = done.exception
        if isinstance(error, CommandError):
            return Said(error.code, done.stdout, f"{error} | {error.help}")
        if error is not None and not isinstance(error, SystemExit):
            raise error
        return Said(done.exit_code, done.stdout, done.stderr)
