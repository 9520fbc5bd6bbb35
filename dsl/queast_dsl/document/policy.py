"""The platform's policy: what tenants may do, granted by Queast's `admin` role."""

from __future__ import annotations

from dataclasses import dataclass

from queast_dsl.source import Located, SourceFile, Span


@dataclass(frozen=True, slots=True)
class InformationalExport:
    """A grant to export informational signals (D2.3). `expires` is an ISO date; it no longer holds on that day."""

    tenant: Located[str]
    approver: str
    reason: str
    expires: Located[str]
    span: Span


@dataclass(frozen=True, slots=True)
class Policy:
    informational_export: tuple[InformationalExport, ...]
    source: SourceFile
