"""`qmap publish`: recompile the sources, hold them against what was handed over, pass the gate, sign a release.

The gate decides on the changes between what is published now and what the sources give, whatever a change file says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from queast_compiler.diff.model import Category
from queast_compiler.passes.check_pins import Pinned
from queast_compiler.pipeline import CompiledTenant
from queast_compiler.plan.directory import PlanSet
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import report_strays
from queast_runtime.cli.account import shell_subject
from queast_runtime.cli.changefile import digests_of, rows_of
from queast_runtime.cli.compiling import Compilation, compile_selection, fail_on_findings
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, complain, data, data_json, say
from queast_runtime.cli.places import Selection
from queast_runtime.cli.releases.acting import Acting, acting, check_reason
from queast_runtime.cli.releases.gating import (
    Judged,
    changes_between,
    compiled_side,
    gated_text,
    is_open,
    judge,
    ordered,
    side_of,
)
from queast_runtime.cli.releases.handing import HandedOver, done_before, handed_over, is_still_true, same_plans, short
from queast_runtime.cli.releases.leaving import left_again
from queast_runtime.cli.releases.mending import mend
from queast_runtime.cli.releases.pinning import over_words, pinned
from queast_runtime.cli.releases.refusing import refusals_kept
from queast_runtime.cli.releases.standing import Order, Standing, activate, alone, can_run, standing
from queast_runtime.cli.releases.standing_policy import FILE, Held, differs, let_stand, policy_for, set_policy
from queast_runtime.cli.releases.trailers import Trailers, categories_of, read_trailers
from queast_runtime.cli.releases.waiting import end_with_waiting, more_sources, pending_of, waits_already
from queast_runtime.cli.wording import counted
from queast_runtime.security.history import Accepted
from queast_runtime.security.pending import Pending


@dataclass(frozen=True, slots=True)
class Asked:
    """What came with the command. `accept` are lists as they were given: `IDENTITY,FIELD`."""

    accept: Sequence[str] = ()
    reason: str | None = None
    accept_from: str | None = None
    again: bool = False
    token: str | None = None
    over: Sequence[str] = ()
    as_operator: bool = False


def run(given: Path, sources: Path, format: Format, asked: Asked | None = None) -> None:
    """Publish each tenant of a change file or a folder of plans, all or none.

    Exits: 1 findings in the sources, 2 wrong use, 4 gated changes that nobody accepted or a release that waits for a
    second person, 5 unreadable plans or state, 6 plans that differ from what the sources give or need what the engine
    cannot carry out, a change file that is not about what is published now, or a caller who may not.
    """
    asked = asked or Asked()
    accept = _wanted(asked)
    _, state = settings_for(None)
    who = acting(state, asked.token, as_operator=asked.as_operator)
    handed = handed_over(given, sources)
    with refusals_kept(state, handed.plans, who, "publish", accept=accept):
        rows, judged = _published(handed, state, sources, format, asked, accept, who)
    _tell(state, rows, judged, who, format)


def _published(
    handed: HandedOver,
    state: Path,
    sources: Path,
    format: Format,
    asked: Asked,
    accept: Sequence[Category],
    who: Acting,
) -> tuple[list[dict[str, Any]], Mapping[str, Judged]]:
    for tenant in handed.plans:
        who.require(tenant, "release.publish")
    _have_sources(handed, sources)
    policy = policy_for(state, sources, who)
    own = _compiled_again(handed, sources, policy, who, format)
    trailers = _trailers(asked, sources)
    with alone(state):
        policy = _still(policy, policy_for(state, sources, who))
        for tenant, (_, plans) in own.items():
            mend(state, tenant, plans)
        stands = {tenant: standing(state, tenant) for tenant in own}
        done = done_before(handed, stands)
        for tenant in done:
            say(f"{tenant}: {handed.given} was published of it before; the rest follows")
        own = {tenant: each for tenant, each in own.items() if tenant not in done}
        for tenant, (compiled, _) in own.items():
            is_still_true(handed, tenant, stands[tenant], compiled)
        pins = pinned(asked.over, stands)
        counting = {tenant: accept if handed.change is not None or tenant in pins else () for tenant in own}
        judged = {
            tenant: judge(
                tenant,
                changes_between(side_of(stands[tenant].published), compiled_side(compiled)),
                _words(counting[tenant], trailers, tenant),
                who,
            )
            for tenant, (compiled, _) in own.items()
        }
        _tell_of_aside(trailers, judged)
        _tell_of_unpinned(accept, counting, judged)
        if any(each.open for each in judged.values()):
            _refuse_gated(judged, handed, stands, sources, who, format)
        again = {tenant: _again(state, stands[tenant], *each, asked) for tenant, each in own.items()}
        _tell_of_unneeded(accept, judged.values())
        orders: list[Order] = []
        waiting: list[tuple[Pending, PlanSet]] = []
        still: list[dict[str, Any]] = []
        for tenant, (_, plans) in own.items():
            found, stands_now = judged[tenant], stands[tenant]
            if handed.change is not None and digests_of(plans) == stands_now.digests:
                # A change of one tenant is compared for all of a folder: the others' releases stand as they are.
                continue
            order = Order(plans, "publish", who.actor, asked.reason, found.accepted, again=again[tenant])
            if found.second:
                asked_for = pending_of(order, found, stands_now, policy.digest)
                same = waits_already(state, asked_for, stands_now)
                if same is None:
                    waiting.append((asked_for, plans))
                else:
                    still.append(same)
            else:
                orders.append(order)
        # First the policy: one that stands without a release is harmless, a release under none is not.
        let_stand(state, policy, who, asked.reason)
        rows = [*activate(state, orders, waiting), *still]
    return rows, judged


def release(state: Path, sources: Path, tenants: Sequence[PlanSet], reason: str) -> list[dict[str, Any]]:
    """Release plans of `sources` from the operator's own shell, past the gate; return a row each."""
    operator = Acting(shell_subject(), "admin", None, is_said=True)
    with alone(state):
        set_policy(state, sources / FILE, operator, reason)
        return activate(state, [Order(plans, "publish", operator.actor, reason) for plans in tenants])


def _wanted(asked: Asked) -> tuple[Category, ...]:
    """The categories of --accept. Raises CommandError (usage)."""
    check_reason(asked.reason)
    accept = categories_of(list(asked.accept), "--accept") if asked.accept else ()
    if accept and asked.reason is None:
        raise CommandError(Exit.USAGE, "--accept takes a reason, which is kept with the release", 'add --reason "..."')
    if asked.again and asked.reason is None:
        raise CommandError(Exit.USAGE, "--again takes a reason, which is kept with the release", 'add --reason "..."')
    return accept


def _words(accept: Sequence[Category], trailers: Trailers | None, tenant: str) -> tuple[Accepted, ...]:
    """What was accepted, on the command line and in commits; of one category the command line's word counts."""
    words = [Accepted(each) for each in accept]
    if trailers is not None:
        said = {each.category for each in words}
        for trailer in trailers.of(tenant):
            words += [each for each in trailer.accepted() if each.category not in said]
    return tuple(words)


def _trailers(asked: Asked, sources: Path) -> Trailers | None:
    """What --accept-from names. Raises CommandError: refused where the sources are not what its last commit holds."""
    if asked.accept_from is None:
        return None
    trailers = read_trailers(sources, asked.accept_from)
    for first in trailers.uncommitted[:1]:
        more = f" and {len(trailers.uncommitted) - 1} more" if len(trailers.uncommitted) > 1 else ""
        raise CommandError(
            Exit.REFUSED,
            f"--accept-from {asked.accept_from}: the sources are not what its last commit holds: {first}{more}",
            "commit them: a trailer accepts what was committed with it",
        )
    return trailers


def _tell_of_aside(trailers: Trailers | None, judged: Mapping[str, Judged]) -> None:
    """Say why a commit's word did not count where it was needed."""
    for tenant, each in judged.items() if trailers is not None else ():
        for aside in trailers.aside(tenant) if trailers is not None else ():
            if set(aside.trailer.categories) & set(each.open):
                complain(f"{tenant}: {aside.why}", aside.instead)


def _have_sources(handed: HandedOver, sources: Path) -> None:
    for tenant in handed.plans:
        if not (sources / tenant / "connections.yaml").is_file():
            raise CommandError(Exit.USAGE, f"no sources of tenant {tenant} under {sources}", "name them with --sources")


def _still(held: Held, now: Held) -> Held:
    """Return the policy as it is under the lock. Raises CommandError (refused) where another one stands than while the
    sources were compiled."""
    if held.digest != now.digest:
        raise CommandError(Exit.REFUSED, "another policy stands since the sources were compiled", "publish again")
    return now


def _compiled_again(
    handed: HandedOver, sources: Path, policy: Held, who: Acting, format: Format
) -> dict[str, tuple[CompiledTenant, PlanSet]]:
    # The bytes that were judged, whatever became of the file since.
    beside = {FILE: policy.data} if who.tenant is None and (sources / FILE).is_file() else None
    compilations = [
        compile_selection(
            Selection(sources, tenant, None),
            hints=False,
            edited=beside,
            policy=policy.data if beside is None else None,
            # The policy's digest is of the tenant's copy; under the platform's the plans themselves are compared.
            pinned=Pinned.SHIPPED,
        )
        for tenant in handed.plans
    ]
    # A mapping that was meant to be in the release and is in no tenant is found now or never.
    strays = Diagnostics()
    report_strays(sources, strays)
    fail_on_findings(compilations, format, strays.findings)
    own = {each.selection.tenant: (each.compiled, _same(handed, each, policy, sources)) for each in compilations}
    for compiled, _ in own.values():
        side = compiled_side(compiled)
        can_run(dict(side.connections), dict(side.mappings))
    return own


def _same(handed: HandedOver, compilation: Compilation, policy: Held, sources: Path) -> PlanSet:
    try:
        return same_plans(handed.plans[compilation.selection.tenant], compilation.compiled)
    except CommandError as error:
        if not differs(policy, sources):
            raise
        raise CommandError(
            error.code,
            f"{error}; {sources / FILE} is not the platform's policy, which counts",
            "ask the platform's admin for it (qmap policy show --text), compile or compare under it, and publish that",
        ) from error


def _again(state: Path, stands: Standing, compiled: CompiledTenant, plans: PlanSet, asked: Asked) -> tuple[str, ...]:
    """Return the plans that come again though a rollback left them. Raises CommandError (refused) without --again."""
    again: set[str] = set()
    for name, left in left_again(state, stands, compiled_side(compiled), plans.mappings).items():
        if not asked.again:
            raise CommandError(
                Exit.REFUSED,
                f"{plans.tenant}/{name} says what {short(left.digest)} did, which release {left.by} went back from",
                'publish another plan, or this one all the same: --again --reason "..."',
            )
        again |= {left.digest, plans.mappings[name]}
    return tuple(sorted(again))


def _refuse_gated(
    by_tenant: Mapping[str, Judged],
    handed: HandedOver,
    stands: Mapping[str, Standing],
    sources: Path,
    who: Acting,
    format: Format,
) -> NoReturn:
    """Show what is gated and how to go on. Nothing was published."""
    judged = list(by_tenant.values())
    gating = [each.tenant for each in judged if each.open or each.accepted]
    over = "" if handed.change is not None else over_words(stands, gating)
    needed = ordered(category for each in judged for category in each.open)
    done = ordered(_category(word) for each in judged for word in each.accepted)
    if format is Format.JSON:
        gated = [
            {"tenant": each.tenant, "open": list(each.open), "changes": [asdict(row) for row in _open_rows(each)]}
            for each in judged
            if each.open
        ]
        data_json({"releases": [], "gated": gated})
    else:
        for each in judged:
            data(gated_text(each, sources))
    command = (
        f"qmap publish {handed.given}{more_sources(sources)}{over}"
        f' --accept {",".join(ordered((*needed, *done)))} --reason "..."'
    )
    whose = ", ".join(each.tenant for each in judged if each.open)
    message = f"nothing is published of {whose}: nobody accepted {', '.join(needed)}"
    for each in judged:
        if any(change.kind.admin and is_open(each, change) for change in each.changes) and who.role != "admin":
            raise CommandError(
                Exit.GATED, message, "SECURITY is accepted by the platform's admin only; show it to them"
            )
    raise CommandError(Exit.GATED, message, f"to go on: {command}")


def _open_rows(judged: Judged) -> list[Any]:
    return list(rows_of(change for change in judged.changes if is_open(judged, change)))


def _category(word: Accepted) -> Category:
    return categories_of([word.category], "accepted")[0]


def _tell_of_unpinned(
    accept: Sequence[Category], counting: Mapping[str, Sequence[Category]], judged: Mapping[str, Judged]
) -> None:
    for tenant, each in judged.items():
        if not counting[tenant] and set(accept) & set(each.open):
            complain(
                f"{tenant}: --accept with a folder of plans counts over a release that it names",
                "hand over a change file, or say which release the plans were compared with: --over DIGEST",
            )


def _tell_of_unneeded(accept: Sequence[Category], judged: Any) -> None:
    met = {word.category for each in judged for word in each.accepted}
    for category in accept:
        if category not in met:
            complain(f"nothing is gated by {category}: there was nothing to accept")


def _tell(
    state: Path, rows: Sequence[dict[str, Any]], judged: Mapping[str, Judged], who: Acting, format: Format
) -> None:
    """Print what came of it; ends the command with exit 4 where something waits for a second person."""
    made, waiting = [row for row in rows if "sequence" in row], [row for row in rows if "pending" in row]
    if format is Format.JSON:
        data_json({"releases": made, "waiting": waiting} if waiting else {"releases": made})
    else:
        for row in made:
            data(
                f"{row['tenant']}  release {row['sequence']}  {counted(row['mappings'], 'mapping')}  {row['digest']}\n"
            )
        for row in waiting:
            data(f"{row['tenant']}  waits for a second person  {row['pending']}\n")
    told = {row["tenant"] for row in rows}
    for tenant, each in judged.items():
        count = counted(len(each.changes), "change") if each.changes else "no change"
        say(f"{tenant}: {count}" if tenant in told else f"{tenant}: {count}, and the release that stands stays")
    if made:
        say(f"signed with the development key of {state}")
    end_with_waiting(waiting, who.actor)
