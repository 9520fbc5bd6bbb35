"""`qmap.lock`: strict JSON to a `LockFile`."""

from __future__ import annotations

from typing import Final

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.document.lock import LockFile, Pins
from queast_dsl.loading.build_account import read_json, report_first
from queast_dsl.source import SourceFile

LOCK: Final = "qmap.lock"
_HELP: Final = "write it anew: qmap update"


def build_lock(source: SourceFile, diagnostics: Diagnostics) -> LockFile | None:
    """Return what the file says, or None after reporting what is wrong with it."""
    value = read_json(source, diagnostics, _HELP)
    if value is None or report_first(source, value, "lock", diagnostics, _HELP):
        return None
    return LockFile(Pins(dict(value["bases"]), dict(value["connectors"]), value.get("policy")), source)
