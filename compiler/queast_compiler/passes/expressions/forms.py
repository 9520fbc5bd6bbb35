"""Forms that only the compiler knows: `if`, `case`, `lookup`, fallbacks by name, presence, `now`."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions.changes import changed
from queast_compiler.passes.expressions.comparing import CODES_ARE, comparable
from queast_compiler.passes.expressions.operators import condition, fallback, join_branches
from queast_compiler.passes.expressions.operators import presence as is_there
from queast_compiler.passes.expressions.value import Infer, Scope, Value, combine, unknown
from queast_compiler.passes.expressions.work import Work
from queast_compiler.plan import ir
from queast_dsl.diagnostics.fixes import renamed
from queast_dsl.diagnostics.nearest import did_you_mean, listed, nearest
from queast_dsl.document.mapping import Table
from queast_dsl.expr import ast
from queast_dsl.functions import FORMS
from queast_dsl.names.codes import is_code, meant_code
from queast_dsl.types import NULL, BoolType, DatetimeType, EnumType, StrType, Type, describe, is_scalar, is_text


def form(node: ast.Call, scope: Scope, infer: Infer) -> Value:
    """A call of one of `FORMS`."""
    line = scope.line(node.at)
    allowed = {"case": ("else",), "lookup": ("else",)}.get(node.fn, ())
    for argument in node.named:
        if isinstance(argument, ast.Arm) and node.fn == "case":
            continue
        if isinstance(argument, ast.Arm) or argument.name not in allowed:
            shown = argument.name if isinstance(argument, ast.Named) else str(argument.key.value)
            hint = did_you_mean(shown, allowed) or _usage(node.fn)
            at = ast.Range(argument.at.start, argument.at.start + len(shown))
            fix = scope.renaming(at, shown, allowed) if isinstance(argument, ast.Named) else None
            scope.report("QM222", f"`{node.fn}` has no argument `{shown}`", argument.at, hint, fix)
            return unknown(line)
    match node.fn, len(node.args):
        case "if", 3:
            return _if(node, scope, infer)
        case "case", 1:
            return _case(node, scope, infer)
        case "changed", 1:
            return changed(node, scope, infer)
        case "lookup", 2:
            return _lookup(node, scope, infer)
        case "default", 2:
            return fallback(node.args, node.at, scope, infer)
        case "coalesce", count if count >= 2:
            return fallback(node.args, node.at, scope, infer)
        case (("is_null" | "is_present"), 1):
            return _presence(node, scope, infer)
        case "now", 0:
            return Value(ir.Now(line), DatetimeType(), False)
        case _:
            at = node.args[-1].at if node.args and node.fn in ("case", "lookup", "now") else node.fn_at
            scope.report("QM221", f"`{node.fn}` has the wrong number of arguments", at, _usage(node.fn))
            return unknown(line)


def _usage(name: str) -> str:
    return f"it is {FORMS[name].signature}"


def _if(node: ast.Call, scope: Scope, infer: Infer) -> Value:
    question, then_node, else_node = node.args
    asked = condition(question, scope, infer)
    # A null condition takes the second branch as well, so only a definite answer proves something there.
    denied = asked.when_false if not asked.nullable else frozenset[str]()
    then = infer(then_node, scope.knowing(asked.when_true))
    other = infer(else_node, scope.knowing(denied))
    joined = join_branches([then, other], [then_node.at, else_node.at], "`if`", scope)
    if joined is None or not asked.known:
        return unknown(scope.line(node.at))
    result = ir.If(asked.ir, then.ir, other.ir, scope.line(node.at))
    return combine(result, joined, then.nullable or other.nullable, (asked, then, other))


def _case(node: ast.Call, scope: Scope, infer: Infer) -> Value:
    line = scope.line(node.at)
    subject = infer(node.args[0], scope)
    arms = [argument for argument in node.named if isinstance(argument, ast.Arm)]
    orelse = next((argument.value for argument in node.named if isinstance(argument, ast.Named)), None)
    results = [infer(arm.value, scope) for arm in arms]
    other = infer(orelse, scope) if orelse is not None else None
    if not subject.known:
        return subject
    if not arms:
        scope.report("QM221", "`case` needs at least one `key = result`", node.fn_at, _usage("case"))
        return unknown(line)
    if not is_scalar(subject.type):
        scope.report("QM220", f"`case` takes a single value, not {describe(subject.type)}", node.args[0].at, None)
        return unknown(line)
    seen: set[ast.Scalar] = set()
    for arm in arms:
        if arm.key.value in seen:
            scope.report("QM230", f"`{scope.spelling(arm.key.at)}` stands twice", arm.key.at, "remove one of the two")
            return unknown(line)
        seen.add(arm.key.value)
        if not comparable(subject.type, infer(arm.key, scope).type, node.args[0].at, arm.key.at, scope, True):
            return unknown(line)
    places = [arm.value.at for arm in arms]
    parts = list(results)
    if other is not None and orelse is not None:
        parts.append(other)
        places.append(orelse.at)
    joined = join_branches(parts, places, "`case`", scope)
    if joined is None:
        return unknown(line)
    # A null subject goes the way of `else`, so only one that is always there leaves nothing for it.
    exhaustive = isinstance(subject.type, EnumType) and subject.type.members <= seen and not subject.nullable
    if exhaustive and orelse is not None:
        _never_else(node, orelse, f"every value of `{scope.spelling(node.args[0].at)}` has its own result", scope)
        return unknown(line)
    nullable = any(part.nullable for part in parts) or (other is None and not exhaustive)
    pairs = tuple((ir.Lit(arm.key.value, line), result.ir) for arm, result in zip(arms, results, strict=True))
    switch = ir.Switch(subject.ir, pairs, None if other is None else other.ir, line)
    return combine(switch, joined, nullable, (subject, *parts))


def _lookup(node: ast.Call, scope: Scope, infer: Infer) -> Value:
    line = scope.line(node.at)
    key_node, table_node = node.args
    key = infer(key_node, scope)
    orelse = next((argument.value for argument in node.named if isinstance(argument, ast.Named)), None)
    other = infer(orelse, scope) if orelse is not None else None
    table = _table(table_node, scope)
    if table is None or not key.known:
        return unknown(line)
    if not is_text(key.type):
        hint = f"as text: text({scope.spelling(key_node.at)})" if is_scalar(key.type) else None
        scope.report("QM220", f"`lookup` takes text as its key, not {describe(key.type)}", key_node.at, hint)
        return unknown(line)
    found = Value(ir.Lit(None, line), table.gives, False)
    may_miss = True
    if isinstance(key.type, EnumType):
        scope.spend(Work.VALUES, len(key.type.values), node.at)
        missing = [value for value in key.type.values if value not in table.keys]
        may_miss = bool(missing)
        if missing and orelse is None:
            _not_exhaustive(node, table, missing, scope)
            return unknown(line)
        _check_rows(table, key.type, scope)
        if not missing and orelse is not None:
            # A key that is null gives null whatever `else` says, so it is not for that either.
            what = f"table `{table.name.value}` has a row for every value of `{scope.spelling(key_node.at)}`"
            may_be_null = "; for a null key, which gives null: `?? …` behind the lookup" if key.nullable else ""
            _never_else(node, orelse, what, scope, may_be_null)
            return unknown(line)
    elif isinstance(key.type, StrType):
        _check_codes(table, key.type.format, scope)
    parts = [found] if other is None else [found, other]
    places = [key_node.at] if orelse is None else [key_node.at, orelse.at]
    joined = join_branches(parts, places, "`lookup`", scope)
    if joined is None:
        return unknown(line)
    missing_is_null = other.nullable if other is not None else True
    nullable = key.nullable or (may_miss and missing_is_null)
    lookup = ir.Lookup(table.name.value, key.ir, None if other is None else other.ir, line)
    value = combine(lookup, joined, nullable, (key, *parts))
    return replace(value, strict=key.strict)


def _never_else(node: ast.Call, orelse: ast.Node, why: str, scope: Scope, more: str = "") -> None:
    """Report an `else` that nothing reaches; the fix cuts it out with the comma before it."""
    text = scope.text.text
    argument = next(each for each in node.named if isinstance(each, ast.Named))
    comma = text.rfind(",", 0, argument.at.start)
    whole = ast.Range(comma, orelse.at.end)
    # Brackets around a part belong to no part.
    plain = text[comma + 1 : orelse.at.start].replace(" ", "") == "else="
    is_last = plain and argument is node.named[-1]
    fix = scope.writing(whole, "") if comma >= 0 and is_last else None
    scope.report("QM228", f"{why}, so `else` is never used", orelse.at, f"remove the `else`{more}", fix)


def _not_exhaustive(node: ast.Call, table: Table, missing: list[str], scope: Scope) -> None:
    shown = listed(missing)
    first = missing[0]
    scope.report(
        "QM229",
        f"table `{table.name.value}` has no row for {shown}",
        node.args[1].at,
        f"add the rows (`{first}: …`), or say what the others give: lookup({table.name.value}, else = null)",
    )


def _check_rows(table: Table, keys: EnumType, scope: Scope) -> None:
    """A row that no value can reach is most likely misspelt; a finding at the row, no error."""
    diagnostics = scope.report_to.diagnostics
    if not diagnostics.is_first_look(("rows", table.name, keys)):
        return
    for row_key, _ in table.rows:
        if row_key.value not in keys.members:
            near = nearest(row_key.value, keys.values)
            diagnostics.report(
                "QM231",
                f"row `{row_key.value}` of table `{table.name.value}` is never used",
                row_key.span,
                help=f"did you mean `{near}`?" if near else f"values are {listed(keys.values)}",
                fix=renamed(row_key.span, row_key.value, keys.values),
            )


def _check_codes(table: Table, form: str | None, scope: Scope) -> None:
    """The same where the key is a country or a currency: `UK` is no country's code."""
    diagnostics = scope.report_to.diagnostics
    if form not in CODES_ARE or not diagnostics.is_first_look(("rows", table.name, form)):
        return
    for row_key, _ in table.rows:
        if not is_code(row_key.value, form):
            meant = meant_code(row_key.value, form)
            diagnostics.report(
                "QM231",
                f"row `{row_key.value}` of table `{table.name.value}` is never used",
                row_key.span,
                help=CODES_ARE[form] if meant is None else f"did you mean `{meant}`?",
            )


def _table(node: ast.Node, scope: Scope) -> Table | None:
    tables = scope.env.tables
    if not isinstance(node, ast.Name):
        hint = f"tables: {listed(tables)}" if tables else "write one under `tables:`"
        scope.report("QM213", "`lookup` takes the name of a table", node.at, hint)
        return None
    if node.text in tables:
        return tables[node.text]
    near = nearest(node.text, tables)
    if near:
        hint = f"did you mean `{near}`?"
    else:
        hint = f"tables: {listed(tables)}" if tables else "the mapping has no `tables:`"
    scope.report("QM213", f"there is no table `{node.text}`", node.at, hint, scope.renaming(node.at, node.text, tables))
    return None


def _presence(node: ast.Call, scope: Scope, infer: Infer) -> Value:
    line = scope.line(node.at)
    value = infer(node.args[0], scope)
    if not value.known:
        return value
    if not value.nullable:
        answer = "true" if node.fn == "is_present" else "false"
        spelling = scope.spelling(node.args[0].at)
        message = f"`{spelling}` is never null, so {node.fn} is always {answer}"
        scope.report("QM227", message, node.at, "remove the question", scope.writing(node.at, answer))
        return unknown(line)
    present: ir.Expr = is_there(value, scope, line)
    result = combine(present, BoolType(), False, (value,))
    if node.fn == "is_present":
        return replace(result, when_true=value.strict)
    return replace(result, ir=ir.Not(present, line), when_false=value.strict)


def null_literal(line: int) -> Value:
    """`null`."""
    return Value(ir.Lit(None, line), NULL, True)


def typed_literal(value: ast.Scalar, type_: Type, line: int) -> Value:
    """A literal of a type."""
    return Value(ir.Lit(value, line), type_, False)
