"""`qmap review list`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from queast_runtime.cli.output import Format, data, data_json, say, table
from queast_runtime.cli.reviews.asking import kind_of, now, opened
from queast_runtime.delivery.reviewing.looking import shown
from queast_runtime.delivery.reviewing.outcomes import left
from queast_runtime.ports.matches import Review

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def run(
    tenant: str,
    connection: str | None,
    kind: str | None,
    still_open: bool,
    limit: int,
    store_url: str | None,
    format: Format,
) -> None:
    """Print cases; names of companies, never of persons."""
    wanted = kind_of(kind)
    with opened(tenant, store_url) as at, at.store.read() as view:
        at.check_connection(view, connection)
        rows = view.reviews(tenant, still_open=still_open, connection=connection, kind=wanted, limit=limit + 1)
    rows, further = rows[:limit], len(rows) > limit
    cases = [shown(row) for row in rows]
    if format is Format.JSON:
        data_json({"reviews": [as_json(case) for case in cases], "more": further})
        return
    moment = now()
    data(
        table(
            [
                (
                    case.id,
                    case.connection,
                    case.kind,
                    age(moment, case.created_at),
                    case.queast_id,
                    name_of(case) or "-",
                    len(left(case)),
                    "-" if case.score is None else f"{case.score:.2f}",
                    state_of(case),
                    case.reason,
                )
                for case in cases
            ],
            header=(
                "ID",
                "CONNECTION",
                "KIND",
                "AGE",
                "ENTITY",
                "NAME",
                "CANDIDATES",
                "SCORE",
                "STATE",
                "WHY",
            ),
        )
    )
    if not cases:
        say(f"no case of {tenant} {'waits' if still_open else 'fits'}")
    if further:
        say(f"the first {limit:,}; there are more: --limit")


def as_json(case: Review) -> dict[str, Any]:
    """A case without what tells of a person."""
    return {
        "id": case.id,
        "version": case.version,
        "connection": case.connection,
        "kind": case.kind,
        "object": case.object,
        "entity": case.entity,
        "queast_id": case.queast_id,
        "name": name_of(case),
        "candidates": [str(each["partner_id"]) for each in left(case)],
        "rule": case.rule,
        "score": case.score,
        "reason": case.reason,
        "mapping": case.mapping,
        "plan": case.plan_digest,
        "event": case.event_id,
        "state": state_of(case),
        "created_at": time(case.created_at),
        "put_off_at": None if case.put_off_at is None else time(case.put_off_at),
        "unsure_by": case.unsure_by,
        "answer": answer_json(case),
    }


def answer_json(case: Review) -> dict[str, Any] | None:
    given = case.answer
    if given is None:
        return None
    return {
        "choice": given.choice,
        "partner_id": given.partner_id,
        "actor": given.actor,
        "role": given.role,
        "at": time(given.at),
        "note": given.note,
    }


def name_of(case: Review) -> str | None:
    """Our side's name, of a company only."""
    name = case.subject.get("name") if case.entity == "company" else None
    return name if isinstance(name, str) else None


def state_of(case: Review) -> str:
    if case.answer is not None:
        return answered(case.answer.choice)
    if case.unsure_by is not None:
        return "unsure"
    return "open" if case.put_off_at is None else "put off"


def answered(choice: str) -> str:
    """`link` -> `linked`, as a state."""
    words = {"link": "linked", "create": "to create", "reject": "rejected", "withdrawn": "withdrawn"}
    return words.get(choice, choice)


def age(moment: datetime, since: datetime) -> str:
    """`5 min`, `3 h`, `12 d`."""
    passed_s = max(0.0, (moment - since).total_seconds())
    if passed_s < _HOUR_S:
        return f"{int(passed_s // _MINUTE_S)} min"
    if passed_s < 2 * _DAY_S:
        return f"{int(passed_s // _HOUR_S)} h"
    return f"{int(passed_s // _DAY_S)} d"


def time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
