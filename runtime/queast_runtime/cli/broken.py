"""Releases that stand here and cannot be trusted or read: what operating commands say of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from queast_runtime.cli.exits import CommandError, Exit

FIRST_RELEASE: Final = "publish first: qmap compile, then qmap publish"
PUBLISH_FIRST: Final = f"{FIRST_RELEASE}; see also: qmap status"


def broken_releases(state: Path, tenants: Iterable[str]) -> dict[str, str]:
    """Return why, by tenant, the envelope of what stands does not count: it is none, or nobody trusted signed it.

    Plans are not read. Raises CommandError (environment) where no key can be used.
    """
    from queast_compiler.plan.release import ReleaseRefused, verify
    from queast_runtime.security.keys import KeyUnusable, trusted_keys
    from queast_runtime.security.releases import has_release, release_folder

    found: dict[str, str] = {}
    for tenant in tenants:
        try:
            if has_release(state, tenant):
                verify((release_folder(state, tenant) / "current.json").read_bytes(), trusted_keys(state), tenant, 0)
        except KeyUnusable as error:
            raise CommandError(Exit.ENVIRONMENT, f"no release can be verified: {error}") from error
        except OSError as error:
            found[tenant] = f"it cannot be read: {error.strerror or error}"
        except ReleaseRefused as error:
            found[tenant] = str(error)
    return found


def put_back(state: Path, tenant: str) -> str:
    """Say how a release that does not count is mended."""
    folder = state / "releases" / tenant
    return f"put back {folder / 'current.json'} as it was written: the newest file of {folder / 'history'} holds it"


def broken_plans(state: Path, tenants: Iterable[str]) -> dict[str, str]:
    """Return why, by tenant, a release that somebody trusted signed cannot run: a plan of it is gone or was altered."""
    from queast_compiler.plan.release import ReleaseRefused, verify
    from queast_runtime.security.keys import KeyUnusable, trusted_keys
    from queast_runtime.security.releases import has_release, missing_plans, release_folder

    found: dict[str, str] = {}
    for tenant in tenants:
        folder = release_folder(state, tenant)
        try:
            if not has_release(state, tenant):
                continue
            release = verify((folder / "current.json").read_bytes(), trusted_keys(state), tenant, 0)
        except (KeyUnusable, OSError, ReleaseRefused):
            # That is said by who looks at the envelope.
            continue
        missing = missing_plans(folder, release)
        for first in missing[:1]:
            more = f", nor are {len(missing) - 1} more" if len(missing) > 1 else ""
            found[tenant] = f"plan {first} is not here as it was signed{more}"
    return found


def made_again(state: Path, tenant: str) -> str:
    """Say how plans that are gone come back."""
    folder = state / "releases" / tenant / "plans"
    return f"publish the sources that it was made of again (qmap compile, qmap publish plans), or put it into {folder}"
