"""`qmap rollback`: a mapping goes back to an older plan of its own, as a new release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NoReturn

from queast_compiler.diff.compare import Side
from queast_compiler.diff.model import Change
from queast_runtime.cli.changefile import rows_of
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.releases.acting import acting, check_reason
from queast_runtime.cli.releases.finding import tenant_of
from queast_runtime.cli.releases.gating import (
    Judged,
    changes_between,
    changes_text,
    gated_text,
    is_open,
    judge,
    ordered,
    refuse_security,
    side_of,
)
from queast_runtime.cli.releases.policy import refuse_beyond
from queast_runtime.cli.releases.refusing import refusals_kept
from queast_runtime.cli.releases.standing import (
    Order,
    Standing,
    activate,
    alone,
    plans_by_digest,
    standing,
    stored_mapping,
)
from queast_runtime.cli.releases.standing_policy import policy_of_today
from queast_runtime.cli.releases.trailers import categories_of
from queast_runtime.cli.releases.waiting import end_with_waiting, pending_of, waits_already
from queast_runtime.security.history import Accepted, Entry, WentBack

_PREFIX: Final = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})")
STAYS: Final = (
    "records, notes and links that were made meanwhile stay, and so do the values that were written",
    "deliveries that are on their way end by the plan that they were made by",
    "a value comes back only where the older plan writes it anew, with the next event",
)


@dataclass(frozen=True, slots=True)
class Back:
    """Where a rollback leads: the digests that stand then, the mapping that goes back, and `others` that have to go
    with it because their connection does, to how they stood in release `to`."""

    connections: Mapping[str, str]
    mappings: Mapping[str, str]
    went: WentBack
    others: tuple[WentBack, ...]
    to: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What came with the command. `accept` are lists as they were given."""

    to: str
    reason: str
    with_connection: bool
    token: str | None
    accept: Sequence[str] = ()
    as_operator: bool = False


def run(mapping: str, asked: Asked, tenant: str | None, format: Format) -> None:
    """Go back. What loosens nothing passes at once; a change that blocks at publish blocks here, too.

    Exits: 2 no such mapping or plan, 4 gated changes that nobody accepted or a release that waits for a second person,
    5 state or plans that cannot be read, 6 a caller who may not, a plan that today's policy does not let out or that
    the engine cannot carry out, or other mappings that need the connection as it is now.
    """
    check_reason(asked.reason)
    accept = categories_of(list(asked.accept), "--accept") if asked.accept else ()
    _, state = settings_for(None)
    who = acting(state, asked.token, as_operator=asked.as_operator)
    whose = tenant_of(state, mapping, tenant, who)
    with refusals_kept(state, [whose], who, "rollback", accept=accept, about=mapping), alone(state):
        who.require(whose, "release.rollback")
        stands = standing(state, whose)
        back = _back(state, stands, mapping, asked)
        plans, connections, mappings = plans_by_digest(state, whose, back.connections, back.mappings)
        changes = changes_between(side_of(stands.published), Side(connections, mappings))
        went = (back.went, *back.others) if _takes_others(whose, back, changes, asked) else (back.went,)
        # Whether to go back is the tenant's own to say, but no tenant weakens what guards the platform.
        refuse_security(whose, changes, who)
        judged = judge(whose, changes, [Accepted(each) for each in accept], who)
        if judged.open:
            _refuse_gated(judged, mapping, asked, whose, format)
        going = {each.mapping: mappings[each.mapping] for each in went}
        with_them = {each.connection: connections[each.connection] for each in going.values()}
        policy = policy_of_today(state)
        refuse_beyond(policy.data, format, with_them.values(), going.values())
        order = Order(plans, "rollback", who.actor, asked.reason, judged.accepted, went_back=went)
        if judged.second:
            waits = pending_of(order, judged, stands, policy.digest)
            row = waits_already(state, waits, stands) or activate(state, [], [(waits, plans)])[0]
        else:
            row = activate(state, [order])[0]
    made, waiting = ([], [row]) if "pending" in row else ([row], [])
    if format is Format.JSON:
        shown = [asdict(each) for each in rows_of(changes)]
        went_back = [asdict(each) for each in went]
        more = {"waiting": waiting} if waiting else {}
        data_json({"releases": made, **more, "went_back": went_back, "changes": shown, "stays": list(STAYS)})
        end_with_waiting(waiting, who.actor)
        return
    for one in made:
        data(f"{whose}  release {one['sequence']}  {one['digest']}\n")
    for one in waiting:
        data(f"{whose}  waits for a second person  {one['pending']}\n")
    for each in went:
        data(f"{whose}/{each.mapping}  {each.left[:19]} → {each.back_to[:19]}\n")
    data(changes_text(whose, changes))
    for line in STAYS:
        say(line)
    say(f"a plan that was left is published again with --again only; who did what: qmap history {mapping}")
    end_with_waiting(waiting, who.actor)


def _refuse_gated(judged: Judged, mapping: str, asked: Asked, tenant: str, format: Format) -> NoReturn:
    """Show what going back loosens, and how to go on. Nothing changed."""
    if format is Format.JSON:
        rows = [asdict(each) for each in rows_of(each for each in judged.changes if is_open(judged, each))]
        data_json({"releases": [], "gated": [{"tenant": tenant, "open": list(judged.open), "changes": rows}]})
    else:
        data(gated_text(judged))
    needed = ",".join(
        ordered((*judged.open, *(categories_of([each.category], "accepted")[0] for each in judged.accepted)))
    )
    more = f"{' --with-connection' if asked.with_connection else ''}"
    raise CommandError(
        Exit.GATED,
        f"{tenant}/{mapping} does not go back: nobody accepted {', '.join(judged.open)}",
        f'to go on: qmap rollback {mapping} --to {asked.to}{more} --accept {needed} --reason "..."',
    )


def _back(state: Path, stands: Standing, mapping: str, asked: Asked) -> Back:
    """Return where it leads. Raises CommandError: usage for no such plan, refused where others stand in the way."""
    tenant, now = stands.tenant, dict(stands.mappings)
    if stands.published is None or mapping not in now:
        raise CommandError(
            Exit.USAGE, f"{tenant}/{mapping} is not published now", "publish it: only what runs goes back"
        )
    entry, target = _target(stands, mapping, asked.to)
    older = stored_mapping(state, tenant, target)
    name, connections = older.connection, dict(stands.connections)
    went = WentBack(mapping, now[mapping], target)
    along: list[WentBack] = []
    if connections.get(name, older.connection_digest) != older.connection_digest:
        others = sorted(
            each for each, plan in stands.published.mappings.items() if plan.connection == name and each != mapping
        )
        for each in others:
            before = entry.release.mappings.get(each)
            if before is None:
                raise CommandError(
                    Exit.REFUSED,
                    f"{tenant}/{each} is newer than that plan of connection {name}: it cannot go back with it",
                    f"take {each} out of the sources and publish, then go back",
                )
            along.append(WentBack(each, now[each], before))
    connections[name] = older.connection_digest
    mappings = now | {each.mapping: each.back_to for each in (went, *along)}
    return Back(connections, mappings, went, tuple(along), entry.release.sequence)


def _takes_others(tenant: str, back: Back, changes: Iterable[Change], asked: Asked) -> bool:
    """Say whether other mappings really go back, too. Where another layout of a file is all that tells their plans
    apart they do not. Raises CommandError (refused) where they do and nobody asked for it."""
    if not back.others or all(each.mapping == back.went.mapping for each in changes):
        return False
    if not asked.with_connection:
        needing = ", ".join(each.mapping for each in back.others)
        raise CommandError(
            Exit.REFUSED,
            f"the connection of {tenant}/{back.went.mapping} changed since that plan, and {needing} need it as it is",
            f"take them back with it, to release {back.to}: --with-connection",
        )
    return True


def _target(stands: Standing, mapping: str, to: str) -> tuple[Entry, str]:
    """Return the newest release that ran the plan, and the plan's digest."""
    known: dict[str, Entry] = {}
    for entry in stands.history.entries:
        digest = entry.release.mappings.get(mapping)
        if digest is not None and stands.history.took_effect(entry):
            known[digest] = entry
    active = stands.mappings[mapping]
    older = [digest for digest in known if digest != active]
    listed = ", ".join(digest[:19] for digest in reversed(older)) or "none"
    matched = _PREFIX.fullmatch(to)
    if matched is None:
        raise CommandError(
            Exit.USAGE, "--to takes a plan's digest, or its first 8 hex digits or more", f"known: {listed}"
        )
    found = [digest for digest in {*known, active} if digest.removeprefix("sha256:").startswith(matched[1])]
    if not found:
        raise CommandError(Exit.USAGE, f"{stands.tenant}/{mapping} never ran a plan {to[:19]}", f"known: {listed}")
    if len(found) > 1:
        raise CommandError(Exit.USAGE, f"{to} stands for several plans of {mapping}", f"known: {listed}")
    if found[0] == active:
        raise CommandError(Exit.USAGE, f"{stands.tenant}/{mapping} runs {to[:19]} now", f"known: {listed}")
    return known[found[0]], found[0]
