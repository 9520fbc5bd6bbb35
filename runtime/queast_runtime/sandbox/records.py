"""Records that an account holds before anything is sent, read from a tenant's `sandbox.json`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from queast_runtime.sandbox.exchange import JsonObject
from queast_runtime.sandbox.hubspot import HubSpotDouble
from queast_runtime.sandbox.hubspot_rules import check_properties
from queast_runtime.sandbox.pipedrive import PipedriveDouble
from queast_runtime.sandbox.pipedrive_rules import PipedriveError

_LONG_AGO = datetime(2025, 1, 15, 8, 0, tzinfo=UTC)


class SeedRecordsUnusable(ValueError):
    """A file of pre-existing records that the double itself would refuse; the message says which record and why."""


def put_records(double: HubSpotDouble | PipedriveDouble, path: Path) -> int:
    """Put the records of `path` into an empty double and return how many. Raises SeedRecordsUnusable."""
    try:
        content: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SeedRecordsUnusable(f"cannot read {path}: {error}") from error
    if isinstance(double, HubSpotDouble):
        return _put_companies(double, path, content.get("companies", []))
    return _put_organizations(double, path, content.get("organizations", []))


def _put_companies(double: HubSpotDouble, path: Path, rows: list[dict[str, str]]) -> int:
    for number, properties in enumerate(rows):
        problems = check_properties("companies", properties, creating=True)
        if problems:
            raise SeedRecordsUnusable(f"{path}: companies[{number}]: {problems[0].message}")
        double.records.create("companies", properties, [], _LONG_AGO, origin="seed")
    return len(rows)


def _put_organizations(double: PipedriveDouble, path: Path, rows: list[JsonObject]) -> int:
    for number, body in enumerate(rows):
        try:
            double.organizations.put_seed(body, _LONG_AGO)
        except PipedriveError as error:
            raise SeedRecordsUnusable(f"{path}: organizations[{number}]: {error.message}") from error
    return len(rows)
