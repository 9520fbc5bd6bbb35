"""`qmap show`: a mapping as it takes effect, with the line that each value comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from queast_compiler.plan.codec import encode
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.directory import plan_digest
from queast_compiler.plan.mapping import MappingPlan, ReceivePlan
from queast_dsl.document.mapping import Const, Expression, Field, InlineTemplate, Mapping, Render, Route
from queast_runtime.cli.compiling import Compilation, compile_all, fail_on_findings
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, table
from queast_runtime.cli.places import file_named


def run(name: str, root: Path, plan: bool, format: Format, *, effective: bool = False, origin: bool = False) -> None:
    """Print the mapping, its plan, or the mapping with all defaults written out and where each line is from.

    `name` is the mapping's, or `tenant/mapping` where several tenants have it.
    """
    compilation, mapping = find_mapping(name, root)
    compiled = next((each for each in compilation.compiled.mappings if each.mapping == mapping.name), None)
    if compiled is None:
        fail_on_findings([compilation], format)
        raise CommandError(Exit.FINDINGS, f"{mapping.name} does not compile", "see: qmap lint")
    connection = next(each for each in compilation.compiled.connections if each.connection == compiled.connection)
    if effective or origin:
        _show_effective(compilation, mapping, compiled, connection, origin=origin, plan=plan, format=format)
        return
    if plan or format is Format.JSON:
        data_json({"mapping": encode(compiled), "digest": plan_digest(compiled), "connection": encode(connection)})
        return
    data(_text(mapping, compiled, connection))


def _show_effective(
    compilation: Compilation,
    mapping: Mapping,
    compiled: MappingPlan,
    connection: ConnectionPlan,
    *,
    origin: bool,
    plan: bool,
    format: Format,
) -> None:
    from queast_runtime.cli.effective import around, as_json, as_text, lines_of

    lines = lines_of(mapping, compiled)
    said = around(compilation, mapping, compiled, connection)
    if plan or format is Format.JSON:
        planned = {"mapping": encode(compiled), "connection": encode(connection)} if plan else {}
        data_json({"digest": plan_digest(compiled), "effective": as_json(lines, said), **planned})
        return
    data(as_text(lines, said, origin=origin))


def find_mapping(name: str, root: Path) -> tuple[Compilation, Mapping]:
    """Return the one mapping called `name` under `root`, or that of a file so named. Raises CommandError (usage) for
    none or several."""
    root, name = file_named(name) or (root, name)
    tenant, slash, wanted = name.rpartition("/")
    if "/" in tenant:
        raise CommandError(
            Exit.USAGE, f"no such file: {name}", "say a mapping's name, TENANT/MAPPING, or the path of its file"
        )
    found = [
        (compilation, mapping)
        for compilation in compile_all([root / tenant] if slash else [root])
        for mapping in compilation.documents.mappings
        if mapping.name == wanted
    ]
    if len(found) == 1:
        return found[0]
    if found:
        tenants = ", ".join(compilation.selection.tenant for compilation, _ in found)
        raise CommandError(Exit.USAGE, f"several tenants have a mapping {wanted}: {tenants}", f"say TENANT/{wanted}")
    if wanted.endswith((".yaml", ".yml")):
        without = name.rpartition(".")[0]
        raise CommandError(Exit.USAGE, f"no mapping is called {name}", f"say it without .yaml: {without}")
    raise CommandError(Exit.USAGE, f"no mapping is called {name} under {root}", f"see: qmap lint {root}")


def _text(mapping: Mapping, plan: MappingPlan, connection: ConnectionPlan) -> str:
    scope = plan.scope
    lines = [
        f"{plan.tenant}/{plan.mapping}  plan {plan_digest(plan)[:19]}",
        f"  {mapping.description}" if mapping.description else "",
        f"  connection  {connection.connection} ({connection.connector}, account {connection.account})",
        f"  mode        {plan.mode}",
        f"  scope       companies {scope.companies}, signals {scope.signals}",
        *([f"  where       {mapping.scope.where.text.text}"] if mapping.scope.where else []),
        *([] if plan.creates_per_day is None else [f"  limits      {plan.creates_per_day} new records a day"]),
        *_personal_data(mapping),
        *(
            f"  match       {match.entity}: {' > '.join(match.order)}, none {match.on_none}, many {match.on_many}"
            for match in connection.match
        ),
        *([f"  inbound     {connection.inbound.verify}"] if connection.inbound is not None else []),
    ]
    routes = {route.name.value: route for route in mapping.routes}
    text = "\n".join(line for line in lines if line) + "\n"
    for compiled in plan.routes:
        route = routes[compiled.name]
        text += f"\n  {compiled.name}: {compiled.entity} {', '.join(compiled.events)} -> {compiled.object}"
        text += f" ({compiled.action})" + (f" when {route.when.text.text}" if route.when else "")
        text += f"  [{compiled.file}:{compiled.line}]\n"
        written = {field.property: field.write for field in compiled.fields}
        text += table(
            [
                (name, source, write, f"{place.file.path}:{place.line}")
                for name, source, write, place in _rows(route, list(written.items()))
            ],
            indent="    ",
        )
        text += "".join(f"    header {name}: secret://{secret}\n" for name, secret in compiled.secret_headers)
        if compiled.action == "send":
            text += (
                "    the canonical event\n"
                if compiled.body is None or route.body is None
                else "    a body of its own\n"
            )
    return text + "".join(_received(each, connection) for each in plan.receive)


def _received(plan: ReceivePlan, connection: ConnectionPlan) -> str:
    """What is received, where it is sent to and what it does."""
    owner, note = plan.then.owner, "" if plan.then.note is None else ", with a note"
    return (
        f"\n  {plan.name}: {plan.event} -> ensure_bookmark of {owner.kind} {owner.name}{note}"
        f"  [{plan.file}:{plan.line}]\n"
        f"    POST /v1/inbound/{connection.tenant}/{connection.connection}, none {plan.on_none}\n"
    )


def _personal_data(mapping: Mapping) -> list[str]:
    """What of persons may leave, what for, and on which lawful basis."""
    block = mapping.personal_data
    if block is None:
        return []
    sent = ", ".join(path.value for path in block.send) or "nothing"
    return [f"  persons     {sent}; purpose {block.purpose.value}, basis {block.basis.value}"]


def _rows(route: Route, planned: list[tuple[str, str]]) -> list[tuple[str, str, str, Any]]:
    return [
        (field.name.value, _source(field), write, field.span)
        for field, (_, write) in zip(route.fields, planned, strict=False)
    ]


def _source(field: Field) -> str:
    match field.value:
        case Expression(text=text):
            return " ".join(text.text.split())
        case Const(text=text):
            return f"const {text.text!r}"
        case InlineTemplate():
            return "template"
        case Render(name=name):
            return f"render {name.value}"
