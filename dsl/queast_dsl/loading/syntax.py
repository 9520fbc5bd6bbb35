"""YAML syntax errors as findings: in words, at the right place, and by the shape of the line where it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.model import Edit, Fix, Part
from queast_dsl.loading.nodes import Step
from queast_dsl.loading.places import is_expression
from queast_dsl.loading.shapes import shape_of_broken_line
from queast_dsl.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the events came: the path of the last key, where that key ends, whether it stands inside `{…}`."""

    path: tuple[Step, ...]
    key_end: int
    in_braces: bool


# What the YAML parser says -> what we say, what to do. The first text found in its message wins.
_GLUED_KEY = re.compile(r"[ \t]*(?:- )?[A-Za-z_][\w-]*:(?=[^\s:/])(?!.*:[ \t])")
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a colon and a blank where no key can stand",
        "put text that holds a colon in quotes, or check the indentation",
    ),
    ("could not find expected ':'", "a key without a colon", "write `key: value`, with a blank after the colon"),
    ("did not find expected key", "text where a key was expected", "check the indentation and the quotes of this line"),
    ("did not find expected '-' indicator", "text where a list item was expected", "begin each item with `- `"),
    ("did not find expected ',' or '}'", "`{` is not closed here", "close it with }, and put text in quotes"),
    ("did not find expected ',' or ']'", "`[` is not closed here", "close it with ], and put text in quotes"),
    ("found unexpected end of stream", "a quote is not closed before the end of the file", "close the quote"),
    ("found unexpected document indicator", "a quote is not closed before the document ends", "close the quote"),
    ("unknown escape character", "unknown escape in a double-quoted string", "write \\\\ for \\, or use single quotes"),
    ("invalid Unicode character escape", "this escape is not a character", "use a valid code point"),
    ("expected hexdecimal number", "an escape needs hexadecimal digits", "write for example \\u00e9"),
    ("cannot start any token", "no value may begin with this character", "put the text in quotes"),
    ("tab", "a tab where blanks are needed", "indent with blanks"),
    ("comment or line break", "text after | or >", "put the text on the lines below, or the whole value in quotes"),
    ("block sequence entries are not allowed", "a list item where none can stand", "put the list on lines of its own"),
    ("wrong indendation", "the block's text is indented too little", "indent every line of the block alike"),
    ("did not find expected node content", "a value is missing here", "write a value, or put the text in quotes"),
    ("alphabetic or numeric", "a leading * or & has a meaning of its own", "put the text in quotes"),
    ("undefined alias", "aliases (*name) are not used here", "write the value out, or put the text in quotes"),
    ("did not find expected <document start>", "text after the end of the document", "keep one document a file"),
)


def report_syntax_error(source: SourceFile, error: yaml.YAMLError, reached: Reached, diagnostics: Diagnostics) -> None:
    """Report one finding for what the YAML parser refused."""
    problem, offset = _problem(error)
    offset = min(offset, len(source.text))
    if is_expression(reached.path) and _report_shape(source, reached, offset, diagnostics):
        return
    glued = _glued_key(source, offset) if "mapping values" in problem or "expected ':'" in problem else None
    if glued is not None:
        help = "put a blank after the colon"
        fix = Fix(help, (Edit(glued, ": ", Part.YAML),))
        diagnostics.report("QM010", "a colon without a blank after it makes no key", glued, help=help, fix=fix)
        return
    char = source.text[offset : offset + 1]
    if char == "\t":
        message, help = "a tab where blanks are needed", "indent with blanks"
    else:
        message, help = _in_words(problem)
    diagnostics.report("QM010", message, Span(source, offset, min(offset + 1, len(source.text))), help=help)


def _glued_key(source: SourceFile, offset: int) -> Span | None:
    """Return the colon of `key:value` on the line of an error or on the one before."""
    this = source.text.rfind("\n", 0, offset) + 1
    before = source.text.rfind("\n", 0, max(this - 1, 0)) + 1
    for start in (this, before):
        match = _GLUED_KEY.match(source.text, start)
        if match is not None:
            return Span(source, match.end() - 1, match.end())
    return None


def _problem(error: yaml.YAMLError) -> tuple[str, int]:
    if not isinstance(error, yaml.MarkedYAMLError):
        position = getattr(error, "position", 0)
        return str(error), position if isinstance(position, int) else 0
    problem = error.problem or "not YAML"
    # For what was never finished the place where it began says more.
    at_quote = any(words in problem for words in ("end of stream", "document indicator", "expected ':'"))
    mark = (error.context_mark if at_quote else error.problem_mark) or error.problem_mark or error.context_mark
    return problem, 0 if mark is None else mark.index


def _in_words(problem: str) -> tuple[str, str]:
    for part, message, help in _WORDS:
        if part in problem:
            return message, help
    return f"not YAML: {problem}", "check the indentation and the quotes of this line"


def _report_shape(source: SourceFile, reached: Reached, offset: int, diagnostics: Diagnostics) -> bool:
    start = reached.key_end
    line_end = source.text.find("\n", start)
    line_end = len(source.text) if line_end == -1 else line_end
    after = source.text[start:line_end]
    text = after.lstrip("\"'").lstrip().removeprefix(":").lstrip()
    start = line_end - len(text)
    text = text.rstrip()
    key = str(reached.path[-1])
    if reached.in_braces and len(reached.path) > 1:
        key = f"{reached.path[-2]}:\n  {key}"
    # Where the parser stopped on a later line (an unclosed quote or brace), the line itself may be whole.
    shape = shape_of_broken_line(key, text, offset - start, in_braces=reached.in_braces)
    if shape is None:
        return False
    span = Span(source, start + shape.start, start + shape.end)
    diagnostics.report(shape.code, shape.message, span, help=shape.help, fix=shape.fix(source, start))
    return True
