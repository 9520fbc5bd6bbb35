"""Where an expression stands in a document, told by the path of keys alone.

The path is known long before the document's shape is checked, even where YAML already failed.
"""

from __future__ import annotations

from queast_dsl.loading.nodes import MapNode, Step

VALUE_FORMS = ("from", "const", "template", "render")
BODY_FORMS = ("const", "template", "render")
FIELD_KEYS = frozenset((*VALUE_FORMS, "write", "on_null"))
_TEXT_KEYS = frozenset(("const", "template", "render", "as"))


def is_expression(path: tuple[Step, ...]) -> bool:
    """Whether a scalar at this path is read as an expression: `("routes", "companies", "fields", "name")` is."""
    match path:
        case ("scope", "where") | ("routes", _, "when") | ("routes", _, "headers", _):
            return True
        case ("routes", _, "fields", _) | ("routes", _, "fields", _, "from"):
            return True
        case ("routes", _, "body", *rest):
            return not (rest and rest[-1] in _TEXT_KEYS)
        case ("receive", _, "then", "ensure_bookmark", "note"):
            return True
        case _:
            return is_match_key(path)


def is_match_key(path: tuple[Step, ...]) -> bool:
    """Whether the expression stands here by which a connection looks records up."""
    match path:
        case ("connections", _, "match", _, "domain", "from"):
            return True
        case _:
            return False


def is_field(path: tuple[Step, ...]) -> bool:
    """Whether a field stands here: an expression or one of the forms `{const: …}`, `{template: …}` and so on."""
    return len(path) == 4 and path[0] == "routes" and path[2] == "fields"


def is_note(path: tuple[Step, ...]) -> bool:
    """Whether the note of a bookmark stands here: an expression, or one of the forms but `from`."""
    match path:
        case ("receive", _, "then", "ensure_bookmark", "note"):
            return True
        case _:
            return False


def is_choice(path: tuple[Step, ...]) -> bool:
    """Whether a mapping here says one of several things, so that one on top replaces it whole."""
    match path:
        case ("receive", _, "then", "ensure_bookmark", "note" | "owner"):
            return True
        case _:
            return False


def is_body(path: tuple[Step, ...]) -> bool:
    return len(path) >= 3 and path[0] == "routes" and path[2] == "body"


def is_loop(node: MapNode) -> bool:
    """Whether a mapping in a body is a list, `{each: …, as: …, body: …}`, even if one of the last two is missing."""
    return "each" in node.keys and not {"as", "body"}.isdisjoint(node.keys)


def is_leaf(node: MapNode) -> bool:
    """Whether a mapping in a body is a value, `{const: …}`, and no object with such a key among others."""
    return len(node.entries) == 1 and node.keys[0] in BODY_FORMS


def is_list_of_words(path: tuple[Step, ...]) -> bool:
    """Whether a list of words stands here: `("pii", "send")` does."""
    match path:
        case ("unset",) | ("locked",) | ("pii", "send" | "match_on") | ("routes", _, "events" | "attach_to"):
            return True
        case ("connections", _, "notify") | ("connections", _, "pii", "send"):
            return True
        case ("connections", _, "match", _, "order" | "corroborate" | "veto_if_different"):
            return True
        case _:
            return False


def is_header(path: tuple[Step, ...]) -> bool:
    """Whether a header stands here: `("routes", "companies", "headers", "X-Source")` does."""
    return len(path) == 4 and path[0] == "routes" and path[2] == "headers"
