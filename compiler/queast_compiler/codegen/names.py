"""What generated code may name: these globals, the functions of the language and the tables of the mapping."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from queast_compiler.codegen import bounds, guards
from queast_dsl.functions.dates import read_moment


def runtime_names() -> dict[str, Any]:
    """Return the globals of generated code. `__builtins__` is empty: it can name nothing that is not here."""
    return {
        "__builtins__": {},
        "str": str,
        "int": int,
        "float": float,
        "bool": bool,
        "list": list,
        "dict": dict,
        "Exception": Exception,
        "date_of": date.fromisoformat,
        "time_of": datetime.fromisoformat,
        # Each third character of a time from its end: Python stops reading at a NUL behind the Z.
        "time_signs": slice(None, -17, -3),
        "misfit": guards.misfit,
        "moment_of": read_moment,
        "item_at": guards.item_at,
        "project": guards.project,
        "check": guards.check,
        "present": guards.present,
        "each": bounds.each,
        "repeat": bounds.repeat,
        "within": bounds.within,
        "new_room": bounds.Room,
        "arith": guards.arith,
        "negate": guards.negate,
    }
