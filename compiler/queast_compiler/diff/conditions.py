"""Whether a condition lets more or less through than another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from queast_compiler.codegen.analysis import children, facts_of
from queast_compiler.diff.answers import Tables
from queast_compiler.diff.placeless import meaning
from queast_compiler.diff.truth import table
from queast_compiler.plan.ir import And, Compare, CompareOp, Expr, In, Lit, MakeList, Not, Or, Path, Present

# `same` and `narrower` are shown by form; what cannot be shown to be either is `wider`.
Reach = Literal["equal", "same", "narrower", "wider"]

_PLAIN = (And, Or, Not, Present, Compare, In, MakeList, Path, Lit)
_EVERYTHING = Lit(True)
_OPPOSITE: Final[Mapping[CompareOp, CompareOp]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}


def reach(old: Expr | None, new: Expr | None, tables: tuple[Tables, Tables]) -> Reach:
    """Compare what two conditions let through. None lets everything through.

    `signal.score >= 40`, `signal.score >= 60`  ->  narrower
    `company.country in ['NO']`, None  ->  wider
    `is_present(x) and y`, `y and is_present(x)`  ->  same

    By form, and by every value that tells apart what they compare with constants. No number of events that both answer
    alike would show that there is none which only the new one takes.
    """
    before, after = old or _EVERYTHING, new or _EVERYTHING
    differ = _differ(And((before, after)), tables)
    if meaning(before) == meaning(after) and not differ:
        return "equal"
    if new is None:
        return "wider"
    if old is None:
        return "narrower"
    if differ:
        return "wider"
    before, after = positive(before), positive(after)
    narrows, widens = _implies(after, before), _implies(before, after)
    if not (narrows and widens):
        asked = table(before, after)
        if asked is not None:
            gained, lost = asked
            narrows, widens = narrows or not gained, widens or not lost
    if not narrows:
        return "wider"
    return "same" if widens else "narrower"


def positive(expr: Expr) -> Expr:
    """Return a condition with every `not` at what it denies: `not (a and b < 3)`  ->  `not a or b >= 3`."""
    match expr:
        case And(args=args):
            return And(tuple(map(positive, args)))
        case Or(args=args):
            return Or(tuple(map(positive, args)))
        case Not(of=Not(of=of)):
            return positive(of)
        case Not(of=And(args=args)):
            return Or(tuple(positive(Not(each)) for each in args))
        case Not(of=Or(args=args)):
            return And(tuple(positive(Not(each)) for each in args))
        case Not(of=Compare(op=op, left=left, right=right)):
            return Compare(_OPPOSITE[op], left, right)
        case _:
            return expr


def _differ(expr: Expr, tables: tuple[Tables, Tables]) -> bool:
    """Whether the tables that it looks something up in do, so that one form may mean two things."""
    before, after = (dict(each) for each in tables)
    return any(dict(before.get(name, ())) != dict(after.get(name, ())) for name in facts_of((expr,)).tables)


def _is_plain(expr: Expr) -> bool:
    return isinstance(expr, _PLAIN) and all(_is_plain(part) for part, _ in children(expr))


def _implies(narrow: Expr, wide: Expr) -> bool:
    """Whether whatever the first condition takes the second takes, by their form alone."""
    if meaning(narrow) == meaning(wide):
        return True
    match narrow, wide:
        case _, And(args=parts):
            return all(_implies(narrow, part) for part in parts)
        case Or(args=parts), _:
            return all(_implies(part, wide) for part in parts)
        case And(args=parts), _ if any(_implies(part, wide) for part in parts):
            return True
        case _, Or(args=parts) if _is_plain(wide):
            # A part that fails takes nothing, whatever the others say.
            return any(_implies(narrow, part) for part in parts)
        case In(item=item, items=MakeList(items=few)), In(item=other, items=MakeList(items=many)):
            return meaning(item) == meaning(other) and {meaning(each) for each in few} <= {
                meaning(each) for each in many
            }
        case Compare(op=op, left=left, right=Lit(value=bound)), Compare(op=other_op, left=same, right=Lit(value=least)):
            return op == other_op and meaning(left) == meaning(same) and _is_beyond(op, bound, least)
        case _:
            return False


def _is_beyond(op: str, bound: Any, least: Any) -> bool:
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (bound, least)):
        return False
    return (op in (">", ">=") and bound >= least) or (op in ("<", "<=") and bound <= least)
