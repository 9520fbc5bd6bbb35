"""Calls of the registry's functions: arguments by place and name, their types, the result's type."""

from __future__ import annotations

from dataclasses import replace

from queast_compiler.passes.expressions.certain_failure import certain_failure
from queast_compiler.passes.expressions.closed_results import closed_result
from queast_compiler.passes.expressions.lengths import longest_text
from queast_compiler.passes.expressions.value import Infer, Scope, Value, combine, unknown
from queast_compiler.passes.expressions.work import Work
from queast_compiler.plan.ir import Call, Expr, Lit, Path
from queast_dsl.diagnostics.model import Fix
from queast_dsl.diagnostics.nearest import nearest
from queast_dsl.expr import ast
from queast_dsl.functions import FORMS, REGISTRY, Function, FunctionError, Param
from queast_dsl.functions.model import Accepts, Cleared
from queast_dsl.pii import join
from queast_dsl.types import (
    BoolType,
    DatetimeType,
    DateType,
    IntType,
    ListType,
    NullType,
    NumType,
    ObjectType,
    StrType,
    Type,
    UnknownType,
    describe,
    is_moment,
    is_number,
    is_scalar,
    is_text,
)

# What takes the place of an argument that it is given; the others of the hints take that of the whole call.
_CONVERSIONS = frozenset(("text", "join", "format_date", "round_int", "date_of", "start_of_day"))
_WORDS: dict[Accepts, str] = {
    "str": "text",
    "int": "a whole number",
    "num": "a number",
    "bool": "true or false",
    "date": "a date",
    "datetime": "a date and time",
    "moment": "a date, or a date and time",
    "scalar": "a single value",
    "list": "a list",
    "list_str": "a list of text",
    "list_num": "a list of numbers",
    "any": "a value",
}


def call(node: ast.Call, scope: Scope, infer: Infer) -> Value:
    """`truncate(company.name, 40)`  ->  a typed call with all arguments by place."""
    function = REGISTRY.get(node.fn)
    if function is None:
        near = nearest(node.fn, (*REGISTRY, *FORMS)) or _shared_start(node.fn)
        hint = f"did you mean `{near}`?  all functions: qmap functions" if near else "all functions: qmap functions"
        fix = scope.renaming(node.fn_at, node.fn, (*REGISTRY, *FORMS))
        scope.report("QM212", f"there is no function `{node.fn}`", node.fn_at, hint, fix)
        return unknown(scope.line(node.at))
    values = [infer(arg, scope) for arg in node.args]
    given: dict[str, tuple[Value, ast.Range]] = {}
    for argument in node.named:
        if isinstance(argument, ast.Arm):
            scope.report("QM222", f"`{function.name}` takes no arms", argument.at, "only `case` has `key = result`")
            return unknown(scope.line(node.at))
        given[argument.name] = (infer(argument.value, scope), argument.value.at)
    places = [arg.at for arg in node.args]
    if not _fits(node, function, given, scope):
        return unknown(scope.line(node.at))
    arranged = _arrange(function, list(zip(values, places, strict=True)), given, scope.line(node.at))
    if _are_swapped(node, function, arranged, scope):
        return unknown(scope.line(node.at))
    checked = [_check(function, param, value, at, scope) for param, value, at in arranged]
    if not all(checked) or not all(value.known for _, value, _ in arranged):
        return unknown(scope.line(node.at))
    return _result(node, function, [value for _, value, _ in arranged], scope)


def _shared_start(name: str) -> str | None:
    """`lowercase`  ->  `lower`: names from other languages often begin alike."""
    found = [
        known for known in (*REGISTRY, *FORMS) if len(known) > 3 and (name.startswith(known) or known.startswith(name))
    ]
    return max(found, key=len, default=None)


def _fits(node: ast.Call, function: Function, given: dict[str, tuple[Value, ast.Range]], scope: Scope) -> bool:
    """Check the number and names of the arguments; what a pipe passes counts as the first."""
    usage = f"it is {function.signature}"
    names = [param.name for param in function.params]
    for argument in node.named:
        if isinstance(argument, ast.Named) and argument.name not in names:
            near = nearest(argument.name, names)
            hint = f"did you mean `{near}`?" if near else usage
            at = ast.Range(argument.at.start, argument.at.start + len(argument.name))
            fix = scope.renaming(at, argument.name, names)
            scope.report("QM222", f"`{function.name}` has no argument `{argument.name}`", argument.at, hint, fix)
            return False
        if isinstance(argument, ast.Named) and (
            names.index(argument.name) < len(node.args) or sum(a == argument for a in node.named) > 1
        ):
            scope.report("QM221", f"`{argument.name}` is given twice", argument.at, usage)
            return False
    variadic = any(param.variadic for param in function.params)
    if len(node.args) > len(function.params) and not variadic:
        extra = node.args[len(function.params)].at
        scope.report("QM221", f"`{function.name}` takes {_count(len(function.params))}", extra, usage)
        return False
    missing = [
        param.name
        for position, param in enumerate(function.params)
        if position >= len(node.args) and not param.optional and param.name not in given
    ]
    if missing:
        scope.report("QM221", f"`{function.name}` needs `{missing[0]}`", node.fn_at, usage)
        return False
    return True


def _count(number: int) -> str:
    return "no arguments" if number == 0 else "one argument" if number == 1 else f"at most {number} arguments"


def _arrange(
    function: Function, values: list[tuple[Value, ast.Range]], given: dict[str, tuple[Value, ast.Range]], line: int
) -> list[tuple[Param, Value, ast.Range]]:
    """Put arguments in signature order; one left out before a given one takes its default."""
    last = max([len(values), *(1 + [p.name for p in function.params].index(name) for name in given)])
    arranged: list[tuple[Param, Value, ast.Range]] = []
    for position in range(last):
        param = function.params[min(position, len(function.params) - 1)]
        if position < len(values):
            arranged.append((param, *values[position]))
        elif param.name in given:
            arranged.append((param, *given[param.name]))
        else:
            arranged.append((param, Value(Lit(param.default, line), _literal_type(param.default), False), ast.NOWHERE))
    return arranged


def _literal_type(value: str | int | bool | None) -> Type:
    match value:
        case bool():
            return BoolType()
        case int():
            return IntType()
        case _:
            return StrType()


def _are_swapped(
    node: ast.Call, function: Function, arranged: list[tuple[Param, Value, ast.Range]], scope: Scope
) -> bool:
    """Report two arguments of which each fits only in the place of the other."""
    if node.named or len(arranged) != len(node.args):
        return False
    wrong = [n for n, (param, value, _) in enumerate(arranged) if not _fits_in(param, value)]
    if len(wrong) != 2 or not all(value.known for _, value, _ in arranged):
        return False
    a, b = wrong
    if not (_fits_in(arranged[a][0], arranged[b][1]) and _fits_in(arranged[b][0], arranged[a][1])):
        return False
    places = [at for _, _, at in arranged]
    places[a], places[b] = places[b], places[a]
    meant = f"{function.name}({', '.join(scope.text.text[at.start : at.end] for at in places)})"
    first, second = (arranged[n][0] for n in wrong)
    message = (
        f"`{function.name}` takes {_WORDS[first.accepts]} as `{first.name}` and {_WORDS[second.accepts]} as "
        f"`{second.name}`: the two are swapped"
    )
    help = f"did you mean `{meant}`?" if len(meant) <= 80 else f"it is {function.signature}"
    scope.report("QM220", message, node.at, help, scope.writing(node.at, meant))
    return True


def _fits_in(param: Param, value: Value) -> bool:
    is_written = isinstance(value.ir, Lit) or not param.literal
    return not value.known or (
        is_written and not isinstance(value.type, NullType) and accepts(param.accepts, value.type)
    )


def _check(function: Function, param: Param, value: Value, at: ast.Range, scope: Scope) -> bool:
    if not value.known:
        return True
    if isinstance(value.type, NullType) or not accepts(param.accepts, value.type):
        message = f"`{function.name}` takes {_WORDS[param.accepts]} as `{param.name}`, not {describe(value.type)}"
        hint = _instead(function.name, value.type, scope.spelling(at))
        hint = hint or _conversion(param.accepts, value.type, scope.spelling(at))
        scope.report("QM220", message, at, hint, _converting(hint, at, scope))
        return False
    if param.literal and not isinstance(value.ir, Lit):
        scope.report("QM232", f"`{param.name}` of `{function.name}` is written out, not computed", at, None)
        return False
    if param.check is not None and isinstance(value.ir, Lit):
        written = value.ir.value
        is_first = scope.report_to.diagnostics.is_first_look((function.name, param.name, written))
        if param.steps is not None and is_first and not scope.spend(Work.PATTERNS, param.steps(written), at):
            return False
        try:
            param.check(written)
        except FunctionError as error:
            scope.report("QM232", f"`{param.name}` cannot be used: {error.reason}", at, function.doc)
            return False
    return True


def accepts(wanted: Accepts, type_: Type) -> bool:
    """Return whether an argument of a type fits. Nothing is converted, but a whole number is a number."""
    if isinstance(type_, UnknownType):
        return True
    match wanted:
        case "str":
            return is_text(type_)
        case "int":
            return isinstance(type_, IntType)
        case "num":
            return is_number(type_)
        case "bool":
            return isinstance(type_, BoolType)
        case "date":
            return isinstance(type_, DateType)
        case "datetime":
            return isinstance(type_, DatetimeType)
        case "moment":
            return is_moment(type_)
        case "scalar":
            return is_scalar(type_)
        case "list":
            return isinstance(type_, ListType)
        case "list_str":
            return isinstance(type_, ListType) and (is_text(type_.item) or isinstance(type_.item, NullType))
        case "list_num":
            return isinstance(type_, ListType) and is_number(type_.item)
        case "any":
            return True


def _instead(name: str, type_: Type, spelling: str) -> str | None:
    """Return help where another function, or none, does what was meant."""
    match name, type_:
        case ("int", IntType()) | ("num", IntType() | NumType()) | ("date", DateType()) | ("datetime", DatetimeType()):
            return f"it is {describe(type_)} already: leave `{name}` out"
        case "int", NumType():
            return f"as a whole number: round_int({spelling})"
        case "date", DatetimeType():
            return f"the day of a moment: date_of({spelling})"
        case "datetime", DateType():
            return f"midnight of a day: start_of_day({spelling})"
        case "length", ListType():
            return f"how many items it has: count({spelling})"
        case (("contains" | "starts_with" | "ends_with"), ListType()):
            return f"to look inside a list: value in {spelling}"
        case "is_empty", _ if is_text(type_):
            return f"of a text: is_blank({spelling})"
        case "is_blank", ListType():
            return f"of a list: is_empty({spelling})"
        case (("is_empty" | "is_blank"), _):
            return f"to ask whether it is there: is_present({spelling})"
        case _:
            return None


def _converting(hint: str | None, at: ast.Range, scope: Scope) -> Fix | None:
    """Return the fix of help that shows the call to write: `as text: text(company.revenue)`."""
    _, _, shown = (hint or "").partition(": ")
    name = shown.partition("(")[0]
    whole = f"{name}({scope.spelling(at)}"
    if name not in _CONVERSIONS or not shown.startswith(whole) or "…" in shown:
        return None
    return scope.writing(at, shown)


def _conversion(wanted: Accepts, type_: Type, spelling: str) -> str | None:
    match wanted, type_:
        case "str", ListType():
            return f"to join a list: join({spelling}, ', ')"
        case "str", ObjectType():
            return "name one of its fields"
        case "str", DateType() | DatetimeType():
            return f"to write a date: format_date({spelling}, 'YYYY-MM-DD')"
        case "str", _ if not isinstance(type_, NullType):
            return f"as text: text({spelling})"
        case "int", NumType():
            return f"as a whole number: round_int({spelling})"
        case (("int" | "num"), _) if is_text(type_):
            return f"to read a number from text: {wanted}({spelling})"
        case (("date" | "moment"), _) if is_text(type_):
            return f"to read a date from text: date({spelling})"
        case "date", DatetimeType():
            return f"the day of a moment: date_of({spelling})"
        case "datetime", DateType():
            return f"midnight of a day: start_of_day({spelling})"
        case "datetime", _ if is_text(type_):
            return f"to read a moment from text: datetime({spelling})"
        case "list_str", ListType(item=ObjectType()):
            return f"name the field of each item: {spelling}[].…"
        case _:
            return None


def _result(node: ast.Call, function: Function, values: list[Value], scope: Scope) -> Value:
    arguments: tuple[Expr, ...] = tuple(value.ir for value in values)
    nullable = function.nullable_result or (function.lifts and any(value.nullable for value in values))
    type_ = _result_type(function, values, node.at, scope)
    made = Call(function.name, arguments, scope.line(node.at))
    reason = certain_failure(made, tuple(values), node.at, scope)
    if reason is not None:
        message = f"`{scope.spelling(node.at)}` fails for every event: {reason}"
        scope.report("QM233", message, node.at, f"it is {function.signature}")
        return unknown(scope.line(node.at))
    value = combine(made, type_, nullable, tuple(values))
    cleared = function.declassifies
    if cleared is not None and _is_cleared(cleared, values):
        others = values[1:]
        value = replace(
            value,
            labels=join(((values[0].labels - cleared.labels), *(part.labels for part in others))),
            personal=tuple(dict.fromkeys(use for part in others for use in part.personal)),
        )
    if not function.lifts:
        # `is_blank`, `is_empty`: false means that the value is there.
        return replace(value, when_false=values[0].strict)
    strict = frozenset().union(*(part.strict for part in values))
    return replace(value, strict=strict, when_true=strict, when_false=strict)


def _is_cleared(cleared: Cleared, values: list[Value]) -> bool:
    """`email_domain(person.email)` is; `email_domain(concat(person.full_name, '@x.no'))` carries the name out."""
    subject = values[0]
    match subject.ir:
        case Path(steps=(*_, name)) if subject.path is not None:
            pass
        case _:
            return False
    if any(not use.labels <= cleared.labels for use in subject.personal):
        return False
    if cleared.numeric and not is_number(subject.type):
        return False
    if cleared.fields and name not in cleared.fields:
        return False
    if cleared.format is not None and (not isinstance(subject.type, StrType) or subject.type.format != cleared.format):
        return False
    match cleared.at_least, values[1:]:
        case None, _:
            return True
        case least, [Value(ir=Lit(value=int() as size)), *_]:
            return size >= least
        case _:
            return False


def _result_type(function: Function, values: list[Value], at: ast.Range, scope: Scope) -> Type:
    closed = closed_result(function, values, at, scope)
    if closed is not None:
        return closed
    match function.returns:
        case "str":
            return StrType(function.format, longest_text(function, values))
        case "int":
            return IntType()
        case "num":
            whole = function.name in ("min", "max", "clamp") and all(isinstance(v.type, IntType) for v in values)
            return IntType() if whole else NumType()
        case "bool":
            return BoolType()
        case "date":
            return DateType()
        case "datetime":
            return DatetimeType()
        case "list_str":
            return ListType(StrType(None, longest_text(function, values)))
        case "same":
            return values[0].type
        case "item":
            first = values[0].type
            return first.item if isinstance(first, ListType) else first
