"""What the Pipedrive double's account has: organization and note fields, custom fields, users."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

FieldType = Literal["varchar", "text", "int", "double", "date", "enum", "set", "boolean", "user", "address", "time"]


def custom_key(account: str, label: str) -> str:
    """Return the 40-hex key that this account has for a custom field; every account has its own."""
    return hashlib.sha1(f"{account}/{label}".encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Field:
    """`code` is the wire name. Enum and set options have integer ids. `nullable` fields are cleared by null."""

    code: str
    label: str
    type: FieldType
    options: tuple[tuple[int, str], ...] = ()
    custom: bool = False
    required: bool = False
    read_only: bool = False
    nullable: bool = True
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class User:
    id: int
    email: str
    name: str


USERS: tuple[User, ...] = (
    User(31_001, "kari@nordlys.example", "Kari Nordmann"),
    User(31_002, "ola@nordlys.example", "Ola Hansen"),
)

_INDUSTRIES = (
    (1, "Agriculture"),
    (2, "Banking and finance"),
    (3, "Construction"),
    (4, "Energy"),
    (5, "Healthcare"),
    (6, "Manufacturing"),
    (7, "Media"),
    (8, "Real estate"),
    (9, "Retail"),
    (10, "Software and IT"),
    (11, "Telecommunications"),
    (12, "Transportation"),
    (13, "Other"),
)

ADDRESS_PARTS: frozenset[str] = frozenset(
    [
        "value",
        "country",
        "admin_area_level_1",
        "admin_area_level_2",
        "locality",
        "sublocality",
        "route",
        "street_number",
        "subpremise",
        "postal_code",
    ]
)


def organization_fields(account: str) -> dict[str, Field]:
    """Return the fields of organizations by code, custom ones by their 40-hex key."""

    def own(label: str, name: str, type: FieldType, options: tuple[tuple[int, str], ...] = ()) -> Field:
        return Field(custom_key(account, name), label, type, options, custom=True)

    fields = (
        Field("name", "Name", "varchar", required=True, nullable=False, max_length=255),
        Field("owner_id", "Owner", "user", nullable=False),
        Field("address", "Address", "address", nullable=False),
        Field("website", "Website", "varchar"),
        Field("linkedin", "LinkedIn profile", "varchar"),
        Field("industry", "Industry", "enum", _INDUSTRIES),
        Field("annual_revenue", "Annual revenue", "int"),
        Field("employee_count", "Employee count", "int"),
        Field("id", "ID", "int", read_only=True),
        Field("add_time", "Organization created", "time", read_only=True),
        Field("update_time", "Update time", "time", read_only=True),
        own("queast_company_id", "queast_company_id", "varchar"),
        own("queast_domain", "queast_domain", "varchar"),
        own("queast_country", "country", "varchar"),
        own("queast_founded_on", "founded_on", "date"),
        own("queast_size", "size", "enum", ((41, "small"), (42, "medium"), (43, "large"))),
        own("queast_regions", "regions", "set", ((51, "Nordics"), (52, "Europe"), (53, "World"))),
        own("queast_growth", "growth", "double"),
    )
    return {field.code: field for field in fields}


NOTE_FIELDS: dict[str, Field] = {
    field.code: field
    for field in (
        Field("content", "Content", "text", required=True, nullable=False, max_length=100_000),
        Field("add_time", "Add time", "time", nullable=False),
    )
}
