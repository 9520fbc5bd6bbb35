"""A change tried on events that are stored: only where the policy that stands grants a look (D2.4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from changing.here import Here
from typed import Said

ACME = "mappings/acme/acme-hubspot.yaml"
GRANT = (
    "event_samples:\n"
    '  - {{tenant: {tenant}, approver: eva@queast.example, reason: a change is reviewed, expires: "{expires}"}}\n'
)


@pytest.fixture
def archive(here_with_events: Here) -> Here:
    """The example tenant acme published, with its events taken in: their accounts' secrets are not set, so that nothing
    leaves."""
    here = here_with_events
    assert here("compile", "mappings/acme", "-o", "plans").code == 0
    published = here("publish", "plans")
    if published.code == 4:
        published = here("publish", "plans", "--accept", "PRIVACY,IDENTITY", "--reason", "x", "--over", "nothing")
    assert published.code == 0, published
    events = sorted(str(path) for path in (here.folder / "mappings/acme/events").glob("*.jsonl"))
    here("run", "--tenant", "acme", *events[:1])
    here.edit(ACME, "      queast_founded_on: company.founded_on\n", "")
    return here


def granted(here: Here, to: str, tenant: str = "acme", expires: str = "2099-01-01") -> None:
    """Write the policy with a grant to a folder."""
    text = (here.folder / "mappings/policy.yaml").read_text(encoding="utf-8")
    assert "\nevent_samples:" not in text
    path = here.folder / to / "policy.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + GRANT.format(tenant=tenant, expires=expires), encoding="utf-8")


def tried(here: Here) -> Said:
    return here("diff", "mappings/acme", "--against", "published", "--sample", "40", "--format", "json")


def test_nobody_looks_at_stored_events_without_a_grant(archive: Here) -> None:
    said = tried(archive)
    assert said.code == 6
    assert "the policy grants nobody a look at stored events of acme" in said.err


def test_a_grant_in_the_tenants_own_copy_of_the_policy_is_none(archive: Here) -> None:
    granted(archive, "mappings")
    assert tried(archive).code == 6


def test_a_grant_of_the_policy_that_stands_opens_the_archive(archive: Here) -> None:
    granted(archive, "platform")
    assert archive("policy", "set", "platform").code == 0
    said = tried(archive)
    assert said.code in (0, 4), said
    (acme,) = said.json["tenants"]
    # What was refused when it came in is stored, too, and can be tried as little as then.
    assert acme["effect"]["events"] + acme["effect"]["unusable"] == 40
    assert acme["effect"]["events"] > 20
    assert "the archive" in said.out


def test_a_grant_that_ended_or_is_another_tenants_opens_nothing(archive: Here) -> None:
    granted(archive, "platform", expires="2026-01-31")
    assert archive("policy", "set", "platform").code == 0
    said = tried(archive)
    assert said.code == 6
    assert "ended on 2026-01-31" in said.err
    granted(archive, "others", tenant="nordlys")
    assert archive("policy", "set", "others").code == 0
    assert tried(archive).code == 6


def test_no_state_is_touched_by_a_look_that_is_refused(archive: Here) -> None:
    before = {path: path.stat().st_mtime_ns for path in _files(archive.folder / "state" / "releases")}
    tried(archive)
    assert {path: path.stat().st_mtime_ns for path in _files(archive.folder / "state" / "releases")} == before


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
