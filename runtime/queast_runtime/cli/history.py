"""`qmap history`: which plans of a mapping ran, since when, and who released them and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from queast_runtime.cli.broken import broken_releases, put_back
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, complain, data, data_json, say, table
from queast_runtime.cli.releases.acting import acting
from queast_runtime.cli.releases.finding import tenant_of
from queast_runtime.cli.status import described
from queast_runtime.security.history import Entry, History, Record, read_history, time_text
from queast_runtime.security.keys import KeyUnusable, trusted_keys
from queast_runtime.security.pending import pending_ids
from queast_runtime.security.refusals import Refusal, read_refusals
from queast_runtime.security.releases import release_folder


def run(
    mapping: str, tenant: str | None, limit: int, token: str | None, format: Format, *, refused: bool = False
) -> None:
    """Print the releases that held a mapping, newest first.

    Exits: 2 no such mapping, 5 state that cannot be read, 6 a caller who may not, a record that was altered, or a
    release that stands and does not count (the rest is printed all the same).
    """
    _, state = settings_for(None)
    who = acting(state, token)
    whose = tenant_of(state, mapping, tenant, who)
    who.require(whose, "release.read")
    if refused:
        _show_refused(state, whose, limit, format)
        return
    history = _history(state, whose)
    held = [each for each in reversed(history.entries) if mapping in each.release.mappings]
    if not held and not history.damaged:
        raise CommandError(
            Exit.USAGE, f"{whose}/{mapping} has no history here", "it begins with the next release of it"
        )
    rows = [_row(history, mapping, each) for each in held[:limit]]
    waiting = pending_ids(release_folder(state, whose))
    if format is Format.JSON:
        damaged = [asdict(each) for each in history.damaged]
        data_json({"tenant": whose, "mapping": mapping, "releases": rows, "damaged": damaged, "waiting": waiting})
    else:
        data(_text(rows))
        if len(held) > limit:
            say(f"{len(held) - limit} older ones are not shown: --limit")
    for id_ in waiting:
        say(f"a release of {whose} waits for a second person: qmap approve {id_}")
    for each in history.damaged:
        complain(f"the record of release {each.sequence} does not count: {each.why}")
    broken = broken_releases(state, [whose])
    for why in broken.values():
        complain(f"the release of {whose} that stands does not count: {why}", put_back(state, whose))
    if broken or any(not each.is_missing for each in history.damaged):
        raise SystemExit(Exit.REFUSED)


def _show_refused(state: Path, tenant: str, limit: int, format: Format) -> None:
    """Print what was refused of a tenant, newest first; exit 6 where a record of it was altered or is gone."""
    try:
        found, damaged = read_refusals(release_folder(state, tenant), tenant, trusted_keys(state))
    except (KeyUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot read what was refused of {tenant}: {error}") from error
    shown = found[::-1][:limit]
    if format is Format.JSON:
        rows = [{**asdict(each), "at": time_text(each.at)} for each in shown]
        data_json({"tenant": tenant, "refused": rows, "damaged": [asdict(each) for each in damaged]})
    else:
        data(_refused_text(shown))
        if len(found) > limit:
            say(f"{len(found) - limit} older ones are not shown: --limit")
    for each in damaged:
        complain(f"the record of refusal {each.sequence} does not count: {each.why}")
    if damaged:
        raise SystemExit(Exit.REFUSED)


def _refused_text(refusals: Sequence[Refusal]) -> str:
    return table(
        [
            (
                time_text(each.at),
                each.doing if each.about is None else f"{each.doing} {each.about}",
                f"{each.actor.subject} ({each.actor.role})",
                ", ".join(each.accept) or "-",
                str(each.exit),
                each.why,
            )
            for each in refusals
        ],
        header=("AT", "WHAT", "BY", "ACCEPTED", "EXIT", "WHY"),
    )


def _history(state: Path, tenant: str) -> History:
    active = described(state, tenant).get("sequence", 0)
    try:
        return read_history(
            release_folder(state, tenant), tenant, trusted_keys(state), active if type(active) is int else 0
        )
    except (KeyUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot read the history of {tenant}: {error}") from error


def _row(history: History, mapping: str, entry: Entry) -> dict[str, Any]:
    release, record = entry.release, entry.record
    digest = release.mappings[mapping]
    return {
        "sequence": release.sequence,
        "at": release.created_at,
        "digest": digest,
        "kind": "publish" if record is None else record.kind,
        "active": release.sequence == history.active,
        "took_effect": history.took_effect(entry),
        "left_by": history.left_behind(mapping).get(digest),
        **_record(record, mapping, digest),
    }


def _record(record: Record | None, mapping: str, digest: str) -> dict[str, Any]:
    """What the record says; nothing but names without one."""
    if record is None:
        return dict.fromkeys(("subject", "role", "reason", "accepted", "approved_by", "went_back", "again"))
    approval = record.approval
    went = next((each for each in record.went_back if each.mapping == mapping), None)
    return {
        "subject": record.actor.subject,
        "role": record.actor.role,
        "reason": record.reason,
        "accepted": [asdict(each) for each in record.accepted],
        "approved_by": None
        if approval is None
        else {
            **asdict(approval.actor),
            "at": time_text(approval.at),
            "reason": approval.reason,
            "minted_by": approval.minted_by,
        },
        "went_back": None if went is None else asdict(went),
        "again": digest in record.again,
    }


def _text(rows: list[dict[str, Any]]) -> str:
    return table(
        [
            (
                str(row["sequence"]),
                row["at"],
                row["digest"].removeprefix("sha256:")[:12],
                _mark(row),
                "-" if row["subject"] is None else f"{row['subject']} ({row['role']})",
                _accepted(row),
                "-" if row["approved_by"] is None else f"{row['approved_by']['subject']}",
                row["reason"] or "-",
            )
            for row in rows
        ],
        header=("RELEASE", "AT", "PLAN", "STATE", "BY", "ACCEPTED", "APPROVED BY", "REASON"),
    )


def _mark(row: dict[str, Any]) -> str:
    """`active, rollback`; `left by release 5`; `never ran`."""
    marks: list[str] = []
    if row["active"]:
        marks.append("active")
    if row["went_back"] is not None:
        marks.append(f"back from {row['went_back']['left'].removeprefix('sha256:')[:12]}")
    if row["again"]:
        marks.append("again")
    if row["left_by"] is not None:
        marks.append(f"left by release {row['left_by']}")
    if not row["took_effect"]:
        marks.append("never ran")
    return ", ".join(marks) or "-"


def _accepted(row: dict[str, Any]) -> str:
    """`IDENTITY, FIELD (3f2a9c1b0d4e)`: with the commit, where one accepted it."""
    words = row["accepted"] or ()
    return (
        ", ".join(
            each["category"] if each["commit"] is None else f"{each['category']} ({each['commit'][:12]})"
            for each in words
        )
        or "-"
    )
