"""Read a constant as the type of the property it is for."""

from __future__ import annotations

import re
from math import isfinite
from typing import assert_never

from queast_compiler.passes.missing_account import report_missing_account
from queast_compiler.passes.program import Destination
from queast_compiler.passes.properties import Property
from queast_compiler.plan.ir import Call, Expr, Lit, MakeList
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean, listed
from queast_dsl.functions.dates import read_date, read_moment
from queast_dsl.source import SourceText

# A whole number may be written as YAML and JSON Schema read one, `25.0`.
_WHOLE = re.compile(r"([+-]?[0-9]{1,18})(?:\.0{1,18})?")
_DIGITS = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][+-]?[0-9]{1,3})?")
_EXPECTED = {
    "integer": "a whole number, such as `25`",
    "number": "a number, such as `2.5`",
    "boolean": "`true` or `false`",
    "date": "a date, such as `2026-01-31`",
    "datetime": "a date and time with offset, such as `2026-01-31T09:00:00Z`",
}


def read_constant(
    text: SourceText, property: Property, destination: Destination, diagnostics: Diagnostics
) -> Expr | None:
    """Return the literal for `text` in `property`; a text that does not read as its type: a finding and None.

    `25` for an integer  ->  Lit(25);  `anna@acme.example` for an owner  ->  Lit("417"), the account's id
    """
    line = text.span.line
    match property.type:
        case "string" | "text" | "html" | "markdown":
            return _text(text, property, diagnostics)
        case "integer":
            if (whole := _WHOLE.fullmatch(text.text)) is not None:
                return Lit(int(whole[1]), line)
        case "number":
            if _DIGITS.fullmatch(text.text):
                return Lit(int(text.text), line)
            # `1e400` is past what a number can be.
            if _NUMBER.fullmatch(text.text) and isfinite(number := float(text.text)):
                return Lit(number, line)
        case "boolean":
            if text.text in ("true", "false"):
                return Lit(text.text == "true", line)
        case "date":
            if (day := _iso_date(text.text)) is not None:
                return Call("date", (Lit(day, line),), line)
        case "datetime":
            if (instant := _iso_datetime(text.text)) is not None:
                return Call("datetime", (Lit(instant, line),), line)
        case "enumeration":
            option = _option(text, property, destination, diagnostics)
            return Lit(option, line) if option is not None else None
        case "set":
            option = _option(text, property, destination, diagnostics)
            return MakeList((Lit(option, line),), line) if option is not None else None
        case "owner":
            owner = _owner(text, destination, diagnostics)
            return Lit(owner, line) if owner is not None else None
        case _:
            assert_never(property.type)
    diagnostics.report(
        "QM323",
        f"`{text.text}` does not read as a value of `{property.shown}` ({property.type})",
        text.span,
        help=f"write {_EXPECTED[property.type]}",
    )
    return None


def _text(text: SourceText, property: Property, diagnostics: Diagnostics) -> Expr | None:
    limit = property.max_length
    if limit is not None and len(text.text) > limit and property.overflow == "error":
        diagnostics.report(
            "QM325",
            f"the text has {len(text.text)} characters, and `{property.shown}` holds {limit}",
            text.span,
            help="shorten it",
        )
        return None
    return Lit(text.text, text.span.line)


def _iso_date(text: str) -> str | None:
    try:
        return read_date(text).isoformat()
    except ValueError:
        return None


def _iso_datetime(text: str) -> str | None:
    try:
        return read_moment(text).isoformat().replace("+00:00", "Z")
    except ValueError:
        return None


def _option(text: SourceText, property: Property, destination: Destination, diagnostics: Diagnostics) -> str | None:
    """Return the option's value for a value or, where only one option carries it, a label."""
    values = property.option_values
    if text.text in values:
        return text.text
    labelled = [option.value for option in property.options if option.label == text.text]
    if len(labelled) == 1:
        return labelled[0]
    _report_no_option(text, property, destination, diagnostics)
    return None


def _report_no_option(text: SourceText, property: Property, destination: Destination, diagnostics: Diagnostics) -> None:
    if not property.options and destination.account is None:
        report_missing_account(destination, diagnostics)
        return
    if not property.options:
        diagnostics.report(
            "QM326",
            f"no options of `{property.shown}` are listed, so no value can be checked",
            text.span,
            help="list the property with its options in the account file",
        )
        return
    diagnostics.report(
        "QM321",
        f"`{text.text}` is not an option of `{property.shown}`",
        text.span,
        help=did_you_mean(text.text, property.option_values) or f"options: {listed(property.option_values)}",
        fix=renamed(text.span, text.text, property.option_values),
    )


def _owner(text: SourceText, destination: Destination, diagnostics: Diagnostics) -> str | None:
    account = destination.account
    if account is None:
        report_missing_account(destination, diagnostics)
        return None
    for owner in account.owners:
        if text.text == owner.id or text.text.casefold() == owner.email.casefold():
            return owner.id
    emails = [owner.email for owner in account.owners]
    diagnostics.report(
        "QM324",
        f"the account file lists no owner `{text.text}`",
        text.span,
        help=did_you_mean(text.text, emails)
        or (f"owners: {listed(emails)}" if emails else "it lists no owners at all"),
    )
    return None
