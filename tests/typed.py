"""`qmap` typed in a folder, without a process of its own."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from queast_runtime.cli import account
from queast_runtime.cli.main import _run


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Typist:
    """Types `qmap ARGUMENTS` in a folder, with these settings and no others, by an account called anna."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    environment: Mapping[str, str]
    account = "anna"

    def __call__(self, *arguments: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with self.monkeypatch.context() as patched, redirect_stdout(out), redirect_stderr(err):
            patched.setattr(account, "account_name", lambda: self.account)
            for name in [name for name in os.environ if name == "CI" or name.startswith("QMAP_")]:
                patched.delenv(name)
            for name, value in self.environment.items():
                patched.setenv(name, value)
            patched.chdir(self.folder)
            patched.setattr("sys.argv", ["qmap", *arguments])
            code = _run()
        return Said(code, out.getvalue(), err.getvalue())

    def fails(self, *arguments: str, code: int) -> str:
        """Return what the command says on stderr; nothing else may come of it."""
        return self.failed(self(*arguments), code)

    def failed(self, said: Said, code: int) -> str:
        """Return what a command that ended so said on stderr; it is no bug of ours."""
        assert said.code == code, said
        assert "Traceback" not in said.err
        assert "this is a bug" not in said.err
        return said.err
