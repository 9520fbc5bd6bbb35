"""`qmap policy`: which policy of the platform stands, and another one in its place."""

from __future__ import annotations

from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading import load_policy
from queast_runtime.cli.compiling import fail_on_findings
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for, state_to_read
from queast_runtime.cli.output import Format, data, data_json, say, table
from queast_runtime.cli.releases.acting import acting, check_reason
from queast_runtime.cli.releases.refusing import refusals_kept
from queast_runtime.cli.releases.standing import alone
from queast_runtime.cli.releases.standing_policy import (
    FILE,
    all_policies,
    read_policy_file,
    set_policy,
    standing_policy,
)
from queast_runtime.security.history import time_text
from queast_runtime.security.policies import StandingPolicy


def let_stand(given: Path, reason: str | None, token: str | None, format: Format, *, as_operator: bool) -> None:
    """Put a policy in the place of the one that stands.

    Exits: 1 findings in the file, 2 no such file, 5 state that cannot be read, 6 a caller who may not, or a pipeline
    where nobody said that it is meant.
    """
    check_reason(reason)
    _, state = settings_for(None)
    who = acting(state, token, as_operator=as_operator)
    with refusals_kept(state, [] if who.tenant is None else [who.tenant], who, "policy set"):
        who.require_role("policy.set")
        path = given / FILE if given.is_dir() else given
        if not path.exists():
            raise CommandError(Exit.USAGE, f"there is no policy {path}", f"name a {FILE}, or the folder it lies in")
        if path.name != FILE:
            raise CommandError(Exit.USAGE, f"{path} is not called {FILE}, as a policy is", f"rename it to {FILE}")
        diagnostics = Diagnostics()
        policy = load_policy(path.parent, read_policy_file(path), diagnostics)
        fail_on_findings([], format, diagnostics.findings)
        if policy is None:
            raise CommandError(Exit.REFUSED, f"{path} says nothing", "a release is made under a policy only")
        with alone(state):
            before = standing_policy(state)
            held = set_policy(state, path, who, reason)
    if format is Format.JSON:
        data_json({"policy": held.digest, "changed": held.is_new})
    elif not held.is_new:
        say(f"{held.digest[:19]} stands already")
    if held.is_new and before is not None:
        say("what was published runs on as it is; publish each tenant to hold it to this policy")


def show(token: str | None, format: Format, *, text: bool) -> None:
    """Print which policies stood, newest first.

    A token is shown neither the text, in which other tenants are named, nor who set it and why. Exits: 5 state that
    cannot be read, 6 a record that was altered, a caller who may not, or no policy for --text.
    """
    if text and format is Format.JSON:
        raise CommandError(Exit.USAGE, "--text prints the file as it is, which is no JSON", "leave one of the two out")
    state = state_to_read()
    who = acting(state, token)
    if text:
        who.require_role("policy.set", doing="see the text of the platform's policy: other tenants are named in it")
    else:
        who.require_role("release.read")
    found = all_policies(state)
    if text:
        if not found:
            raise CommandError(Exit.REFUSED, "no policy stands here yet", "qmap policy set mappings/policy.yaml")
        data(found[-1].text)
        return
    is_inside = who.tenant is None
    if format is Format.JSON:
        data_json({"policies": [_as_json(each, is_inside) for each in reversed(found)]})
        return
    if not found:
        say("no policy stands here yet; its admin sets it: qmap policy set mappings/policy.yaml")
    data(
        table(
            (
                time_text(each.at),
                each.digest[:19],
                *((f"{each.actor.subject} ({each.actor.role})", each.reason or "") if is_inside else ()),
            )
            for each in reversed(found)
        )
    )


def _as_json(policy: StandingPolicy, is_inside: bool) -> dict[str, object]:
    shown: dict[str, object] = {"policy": policy.digest, "at": time_text(policy.at)}
    if is_inside:
        shown |= {"by": policy.actor.subject, "role": policy.actor.role, "reason": policy.reason}
    return shown
