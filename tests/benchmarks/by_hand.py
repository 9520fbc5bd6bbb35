"""The same mapping as people write it in Python: once for speed, once for the reader.

Both check the kind of everything they read, keep a failing field from the others, say what failed and why, and return
what the engine takes, so that either could stand in the place of the compiled callable.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from tests.benchmarks.mapping_input import DESCRIPTION_LENGTH, INDUSTRIES

from queast_compiler.codegen import FieldFailure, Record
from queast_dsl.functions import REGISTRY

FILE = "by_hand.py"

_WORDS = {bool: "true or false", str: "text", int: "an integer", float: "a number", list: "a list", dict: "an object"}

_domain = REGISTRY["domain"].python
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()


def _misfit(place: str, value: object, expected: str) -> str:
    return f"{place} is {_WORDS.get(type(value), 'null')}, expected {expected}"


def tuned(
    data: dict[str, Any],
    now: datetime,
    domain_of: Callable[[str], str | None] = _domain,
    industries: Callable[[str], str | None] = INDUSTRIES.get,
    date_of: Callable[[str], date] = date.fromisoformat,
    time_of: Callable[[str], datetime] = datetime.fromisoformat,
) -> Record:
    """Straight down: one read and one check a field, globals as defaults, exceptions only where parsing needs them."""
    out: dict[str, Any] = {}
    failed: list[FieldFailure] = []
    company = data.get("company")
    if type(company) is not dict:
        return Record(out, (FieldFailure("name", "company is no object", FILE, 0),), "name: company is no object")
    get = company.get
    refused = None

    value = get("name")
    if type(value) is str:
        out["name"] = value
    else:
        failed.append(FieldFailure("name", _misfit("company.name", value, "text"), FILE, 0))
        refused = "name"

    website = get("website_url")
    value = get("domain")
    if type(value) is str:
        out["domain"] = value
    elif value is not None:
        failed.append(FieldFailure("domain", _misfit("company.domain", value, "text"), FILE, 0))
    elif type(website) is str:
        value = domain_of(website)
        if value is not None:
            out["domain"] = value
    elif website is not None:
        failed.append(FieldFailure("domain", _misfit("company.website_url", website, "text"), FILE, 0))

    if type(website) is str:
        out["website"] = website
    elif website is not None:
        failed.append(FieldFailure("website", _misfit("company.website_url", website, "text"), FILE, 0))

    address = get("address")
    if type(address) is dict:
        value = address.get("city")
        if type(value) is str:
            out["city"] = value
        elif value is None:
            out["city"] = ""
        else:
            failed.append(FieldFailure("city", _misfit("company.address.city", value, "text"), FILE, 0))
    elif address is None:
        out["city"] = ""
    else:
        failed.append(FieldFailure("city", _misfit("company.address", address, "an object"), FILE, 0))

    value = get("country")
    if type(value) is str:
        out["country"] = value
    elif value is not None:
        failed.append(FieldFailure("country", _misfit("company.country", value, "text"), FILE, 0))

    value = get("industry")
    if type(value) is str:
        value = industries(value)
        if value is not None:
            out["industry"] = value
    elif value is not None:
        failed.append(FieldFailure("industry", _misfit("company.industry", value, "text"), FILE, 0))

    value = get("employee_count")
    if type(value) is int:
        out["numberofemployees"] = str(value)
        out["company_size"] = "enterprise" if value >= 250 else "smb"
    elif value is None:
        out["company_size"] = "smb"
    else:
        reason = _misfit("company.employee_count", value, "an integer")
        failed.append(FieldFailure("numberofemployees", reason, FILE, 0))
        failed.append(FieldFailure("company_size", reason, FILE, 0))

    value = get("revenue")
    if type(value) is int:
        out["annualrevenue"] = str(value)
    elif type(value) is float and isfinite(value):
        written = repr(value)
        out["annualrevenue"] = (format(Decimal(written), "f") if "e" in written else written).removesuffix(".0")
    elif value is not None:
        failed.append(FieldFailure("annualrevenue", _misfit("company.revenue", value, "a number"), FILE, 0))

    value = get("founded_on")
    if type(value) is str:
        try:
            out["founded"] = str((date_of(value).toordinal() - _EPOCH_DAY) * 86_400_000)
        except ValueError:
            failed.append(FieldFailure("founded", _misfit("company.founded_on", value, "a date"), FILE, 0))
    elif value is not None:
        failed.append(FieldFailure("founded", _misfit("company.founded_on", value, "a date"), FILE, 0))

    value = get("description")
    if type(value) is str:
        out["description"] = value[:DESCRIPTION_LENGTH]
    elif value is not None:
        failed.append(FieldFailure("description", _misfit("company.description", value, "text"), FILE, 0))

    value = get("updated_at")
    if type(value) is str:
        try:
            moment = time_of(value)
            if moment.tzinfo is None:
                raise ValueError("no offset")
            if moment.tzinfo is not UTC:
                moment = moment.astimezone(UTC)
            out["queast_updated_at"] = moment.isoformat("T", "milliseconds")[:23] + "Z"
        except ValueError:
            failed.append(FieldFailure("queast_updated_at", _misfit("company.updated_at", value, "a time"), FILE, 0))
    elif value is not None:
        failed.append(FieldFailure("queast_updated_at", _misfit("company.updated_at", value, "a time"), FILE, 0))
    return Record(out, tuple(failed), refused)


def _text(company: dict[str, Any], name: str) -> str | None:
    value = company.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value


def _whole(company: dict[str, Any], name: str) -> int | None:
    value = company.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError(f"{name} is not an integer")
    return value


def _name(company: dict[str, Any]) -> str:
    name = _text(company, "name")
    if name is None:
        raise ValueError("name is missing")
    return name


def _best_domain(company: dict[str, Any]) -> str | None:
    domain = _text(company, "domain")
    if domain is not None:
        return domain
    website = _text(company, "website_url")
    return _domain(website) if website is not None else None


def _city(company: dict[str, Any]) -> str:
    address = company.get("address")
    if address is None:
        return ""
    if not isinstance(address, dict):
        raise TypeError("address is not an object")
    return _text(address, "city") or ""


def _industry(company: dict[str, Any]) -> str | None:
    return INDUSTRIES.get(_text(company, "industry") or "")


def _staff(company: dict[str, Any]) -> str | None:
    count = _whole(company, "employee_count")
    return None if count is None else str(count)


def _size(company: dict[str, Any]) -> str:
    count = _whole(company, "employee_count")
    return "enterprise" if count is not None and count >= 250 else "smb"


def _revenue(company: dict[str, Any]) -> str | None:
    value = company.get("revenue")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise TypeError("revenue is not a number")
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _founded(company: dict[str, Any]) -> str | None:
    text = _text(company, "founded_on")
    if text is None:
        return None
    day = date.fromisoformat(text)
    return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000)


def _description(company: dict[str, Any]) -> str | None:
    text = _text(company, "description")
    return None if text is None else text[:DESCRIPTION_LENGTH]


def _updated(company: dict[str, Any]) -> str | None:
    text = _text(company, "updated_at")
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


_FIELDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": _name,
    "domain": _best_domain,
    "website": lambda company: _text(company, "website_url"),
    "city": _city,
    "country": lambda company: _text(company, "country"),
    "industry": _industry,
    "numberofemployees": _staff,
    "company_size": _size,
    "annualrevenue": _revenue,
    "founded": _founded,
    "description": _description,
    "queast_updated_at": _updated,
}


def idiomatic(data: dict[str, Any], now: datetime) -> Record:
    """A table of small functions and one loop that isolates them."""
    company = data["company"]
    out: dict[str, Any] = {}
    failed: list[FieldFailure] = []
    refused = None
    for name, field in _FIELDS.items():
        try:
            value = field(company)
        except (TypeError, ValueError) as error:
            failed.append(FieldFailure(name, str(error), FILE, 0))
            if name == "name":
                refused = name
            continue
        if value is not None:
            out[name] = value
    return Record(out, tuple(failed), refused)
