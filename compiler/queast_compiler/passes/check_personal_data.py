"""Read the `pii:` block: which person fields may leave."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.program import Program
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import fields_with, nearest, nearest_field
from queast_dsl.entities import entity, personal_inside
from queast_dsl.source import Located
from queast_dsl.types import ListType, ObjectType


def check_personal_data(program: Program, diagnostics: Diagnostics) -> Program:
    """`pii: {send: [person.full_name]}`  ->  that path granted; a path that does not exist is refused (D6.3).

    What may have been meant by a path that does not exist counts as granted as well: the mapping is refused for that
    path, and where the field is read nothing more is to be said.
    """
    block = program.mapping.personal_data
    if block is None:
        return program
    granted: frozenset[str] = frozenset()
    for path in block.send:
        granted |= {path.value} if _is_there(path.value) else _refuse(path, diagnostics)
    return replace(program, granted=granted)


def _is_there(path: str) -> bool:
    root, *steps = path.split(".")
    if root != "person" or not steps:
        return False
    here = entity("person")
    for step in steps:
        found = here.get(step)
        if found is None:
            return False
        inner = found.type.item if isinstance(found.type, ListType) else found.type
        here = inner if isinstance(inner, ObjectType) else ObjectType(path, ())
    return True


def _refuse(path: Located[str], diagnostics: Diagnostics) -> frozenset[str]:
    """Report a path that is no field of a person; return the paths that may have been meant."""
    names = entity("person").names
    root, _, field = path.value.partition(".")
    personal = frozenset(each for each, _ in personal_inside(entity("person"), "person"))
    if path.value == "person":
        meant, near = personal, None
        help = "name each field that may leave, such as `person.full_name`: a whole person is not granted"
    else:
        # `full_name` and `persons.full_name` name a field as well, `company.domain` does not.
        is_person = root in ("person", path.value) or nearest(root, ["person"]) is not None
        word = path.value if root == path.value else field
        near = nearest_field(word, names) if is_person else None
        meant = frozenset(f"person.{each}" for each in fields_with(word, names)) if is_person else frozenset()
        if near is not None:
            meant |= {f"person.{near}"}
        elif root == "person":
            meant = personal
        unknown = "all fields: qmap fields person --pii" if is_person else None
        help = unknown or "grants are about persons: write paths such as `person.full_name`"
        help = help if near is None else f"did you mean `person.{near}`?"
    # No fix: what of a person leaves is for a person to write.
    diagnostics.report("QM453", f"`{path.value}` is no field of a person", path.span, help=help)
    return meant
