"""Templates cut into parts: text, `{{ expression }}`, `{% if %}` and `{% for %}` blocks, `{# comments #}`.

Only the cutting happens here; the expressions inside stay text with offsets, for the one expression compiler.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.entities import ENTITIES
from queast_dsl.expr.ast import Range
from queast_dsl.expr.limits import MAX_BYTES, MAX_TEMPLATE_BYTES, MAX_TEMPLATE_DEPTH, MAX_TEMPLATE_TAGS


class TemplateFailure(Exception):
    """What is wrong with a template's own marks, where (offsets), and what to do."""

    def __init__(self, message: str, at: Range, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.help = help


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """`{{ … }}`: `at` is the expression without the marks. `before` is the text just before it, for its context."""

    at: Range
    before: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One arm of an `if`. `condition` is None for `else`."""

    condition: Range | None
    body: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    variable: str
    variable_at: Range
    items: Range
    body: tuple[Part, ...]


Part = Text | Output | Choice | Loop

_MARK = re.compile(r"\{\{|\{%|\{#")
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_BLOCKS = ("if", "elif", "else", "endif", "for", "endfor")
# Braces in text, and what was meant as a mark: `{ signal.title }`, `${signal.title}`, `signal.title }}`, `%}`.
_SIGNS = re.compile(
    rf"\$?\{{[ \t]*(?P<path>(?:{'|'.join(ENTITIES)})(?:\.[a-z_]+)+(?:[ \t]*\|[^{{}}]*?)?)[ \t]*\}}\}}?"
    r"|\{|%\}|\}+"
)
_FOR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s+in\s+(?=\S)")


@dataclass(slots=True)
class _Open:
    """A block that is not closed yet."""

    word: str
    at: Range
    parts: list[Part]
    condition: Range | None = None
    done: list[Branch] | None = None
    loop: tuple[str, Range, Range] | None = None
    # Of the outermost: how many braces the template's text has open.
    braces: int = 0


def cut(text: str) -> tuple[Part, ...]:
    """Return the template's parts. One line break at the very end is dropped, and a block mark alone on its line
    leaves no line behind. Raises TemplateFailure; never anything else, whatever the text."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEMPLATE_BYTES:
        message = f"template is longer than {MAX_TEMPLATE_BYTES} bytes"
        raise TemplateFailure(message, Range(0, len(text)), "split it into several properties")
    end = len(text) - 1 if text.endswith("\n") else len(text)
    stack = [_Open("", Range(0, 0), [])]
    position = 0
    tags = 0
    while (mark := _MARK.search(text, position, end)) is not None:
        tags += 1
        start = mark.start()
        opener = mark.group()
        close = _closing(text, start + 2, end, _CLOSERS[opener])
        at = Range(start, min(start + 2, len(text)))
        if close == -1:
            raise TemplateFailure(f"`{opener}` is never closed", at, f"add `{_CLOSERS[opener]}`")
        if opener != "{#":
            _refuse_unclosed(text, start, close, opener)
        if tags > MAX_TEMPLATE_TAGS:
            raise TemplateFailure(f"template has more than {MAX_TEMPLATE_TAGS} marks", at, "split it")
        after = close + 2
        if opener == "{{":
            _add_text(stack, text, position, start)
            stack[-1].parts.append(Output(_inner(text, start + 2, close, at), text[max(0, start - 64) : start]))
            position = after
            continue
        left, right = _own_line(text, position, start, after, end)
        _add_text(stack, text, position, left)
        if opener == "{%":
            _block(stack, text, start, close)
        position = right
    _add_text(stack, text, position, end)
    if len(stack) > 1:
        opened = stack[-1]
        raise TemplateFailure(
            f"`{opened.word}` is never closed", opened.at, f"add {{% end{opened.word} %}} where the block ends"
        )
    return tuple(stack[0].parts)


def _block(stack: list[_Open], text: str, start: int, close: int) -> None:
    at = Range(start, close + 2)
    content = _inner(text, start + 2, close, at)
    words = text[content.start : content.end]
    word, _, _ = words.partition(" ")
    rest = _strip(text, content.start + len(word), content.end)
    if words.startswith("-") or words.endswith("-"):
        raise TemplateFailure(
            "`-` for white space is not part of the language", at, "a mark alone on its line leaves no line"
        )
    match word:
        case "if" | "for":
            if len(stack) > MAX_TEMPLATE_DEPTH:
                raise TemplateFailure(f"blocks nest deeper than {MAX_TEMPLATE_DEPTH}", at, "split the template")
            _need(word, rest, at)
            if word == "if":
                stack.append(_Open("if", at, [], condition=rest, done=[]))
            else:
                stack.append(_Open("for", at, [], loop=_loop(text, rest, at)))
        case "elif" | "else":
            opened = stack[-1]
            if opened.word != "if" or opened.done is None:
                raise TemplateFailure(f"`{word}` stands outside of an `if`", at, "it belongs between if and endif")
            if opened.condition is None:
                raise TemplateFailure(f"`{word}` follows `else`", at, "`else` is the last arm of an `if`")
            if word == "elif":
                _need(word, rest, at)
            elif rest.end > rest.start:
                raise TemplateFailure("`else` takes no condition", at, "write elif for another condition")
            opened.done.append(Branch(opened.condition, tuple(opened.parts)))
            opened.condition = rest if word == "elif" else None
            opened.parts = []
        case "endif" | "endfor":
            opened = stack[-1]
            if opened.word != word.removeprefix("end"):
                expected = f"`end{opened.word}` was expected" if opened.word else "nothing is open"
                raise TemplateFailure(f"`{word}` closes nothing", at, expected)
            stack.pop()
            stack[-1].parts.append(_finished(opened))
        case _:
            known = "blocks are if, elif, else, endif, for … in …, endfor"
            hint = _meant(word, stack[-1].word)
            raise TemplateFailure(f"`{word}` is no block of a template", at, f"{hint}  {known}" if hint else known)


def _meant(word: str, open_block: str) -> str | None:
    """Return what a word that is no block was meant to be: other languages end and go on in other words."""
    if word in ("elseif", "elsif"):
        return "did you mean `elif`?"
    if word == "end" and open_block:
        return f"did you mean `end{open_block}`?"
    return did_you_mean(word, _BLOCKS)


def _finished(opened: _Open) -> Part:
    if opened.loop is not None:
        variable, variable_at, items = opened.loop
        return Loop(variable, variable_at, items, tuple(opened.parts))
    return Choice((*(opened.done or ()), Branch(opened.condition, tuple(opened.parts))))


def _loop(text: str, rest: Range, at: Range) -> tuple[str, Range, Range]:
    found = _FOR.match(text, rest.start, rest.end)
    if found is None:
        raise TemplateFailure(
            "`for` needs a name, `in` and a list", at, "write `{% for item in company.technologies %}`"
        )
    return found.group(1), Range(*found.span(1)), Range(found.end(), rest.end)


def _need(word: str, rest: Range, at: Range) -> None:
    if rest.start >= rest.end:
        raise TemplateFailure(f"`{word}` needs an expression", at, f"write {{% {word} … %}}")


def _closing(text: str, start: int, end: int, closer: str) -> int:
    """Find the closing mark outside of quoted text."""
    quote = ""
    position = start
    # No expression is longer than this, so the walk stays linear in the template however many marks are left open.
    bound = min(end, start + 2 * MAX_BYTES)
    while position < bound:
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "'\"" and closer != "#}":
            quote = character
        elif text.startswith(closer, position):
            return position
        position += 1
    # A stray quote must not swallow the mark: then the plain one counts, and the expression itself is refused.
    return text.find(closer, start, end)


def _refuse_unclosed(text: str, start: int, close: int, opener: str) -> None:
    """Refuse a mark whose end is another one's: no expression holds a brace outside of its texts.

    `{{ signal.title }` and, on a later line, `{{ signal.summary }}`  ->  the first `}` lacks its second
    """
    quote = ""
    position = start + 2
    while position < close:
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "}":
            at = Range(position, position + 1)
            raise TemplateFailure(f"`{opener}` is not closed by one `}}`", at, f"write `{_CLOSERS[opener]}`")
        elif position > start + 2 and _MARK.match(text, position) is not None:
            at = Range(start, start + 2)
            raise TemplateFailure(f"`{opener}` is never closed", at, f"add `{_CLOSERS[opener]}`")
        position += 1


def _strip(text: str, start: int, end: int) -> Range:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Range(start, end)


def _inner(text: str, start: int, end: int, at: Range) -> Range:
    inner = _strip(text, start, end)
    if inner.start >= inner.end:
        raise TemplateFailure("nothing stands between the marks", at, "write an expression, or remove them")
    return inner


def _own_line(text: str, low: int, start: int, after: int, end: int) -> tuple[int, int]:
    """Widen a mark that is alone on its line to the whole line."""
    left = start
    while left > low and text[left - 1] in " \t":
        left -= 1
    right = after
    while right < end and text[right] in " \t":
        right += 1
    begins = left == 0 or text[left - 1] == "\n"
    ends = right < end and text[right] == "\n"
    return (left, right + 1) if begins and ends else (start, after)


def _add_text(stack: list[_Open], text: str, start: int, end: int) -> None:
    """Add text to the innermost block. Raises TemplateFailure for a mark in it that lacks a brace."""
    if start >= end:
        return
    for sign in _SIGNS.finditer(text, start, end):
        # Braces that text opens are closed in it: JSON and style sheets hold some.
        stack[0].braces = max(_left_open(sign, text, stack[0].braces), 0)
    stack[-1].parts.append(Text(text[start:end]))


def _left_open(sign: re.Match[str], text: str, braces: int) -> int:
    """Return how many braces of the text are open behind a sign. Raises TemplateFailure for one that is a slip."""
    found, at = sign.group(), Range(*sign.span())
    if sign["path"] is not None:
        quote = '"' if "'" in found else "'"
        raise TemplateFailure(
            f"`{found}` has one brace where a value has two",
            at,
            f"write `{{{{ {sign['path']} }}}}`; to send it as it stands: {{{{ {quote}{found}{quote} }}}}",
        )
    if found == "{":
        return braces + 1
    closing = found.count("}")
    is_mark = found == "%}" or closing > 1 or text[max(0, at.start - 2) : at.start] == "}}"
    if is_mark and closing > braces:
        mark, shown = ("{% … %}", found) if found == "%}" else ("{{ … }}", found[:2])
        raise TemplateFailure(
            f"`{shown}` closes nothing", at, f"a mark is `{mark}`; to send it as text: {{{{ '{shown}' }}}}"
        )
    return braces - closing
