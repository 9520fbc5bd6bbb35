"""`qmap links list|show|unlink`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, get_args

from queast_dsl.diagnostics.nearest import did_you_mean
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, say, table
from queast_runtime.cli.reviews.answers import tell
from queast_runtime.cli.reviews.asking import Opened, is_text, now, opened, operator
from queast_runtime.cli.reviews.listing import time
from queast_runtime.cli.reviews.reverting import Put, revert
from queast_runtime.cli.reviews.showing import bars
from queast_runtime.delivery.reviewing.linking import Down, unlinking_in
from queast_runtime.delivery.reviewing.outcomes import Done, Unknown, is_blind
from queast_runtime.matching.decide import Rule
from queast_runtime.ports.rows import Link, LinkChange, Standing
from queast_runtime.ports.store import Snapshot

# So many changes of links back a link that was taken down can still be reverted by our id.
_LOOKED_BACK: Final = 10_000
UNDER_BLIND_REVIEW: Final = "under blind review"
# A person's answer makes a link too, and so does a record that was made here.
_RULES: Final = (*get_args(Rule), "created", "review")
_STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)


def list_(
    tenant: str,
    connection: str | None,
    standing: str | None,
    rule: str | None,
    limit: int,
    store_url: str | None,
    format: Format,
) -> None:
    """Print links, in the order of our ids."""
    wanted = _standing(standing)
    if rule is not None and rule not in _RULES:
        known = ", ".join(_RULES)
        near = did_you_mean(rule, _RULES)
        raise CommandError(
            Exit.USAGE, f"no rule {rule} makes a link", f"{near}  {known}" if near else f"one of: {known}"
        )
    with opened(tenant, store_url) as at, at.store.read() as view:
        at.check_connection(view, connection)
        rows = view.links(tenant, connection=connection, standing=wanted, rule=rule, limit=limit + 1)
        rows, further = rows[:limit], len(rows) > limit
        blind = [_is_blind(view, tenant, row) for row in rows]
    if format is Format.JSON:
        listed = [_json(row, blind=unseen) for row, unseen in zip(rows, blind, strict=True)]
        data_json({"links": listed, "more": further})
        return
    data(
        table(
            [
                (
                    row.queast_id,
                    row.connection,
                    f"{row.object} {'-' if unseen else row.partner_id}",
                    UNDER_BLIND_REVIEW if unseen else row.rule,
                    "-" if row.score is None or unseen else f"{row.score:.2f}",
                    row.standing,
                    row.actor,
                    time(row.created_at),
                )
                for row, unseen in zip(rows, blind, strict=True)
            ],
            header=("ENTITY", "CONNECTION", "RECORD", "RULE", "SCORE", "STANDING", "BY", "SINCE"),
        )
    )
    if not rows:
        say(f"no links of {tenant} fit")
    if further:
        say(f"the first {limit:,}; there are more: --limit")


@dataclass(frozen=True, slots=True)
class _Kept:
    """All that is known of an entity's links to one object of an account. `link` is the one that stands, or the last
    that did."""

    link: Link
    stands: bool
    history: tuple[LinkChange, ...]
    rejected: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            **_json(self.link),
            "stands": self.stands,
            "evidence": self.link.evidence,
            "history": [_change_json(change) for change in self.history],
            "rejected": list(self.rejected),
        }


def show(entity: str, tenant: str, connection: str | None, store_url: str | None, format: Format) -> None:
    """Print an entity's links, each with its evidence and every change of it; also those that were taken down."""
    with opened(tenant, store_url) as at, at.store.read() as view:
        at.check_connection(view, connection)
        places = view.link_places(tenant, entity) if is_text(entity) else ()
        found = [_kept(view, tenant, account, object_, entity) for account, object_ in places]
        blind = next((each.link for each in found if each.stands and _is_blind(view, tenant, each.link)), None)
    found = [each for each in found if connection in (None, each.link.connection)]
    if not found:
        raise _no_link(tenant, entity)
    if blind is not None:
        raise CommandError(
            Exit.USAGE,
            f"the link of {entity} on {blind.connection} is {UNDER_BLIND_REVIEW}",
            f"answer the case first: qmap review list --tenant {tenant} --kind sample",
        )
    if format is Format.JSON:
        data_json({"links": [each.as_json() for each in found]})
        return
    for number, each in enumerate(found):
        data("\n" * (number > 0) + _text(each))


def _kept(view: Snapshot, tenant: str, account: str, object_: str, entity: str) -> _Kept:
    link = view.link(tenant, account, object_, entity)
    history = view.link_history(tenant, account, object_, entity)
    rejected = tuple(sorted(view.rejections(tenant, account, object_, entity)))
    return _Kept(link or history[-1].link, link is not None, history, rejected)


def unlink(
    entity: str,
    tenant: str,
    connection: str | None,
    record: str | None,
    with_revert: bool,
    note: str,
    store_url: str | None,
    format: Format,
) -> None:
    """Take the entity's link down. Where it has several, `connection` says which."""
    if not is_text(note):
        raise CommandError(Exit.USAGE, "--note is not text", "write it in UTF-8")
    with opened(tenant, store_url) as at:
        if with_revert and (gone := _taken_down(at, entity, connection)) is not None:
            # It was taken down before, and reverting failed then or was not asked for.
            _say_reverted(revert(at, gone), format)
            return
        link = _only_link(at, entity, connection, record)
        down = Down(link.account, link.object, link.queast_id, record or link.partner_id, note)
        outcome = unlinking_in(at.store, tenant, down, operator(), now())
        if isinstance(outcome, Unknown):
            raise _no_link(tenant, entity)
        put = revert(at, outcome.link) if with_revert and isinstance(outcome, Done) and outcome.link else None
        tell(at, outcome.review.id if isinstance(outcome, Done) else "", outcome, put, format)


def _say_reverted(put: Put, format: Format) -> None:
    if format is Format.JSON:
        data_json({"outcome": "done", "reverted": put.as_json()})
    else:
        data(put.as_text())


def _taken_down(at: Opened, entity: str, connection: str | None) -> Link | None:
    """Return the entity's link that was taken down last; None where it has one that stands."""
    with at.store.read() as view:
        at.check_connection(view, connection)
        if not is_text(entity) or _links_of(view, at.tenant, entity, connection):
            return None
        changes = (change for change in view.link_changes(at.tenant, _LOOKED_BACK) if change.action == "unlinked")
        return next(
            (
                change.link
                for change in changes
                if change.link.queast_id == entity and connection in (None, change.link.connection)
            ),
            None,
        )


def _only_link(at: Opened, entity: str, connection: str | None, record: str | None) -> Link:
    with at.store.read() as view:
        at.check_connection(view, connection)
        found = _links_of(view, at.tenant, entity, connection)
    if not found:
        raise _no_link(at.tenant, entity)
    fitting = [each for each in found if record in (None, each.partner_id)] or list(found)
    if len(fitting) > 1:
        names = ", ".join(sorted({each.connection for each in fitting}))
        raise CommandError(
            Exit.USAGE, f"{entity} has {len(fitting)} links: {names}", "say which: --connection, or --record"
        )
    return fitting[0]


def _links_of(view: Snapshot, tenant: str, entity: str, connection: str | None) -> tuple[Link, ...]:
    if not is_text(entity):
        return ()
    return view.links(tenant, connection=connection, queast_id=entity)


def _no_link(tenant: str, entity: str) -> CommandError:
    return CommandError(
        Exit.USAGE, f"tenant {tenant} has no link of {entity}", f"see: qmap links list --tenant {tenant}"
    )


def _standing(name: str | None) -> Standing | None:
    for standing in _STANDINGS:
        if name == standing:
            return standing
    if name is None:
        return None
    raise CommandError(Exit.USAGE, f"no link is {name}", f"one of: {', '.join(_STANDINGS)}")


def _is_blind(view: Snapshot, tenant: str, link: Link) -> bool:
    """Whether a person is asked, without knowing what the engine decided, about this link."""
    case = view.open_review(tenant, link.account, link.object, link.queast_id, "sample")
    return case is not None and is_blind(case)


def _json(link: Link, *, blind: bool = False) -> dict[str, Any]:
    """Return a link's facts; of one under blind review nothing of what was decided."""
    seen = _facts(link)
    return {**seen, "partner_id": None, "rule": UNDER_BLIND_REVIEW, "score": None} if blind else seen


def _facts(link: Link) -> dict[str, Any]:
    return {
        "queast_id": link.queast_id,
        "connection": link.connection,
        "account": link.account,
        "object": link.object,
        "partner_id": link.partner_id,
        "rule": link.rule,
        "standing": link.standing,
        "score": link.score,
        "plan": link.plan_digest,
        "actor": link.actor,
        "created_at": time(link.created_at),
        "created_record": link.created_record,
        "confirmed_by": link.confirmed_by,
        "confirmed_at": None if link.confirmed_at is None else time(link.confirmed_at),
    }


def _change_json(change: LinkChange) -> dict[str, Any]:
    return {
        "number": change.number,
        "action": change.action,
        "partner_id": change.link.partner_id,
        "rule": change.link.rule,
        "actor": change.actor,
        "reason": change.reason,
        "at": time(change.at),
    }


def _text(kept: _Kept) -> str:
    link = kept.link
    facts: list[tuple[str, object]] = [
        (name, value) for name, value in _json(link).items() if value not in (None, "", False)
    ]
    if not kept.stands:
        facts.insert(0, ("state", f"taken down by {kept.history[-1].actor} at {time(kept.history[-1].at)}"))
    evidence = ", ".join(
        f"{name} {value}" for name, value in link.evidence.items() if isinstance(value, str | int | float)
    )
    if evidence:
        facts.append(("evidence", evidence))
    lines = bars({"evidence": link.evidence.get("lines")})
    rejected = table([("rejected for it", ", ".join(kept.rejected))]) if kept.rejected else ""
    rows = [
        (time(change.at), change.action, f"{link.object} {change.link.partner_id}", change.actor, change.reason)
        for change in kept.history
    ]
    return f"{table(facts)}{lines}{rejected}\n{table(rows, header=('WHEN', 'WHAT', 'RECORD', 'BY', 'WHY'))}"
