"""`qmap demo`: the whole job with the example tenants, checked against the doubles' own state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from queast_runtime.cli.demo.children import ended_together
from queast_runtime.cli.demo.doubles import running
from queast_runtime.cli.demo.highlights import secret_of
from queast_runtime.cli.demo.locking import alone_in
from queast_runtime.cli.demo.report import as_json, as_text
from queast_runtime.cli.demo.stages import Outcome, highlights, lint_and_publish, run_tenant, summed_up
from queast_runtime.cli.demo.staying import PORT, check_port, stay_up
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import settings_for
from queast_runtime.cli.output import Format, data, data_json, say

_MAPPINGS = Path("mappings")
_SEED = 7


def run(format: Format, state: Path | None, port: int | None) -> None:
    """Lint, compile, publish and run every example tenant; exit 1 if anything was lost, doubled or out of contract.

    With a port the doubles stay up, and what `qmap serve` serves is served there until Ctrl-C.
    """
    if not _MAPPINGS.is_dir():
        raise CommandError(Exit.USAGE, "there is no folder mappings here", "run it in a checkout, or with -C CHECKOUT")
    is_fresh = state is None
    if state is None:
        _, home = settings_for(None)
        state = home / "demo"
    with alone_in(state, emptied=is_fresh):
        if port:
            check_port(port)
        with ended_together():
            outcome = _play(state, format, port)
    if not outcome.flawless:
        raise SystemExit(Exit.FINDINGS)


def _play(state: Path, format: Format, port: int | None) -> Outcome:
    tenants = lint_and_publish(_MAPPINGS, state)
    say("starting doubles of HubSpot and Pipedrive and a webhook receiver on loopback, with faults")
    with running(state, _MAPPINGS, faults=True, seed=_SEED) as doubles:
        # At once, as in life: each tenant is drained by a process of its own over the one store.
        with ThreadPoolExecutor(len(tenants)) as pool:
            list(pool.map(lambda tenant: run_tenant(tenant, _MAPPINGS, state, doubles), tenants))
        posted = highlights(tenants, _MAPPINGS, state, doubles)
        outcome = summed_up(tenants, _MAPPINGS, state, doubles, posted)
        if format is Format.JSON:
            data_json(as_json(outcome))
        else:
            data(as_text(outcome))
        if port is not None:
            secrets = dict(secret_of(each.received, each.posts) for each in posted)
            stay_up([tenant.name for tenant in tenants], state, {**doubles.env, **secrets}, port)
        elif outcome.reviews:
            say(f"{outcome.reviews} matches wait for a person; decide them at http://127.0.0.1:{PORT}/review while")
            say("  make demo-serve    (or: qmap demo --serve)")
            say("runs, or on the command line:")
            say(f"  QMAP_STATE={state} qmap review list --tenant {tenants[0].name}")
    return outcome
