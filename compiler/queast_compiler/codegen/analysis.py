"""What can be known of an expression without an event: whether it may be null, its kind, what is worth sharing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, assert_never

from queast_compiler.codegen.functions import RETURNED_KINDS, lifts_at
from queast_compiler.plan import ir
from queast_compiler.plan.ir import Kind
from queast_dsl.functions import REGISTRY


def nullable(expr: ir.Expr) -> bool:
    """Say whether an expression can be null (a failure is not null)."""
    match expr:
        case ir.Lit(value):
            return value is None
        case ir.Path():
            return expr.nullable
        case ir.Index():
            return True
        case ir.Project(of):
            return nullable(of)
        case ir.Call(fn, args):
            function = REGISTRY[fn]
            return function.nullable_result or any(lifts_at(function, n) and nullable(a) for n, a in enumerate(args))
        case ir.Coalesce(args):
            return all(nullable(arg) for arg in args)
        case ir.If(_, then, orelse):
            return nullable(then) or nullable(orelse)
        case ir.Switch(_, arms, orelse):
            return orelse is None or nullable(orelse) or any(nullable(result) for _, result in arms)
        case ir.Lookup(_, key, orelse):
            return nullable(key) or orelse is None or nullable(orelse)
        case ir.Not(of) | ir.Neg(of):
            return nullable(of)
        case ir.And(args) | ir.Or(args):
            return any(nullable(arg) for arg in args)
        case ir.Compare(_, left, right) | ir.Arith(_, left, right):
            return nullable(left) or nullable(right)
        case ir.In(item, items):
            return nullable(item) or nullable(items)
        case ir.Each(_, items, _):
            return nullable(items)
        case ir.Present() | ir.Concat() | ir.Repeat() | ir.MakeList() | ir.MakeObj() | ir.Now():
            return False
        case _:
            assert_never(expr)


def kind_of(expr: ir.Expr) -> Kind | None:
    """Return the kind of an expression's values that are not null, None where it is not plain to see."""
    match expr:
        case ir.Lit(value):
            return _scalar_kind(value)
        case ir.Path(kind=kind) | ir.Index(kind=kind):
            return kind
        case ir.Concat() | ir.Repeat():
            return "str"
        case ir.Lookup(_, _, orelse):
            row: Kind = "str"
            return _common([row, *_kinds(orelse)])
        case ir.Not() | ir.And() | ir.Or() | ir.Compare() | ir.In() | ir.Present():
            return "bool"
        case ir.Coalesce(args):
            return _common(_kinds(*args))
        case ir.If(_, then, orelse):
            return _common(_kinds(then, orelse))
        case ir.Switch(_, arms, orelse):
            return _common(_kinds(*(result for _, result in arms), orelse))
        case ir.Now():
            return "datetime"
        case ir.Project() | ir.Each() | ir.MakeList():
            return "list"
        case ir.MakeObj():
            return "obj"
        case ir.Call(fn):
            return RETURNED_KINDS.get(REGISTRY[fn].returns)
        case ir.Arith() | ir.Neg():
            return None
        case _:
            assert_never(expr)


def _kinds(*choices: ir.Expr | None) -> list[Kind | None]:
    """The kinds of what may be chosen; a null literal adds nothing to the values that are not null."""
    return [kind_of(each) for each in choices if each is not None and not _is_null(each)]


def _is_null(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Lit) and expr.value is None


def is_json(expr: ir.Expr) -> bool:
    """Say whether every value of an expression is JSON already, with no date in it."""
    match expr:
        case ir.Path(kind=kind):
            return kind not in ("date", "datetime")
        case ir.MakeObj(entries):
            return all(is_json(value) for _, value in entries)
        case ir.MakeList(items):
            return all(is_json(item) for item in items)
        case ir.Each(_, _, body):
            return is_json(body)
        case _:
            return kind_of(expr) in ("str", "int", "num", "bool")


def _scalar_kind(value: ir.Scalar) -> Kind | None:
    match value:
        case bool():
            return "bool"
        case str():
            return "str"
        case int():
            return "int"
        case float():
            return "num"
        case None:
            return None
        case _:
            assert_never(value)


def _common(kinds: Sequence[Kind | None]) -> Kind | None:
    first = kinds[0] if kinds else None
    return first if all(kind == first for kind in kinds) else None


def children(expr: ir.Expr) -> tuple[tuple[ir.Expr, bool], ...]:
    """Return the parts of an expression, each with whether it is evaluated whenever the whole is.

    Bodies of loops are left out: what they read depends on the item.
    """
    match expr:
        case ir.Lit() | ir.Path() | ir.Now():
            return ()
        case ir.Index(of=of) | ir.Project(of=of) | ir.Not(of=of) | ir.Neg(of=of) | ir.Present(of=of):
            return ((of, True),)
        case ir.Call(_, args) | ir.Coalesce(args) | ir.And(args) | ir.Or(args):
            return tuple((arg, n == 0) for n, arg in enumerate(args))
        case ir.If(cond, then, orelse):
            return ((cond, True), (then, False), (orelse, False))
        case ir.Switch(subject, arms, orelse):
            rest = () if orelse is None else ((orelse, False),)
            return ((subject, True), *((result, False) for _, result in arms), *rest)
        case ir.Lookup(_, key, orelse):
            return ((key, True),) if orelse is None else ((key, True), (orelse, False))
        case ir.Compare(_, left, right) | ir.Arith(_, left, right):
            return ((left, True), (right, False))
        case ir.In(item, items):
            return ((item, True), (items, False))
        case ir.Concat(parts):
            return tuple((part, True) for part in parts)
        case ir.MakeList(items):
            return tuple((item, True) for item in items)
        case ir.MakeObj(entries):
            return tuple((value, True) for _, value in entries)
        case ir.Each(_, items, _) | ir.Repeat(_, items, _, _):
            return ((items, True),)
        case _:
            assert_never(expr)


def prefixes(path: ir.Path) -> Iterator[ir.Path]:
    """Yield the objects on the way to a path's value: `company.address.city` -> `company`, `company.address`."""
    for length in range(len(path.steps)):
        yield ir.Path(path.root, path.steps[:length], "obj", path.optional[:length])


def shared(exprs: Iterable[ir.Expr]) -> tuple[ir.Path | ir.Call, ...]:
    """Return what is worth evaluating once before all fields, parts before wholes.

    Roots, and paths (and objects on their way) that are read twice anywhere: reading is cheap and has no effect.
    Calls that occur twice, at least once unconditionally, so that sharing never does work that no field needs.
    """
    reads: Counter[ir.Path] = Counter()
    calls: Counter[ir.Call] = Counter()
    certain: set[ir.Call] = set()

    def visit(expr: ir.Expr, always: bool) -> None:
        match expr:
            case ir.Path():
                reads[lineless(expr)] += 1
                return
            case ir.Call() if not needs_room(expr):
                # What counts its repetitions does so in each field, or the two back ends would count apart.
                calls[expr] += 1
                if always:
                    certain.add(expr)
            case _:
                pass
        for child, unconditional in children(expr):
            visit(child, always and unconditional)

    for each in exprs:
        visit(each, True)
    for path in list(reads):
        for prefix in prefixes(path):
            reads[prefix] += 1
    paths = sorted((p for p, n in reads.items() if n > 1 or not p.steps), key=_by_depth)
    repeated = [call for call, n in calls.items() if n > 1 and call in certain]
    return (*paths, *sorted(repeated, key=_size))


def read_again(expr: ir.Expr) -> tuple[ir.Path, ...]:
    """Return the paths, and objects on their way, that an expression reads twice or more, once at least whatever the
    event says; parts before wholes."""
    reads: Counter[ir.Path] = Counter()
    certain: set[ir.Path] = set()

    def visit(part: ir.Expr, always: bool) -> None:
        if isinstance(part, ir.Path):
            path = lineless(part)
            for each in (*prefixes(path), path):
                reads[each] += 1
                if always:
                    certain.add(each)
        for child, unconditional in children(part):
            visit(child, always and unconditional)

    visit(expr, True)
    return tuple(sorted((path for path in certain if reads[path] > 1), key=_by_depth))


def _by_depth(path: ir.Path) -> tuple[int, str, tuple[str, ...], str]:
    return len(path.steps), path.root, path.steps, path.kind


def lineless(path: ir.Path) -> ir.Path:
    """Return a path without its line, so that two reads of one path are equal."""
    return ir.Path(path.root, path.steps, path.kind, path.optional) if path.line else path


def _size(expr: ir.Expr) -> int:
    return 1 + sum(_size(child) for child, _ in children(expr))


class Facts(NamedTuple):
    """What some expressions ask for: functions and tables by name, the time, and the dotted event paths of which they
    ask whether they changed."""

    functions: set[str]
    tables: set[str]
    asks_time: bool
    compared: set[str]

    def unknown(self, tables: Mapping[str, object]) -> set[str]:
        """Return the functions and tables that are used but that are not there."""
        missing = {f"table {name}" for name in self.tables if name not in tables}
        return missing | {f"function {name}" for name in self.functions if name not in REGISTRY}


def facts_of(exprs: Iterable[ir.Expr]) -> Facts:
    """Return what the expressions ask for, in all of their parts, bodies of loops among them."""
    functions: set[str] = set()
    tables: set[str] = set()
    compared: set[str] = set()
    asks_time = False
    waiting = list(exprs)
    while waiting:
        expr = waiting.pop()
        match expr:
            case ir.Path(root):
                if root == ir.CHANGED:
                    compared.add(expr.steps[0])
                continue
            case ir.Lit():
                continue
            case ir.Call(fn):
                functions.add(fn)
            case ir.Lookup(table):
                tables.add(table)
            case ir.Now():
                asks_time = True
            case ir.Each() | ir.Repeat():
                waiting.append(expr.body)
            case _:
                pass
        waiting.extend([child for child, _ in children(expr)])
    return Facts(functions, tables, asks_time, compared)


def compared_paths(exprs: Iterable[ir.Expr]) -> tuple[str, ...]:
    """Return the dotted event paths of which expressions ask whether they changed, sorted."""
    return tuple(sorted(facts_of(exprs).compared))


def needs_room(expr: ir.Expr) -> bool:
    """Say whether evaluating an expression counts towards bounds that its parts share."""
    match expr:
        case ir.Path() | ir.Lit():
            return False
        case ir.Each() | ir.Repeat() | ir.MakeObj():
            return True
        case _:
            return any(needs_room(child) for child, _ in children(expr))
