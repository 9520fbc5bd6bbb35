"""The account files that describe the doubles' accounts, in the form that a tenant commits."""

from __future__ import annotations

from queast_runtime.sandbox.exchange import JsonObject
from queast_runtime.sandbox.hubspot_schema import COMPANY_PROPERTIES, OWNERS, Property
from queast_runtime.sandbox.pipedrive_schema import USERS, Field, organization_fields

_PULLED_AT = "2026-11-20T08:00:00Z"


def hubspot_account(account: str) -> JsonObject:
    """Return the account file of a HubSpot double: its companies' properties and its owners."""
    return {
        "version": 1,
        "connector": "hubspot",
        "account": account,
        "pulled_at": _PULLED_AT,
        "objects": {"companies": {"properties": {name: _company(entry) for name, entry in COMPANY_PROPERTIES.items()}}},
        "owners": [{"id": owner.id, "email": owner.email} for owner in OWNERS],
    }


def pipedrive_account(account: str) -> JsonObject:
    """Return the account file of a Pipedrive double: organization fields (custom ones by key) and its users."""
    fields = organization_fields(account)
    return {
        "version": 1,
        "connector": "pipedrive",
        "account": account,
        "pulled_at": _PULLED_AT,
        "objects": {"organizations": {"properties": {code: _organization(field) for code, field in fields.items()}}},
        "owners": [{"id": str(user.id), "email": user.email} for user in USERS],
    }


def _company(entry: Property) -> JsonObject:
    return _property(
        entry.label, _company_type(entry), entry.required, entry.read_only, entry.max_length, entry.options
    )


def _company_type(entry: Property) -> str:
    if entry.owner:
        return "owner"
    match entry.type:
        case "string":
            return {"textarea": "text", "html": "html"}.get(entry.field_type, "string")
        case "number":
            return "integer" if entry.integer else "number"
        case "bool":
            return "boolean"
        case "enumeration":
            return "set" if entry.multiple else "enumeration"
        case "date" | "datetime":
            return entry.type


def _organization(field: Field) -> JsonObject:
    types = {
        "varchar": "string",
        "text": "text",
        "address": "string",
        "int": "integer",
        "double": "number",
        "boolean": "boolean",
        "date": "date",
        "time": "datetime",
        "enum": "enumeration",
        "set": "set",
        "user": "owner",
    }
    options = tuple((str(option), label) for option, label in field.options)
    return _property(field.label, types[field.type], field.required, field.read_only, field.max_length, options)


def _property(
    label: str,
    type: str,
    required: bool,
    read_only: bool,
    max_length: int | None,
    options: tuple[tuple[str, str], ...],
) -> JsonObject:
    return {
        "label": label,
        "type": type,
        "required": required,
        "read_only": read_only,
        "max_length": max_length,
        "options": [{"value": value, "label": name} for value, name in options],
    }
