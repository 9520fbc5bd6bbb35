"""Functions on dates and moments. A moment is an aware datetime in UTC."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Final

from queast_dsl.functions.model import Example, Function, FunctionError, Param

# Longest first, so that `MMMM` is not read as `MM` twice.
_FIELDS: Final = ("YYYY", "MMMM", "MMM", "MM", "DD", "HH", "mm", "ss", "YY", "D", "M")
_PART: Final = re.compile("|".join((*_FIELDS, ".")), re.DOTALL)
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# What a year and a day begin with.
_DAYS: Final = ("Y", "D")
_MAX_PATTERN: Final = 64
_MAX_DAYS: Final = 3_660_000
# Python reads week dates, compact forms and any separator as well; an event and a mapping write one form only.
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT_TEXT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def read_date(text: str) -> date:
    """Return the date of a text of the form YYYY-MM-DD. Raises ValueError."""
    if _DATE.fullmatch(text) is None:
        raise ValueError("not of the form YYYY-MM-DD")
    return date.fromisoformat(text)


def read_moment(text: str) -> datetime:
    """Return the moment of a text as RFC 3339 writes it, in UTC. Raises ValueError.

    What an offset moves past an end of the calendar stays at that end.
    """
    if _MOMENT_TEXT.fullmatch(text) is None:
        raise ValueError("not of the form YYYY-MM-DDThh:mm:ss with an offset")
    moment = datetime.fromisoformat(text.upper())
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        end = datetime.min if moment.year == datetime.min.year else datetime.max
        return end.replace(tzinfo=UTC)


def _date(text: str) -> date:
    try:
        return read_date(text)
    except ValueError:
        raise FunctionError("the text is no date of the form YYYY-MM-DD") from None


def _datetime(text: str) -> datetime:
    try:
        return read_moment(text)
    except ValueError:
        raise FunctionError("the text is no date and time of the form YYYY-MM-DDThh:mm:ss with an offset") from None


def _date_of(moment: datetime) -> date:
    return moment.date()


def _start_of_day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _format_date(moment: date | datetime, pattern: str = "YYYY-MM-DD") -> str:
    if len(pattern) > _MAX_PATTERN:
        raise FunctionError(f"the pattern is longer than {_MAX_PATTERN} characters")
    return "".join(_field(moment, part) if part in _FIELDS else part for part in _parts(pattern))


def _parts(pattern: str) -> list[str]:
    """`D. MMMM`  ->  `D`, `.`, ` `, `MMMM`. FunctionError for a letter that is none of the fields."""
    parts = _PART.findall(pattern)
    for part in parts:
        if part.isalpha() and part not in _FIELDS:
            raise FunctionError(f"the pattern has a letter `{part}` that is no field")
    return parts


def misplaced(pattern: str) -> tuple[str, str] | None:
    """Return the first field that stands where another of almost the same letters was meant, and that one.

    `YYYY-mm-DD`  ->  (`mm`, `MM`): minutes beside a year or a day;  `HH:MM`  ->  (`MM`, `mm`): a month behind the hours
    """
    fields = [part for part in _PART.findall(pattern) if part in _FIELDS]
    if "HH:MM" in pattern:
        return "MM", "mm"
    for n, field in enumerate(fields):
        before, after = fields[n - 1] if n else "", fields[n + 1] if n + 1 < len(fields) else ""
        if field == "mm" and before != "HH" and after != "ss" and (before[:1] in _DAYS or after[:1] in _DAYS):
            return field, "MM"
        if field == "MM" and before == "HH" and after[:1] not in _DAYS:
            return field, "mm"
    return None


def _check_format(pattern: str) -> None:
    if not _format_date(date(2000, 1, 1), pattern).strip():
        raise FunctionError("the pattern writes nothing")


def longest_date(pattern: str) -> int:
    """Return how many characters `format_date` writes at most by a pattern. Raises FunctionError for a bad one."""
    if len(pattern) > _MAX_PATTERN:
        raise FunctionError(f"the pattern is longer than {_MAX_PATTERN} characters")
    count = Counter(_parts(pattern))
    # Only months differ in length: their names, and their numbers without a zero.
    months = [(count.pop("MMMM", 0), _MONTHS), (count.pop("M", 0), tuple(map(str, range(1, 13))))]
    fixed = sum(times * (2 if part == "D" else len(part)) for part, times in count.items())
    return fixed + max(sum(times * len(names[month]) for times, names in months) for month in range(12))


def shortest_date(pattern: str) -> int:
    """Return how many characters `format_date` writes at least by a pattern. Raises FunctionError for a bad one."""
    return min(len(_format_date(date(2026, month, 1), pattern)) for month in range(1, 13))


def _field(moment: date | datetime, field: str) -> str:
    clock = moment if isinstance(moment, datetime) else None
    match field:
        case "YYYY":
            return f"{moment.year:04d}"
        case "YY":
            return f"{moment.year % 100:02d}"
        case "MMMM":
            return _MONTHS[moment.month - 1]
        case "MMM":
            return _MONTHS[moment.month - 1][:3]
        case "MM":
            return f"{moment.month:02d}"
        case "M":
            return str(moment.month)
        case "DD":
            return f"{moment.day:02d}"
        case "D":
            return str(moment.day)
        case "HH":
            return f"{clock.hour if clock else 0:02d}"
        case "mm":
            return f"{clock.minute if clock else 0:02d}"
        case _:
            return f"{clock.second if clock else 0:02d}"


def _add_days(moment: date | datetime, days: int) -> date | datetime:
    if abs(days) > _MAX_DAYS:
        raise FunctionError("the number of days is out of range")
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        raise FunctionError("the date is out of range") from None


def _as_date(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _days_between(earlier: date | datetime, later: date | datetime) -> int:
    return (_as_date(later) - _as_date(earlier)).days


def _epoch_seconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


_MOMENT = Param("moment", "moment")

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function(
        "date",
        "dates",
        (Param("text", "str"),),
        "date",
        _date,
        "The date written as YYYY-MM-DD.",
        (Example("date('2026-01-31')", date(2026, 1, 31)),),
        total=False,
        bound="fixed",
    ),
    Function(
        "datetime",
        "dates",
        (Param("text", "str"),),
        "datetime",
        _datetime,
        "The moment written as YYYY-MM-DDThh:mm:ss with an offset (RFC 3339), in UTC.",
        (Example("datetime('2026-01-31T10:00:00+01:00')", datetime(2026, 1, 31, 9, tzinfo=UTC)),),
        total=False,
        bound="fixed",
    ),
    Function(
        "date_of",
        "dates",
        (Param("moment", "datetime"),),
        "date",
        _date_of,
        "The day of a moment, in UTC.",
        (Example("date_of(datetime('2026-01-31T10:00:00Z'))", date(2026, 1, 31)),),
        bound="fixed",
    ),
    Function(
        "start_of_day",
        "dates",
        (Param("day", "date"),),
        "datetime",
        _start_of_day,
        "Midnight of a day, in UTC.",
        (Example("start_of_day(date('2026-01-31'))", datetime(2026, 1, 31, tzinfo=UTC)),),
        bound="fixed",
    ),
    Function(
        "format_date",
        "dates",
        (_MOMENT, Param("pattern", "str", optional=True, default="YYYY-MM-DD", literal=True, check=_check_format)),
        "str",
        _format_date,
        "Written by a pattern of YYYY YY MMMM MMM MM M DD D HH mm ss and signs; English month names, UTC.",
        (
            Example("date('2026-01-05') | format_date('DD.MM.YYYY')", "05.01.2026"),
            Example("format_date(datetime('2026-01-05T08:30:00Z'), 'D MMM HH:mm')", "5 Jan 08:30"),
        ),
        total=False,
        bound="fixed",
    ),
    Function(
        "add_days",
        "dates",
        (_MOMENT, Param("days", "int")),
        "same",
        _add_days,
        "So many days later, or earlier for a negative number.",
        (Example("add_days(date('2026-01-31'), 1)", date(2026, 2, 1)),),
        total=False,
        bound="fixed",
    ),
    Function(
        "days_between",
        "dates",
        (Param("earlier", "moment"), Param("later", "moment")),
        "int",
        _days_between,
        "Days from one to the other by the calendar in UTC; negative where the second is earlier.",
        (Example("days_between(date('2026-01-01'), date('2026-01-31'))", 30),),
        bound="fixed",
    ),
    Function(
        "year",
        "dates",
        (_MOMENT,),
        "int",
        lambda moment: moment.year,
        "The year.",
        (Example("year(date('2026-01-31'))", 2026),),
        bound="fixed",
    ),
    Function(
        "month",
        "dates",
        (_MOMENT,),
        "int",
        lambda moment: moment.month,
        "The month, from 1.",
        (Example("month(date('2026-01-31'))", 1),),
        bound="fixed",
    ),
    Function(
        "day",
        "dates",
        (_MOMENT,),
        "int",
        lambda moment: moment.day,
        "The day of the month, from 1.",
        (Example("day(date('2026-01-31'))", 31),),
        bound="fixed",
    ),
    Function(
        "weekday",
        "dates",
        (_MOMENT,),
        "int",
        lambda moment: moment.isoweekday(),
        "The day of the week: 1 is Monday, 7 is Sunday.",
        (Example("weekday(date('2026-01-31'))", 6),),
        bound="fixed",
    ),
    Function(
        "epoch_seconds",
        "dates",
        (Param("moment", "datetime"),),
        "int",
        _epoch_seconds,
        "Whole seconds since 1970-01-01 UTC.",
        (Example("epoch_seconds(datetime('1970-01-02T00:00:00Z'))", 86400),),
        bound="fixed",
    ),
)
