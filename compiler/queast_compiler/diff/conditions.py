"""Whether a condition lets more or less through than another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from queast_compiler.codegen.analysis import children, facts_of
from queast_compiler.diff.answers import FAILED, Tables, answers
from queast_compiler.diff.placeless import meaning
from queast_compiler.plan.ir import And, Compare, Expr, In, Lit, MakeList, Not, Or, Path, Present

# `same` is shown on sample events; what cannot be shown to be the same or narrower is `wider`.
Reach = Literal["equal", "same", "narrower", "wider"]

_PLAIN = (And, Or, Not, Present, Compare, In, MakeList, Path, Lit)
_EVERYTHING = Lit(True)


def reach(old: Expr | None, new: Expr | None, entities: Iterable[str], tables: tuple[Tables, Tables]) -> Reach:
    """Compare what two conditions let through of events about `entities`. None lets everything through.

    `signal.score >= 40`, `signal.score >= 60`  ->  narrower
    `company.country in ['NO']`, None  ->  wider
    `is_present(x) and y`, `y and is_present(x)`  ->  same

    First by form; then by sample events, of which one that only the new condition takes makes it wider. Conditions
    that agree on all of them are the same only where they compare nothing but fields with constants, which then occur
    in the events: of a function nobody knows what it would say of others.
    """
    before, after = old or _EVERYTHING, new or _EVERYTHING
    if meaning(before) == meaning(after) and not _differ(before, tables):
        return "equal"
    if new is None:
        return "wider"
    if old is None:
        return "narrower"
    if not _differ(And((before, after)), tables):
        match _implies(after, before), _implies(before, after):
            case True, True:
                return "same"
            case True, False:
                return "narrower"
            case False, True:
                return "wider"
            case _:
                pass
    return _by_samples(before, after, entities, tables)


def _differ(expr: Expr, tables: tuple[Tables, Tables]) -> bool:
    """Whether the tables that it looks something up in do, so that one form may mean two things."""
    before, after = (dict(each) for each in tables)
    return any(dict(before.get(name, ())) != dict(after.get(name, ())) for name in facts_of((expr,)).tables)


def _by_samples(before: Expr, after: Expr, entities: Iterable[str], tables: tuple[Tables, Tables]) -> Reach:
    gained = lost = False
    seen: set[bool] = set()
    for entity in entities:
        for was, is_now in answers(((before, tables[0]), (after, tables[1])), entity):
            let, lets = _lets(was), _lets(is_now)
            seen |= {let, lets}
            gained |= lets and not let
            lost |= let and not lets
    if gained:
        return "wider"
    if not (_is_plain(before) and _is_plain(after) and seen == {True, False}):
        return "wider"
    return "narrower" if lost else "same"


def _lets(answer: Any) -> bool:
    return answer is not FAILED and answer is True


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
