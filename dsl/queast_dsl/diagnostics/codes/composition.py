"""Codes QM400-QM499: extends, policy, grants, scope."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Code, Severity

CODES: tuple[Code, ...] = (
    Code(
        "QM400",
        "Unknown base mapping",
        Severity.ERROR,
        "`extends` names a base mapping that ships with this version and its major version.",
        (
            "extends: base/namse@1\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "extends: base/names@1\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM401",
        "Locked by the base",
        Severity.ERROR,
        "The base mapping locks this path: nothing on top may change, replace, add or unset it. A lock also holds what "
        "the locked path rests on: the tables and templates that it reads, the route's `write` where the field has "
        "none of its own, and the route's `entity` and `to`.",
        (
            "extends: base/notes@1\n"
            "scope: {signals: informational}\n"
            "-- base/notes.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name\n"
            "scope: {signals: strict}\n"
            "locked: [scope.signals]"
        ),
        (
            "extends: base/notes@1\n"
            "scope: {companies: bookmarked}\n"
            "-- base/notes.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name\n"
            "scope: {signals: strict}\n"
            "locked: [scope.signals]"
        ),
    ),
    Code(
        "QM402",
        "Lock outside a base",
        Severity.ERROR,
        "`locked` is a base mapping's word to the mappings on top of it. In a tenant's mapping it would hold nobody.",
        "mode: live\nlocked: [mode]",
        "mode: live",
    ),
    Code(
        "QM403",
        "Nothing to unset",
        Severity.ERROR,
        "`unset` removes what the base gives. It names paths that are there and that the mapping does not give anew.",
        (
            "extends: base/names@1\n"
            "unset: [routes.companys]\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "extends: base/names@1\n"
            "unset: [routes.companies.fields.city]\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name\n"
            "      city: company.city"
        ),
    ),
    Code(
        "QM404",
        "Base on a base",
        Severity.ERROR,
        "There is one level: a base mapping stands on its own, so that a reader has two files to look at, never more.",
        (
            "extends: base/names@1\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "extends: base/common@1\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "extends: base/names@1\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
    Code(
        "QM405",
        "Nothing to lock",
        Severity.ERROR,
        "`locked` in a base mapping names what the base gives, or what it leaves out and no mapping may add: a key of "
        "the language, or a property, header or key of a body of a route that is there. Any other path would hold "
        "nothing, and nobody would know.",
        (
            "extends: base/names@1\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name\n"
            "locked: [routes.companys]"
        ),
        (
            "extends: base/names@1\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name\n"
            "locked: [routes.companies]"
        ),
    ),
    Code(
        "QM406",
        "Unknown route of the base",
        Severity.ERROR,
        "A route that says neither entity nor events nor to changes the base's route of the same name, and the base "
        "has none of that name.",
        (
            "extends: base/names@1\n"
            "routes: {companys: {fields: {city: company.city}}}\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
        (
            "extends: base/names@1\n"
            "routes: {companies: {fields: {city: company.city}}}\n"
            "-- base/names.v1.yaml --\n"
            "version: 1\n"
            "description: Names of companies\n"
            "mode: live\n"
            "routes:\n"
            "  companies:\n"
            "    entity: company\n"
            "    events: [created, updated]\n"
            "    to: companies\n"
            "    write: always\n"
            "    fields:\n"
            "      name: company.name"
        ),
    ),
)
