"""Files made to break YAML readers: each is refused with a located finding or accepted, fast, and never by a crash.

Each folder is read in a process of its own, so that a signal would be seen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import read_source, read_tree
from queast_dsl.loading.build_account import read_json
from queast_dsl.loading.nodes import MapNode, ScalarNode

_CORPUS = os.environ.get("QMAP_BADINPUT")
pytestmark = pytest.mark.skipif(_CORPUS is None, reason="QMAP_BADINPUT is not set")
_MIB = 1024

_READER = """
import json, resource, sys, time
from pathlib import Path
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import read_source, read_tree
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[1]).iterdir()):
    diagnostics = Diagnostics()
    start = time.process_time()
    source = read_source(path.name, path.read_bytes(), diagnostics)
    tree = None if source is None else read_tree(source, diagnostics)
    findings = [[f.code, f.message, f.span.line if f.span else 0] for f in diagnostics.findings]
    row = {"file": path.name, "accepted": tree is not None, "cpu_s": time.process_time() - start, "findings": findings}
    row["grown_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps(row))
"""


def _read_folder(name: str) -> list[dict[str, object]]:
    folder = Path(_CORPUS or "") / "dev" / name
    done = subprocess.run(
        [sys.executable, "-c", _READER, str(folder)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(list(folder.iterdir())) > 0
    for row in rows:
        assert row["cpu_s"] <= 1, row
        assert row["grown_kib"] <= 64 * _MIB, row
        assert row["accepted"] is not bool(row["findings"]), row
        assert all(line >= 1 for _, _, line in row["findings"]), row
    return rows


def test_files_made_to_exhaust_a_reader_are_refused_by_their_own_code() -> None:
    rows = {str(row["file"]): row for row in _read_folder("yaml_dos")}
    codes = {name: {finding[0] for finding in row["findings"]} for name, row in rows.items()}
    expected = {
        "alias_bomb_9_10.yaml": {"QM013", "QM014"},
        "bidi_override.yaml": {"QM003"},
        "bom_mid.yaml": {"QM003"},
        "custom_tag.yaml": {"QM016"},
        "deep_flow_map_30000.yaml": {"QM011"},
        "deep_flow_seq_1000.yaml": {"QM011"},
        "deep_block_map.yaml": {"QM011"},
        "dup_key_nfc_nfd.yaml": {"QM017"},
        "invalid_utf8.yaml": {"QM002"},
        "lone_surrogate_escape.yaml": {"QM010"},
        "nul.yaml": {"QM003"},
        "py_object.yaml": {"QM016"},
        "utf16.yaml": {"QM002"},
    }
    assert {name: codes[name] for name in expected} == expected
    accepted = {name for name, row in rows.items() if row["accepted"]}
    assert accepted == {"bool_keys.yaml", "huge_int.yaml", "sexagesimal.yaml", "timestamp.yaml"}


def test_what_yaml_1_2_refuses_is_refused() -> None:
    accepted = [row["file"] for row in _read_folder("yaml_suite_fail") if row["accepted"]]
    # An empty block whose blank lines are indented more than a comment after it: there is no text to mistake.
    assert set(accepted) <= {"S98Z-00.yaml"}


def test_unusual_yaml_is_accepted_or_refused_without_a_crash() -> None:
    rows = _read_folder("yaml_suite_ok")
    assert sum(bool(row["accepted"]) for row in rows) > 80


def test_scalars_stay_as_they_were_written() -> None:
    lines = (Path(_CORPUS or "") / "dev/yaml_scalars/norway.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        row = json.loads(line)
        diagnostics = Diagnostics()
        source = read_source("row.yaml", row["yaml"].encode(), diagnostics)
        assert source is not None
        tree = read_tree(source, diagnostics)
        assert isinstance(tree, MapNode)
        value = tree.entries[0].value
        assert isinstance(value, ScalarNode)
        assert value.value == row["expect_string"]


@pytest.mark.parametrize(("folder", "is_accepted"), [("json_n", False), ("json_y", True), ("json_i", None)])
def test_account_files_are_strict_json(folder: str, is_accepted: bool | None) -> None:
    files = sorted((Path(_CORPUS or "") / "dev" / folder).iterdir())
    assert files
    # Ours is stricter: one key once, no hidden characters, no null alone.
    stricter = {"QM003", "QM022", "QM111"}
    for path in files:
        diagnostics = Diagnostics()
        source = read_source(path.name, path.read_bytes(), diagnostics)
        value = None if source is None else read_json(source, diagnostics)
        assert (value is None) == bool(diagnostics.findings), path.name
        if is_accepted is False:
            assert value is None, path.name
        elif is_accepted and value is None:
            assert {finding.code for finding in diagnostics.findings} <= stricter, path.name


def test_hostile_schemas_are_data_here_and_fetch_nothing() -> None:
    for path in sorted((Path(_CORPUS or "") / "dev/jsonschema").iterdir()):
        diagnostics = Diagnostics()
        source = read_source(path.name, path.read_bytes(), diagnostics)
        assert source is not None
        assert read_json(source, diagnostics) is not None
