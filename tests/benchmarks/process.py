"""`qmap` as a process of its own: what a person's second call costs, all compiled files of Python's in their place.

The compiled files go to a folder of the benchmark's, wherever the machine would have put them, and the first call of
each command, which makes them, is the caller's to leave out.
"""

from __future__ import annotations

import atexit
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_KIB_A_MIB = 1024


@dataclass(frozen=True)
class Ran:
    """`cpu_s` of the process and all that it waited for, user and system; `most_mib` resident of the process itself."""

    cpu_s: float
    most_mib: float
    code: int


def qmap(*arguments: str, cwd: Path, settings: Mapping[str, str] | None = None) -> Ran:
    """Run `qmap ARGUMENTS` with no operator settings but `settings`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QMAP_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    environment = {**kept, "PYTHONPYCACHEPREFIX": _compiled_files(), **(settings or {})}
    command = [sys.executable, "-m", "queast_runtime.cli", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ran(cpu_s, usage.ru_maxrss / _KIB_A_MIB, process.returncode)


@cache
def _compiled_files() -> str:
    folder = tempfile.mkdtemp(prefix="qmap-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
