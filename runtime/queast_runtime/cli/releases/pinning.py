"""Over which release a word was given: a folder of plans says nothing of what people compared it with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.releases.standing import Standing

_PREFIX: Final = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})")


def pinned(over: Sequence[str], stands: Mapping[str, Standing]) -> frozenset[str]:
    """Return the tenants over whose standing release something was accepted: by its digest, or its first 8 hex digits
    or more. A tenant of whom nothing stands is one of them.

    Raises CommandError: usage for what is no digest, refused for one of a release that stands for none of the tenants.
    """
    words: dict[str, str] = {}
    for each in over:
        matched = _PREFIX.fullmatch(each)
        if matched is None:
            raise CommandError(
                Exit.USAGE,
                "--over takes a release's digest, or its first 8 hex digits or more",
                "which one stands: qmap status",
            )
        words[each] = matched[1]
    now = {tenant: digest_of(each) for tenant, each in stands.items()}
    for given, word in words.items():
        if not any(digest is not None and digest.startswith(word) for digest in now.values()):
            raise CommandError(
                Exit.REFUSED,
                f"no release {given[:19]} stands of {', '.join(sorted(now))}: it is not what was compared with",
                "compare again: qmap diff --against published",
            )
    return frozenset(
        tenant
        for tenant, digest in now.items()
        if digest is None or any(digest.startswith(word) for word in words.values())
    )


def over_words(stands: Mapping[str, Standing], tenants: Sequence[str]) -> str:
    """` --over 8ce0…` for each of the tenants of whom something stands."""
    digests = (digest_of(stands[tenant]) for tenant in tenants)
    return "".join(f" --over {digest[:12]}" for digest in digests if digest is not None)


def digest_of(stands: Standing) -> str | None:
    """The hex digits of the release that stands."""
    return None if stands.published is None else stands.published.release.digest.removeprefix("sha256:")
