"""What the commands of reviews and links share: whose store, which case, who answers, and the ends of a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, get_args

from queast_runtime.cli.account import shell_subject
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.opening import opened_store
from queast_runtime.cli.status import check_connection, check_released
from queast_runtime.delivery.reviewing.outcomes import Reviewer
from queast_runtime.ports.matches import Review, ReviewKind
from queast_runtime.ports.store import Snapshot, Store
from queast_runtime.settings import Settings

KINDS: Final[tuple[ReviewKind, ...]] = get_args(ReviewKind)


@dataclass(frozen=True, slots=True)
class Opened:
    """The store, for one tenant that has a release here."""

    store: Store
    settings: Settings
    home: Path
    tenant: str

    def check_connection(self, view: Snapshot, name: str | None) -> None:
        if name is not None:
            check_connection(view, self.home, self.tenant, name)


@contextmanager
def opened(tenant: str, store_url: str | None) -> Iterator[Opened]:
    """Open the store for a tenant. Raises CommandError (usage) for one without a release."""
    with opened_store(store_url) as (settings, home, store):
        check_released(home, tenant)
        yield Opened(store, settings, home, tenant)


def operator() -> Reviewer:
    """Whoever runs the command, in the role of the tenant's own administrator."""
    return Reviewer(shell_subject(), "tenant_admin")


def now() -> datetime:
    return datetime.now(UTC)


def case_of(view: Snapshot, tenant: str, review_id: str) -> Review:
    """Return a case. Raises CommandError (usage) where the tenant has none of that id."""
    found = view.review(tenant, review_id) if is_text(review_id) else None
    if found is None:
        raise no_case(tenant, review_id)
    return found


def no_case(tenant: str, review_id: str) -> CommandError:
    return CommandError(
        Exit.USAGE, f"tenant {tenant} has no case {review_id}", f"see: qmap review list --tenant {tenant} --all"
    )


def kind_of(name: str | None) -> ReviewKind | None:
    """Raises CommandError (usage) for what is no kind of case."""
    for kind in KINDS:
        if name == kind:
            return kind
    if name is None:
        return None
    raise CommandError(Exit.USAGE, f"no kind of case is called {name}", f"one of: {', '.join(KINDS)}")


def is_text(given: str) -> bool:
    """Whether what a terminal gave is text at all: bytes that are no UTF-8 name nothing that is stored."""
    try:
        given.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in given
