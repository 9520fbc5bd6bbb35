"""Rows of lookup tables: written out in the mapping, or in a CSV file of the tenant's folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from queast_dsl.diagnostics import Diagnostics, Note
from queast_dsl.diagnostics.fixes import written
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.document.mapping import Table
from queast_dsl.loading.nodes import Entry, MapNode, ScalarNode
from queast_dsl.loading.sound import entries, mapping, scalar
from queast_dsl.source import Located, SourceFile, Span

MAX_ROWS = 20_000
HEADING = "key,value"
# What is a file of rows, or a path; a type such as `application/pdf` is neither.
_PATH: Final = re.compile(
    r"(?:\.{0,2}/|tables/)\S*|\S+\.(?:csv|tsv|txt|tab|xlsx?|ods|json|ya?ml)", re.IGNORECASE
).fullmatch
# Words that stand for `file` in other formats, beside slips of it.
_FILE_WORDS: Final = ("path", "csv", "from", "source", "filename", "include", "ref")
# Gives a file of the tenant's folder by its path in it; None after reporting, at the span, why there is none.
ReadFile = Callable[[str, Span], SourceFile | None]


@dataclass(frozen=True, slots=True)
class Tables:
    """`sources` are the files that rows came from."""

    tables: tuple[Table, ...]
    sources: tuple[SourceFile, ...]


def table_file(node: MapNode) -> ScalarNode | None:
    """Return the path where a table is the single key `file`, None where its rows are written out."""
    if node.keys != ("file",):
        return None
    value = node.entries[0].value
    return value if isinstance(value, ScalarNode) and value.value.endswith(".csv") else None


def _misses_its_file(node: MapNode, diagnostics: Diagnostics) -> bool:
    """Report a table that was meant to be in a file and would be one row: `{file: a.txt}`, `{flie: a.csv}`."""
    if len(node.entries) != 1:
        return False
    key, value = node.entries[0].key, node.entries[0].value
    if not isinstance(value, ScalarNode) or _PATH(value.value) is None:
        return False
    if key.value == "file":
        help = "name a CSV file in the tenant's folder, such as `tables/industries.csv`"
        diagnostics.report("QM116", "the file of a table ends in `.csv`", value.span, help=help)
        return True
    is_csv = value.value.casefold().endswith(".csv")
    if is_csv and (nearest(key.value.casefold(), ["file"]) is not None or key.value.casefold() in _FILE_WORDS):
        message = f"a table of one row, `{key.value}`, whose result is the name of a file"
        diagnostics.report("QM116", message, key.span, help="did you mean `file`?", fix=written(key.span, "file"))
        return True
    return False


def read_tables(root: MapNode, read_file: ReadFile, diagnostics: Diagnostics) -> Tables | None:
    """Return the tables of a merged mapping, or None after reporting what is wrong with one."""
    tables: list[Table] = []
    sources: list[SourceFile] = []
    is_sound = True
    for entry in entries(root, "tables"):
        path = table_file(mapping(entry.value))
        if path is None and _misses_its_file(mapping(entry.value), diagnostics):
            is_sound = False
            continue
        if path is None:
            tables.append(_written_out(entry))
            continue
        source = read_file(path.value, path.span)
        rows = None if source is None else _rows(source, diagnostics)
        if source is None or rows is None:
            is_sound = False
            continue
        sources.append(source)
        tables.append(Table(entry.key.located, rows))
    return Tables(tuple(tables), tuple(sources)) if is_sound else None


def _written_out(entry: Entry) -> Table:
    rows = mapping(entry.value).entries
    return Table(entry.key.located, tuple((row.key.located, scalar(row.value).located) for row in rows))


def _rows(source: SourceFile, diagnostics: Diagnostics) -> tuple[tuple[Located[str], Located[str]], ...] | None:
    """Read lines of two cells under the heading `key,value`. Quotes work as in RFC 4180, within one line.

    The heading is always the same, so that a first row without one is seen and not taken for it.
    """
    rows: list[tuple[Located[str], Located[str]]] = []
    seen: dict[str, Span] = {}
    start = 0
    for number, line in enumerate(source.text.split("\n")):
        span = Span(source, start, start + len(line.rstrip("\r")))
        start += len(line) + 1
        if number == 0 and line.strip() and line.replace(" ", "").casefold().strip() != HEADING:
            help = f"write `{HEADING}` as the first line, and the rows after it"
            diagnostics.report("QM116", f"the first line is not the heading `{HEADING}`", span, help=help)
            return None
        if number == 0 or not line.strip():
            continue
        cells = _cells(line.rstrip("\r"), span)
        if cells is None or len(cells) != 2:
            help = 'write two columns, as in `software,COMPUTER_SOFTWARE`, and text with a comma in "quotes"'
            diagnostics.report("QM116", "this line does not have two columns", span, help=help)
            return None
        key, value = cells
        blank = next((each for each in cells if each.value != each.value.strip() and not _is_quoted(each)), None)
        if blank is not None:
            help = f'write `{blank.value.strip()}`, or in "quotes" where the blanks belong to it'
            diagnostics.report("QM116", "this begins or ends with a blank", blank.span, help=help)
            return None
        if not key.value and not _is_quoted(key):
            help = 'write the key, or `""` where an empty text is looked up'
            diagnostics.report("QM116", "this line has no key", span, help=help)
            return None
        first = seen.setdefault(key.value, key.span)
        if first is not key.span:
            note = Note("first given here", first)
            message = f"the key `{key.value}` is given twice"
            diagnostics.report("QM116", message, key.span, help="keep one of the two", notes=(note,))
            return None
        if len(rows) == MAX_ROWS:
            diagnostics.report("QM116", f"the table has more than {MAX_ROWS} rows", span, help="keep fewer")
            return None
        rows.append((key, value))
    if not rows:
        span = Span(source, 0, 0)
        diagnostics.report("QM116", "the table has no rows", span, help="write a heading and a line for each row")
        return None
    return tuple(rows)


def _is_quoted(cell: Located[str]) -> bool:
    return cell.span.file.text.startswith('"', cell.span.start)


def _cells(line: str, span: Span) -> list[Located[str]] | None:
    """Split `a,"b, c"` into `a` and `b, c`; None where a quote is not closed or text follows it."""
    cells: list[Located[str]] = []
    position = 0
    while position <= len(line):
        if line[position : position + 1] == '"':
            end = position + 1
            while (end := line.find('"', end)) != -1 and line[end + 1 : end + 2] == '"':
                end += 2
            if end == -1 or line[end + 1 : end + 2] not in ("", ","):
                return None
            text, stop = line[position + 1 : end].replace('""', '"'), end + 1
        else:
            comma = line.find(",", position)
            stop = len(line) if comma == -1 else comma
            text = line[position:stop]
        cells.append(Located(text, span.part(position, stop)))
        position = stop + 1
    return cells
