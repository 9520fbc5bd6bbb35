"""Where in HTML a piece of text ends: one step a character, as a browser's tokenizer reads it.

`<a href="x`  ->  inside the quoted attribute `href` of `a`, whose value begins with `x`. Elements whose content a
browser does not read as markup, or not everywhere (`script`, `style`, `svg` …), end the tracking: what follows them
cannot be told for sure, so it counts as opaque.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

_SPACE = frozenset(" \t\n\r\f")
_OPAQUE = frozenset(
    {
        "applet", "base", "embed", "frame", "frameset", "iframe", "link", "math", "meta", "noembed", "noframes",
        "noscript", "object", "param", "plaintext", "script", "select", "style", "svg", "template", "textarea",
        "title", "xmp",
    }
)  # fmt: skip
_URL_ATTRIBUTES = frozenset({"href", "src", "action", "formaction", "cite", "background", "poster", "longdesc"})
_PLAIN_ATTRIBUTES = frozenset(
    {
        "abbr", "align", "alt", "bgcolor", "border", "class", "color", "cols", "colspan", "datetime", "dir", "face",
        "headers", "height", "label", "lang", "placeholder", "rows", "rowspan", "scope", "size", "span", "start",
        "summary", "title", "valign", "value", "width",
    }
)  # fmt: skip
# What fixes where an address leads: a whole host, or a scheme or mark after which only a parameter can follow.
_LEADS_SOMEWHERE = re.compile(r"https?://[^/\\?#@&\s\x00-\x1f]+[/?#]|mailto:|tel:|[#?]", re.IGNORECASE)
_LONGEST_HOST = 300

Kind = Literal[
    "text",
    "open",  # after `<`
    "close",  # after `</`
    "name",  # in the name of a tag
    "tag",  # in a tag, between attributes
    "attribute",  # in the name of an attribute
    "attribute_end",  # white space after that name
    "equals",  # after `=`
    "quoted",
    "unquoted",
    "markup",  # after `<!`
    "comment",
    "bogus",  # `<!doctype …>`, `<?…>`: to the next `>`
    "opaque",
]


@dataclass(frozen=True, slots=True)
class HtmlState:
    """`word` is the name being read, the markup or the end of a comment so far, or the opaque element. `attribute`
    and `quote` are those of the value being read, `address` what an address in it begins with (None once it is
    settled where it leads), `unsure` where branches began it differently or it is no address that anybody writes.
    """

    kind: Kind = "text"
    word: str = ""
    attribute: str = ""
    quote: str = ""
    address: str | None = ""
    unsure: bool = False

    @property
    def is_address(self) -> bool:
        return self.kind == "quoted" and self.attribute in _URL_ATTRIBUTES

    @property
    def is_plain(self) -> bool:
        """Whether text of any content can stand here, once escaped, without a meaning of its own."""
        if self.kind == "text":
            return True
        return self.kind == "quoted" and (
            self.attribute in _PLAIN_ATTRIBUTES or self.attribute.startswith(("aria-", "data-"))
        )

    @property
    def words(self) -> str:
        """Say where this is, for a finding."""
        match self.kind:
            case "open" | "close" | "name":
                return "in the name of an HTML tag"
            case "tag" | "attribute" | "attribute_end":
                return "where the name of an HTML attribute is read"
            case "equals" | "unquoted":
                return "in an HTML attribute without quotes"
            case "quoted":
                return f"in the HTML attribute `{self.attribute}`"
            case "opaque":
                return f"in or after the HTML element `{self.word}`"
            case "markup" | "comment" | "bogus":
                return "in an HTML comment"
            case "text":
                return "in the text"


def settled(state: HtmlState) -> HtmlState:
    """Return the state after an address was begun by a value that leads somewhere safe."""
    return replace(state, address=None)


def advance(state: HtmlState, text: str) -> HtmlState:
    """Return the state after a literal piece of the template."""
    for character in text:
        state = _step(state, character)
    return state


def join(left: HtmlState, right: HtmlState) -> HtmlState | None:
    """Return the one state in which two branches end, or None where they end in different places."""
    if left == right:
        return left
    same = replace(left, address=right.address, unsure=right.unsure) == right
    return replace(left, address="", unsure=True) if same and left.is_address else None


def _step(state: HtmlState, character: str) -> HtmlState:
    match state.kind:
        case "text":
            return HtmlState("open") if character == "<" else state
        case "open" | "close":
            return _opened(state, character)
        case "name":
            return _named(state, character)
        case "tag" | "attribute" | "attribute_end" | "equals":
            return _in_tag(state, character)
        case "quoted":
            return _in_value(state, character)
        case "unquoted":
            if character == ">":
                return HtmlState()
            return HtmlState("tag") if character in _SPACE else state
        case "markup" | "comment" | "bogus":
            return _in_markup(state, character)
        case "opaque":
            return state


def _opened(state: HtmlState, character: str) -> HtmlState:
    if character.isascii() and character.isalpha():
        return HtmlState("name", character.lower())
    if state.kind == "close":
        return HtmlState() if character == ">" else HtmlState("bogus")
    match character:
        case "/":
            return HtmlState("close")
        case "!":
            return HtmlState("markup")
        case "?":
            return HtmlState("bogus")
        case "<":
            return state
        case _:
            return HtmlState()


def _named(state: HtmlState, character: str) -> HtmlState:
    if character not in _SPACE and character not in "/>":
        return replace(state, word=state.word + character.lower())
    if state.word in _OPAQUE:
        return HtmlState("opaque", state.word)
    return HtmlState() if character == ">" else HtmlState("tag")


def _in_tag(state: HtmlState, character: str) -> HtmlState:
    if state.kind == "equals" and character in "\"'":
        return HtmlState("quoted", attribute=state.word, quote=character)
    if character in _SPACE:
        return replace(state, kind="attribute_end") if state.kind == "attribute" else state
    if character == ">":
        return HtmlState()
    if state.kind == "equals":
        return HtmlState("unquoted", attribute=state.word)
    if character == "/":
        return HtmlState("tag")
    if character == "=" and state.kind != "tag":
        return replace(state, kind="equals")
    if state.kind == "attribute":
        return replace(state, word=state.word + character.lower())
    return HtmlState("attribute", character.lower())


def _in_value(state: HtmlState, character: str) -> HtmlState:
    if character == state.quote:
        return HtmlState("tag")
    if not state.is_address or state.address is None or state.unsure:
        return state
    if character in _SPACE and not state.address:
        return state
    address = state.address + character
    if len(address) > _LONGEST_HOST:
        return replace(state, address="", unsure=True)
    return replace(state, address=None if _LEADS_SOMEWHERE.match(address) else address)


def _in_markup(state: HtmlState, character: str) -> HtmlState:
    if state.kind == "bogus":
        return HtmlState() if character == ">" else state
    if state.kind == "markup":
        if character == "-":
            return HtmlState("comment", "<--") if state.word == "-" else replace(state, word="-")
        return HtmlState() if character == ">" else HtmlState("bogus")
    # Only the end of what was read decides: `-->`, `--!>`, and right after the start `>` and `->`.
    ending = state.word + character
    if ending in ("-->", "--!>", "<-->", "<--->"):
        return HtmlState()
    match character, state.word:
        case "-", "-" | "--":
            return replace(state, word="--")
        case "-", "<--":
            return replace(state, word="<---")
        case "-", "<---":
            return replace(state, word="--")
        case "-", _:
            return replace(state, word="-")
        case "!", "--":
            return replace(state, word="--!")
        case _:
            return replace(state, word="")
