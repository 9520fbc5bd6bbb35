"""`qmap explain`, `fields` and `functions`: what the registries and schemas say, for people and tools."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.entities import ENTITIES, entity, highlight
from queast_dsl.pii import needs_grant
from queast_dsl.types import EnumType, ListType, ObjectType, Property, describe
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, say, table

if TYPE_CHECKING:
    # The registry takes long to import, and most of these commands never look at it.
    from queast_dsl.diagnostics.model import Code
    from queast_dsl.functions import Form, Function


# What an expression may name: Queast's entities, and what a sender says when it marks a company.
_NAMED = (*ENTITIES, "highlight")

# What cannot stand on a page as it stands in a file.
_SIGNS = (
    (re.compile(r"<U\+[0-9A-F]{4,6}>"), "<U+202E> is one character by its number"),
    (re.compile(r"<[0-9A-F]{2}>"), "<F8> is one byte"),
    (re.compile(r"^[ ]*…$|, …,", re.MULTILINE), "… is everything that counts up between its neighbours"),
    (re.compile(r", … [0-9]+ times"), "… is the item before it, so many times"),
)


def explain_subject(subject: str, format: Format) -> None:
    """Explain a finding's code, a function or a dotted path."""
    codes = _codes()
    code = codes.get(subject.upper())
    if code is not None:
        _explain_code(code, format)
        return
    if subject.partition(".")[0] in _NAMED:
        _explain_path(subject, format)
        return
    functions = _functions()
    if subject in functions:
        list_functions(subject, format)
        return
    known = [*codes, *functions, *_NAMED]
    raise CommandError(
        Exit.USAGE,
        f"nothing is called {subject}",
        did_you_mean(subject, known)
        or "a finding's code (QM211), a function (qmap functions) or a path (company.domain)",
    )


def _explain_code(code: Code, format: Format) -> None:
    if format is Format.JSON:
        data_json(
            {
                "code": code.code,
                "title": code.title,
                "severity": code.severity.value,
                "explanation": code.explanation,
                "instead": code.instead,
                "bad": code.bad,
                "good": code.good,
                "silence": _silencing(code),
            }
        )
        return
    data(f"{code.code} {code.title}  ({code.severity.value})\n\n{code.explanation}\n\n")
    if code.instead:
        data(f"{code.instead}\n\n")
    data(f"Wrong:\n{_example(code.bad)}\n\nRight:\n{_example(code.good)}\n")
    legend = [meaning for sign, meaning in _SIGNS if sign.search(code.bad)]
    if legend:
        data(f"\n(Written out: {', '.join(legend)}.)\n")
    silence = _silencing(code)
    if silence is not None:
        data(f"\nTo silence it, on its line or alone on the line before:\n{_indented(silence)}\n")
    elif code.severity.value != "error":
        data("\nIt speaks of no line of a mapping or of connections.yaml, so no comment silences it.\n")


def _silencing(code: Code) -> str | None:
    return f"# qmap: ignore {code.code} why this one is right" if code.can_be_silenced else None


def _example(text: str) -> str:
    """An example with `-- path --` lines set off, and said where a file is not there."""
    lines = text.strip("\n").split("\n")
    for number, line in enumerate(lines):
        if line.startswith("-- ") and number + 1 == len(lines):
            lines[number] = f"{line}  (there is no such file)"
    return _indented("\n".join(lines))


def list_fields(name: str, pii: bool, format: Format) -> None:
    """Print the fields of an entity, those of objects inside it by their dotted path."""
    if name not in _NAMED:
        raise CommandError(Exit.USAGE, f"no entity is called {name}", f"one of: {', '.join(_NAMED)}")
    rows = _fields_of(name, pii)
    if format is Format.JSON:
        data_json({"entity": name, "fields": rows})
        return
    if not rows:
        say(f"{name} has no field that holds personal data")
    _table_of(rows)


def list_all_fields(pii: bool, format: Format) -> None:
    """Print the fields of every entity, one entity after the other."""
    found = {name: _fields_of(name, pii) for name in _NAMED}
    if format is Format.JSON:
        data_json({"entities": [{"entity": name, "fields": rows} for name, rows in found.items()]})
        return
    _table_of([row for rows in found.values() for row in rows])


def _fields_of(name: str, pii: bool) -> list[dict[str, Any]]:
    return [row for row in _rows(_shape(name), name) if not pii or _is_personal(row["path"], frozenset(row["pii"]))]


def _table_of(rows: list[dict[str, Any]]) -> None:
    data(
        table(
            [
                (
                    row["path"],
                    row["type"],
                    "optional" if row["optional"] else "always",
                    ", ".join(row["pii"]),
                    row["description"],
                )
                for row in rows
            ],
            header=("FIELD", "TYPE", "GIVEN", "PERSONAL DATA", "WHAT IT IS"),
        )
    )


def _is_personal(path: str, labels: frozenset[str]) -> bool:
    """Say whether a field holds personal data, or a text that may."""
    return needs_grant(path, labels) or "free_text" in labels


def list_functions(name: str | None, format: Format) -> None:
    """Print every function's signature and first sentence, or all about one."""
    functions = _functions()
    if name is None:
        if format is Format.JSON:
            data_json({"functions": [_function_json(each) for each in functions.values()]})
        else:
            data(table([(each.signature, each.doc.split("\n")[0]) for each in functions.values()]))
        return
    function = functions.get(name)
    if function is None:
        raise CommandError(
            Exit.USAGE, f"no function is called {name}", did_you_mean(name, functions) or "all of them: qmap functions"
        )
    if format is Format.JSON:
        data_json({"function": _function_json(function)})
        return
    data(f"{function.signature}\n\n{_indented(function.doc)}\n")
    examples = [(example.expression, repr(example.result)) for example in function.examples]
    if examples:
        data("\n" + table([(f"    {expression}", "->", result) for expression, result in examples]))


def _codes() -> dict[str, Code]:
    """Every code of a finding, those of the rules of lint among them."""
    from queast_compiler.lint import RULES
    from queast_dsl.diagnostics.registry import CODES

    return {**CODES, **{rule.code: rule.entry for rule in RULES}}


def _functions() -> dict[str, Function | Form]:
    """Everything that is called by a name: forms such as `if` and `lookup` first, then the functions."""
    from queast_dsl.functions import FORMS, REGISTRY

    return {**FORMS, **REGISTRY}


def _explain_path(path: str, format: Format) -> None:
    root, *steps = path.split(".")
    here: ObjectType = _shape(root)
    found: Property | None = None
    walked = root
    for step in steps:
        found = here.get(step)
        if found is None:
            raise CommandError(
                Exit.USAGE,
                f"{walked} has no field {step}",
                did_you_mean(step, here.names) or f"all fields: qmap fields {root}",
            )
        walked = f"{walked}.{step}"
        inner = found.type.item if isinstance(found.type, ListType) else found.type
        here = inner if isinstance(inner, ObjectType) else ObjectType(walked, ())
    if found is None:
        list_fields(root, False, format)
        return
    row = _row(found, path)
    if format is Format.JSON:
        data_json({"field": row})
        return
    given = "may be missing" if row["optional"] else "always given"
    data(f"{path}: {row['type']}, {given}\n\n    {row['description']}\n")
    if isinstance(found.type, EnumType):
        data(f"\nOne of: {', '.join(found.type.values)}\n")
    if row["pii"]:
        data(f"\nPersonal-data label: {', '.join(row['pii'])}\n")


def _shape(name: str) -> ObjectType:
    return highlight() if name == "highlight" else entity(name)


def _rows(shape: ObjectType, prefix: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for each in shape.properties:
        path = f"{prefix}.{each.name}"
        rows.append(_row(each, path))
        # An entity inside an entity has a page of its own (`qmap fields company`).
        if isinstance(each.type, ObjectType) and each.type.name not in ENTITIES:
            rows += _rows(each.type, path)
    return rows


def _row(each: Property, path: str) -> dict[str, Any]:
    return {
        "path": path,
        "type": describe(each.type),
        "optional": each.optional,
        "pii": sorted(each.labels),
        "description": each.description,
        **({"values": list(each.type.values)} if isinstance(each.type, EnumType) else {}),
    }


def _function_json(function: Function | Form) -> dict[str, Any]:
    return {
        "name": function.name,
        "signature": function.signature,
        "doc": function.doc,
        "examples": [{"expression": each.expression, "result": each.result} for each in function.examples],
    }


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip("\n").split("\n"))
