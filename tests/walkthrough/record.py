"""Writes `runtime/docs/walkthrough.md`: what a new user types in an empty folder, and what is really answered.

`PYTHONPATH=tests python -m walkthrough.record` rewrites it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "runtime/docs/walkthrough.md"
MAPPING = "mappings/globex/globex-hubspot.yaml"
_HEAD = """\
# From an empty folder to a delivered record, and to a first change

Everything below was typed into an empty folder called `globex` and answered so; a test types it again and compares.
It needs no account anywhere. Digests, ids and ports are made up by each run anew and stand here as `…`. What begins
with `$` is typed; `exit` is said where a command ends with something else than 0.
"""
# What every run makes up anew.
_CHANGING = (
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:…"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "…"),
    (re.compile(r"(?<=plan )[0-9a-f]{6}\b|(?<=→ )[0-9a-f]{6}\b"), "…"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:…"),
    (re.compile(r"\bgit:main \([0-9a-f]{7}\)"), "git:main (…)"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|\+00:00| UTC)?"), "…"),
    (re.compile(r"\bin \d+(\.\d+)? s\b"), "in … s"),
)


@dataclass(frozen=True)
class Step:
    """`says` stands before it. `typed` are commands; `unseen` is run first and not shown."""

    says: str
    typed: Sequence[str]
    unseen: str = ""


STEPS = (
    Step("## Begin", ["qmap init"]),
    Step("The steps that it names, in turn:", ["qmap lint", "qmap test", "qmap diff --out change.json"]),
    Step("## Publish and deliver", ["qmap publish change.json"]),
    Step(
        "The sandbox goes on in the background. Its settings are taken up once it says that it listens:",
        ["qmap sandbox > .qmap/sandbox.env &"],
        # Without faults on purpose, and without its own words between those of the next command.
        "qmap() { exec qmap -q sandbox --no-faults 2> /dev/null; }",
    ),
    Step(
        "",
        [
            ". .qmap/sandbox.env",
            "qmap run --tenant globex mappings/globex/events/sample.jsonl",
            "qmap deliveries list --tenant globex",
        ],
        "unset -f qmap; for _ in $(seq 600); do grep -q QMAP_SECRET .qmap/sandbox.env && break; sleep .1; done",
    ),
    Step(
        "## Change something\n\nWhat runs goes into git. Employees are to be written over what is there, with a slip:",
        [
            "git init -q -b main && git add -A && git commit -qm Begin",
            f"sed -i '/^ *zip:/a \\      numberofemployees: {{from: company.employe_count, write: always}}' {MAPPING}",
            "qmap lint",
            "qmap lint --fix",
            "qmap test",
        ],
    ),
    Step("What it does, compared with the last commit:", ["qmap diff --against git:main --out change.json"]),
    Step(
        "A category that is gated is published only where somebody accepts it:",
        [
            "qmap publish change.json",
            'qmap publish change.json --accept FIELD --reason "Queast counts anew each month"',
        ],
    ),
)
_MARK = "\x1e"


def play() -> str:
    """Return the page: every step run in one shell, in a folder that is taken away afterwards."""
    with tempfile.TemporaryDirectory() as home:
        work, bin = Path(home) / "globex", Path(home) / "bin"
        work.mkdir()
        bin.mkdir()
        (bin / "qmap").write_text(f'#!/bin/sh\nexec {sys.executable} -m queast_runtime.cli "$@"\n')
        (bin / "qmap").chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QMAP_", "GIT_"))}
        who = {
            f"GIT_{who}_{what}": "anna@globex.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", _script()],
            cwd=work,
            env={**kept, **who, "PATH": f"{bin}{os.pathsep}{kept['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
            check=True,
        )
    answers = iter(done.stdout.split(_MARK)[1:])
    return _HEAD + "".join(_section(step, answers) for step in STEPS)


def _script() -> str:
    lines = ["exec 2>&1", "trap 'kill $! 2> /dev/null; wait' EXIT"]
    for step in STEPS:
        lines += [step.unseen] if step.unseen else []
        for typed in step.typed:
            lines += [f"printf '{_MARK}'", "( exit 0 )", typed, f"printf '{_MARK}%s' $?"]
    return "\n".join(lines)


def _section(step: Step, answers: Iterator[str]) -> str:
    shown = [f"\n{step.says}\n" if step.says else ""]
    block: list[str] = []
    for typed in step.typed:
        said, code = next(answers), next(answers)
        for pattern, sign in _CHANGING:
            said = pattern.sub(sign, said)
        told = said.rstrip("\n").splitlines()
        # What was made within a millisecond stands in any order.
        told = [*told[:1], *sorted(told[1:])] if typed.startswith("qmap deliveries") else told
        lines = [f"$ {typed}", *told, *([] if code == "0" else [f"exit {code}"])]
        block.append("\n".join(line.rstrip() for line in lines))
    return "".join([*shown, "\n```\n", "\n\n".join(block), "\n```\n"])


if __name__ == "__main__":
    PAGE.write_text(play(), encoding="utf-8")
