"""Where each value of an HTML template stands, through branches and loops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from queast_compiler.passes.expressions.html_state import HtmlState, advance, join, settled
from queast_dsl.expr import ast
from queast_dsl.expr.template import Choice, Loop, Output, Part, Text


@dataclass(frozen=True, slots=True)
class AsText:
    """The value is escaped and stays text, between tags or in an attribute."""

    between_tags: bool


@dataclass(frozen=True, slots=True)
class AsLink:
    """The value begins an address, so it also says where that leads."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No value can stand here: `message` says where that is, `help` what can be written."""

    message: str
    help: str


Position = AsText | AsLink | Refused


@dataclass(frozen=True, slots=True)
class Positions:
    """`values` by the offset of their expression; `trouble` are blocks after which the place is not one place."""

    values: Mapping[int, Position]
    trouble: tuple[tuple[ast.Range, str, str], ...]


def positions(parts: tuple[Part, ...]) -> Positions:
    """Return where each `{{ … }}` of a template stands.

    `<a href="{{ url }}">{{ title }}</a>`  ->  a link, then text
    """
    walk = _Walk()
    walk.parts(parts, HtmlState())
    return Positions(walk.values, tuple(walk.trouble))


@dataclass(slots=True)
class _Walk:
    values: dict[int, Position] = field(default_factory=dict)
    trouble: list[tuple[ast.Range, str, str]] = field(default_factory=list)

    def parts(self, parts: tuple[Part, ...], state: HtmlState) -> HtmlState:
        for part in parts:
            match part:
                case Text(text=text):
                    state = advance(state, text)
                case Output(at=at):
                    self.values[at.start], state = _placed(state)
                case Choice():
                    state = self.choice(part, state)
                case Loop():
                    state = self.loop(part, state)
                case _:
                    assert_never(part)
        return state

    def choice(self, part: Choice, state: HtmlState) -> HtmlState:
        """Each branch starts where the block does, and all end in one place; without `else` that is the start too."""
        ends = [self.parts(branch.body, state) for branch in part.branches]
        if part.branches[-1].condition is not None:
            ends.append(state)
        found: HtmlState | None = ends[0]
        for end in ends[1:]:
            found = None if found is None else join(found, end)
        if found is not None:
            return found
        at = part.branches[0].condition
        if at is not None:
            self.told(
                at,
                f"the branches of this `if` end in different places of the HTML: {_listed(ends)}",
                "open and close tags and quotes within each branch, or outside of the `if`",
            )
        return ends[0]

    def loop(self, part: Loop, state: HtmlState) -> HtmlState:
        """A round begins where the block does or where the round before it ended, and the list may be empty."""
        start: HtmlState | None = state
        end = state
        while start is not None:
            end = self.parts(part.body, start)
            joined = join(start, end)
            if joined == start:
                return start
            start = joined
        self.told(
            part.items,
            f"a round of this `for` begins and ends in different places of the HTML: {_listed([state, end])}",
            "open and close tags and quotes within the loop, or outside of it",
        )
        return state

    def told(self, at: ast.Range, message: str, help: str) -> None:
        if (at, message, help) not in self.trouble:
            self.trouble.append((at, message, help))


def _listed(states: list[HtmlState]) -> str:
    return ", ".join(dict.fromkeys(state.words for state in states))


def _placed(state: HtmlState) -> tuple[Position, HtmlState]:
    if state.is_plain:
        return AsText(state.kind == "text"), state
    if not state.is_address:
        return Refused(f"a value stands {state.words}", _help(state)), state
    if state.address is None and not state.unsure:
        return AsText(False), state
    if state.address == "" and not state.unsure:
        return AsLink(), settled(state)
    message = f"a value stands in the HTML attribute `{state.attribute}` before it is settled where the address leads"
    return Refused(message, 'begin with the value, or with a whole host: href="https://acme.example/{{ … }}"'), state


def _help(state: HtmlState) -> str:
    match state.kind:
        case "equals" | "unquoted":
            return 'put quotes around it: href="{{ … }}"'
        case "tag" | "attribute" | "attribute_end":
            return 'write the attribute\'s name: title="{{ … }}"'
        case "open" | "close" | "name":
            return "write the tag's name, and the value between its tags"
        case _:
            return "values stand between tags and in attributes such as `title`, `alt`, `class` and `href`"
