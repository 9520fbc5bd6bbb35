"""The sandbox's own secrets: made at random on the first start, kept for the next."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from queast_runtime.sandbox.settings import Seat

_FILE = "secrets.json"


def secrets_of(seats: tuple[Seat, ...], folder: Path | None) -> dict[str, str]:
    """Return one secret for each seat by its variable, from `folder` where they are kept already (mode 0600)."""
    path = None if folder is None else folder / _FILE
    known: dict[str, str] = json.loads(path.read_text()) if path is not None and path.exists() else {}
    missing = [seat for seat in seats if seat.variable not in known]
    known |= {seat.variable: _fresh(seat) for seat in missing}
    if path is not None and missing:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_suffix(".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(known, file)
        beside.replace(path)
    return {seat.variable: known[seat.variable] for seat in seats}


def _fresh(seat: Seat) -> str:
    if seat.kind == "webhook":
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return f"sandbox-{secrets.token_hex(20)}"
