"""Codes QM400-QM499: extends, policy, grants, scope."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM400",
        "Unknown base mapping",
        Severity.ERROR,
        "`extends` names a base mapping that ships with this version and its major version.",
        "extends: base/hubspott@1",
        "extends: base/hubspot@1",
    ),
    Code(
        "QM401",
        "Locked by the base",
        Severity.ERROR,
        "The base mapping locks this path: nothing on top may change, replace or unset it.",
        "scope: {signals: informational}   # where the base locks scope.signals",
        "scope: {companies: bookmarked}",
    ),
    Code(
        "QM402",
        "Lock outside a base",
        Severity.ERROR,
        "`locked` is a base mapping's word to the mappings on top of it. In a tenant's mapping it would hold nobody.",
        "locked: [scope.signals]",
        "scope: {signals: strict}",
    ),
    Code(
        "QM403",
        "Nothing to unset",
        Severity.ERROR,
        "`unset` removes what the base gives. It names paths that are there and that the mapping does not give anew.",
        "unset: [routes.signal-note]",
        "unset: [routes.signal-notes]",
    ),
    Code(
        "QM404",
        "Base on a base",
        Severity.ERROR,
        "There is one level: a base mapping stands on its own, so that a reader has two files to look at, never more.",
        "extends: base/common@1   # inside a base mapping",
        "the content written into the base",
    ),
    Code(
        "QM405",
        "Nothing to lock",
        Severity.ERROR,
        "`locked` in a base mapping names paths that the base itself gives. A path that is not there would hold "
        "nothing, and nobody would know.",
        "locked: [scope.signal]",
        "locked: [scope.signals]",
    ),
    Code(
        "QM406",
        "Unknown route of the base",
        Severity.ERROR,
        "A route that says neither entity nor events nor to changes the base's route of the same name, and the base "
        "has none of that name.",
        "extends: base/hubspot@1\nroutes: {companys: {fields: {city: company.city}}}",
        "extends: base/hubspot@1\nroutes: {companies: {fields: {city: company.city}}}",
    ),
)
