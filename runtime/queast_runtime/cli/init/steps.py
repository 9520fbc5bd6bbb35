"""What to type next, from a new folder to a delivered record in the sandbox."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from queast_runtime.cli.init.kinds import BEGINNINGS, Kind
from queast_runtime.security.secrets import secret_variable

Step = tuple[str, str]


def steps(tenant: str, kind: Kind, *, change_to: str | None = None) -> tuple[Step, ...]:
    """Return commands and what each is for. `change_to` is the folder to go to first, None for the current one."""
    first = [] if change_to is None else [(f"cd {shlex.quote(change_to)}", "the new repository")]
    return (
        *first,
        ("qmap lint", "check everything; it finds nothing now"),
        ("qmap test", f"run the tests in mappings/{tenant}/tests"),
        ("qmap diff --out change.json", "see what publishing would change"),
        ("qmap publish change.json", "sign a release with the development key of .qmap"),
        ("qmap sandbox > .qmap/sandbox.env &", "doubles of the destinations, on this machine only"),
        (". .qmap/sandbox.env", "its addresses and secrets, once it says that it listens"),
        (f"qmap run --tenant {tenant} mappings/{tenant}/events/sample.jsonl", "deliver the sample events"),
        (f"qmap deliveries list --tenant {tenant}", "what arrived"),
        *_of_kind(tenant, kind),
    )


def _of_kind(tenant: str, kind: Kind) -> Sequence[Step]:
    if kind != "inbound":
        return ()
    connection = BEGINNINGS[kind].connection
    variable = secret_variable(tenant, f"{connection}-in")
    return [
        (f'export {variable}="whsec_$(openssl rand -base64 32)"', "the key that the endpoint signs with"),
        (f"qmap serve --tenant {tenant}", f"take what it posts, at /v1/inbound/{tenant}/{connection}"),
    ]


def numbered(found: Sequence[Step]) -> str:
    """Return steps a line each, numbered, what they are for in a column of its own."""
    width = max(len(command) for command, _ in found)
    return "\n".join(f"{number:>3}. {command:<{width}}  {why}" for number, (command, why) in enumerate(found, 1))


def steps_in_readme(tenant: str, kind: Kind) -> str:
    """Return the same for a block of code, a comment behind each command."""
    found = steps(tenant, kind)
    width = max(len(command) for command, _ in found)
    return "".join(f"{command:<{width}}  # {why}\n" for command, why in found)
