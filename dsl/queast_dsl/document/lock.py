"""`qmap.lock`: what of Queast's a tenant's mappings were compiled against when somebody last looked at it."""

from __future__ import annotations

from dataclasses import dataclass

from queast_dsl.source import SourceFile


@dataclass(frozen=True, slots=True)
class Pins:
    """Digests (`sha256:` and 64 hexadecimal digits) of bases by the name that `extends` gives them, of manifests by the
    connector's name, and of what the policy says to the tenant; None where no policy was at hand."""

    bases: dict[str, str]
    connectors: dict[str, str]
    policy: str | None


@dataclass(frozen=True, slots=True)
class LockFile:
    pins: Pins
    source: SourceFile
