"""The shapes in which YAML eats an expression: one finding each, with the line to write instead.

name: lookup(a, b)       inside {…}   ->  the comma ends the value
name: 'x' ?? company.b   ->  the quotes end the value
name: company.a #1       ->  the rest is a comment
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.model import Edit, Fix, Part
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.entities import ENTITIES
from queast_dsl.expr.parser import ParseFailure, parse
from queast_dsl.loading.balance import expression_end, is_cut_off, outside_quotes
from queast_dsl.loading.nodes import Entry, MapNode, Node, ScalarNode, SeqNode, Step, Style, walk
from queast_dsl.loading.places import is_body, is_expression, is_field, is_list_of_words, is_match_key, is_note
from queast_dsl.loading.quoting import is_on_a_line
from queast_dsl.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Shape:
    """`start` and `end` count from the start of the text that was looked at, and so does `instead`: the characters that
    `help` shows another spelling of, and that spelling."""

    code: str
    message: str
    start: int
    end: int
    help: str
    instead: tuple[int, int, str] | None = None

    def fix(self, source: SourceFile, start: int = 0) -> Fix | None:
        """Return the fix, where the text that was looked at begins at `start` of the file."""
        if self.instead is None:
            return None
        first, last, text = self.instead
        if not is_on_a_line(text) or "\n" in source.text[start + first : start + last]:
            return None
        return Fix(f"write {text}", (Edit(Span(source, start + first, start + last), text, Part.YAML),))


_COMMENT = re.compile(r"[ \t]+#.*")
_AFTER_SCALAR = re.compile(r"[ \t]+#[^\n]*")
_PROSE = re.compile(r"[^\W\d]\w*(?:[ \t,]+[^\W\d][\w'’-]*)*[.!?]?\Z")
_HOST = re.compile(r"[^\W_](?:[\w-]*\.)+[^\W\d_]{2,}")
_NEEDS_QUOTES = re.compile(r"^['\"\[{}\]|>@`%!&*?,-]|:(?:[ \t]|\Z)|[ \t]#")
_ENDS_ITEM = re.compile(r"[ \t]*[,}]")
_OPERATOR_WORDS = frozenset(("and", "or", "not", "in", "null", "true", "false", "if", "else"))
_RESERVED = {
    "@": "no value may begin with @",
    "`": "no value may begin with a backtick",
    "%": "no value may begin with %",
    "!": "a leading ! is a YAML tag; to negate a condition write `not`",
    "&": "a leading & is a YAML anchor",
    "*": "a leading * is a YAML alias",
    "-": "a leading - and a blank begin a list item",
    "?": "a leading ? and a blank begin a key",
    ",": "no value may begin with a comma",
    "]": "no value may begin with a closing bracket",
    "}": "no value may begin with a closing brace",
}


def quoted(key: str, expression: str) -> str:
    """Return `key: expression` written so that YAML leaves the expression whole."""
    if "\\" not in expression and '"' not in expression:
        return f'{key}: "{expression}"'
    if "'" not in expression:
        return f"{key}: '{expression}'"
    return f"{key}: >-\n  {expression}"


def _in_quotes(start: int, end: int, expression: str) -> tuple[int, int, str] | None:
    """Only what is an expression once it is quoted: anything else would be another mistake in quotes."""
    return (start, end, quoted("", expression)[2:]) if _fault(expression) is None else None


def _fault(expression: str) -> ParseFailure | None:
    try:
        parse(expression)
    except ParseFailure as failure:
        return failure
    return None


def _own_line(key: str, expression: str) -> str:
    return quoted(key, expression) if _NEEDS_QUOTES.search(expression) else f"{key}: {expression}"


def shape_of_broken_line(key: str, text: str, problem: int, *, in_braces: bool) -> Shape | None:
    """Say which shape broke the YAML of a line. `text` is what stands after `key:`, without the blanks around.

    `problem` is where the YAML parser stopped, counted in `text`; past the end where it stopped on a later line.
    """
    if not text:
        return None
    if text.startswith(("{{", "{%")):
        return _template(key.partition(":")[0], text)
    if in_braces:
        return _braces(key, text, problem)
    first = text[0]
    if first in "'\"":
        return _leading_quote(key, text)
    if first in "|>":
        message = f"a leading {first} begins a block of text in YAML, not an expression"
        help = "a pipe needs something on its left: write the value first, as in `company.name | lower`"
        return Shape("QM036", message, 0, 1, help)
    if first == "[":
        return _leading_bracket(key, text)
    if first in _RESERVED:
        return Shape("QM038", _RESERVED[first], 0, 1, _own_quotes(key, text), _in_quotes(0, len(text), text))
    return _cut_by_comment(key, text) or _colon(key, text, problem)


# Not `true`, `null` or a number, which an expression reads as they are.
_PLAIN_WORD = re.compile(r"(?!(?:true|false|null)\Z)[^\W\d][\w &/-]*")


def _own_quotes(key: str, text: str) -> str:
    fault = _fault(text)
    if fault is None:
        return f"put the whole expression in quotes: {quoted(key, text)}"
    more = f"; {fault.help}" if fault.help else ""
    return f"quotes alone do not make it an expression: {fault.message}{more}"


_ONE_VALUE = re.compile(r"\{\{\s*((?:(?!\{\{|\}\}|\{%).)+?)\s*\}\}")


def instead_of_template(key: str, text: str) -> tuple[str, str]:
    """Return what to say of a template that stands where an expression is read, and what to write in its place.

    `{{ company.name }}`  ->  `company.name`: a template gives text, empty where the value is missing, so of one value
    alone the value was meant.  `{{ company.name }} AS`  ->  `{template: "{{ company.name }} AS"}`
    """
    alone = _ONE_VALUE.fullmatch(text)
    if alone is not None and _fault(alone[1]) is None:
        line = _own_line(key, alone[1])
        return f"write the value alone: {line}", line.removeprefix(f"{key}: ")
    in_quotes = quoted("", text)[2:]
    return f"say that it is a template:\n{key}:\n  template: {in_quotes}", f"{{template: {in_quotes}}}"


def _template(key: str, text: str) -> Shape:
    help, meant = instead_of_template(key, text)
    return Shape("QM035", "{{ }} belongs in a template; here an expression is read", 0, 2, help, (0, len(text), meant))


def _braces(key: str, text: str, problem: int) -> Shape | None:
    if problem >= len(text):
        return None
    end = expression_end(text)
    message = "an expression inside {…} ends at the first comma, bracket, brace or colon"
    help = f"an expression like this needs its own line:\n{_own_line(key, text[:end])}"
    return Shape("QM030", message, 0, max(1, end), help, _in_quotes(0, end, text[:end]))


def _leading_quote(key: str, text: str) -> Shape | None:
    quote = text[0]
    match = re.match(r"'(?:[^']|'')*'" if quote == "'" else r'"(?:[^"\\]|\\.)*"', text)
    if match is None:
        return None
    rest = text[match.end() :].strip()
    if not rest or rest.startswith("#"):
        return None
    message = f"YAML ends the value at the closing {quote}, before `{_short(rest)}`"
    return Shape("QM032", message, 0, match.end(), _own_quotes(key, text), _in_quotes(0, len(text), text))


def _leading_bracket(key: str, text: str) -> Shape:
    message = "a leading [ begins a YAML list; here an expression is read"
    return Shape("QM034", message, 0, 1, _own_quotes(key, text), _in_quotes(0, len(text), text))


def _cut_by_comment(key: str, text: str) -> Shape | None:
    comment = _COMMENT.search(text)
    if comment is None or not is_cut_off(text[: comment.start()]):
        return None
    message = "a blank and # begin a comment, so YAML cuts the expression off here"
    start = comment.start() + len(comment.group()) - len(comment.group().lstrip())
    return Shape("QM033", message, start, len(text), _own_quotes(key, text), _in_quotes(0, len(text), text))


def _colon(key: str, text: str, problem: int) -> Shape | None:
    at = next((m.start() for m in re.finditer(r":(?=[ \t]|\Z)", text)), None)
    if at is None or problem > len(text):
        return None
    message = "a colon and a blank end a plain value in YAML"
    return Shape("QM031", message, at, at + 1, _own_quotes(key, text), _in_quotes(0, len(text), text))


def _with_quoted_words(text: str, node: SeqNode) -> str:
    """`[nordics, europe]`  ->  `['nordics', 'europe']`: words alone are no fields, so text was meant."""
    words = [each.value for each in node.items if isinstance(each, ScalarNode) and each.style is Style.PLAIN]
    if len(words) != len(node.items) or not words or not all(_PLAIN_WORD.fullmatch(each) for each in words):
        return text
    return "[" + ", ".join(f"'{each}'" for each in words) + "]"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def report_shapes(
    root: Node, diagnostics: Diagnostics, before: Iterable[tuple[Step, ...]] = ()
) -> set[tuple[Step, ...]]:
    """Report the shapes that are sound YAML but not what was meant; return the paths that need no other finding.

    Nothing is said at or below the paths that needed none `before`: they are among those that are returned.
    """
    explained = set(before)
    for path, node in walk(root):
        if any(path[:length] in explained for length in range(len(path) + 1)):
            continue
        found = _shape_in(path, node)
        if found is not None:
            shape, source = found
            span = Span(source, shape.start, shape.end)
            diagnostics.report(shape.code, shape.message, span, help=shape.help, fix=shape.fix(source))
            explained.add(path)
    return explained


def _shape_in(path: tuple[Step, ...], node: Node) -> tuple[Shape, SourceFile] | None:
    key = str(path[-1]) if path else ""
    match node:
        case MapNode(is_flow=True):
            shape = _commas_in_braces(path, node)
        case SeqNode() if is_expression(path):
            shape = _list(path, key, node)
        case ScalarNode() if is_expression(path):
            shape = _scalar(path, key, node)
        case _:
            shape = None
    return None if shape is None else (shape, node.span.file)


def _commas_in_braces(path: tuple[Step, ...], node: MapNode) -> Shape | None:
    for index, entry in enumerate(node.entries[:-1]):
        value = entry.value
        here = (*path, entry.key.value)
        if entry.key.value == "const" and not is_expression(here) and isinstance(value, ScalarNode):
            shape = _comma_in_text(node, index, value)
            if shape is not None:
                return shape
        if is_list_of_words(here) and isinstance(value, ScalarNode):
            shape = _comma_in_list(node, index, value)
            if shape is not None:
                return shape
        if not (is_expression(here) and isinstance(value, ScalarNode) and value.style is Style.PLAIN):
            continue
        after = node.entries[index + 1]
        if is_cut_off(value.value) and isinstance(after.value, ScalarNode) and after.value.is_null:
            last = index + 1
            while last + 1 < len(node.entries) and _is_null(node.entries[last + 1].value):
                last += 1
            start, end = value.span.start, node.entries[last].key.span.end
            expression = node.span.file.text[start:end]
            message = "the comma ends the value inside {…}, in the middle of an expression"
            written = f"{path[-1]}:\n  {entry.key.value}" if path else entry.key.value
            help = f"an expression with a comma needs its own line:\n{_own_line(written, expression)}"
            return Shape("QM030", message, start, end, help, _in_quotes(start, end, expression))
    return None


def _comma_in_list(node: MapNode, index: int, value: ScalarNode) -> Shape | None:
    """`{send: person.full_name, person.email}`: a list without its brackets, of which YAML makes keys."""
    raw = node.span.file.text
    last = index
    while last + 1 < len(node.entries) and _ENDS_ITEM.match(raw, node.entries[last + 1].key.span.end) is not None:
        last += 1
    if last == index or value.style is not Style.PLAIN:
        return None
    start, end = value.span.start, node.entries[last].key.span.end
    words = f"[{raw[start:end]}]"
    message = "the comma ends the value inside {…}, in the middle of a list"
    help = f"put the list in brackets: {node.entries[index].key.value}: {words}"
    return Shape("QM030", message, start, end, help, (start, end, words))


def _comma_in_text(node: MapNode, index: int, value: ScalarNode) -> Shape | None:
    """`{const: Oslo, Norway}`: YAML ends the text at the comma and reads the rest as a key without a value."""
    last = index
    while last + 1 < len(node.entries) and _is_rest_of_text(node.entries[last + 1]):
        last += 1
    if last == index or value.style is not Style.PLAIN:
        return None
    start, end = value.span.start, node.entries[last].key.span.end
    text = node.span.file.text[start:end]
    message = "the comma ends the value inside {…}, in the middle of a text"
    help = f"put the text in quotes: {{const: {quoted('', text)[2:]}}}"
    return Shape("QM030", message, start, end, help, (start, end, quoted("", text)[2:]))


def _is_rest_of_text(entry: Entry) -> bool:
    """Whether a key without a value was meant as text: words, or none of the keys that stand beside `const`."""
    return _is_null(entry.value) and entry.key.value not in ("from", "template", "render", "write", "on_null")


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_null


def _list(path: tuple[Step, ...], key: str, node: SeqNode) -> Shape:
    span = node.span
    if is_body(path):
        message = "a list in a body is not written out item by item"
        help = "write a block of `each:` (an expression that gives a list), `as:` (a name for each item) and `body:`"
    elif node.is_flow:
        message = "a leading [ begins a YAML list; here an expression is read"
        expression = _with_quoted_words(span.file.text[span.start : span.end], node)
        instead = _in_quotes(span.start, span.end, expression)
        help = _own_quotes(key, expression)
        if len(node.items) == 1:
            help = f"leave the brackets out where one value is meant, or {help}"
        return Shape("QM034", message, span.start, span.start + 1, help, instead)
    else:
        message, help = "a list stands where an expression is read", "write one expression"
    return Shape("QM034", message, span.start, span.start + 1, help)


def _scalar(path: tuple[Step, ...], key: str, node: ScalarNode) -> Shape | None:
    raw, value = node.span.file.text, node.value
    brace = next((at for at, pair in outside_quotes(value, 2) if pair in ("{{", "{%")), None)
    if brace is not None:
        place = node.text.at(brace, brace + 2)
        shape = _template(key, value)
        instead = None if shape.instead is None else (node.span.start, node.span.end, shape.instead[2])
        return Shape(shape.code, shape.message, place.start, place.end, shape.help, instead)
    if node.style is Style.PLAIN and not (path[-1:] == ("from",) and _in_braces(node)):
        comment = _AFTER_SCALAR.match(raw, node.span.end)
        if comment is not None and is_cut_off(value):
            start = node.span.end + len(comment.group()) - len(comment.group().lstrip())
            expression = raw[node.span.start : comment.end()].rstrip()
            instead = _in_quotes(node.span.start, node.span.start + len(expression), expression)
            message = "a blank and # begin a comment, so YAML cuts the expression off here"
            return Shape("QM033", message, start, comment.end(), _own_quotes(key, expression), instead)
    if node.is_quoted and (_is_prose(value) or (not is_body(path) and not is_note(path) and _is_host(value))):
        message = f"YAML removes these quotes, so `{_short(value)}` is read as an expression"
        text = raw[node.span.start : node.span.end]
        if is_match_key(path):
            help = "write what is compared, a field such as `company.domain`: a text would be the same for every record"
            return Shape("QM037", message, node.span.start, node.span.end, help)
        takes_text = is_field(path) or is_note(path)
        help = f"to send this text: {key}: {{const: {text}}}" if takes_text else f"to mean the text: \"'{value}'\""
        meant = f"{{const: {text}}}" if takes_text else f"\"'{value}'\""
        instead = (node.span.start, node.span.end, meant)
        return Shape("QM037", message, node.span.start, node.span.end, help, instead)
    return None


def _in_braces(node: ScalarNode) -> bool:
    line_start = node.span.file.text.rfind("\n", 0, node.span.start) + 1
    return "{" in node.span.file.text[line_start : node.span.start]


def _is_host(value: str) -> bool:
    """Whether a text such as `acme.no` is no path: it begins with nothing that is an entity, or is meant as one. Not
    asked where more than entities can be named: in a body, in the note of a highlight."""
    first = value.partition(".")[0]
    return _HOST.fullmatch(value) is not None and first not in ENTITIES and nearest(first, ENTITIES) is None


def _is_prose(value: str) -> bool:
    if not _PROSE.match(value):
        return False
    return not _OPERATOR_WORDS.intersection(re.split(r"[ \t,]+", value))
