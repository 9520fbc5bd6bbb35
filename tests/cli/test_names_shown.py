"""A file's name is shown so that it can neither act on a terminal nor break a line or the JSON around it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from example_run import COMMAND, environment

NAMES = {
    "escape": (b"esc\x1b[31m.yaml", "esc<U+001B>[31m.yaml"),
    "line break": (b"two\nlines.yaml", "two<U+000A>lines.yaml"),
    "no UTF-8": (b"latin\xff.yaml", "latin<U+DCFF>.yaml"),
}


def _output(*arguments: str, cwd: Path) -> tuple[bytes, bytes]:
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, env=environment(cwd / "state"), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 1, done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_is_spelled_out_in_text_and_json_and_by_fmt(kind: str, tmp_path: Path) -> None:
    raw, shown = NAMES[kind]
    tenant = tmp_path / "m" / "zeta"
    tenant.mkdir(parents=True)
    (tenant / "connections.yaml").write_text("version: 1\nconnections: {}\n")
    Path(os.fsdecode(os.fsencode(tenant) + b"/" + raw)).write_text("mode:   live\n")
    text, _ = _output("lint", "m", cwd=tmp_path)
    assert f"\n --> m/zeta/{shown}:1:1\n".encode() in text
    assert raw not in text
    found = json.loads(_output("lint", "m", "--format", "json", cwd=tmp_path)[0].decode())["findings"]
    assert f"m/zeta/{shown}" in [each["file"] for each in found]
    laid_out, told = _output("fmt", "m", "--check", cwd=tmp_path)
    assert shown.encode() in laid_out + told
    assert raw not in laid_out + told
