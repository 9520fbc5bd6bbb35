"""How a plan names the files it was compiled from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from queast_dsl.source import SourceFile


def plan_path(path: str, tenant: str) -> str:
    """Return a file's path from the tenant's folder on, so that a plan does not depend on where it was compiled.

    plan_path("work/mappings/acme/acme-hubspot.yaml", "acme")  ->  "acme/acme-hubspot.yaml"
    plan_path("base/hubspot.v1.yaml", "acme")  ->  "base/hubspot.v1.yaml"
    """
    parts = path.replace("\\", "/").split("/")
    folders = parts[:-1]
    if tenant not in folders:
        return "/".join(parts)
    start = len(folders) - 1 - folders[::-1].index(tenant)
    return "/".join(parts[start:])


def source_digests(sources: Iterable[SourceFile], tenant: str) -> tuple[tuple[str, str], ...]:
    """Return (path, SHA-256 of the text in hex) of each file, in the order given: a mapping's own file stays first."""
    return tuple((plan_path(each.path, tenant), hashlib.sha256(each.text.encode()).hexdigest()) for each in sources)
