"""One language server for all tests, over the example tenants with their schemas beside the mappings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from editor.language_server import LanguageServer
from queast_runtime.cli import schema

EXAMPLES = Path(__file__).parents[2] / "mappings"
MAPPINGS = ("acme/acme-hubspot", "fjordbank/warehouse", "nordlys/nordlys-pipedrive")
SERVER = "QMAP_YAML_LANGUAGE_SERVER"


@pytest.fixture(scope="session")
def mappings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example tenants after `qmap schema MAPPING --write` for each mapping and `qmap schema --write`."""
    root = tmp_path_factory.mktemp("editor") / "mappings"
    shutil.copytree(EXAMPLES, root, ignore=shutil.ignore_patterns("events"))
    for name in MAPPINGS:
        schema.run(name, root, True)
    schema.run(None, root, True)
    return root


@pytest.fixture(scope="session")
def server(mappings: Path) -> Iterator[LanguageServer]:
    """The real yaml-language-server, which ends where it tries to reach a network."""
    program = os.environ.get(SERVER)
    if not program:
        pytest.skip(f"{SERVER} does not say where yaml-language-server is (.ci/run installs it where there is npm)")
    environment = {**os.environ, "NODE_OPTIONS": f"--require={Path(__file__).with_name('offline.cjs')}"}
    with LanguageServer(program, mappings, environment) as running:
        yield running
