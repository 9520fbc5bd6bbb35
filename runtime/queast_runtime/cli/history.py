"""`qmap history`: which plans of a mapping ran, since when, and who released them and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from queast_runtime.cli.broken import broken_releases, put_back
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import state_to_read
from queast_runtime.cli.output import Format, complain, data, data_json, say, table
from queast_runtime.cli.releases.acting import acting
from queast_runtime.cli.releases.awaiting import withdrawals_of, withdrawn_text
from queast_runtime.cli.releases.finding import tenant_of
from queast_runtime.cli.status import described
from queast_runtime.security.history import Entry, History, Record, read_history, time_text
from queast_runtime.security.keys import KeyUnusable, trusted_keys
from queast_runtime.security.pending import pending_ids
from queast_runtime.security.refusals import Refusal, read_refusals
from queast_runtime.security.releases import release_folder
from queast_runtime.security.withdrawals import Withdrawal


def run(
    mapping: str, tenant: str | None, limit: int, token: str | None, format: Format, *, refused: bool = False
) -> None:
    """Print the releases that held a mapping, newest first, and what was withdrawn before it could be one.

    Exits: 2 no such mapping, 5 state that cannot be read, 6 a caller who may not, a record that was altered, or a
    release that stands and does not count (the rest is printed all the same).
    """
    state = state_to_read()
    who = acting(state, token)
    whose = tenant_of(state, mapping, tenant, who)
    who.require(whose, "release.read")
    if refused:
        _show_refused(state, whose, limit, format)
        return
    history = history_of(state, whose)
    held = [each for each in reversed(history.entries) if mapping in each.release.mappings]
    taken_back, damaged = withdrawals_of(state, whose)
    # One that touches no mapping, only a connection that none uses yet, is told of everywhere.
    withdrawn = [each for each in reversed(taken_back) if mapping in each.touched or not each.touched]
    if not held and not history.damaged and not any(each.touched for each in withdrawn):
        raise CommandError(
            Exit.USAGE, f"{whose}/{mapping} has no history here", "it begins with the next release of it"
        )
    rows = [_row(history, mapping, each) for each in held[:limit]]
    gone = {each.id for each in taken_back}
    waiting = [each for each in pending_ids(release_folder(state, whose)) if each not in gone]
    if format is Format.JSON:
        data_json(
            {
                "tenant": whose,
                "mapping": mapping,
                "releases": rows,
                "damaged": [asdict(each) for each in history.damaged],
                "waiting": waiting,
                "withdrawn": [withdrawn_row(each) for each in withdrawn[:limit]],
                "damaged_withdrawals": [asdict(each) for each in damaged],
            }
        )
    else:
        data(_text(rows))
        if len(held) > limit:
            say(f"{len(held) - limit} older ones are not shown: --limit")
    for record in withdrawn[:limit]:
        say(withdrawn_text(record))
    if len(withdrawn) > limit:
        say(f"{len(withdrawn) - limit} older withdrawn ones are not shown: --limit")
    for id_ in waiting:
        say(f"a release of {whose} waits for a second person: qmap approve {id_}")
    for each in history.damaged:
        complain(f"the record of release {each.sequence} does not count: {each.why}")
    for each in damaged:
        complain(f"the record of withdrawal {each.sequence} does not count: {each.why}")
    broken = broken_releases(state, [whose])
    for why in broken.values():
        complain(f"the release of {whose} that stands does not count: {why}", put_back(state, whose))
    if damaged or broken or history.damaged:
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


def history_of(state: Path, tenant: str) -> History:
    """Return a tenant's history, what is damaged of it among it. Raises CommandError (environment)."""
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


def withdrawn_row(record: Withdrawal) -> dict[str, Any]:
    """What is printed of a withdrawal."""
    return {
        "id": record.id,
        "tenant": record.tenant,
        "kind": record.kind,
        "mappings": list(record.touched),
        "accepted": [asdict(each) for each in record.accepted],
        "second": list(record.second),
        "asked_by": asdict(record.asked_by),
        "asked_at": time_text(record.asked_at),
        "asked_reason": record.asked_reason,
        "subject": record.actor.subject,
        "role": record.actor.role,
        "minted_by": record.minted_by,
        "reason": record.reason,
        "at": time_text(record.at),
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
                accepted_text(row),
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


def accepted_text(row: Mapping[str, Any]) -> str:
    """`IDENTITY, FIELD (3f2a9c1b0d4e)`: with the commit, where one accepted it."""
    words = row["accepted"] or ()
    return (
        ", ".join(
            each["category"] if each["commit"] is None else f"{each['category']} ({each['commit'][:12]})"
            for each in words
        )
        or "-"
    )
