"""A worker loads what it executes and nothing that reads tenants' files."""

from __future__ import annotations

import subprocess
import sys

_PROBE = """
import sys
import queast_runtime.worker
import queast_runtime.security.releases
import queast_runtime.connectors
import queast_runtime.store
print(",".join(sorted({name.partition(".")[0] for name in sys.modules} & {"lark", "yaml", "jsonschema", "jinja2"})))
"""


def test_a_worker_imports_no_parser_and_no_schema_checker() -> None:
    probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, check=False, timeout=60)
    assert probe.returncode == 0, probe.stderr
    assert probe.stdout.strip() == ""
