"""A refused publish, approval, withdrawal or rollback leaves a record of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from queast_compiler.plan.dsse import EnvelopeRefused
from queast_compiler.plan.release import ReleaseRefused
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import complain
from queast_runtime.cli.releases.acting import Acting
from queast_runtime.security.keys import KeyUnusable, development_key
from queast_runtime.security.refusals import Doing, Refusal, keep_refusal
from queast_runtime.security.releases import release_folder

_CHARACTERS: Final = 400


@contextmanager
def refusals_kept(
    state: Path,
    tenants: Iterable[str],
    who: Acting,
    doing: Doing,
    *,
    accept: Sequence[str] = (),
    about: str | None = None,
) -> Iterator[None]:
    """Keep what is refused within, for each of the tenants that has a folder here. What cannot be kept is complained
    of, and the refusal stays what it is."""
    try:
        yield
    except CommandError as error:
        if error.code in (Exit.REFUSED, Exit.GATED):
            now = datetime.now(UTC).replace(microsecond=0)
            for tenant in tenants:
                why = str(error)[:_CHARACTERS]
                _keep(state, Refusal(tenant, now, doing, who.actor, int(error.code), why, tuple(accept), about))
        raise


def _keep(state: Path, refusal: Refusal) -> None:
    try:
        folder = release_folder(state, refusal.tenant)
        if folder.is_dir():
            keep_refusal(folder, refusal, development_key(state))
    except (KeyUnusable, EnvelopeRefused, ReleaseRefused, OSError) as error:
        complain(f"the refusal could not be kept for {refusal.tenant}: {error}")
