"""How much work a mapping may ask of the compiler is counted, grows as its text does, and ends at a bound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.benchmarks.dense_mapping import CONNECTIONS, HEAD, write_dense

from golden.running import TODAY
from language_case import source_text, table
from queast_compiler import pipeline
from queast_compiler.passes.expressions import compile_condition, compile_expression, compile_template, environment
from queast_compiler.passes.expressions.work import MOST_STEPS, Work
from queast_compiler.pipeline import check_tenant
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.functions import REGISTRY, FunctionError, patterns
from queast_dsl.functions.dates import longest_date
from queast_dsl.functions.patterns import compiled as ready
from queast_dsl.functions.patterns import pattern_steps
from queast_dsl.loading import load_connector, load_tenant
from queast_dsl.loading.source import MAX_BYTES
from queast_dsl.types import EnumType, one_of, unify

ROWS = {f"k{n}": f"v{n}" for n in range(18_000)}
OTHERS = {f"k{n}": f"w{n}" for n in range(18_000)}
TABLES = {"ta": table("ta", ROWS), "tb": table("tb", OTHERS), "names": table("names", {"a": "a"})}


def steps_of(text: str, kind: str = "expression") -> dict[str, int]:
    """What an expression takes, by kind of work; it must be a good one."""
    diagnostics = Diagnostics()
    env, source = environment("signal", TABLES, frozenset()), source_text(text)
    match kind:
        case "expression":
            typed = compile_expression(source, env, diagnostics)
        case "condition":
            typed = compile_condition(source, env, diagnostics)
        case _:
            typed = compile_template(source, env, diagnostics, "plain")
    assert (typed, diagnostics.findings) == (typed, ())
    assert typed is not None
    return {kind: diagnostics.steps[kind] for kind in Work}


def nested(before: str, inside: str, after: str, depth: int) -> str:
    return before * depth + inside + after * depth


# Every operator and form with one of its parts nested in itself.
_NESTED: dict[str, Callable[[int], str]] = {
    "in": lambda depth: nested("true in [", "true", "]", depth),
    "not in": lambda depth: nested("true not in [", "true", "]", depth),
    "item of in": lambda depth: nested("(", "true in [true]", ") in [true]", depth),
    "list": lambda depth: "count(" + nested("[", "1", "]", depth) + ")",
    "and": lambda depth: nested("(true and ", "company.city == 'a'", ")", depth),
    "or": lambda depth: nested("(true or ", "company.city == 'a'", ")", depth),
    "not": lambda depth: nested("not (", "company.city == 'a'", ")", depth),
    "compare": lambda depth: nested("(", "true == true", ") == true", depth),
    "plus": lambda depth: nested("(1 + ", "company.employee_count", ")", depth),
    "minus": lambda depth: nested("-(", "company.employee_count", ")", depth),
    "fallback": lambda depth: nested("(company.city ?? ", "'a'", ")", depth),
    "coalesce": lambda depth: nested("coalesce(company.city, ", "'a'", ")", depth),
    "if condition": lambda depth: nested("if(", "signal.score > 1", ", company.city == 'a', true)", depth),
    "if branch": lambda depth: nested("if(signal.score > 1, ", "'a'", ", 'b')", depth),
    "if other branch": lambda depth: nested("if(signal.score > 1, 'b', ", "'a'", ")", depth),
    "case subject": lambda depth: nested("case(", "company.city", ", 'b' = 'b', else = 'c')", depth),
    "case arm": lambda depth: nested("case(company.city, 'a' = ", "'b'", ", else = 'c')", depth),
    "case else": lambda depth: nested("case(company.city, 'a' = 'b', else = ", "'c'", ")", depth),
    "lookup key": lambda depth: nested("lookup(", "company.city", ", names, else = 'c')", depth),
    "lookup else": lambda depth: nested("lookup(company.city, names, else = ", "'a'", ")", depth),
    "is_present": lambda depth: nested("is_present(if(", "is_present(company.city)", ", company.city, null))", depth),
    "function": lambda depth: nested("lower(", "company.name", ")", depth),
    "written out": lambda depth: nested("truncate(", "'abc'", ", 2)", depth),
    "named argument": lambda depth: nested("truncate(company.name, 2, ending = ", "'a'", ")", depth),
    "join of lists": lambda depth: nested("join([", "'a'", "], ',')", depth),
}


@pytest.mark.parametrize("build", _NESTED.values(), ids=_NESTED)
def test_each_part_of_a_nested_expression_is_inferred_once(build: Callable[[int], str]) -> None:
    least, more, most = (steps_of(build(depth)) for depth in (2, 6, 10))
    # The same again for every four levels more: a part that is read twice would double with each level.
    assert most[Work.PARTS] - more[Work.PARTS] == more[Work.PARTS] - least[Work.PARTS]
    assert most[Work.CALLS] - more[Work.CALLS] <= more[Work.CALLS] - least[Work.CALLS] + 1_000


def test_a_template_infers_each_part_once() -> None:
    def text(loops: int) -> str:
        return "{% for x in signal.tags %}{% if company.city %}{{ x }}{% endif %}{% endfor %}" * loops

    one, two = steps_of(text(1), "template"), steps_of(text(2), "template")
    assert two[Work.PARTS] == 2 * one[Work.PARTS]
    inner = "{% for y in company.technologies %}{{ y }}{% endfor %}"
    nested_loop = steps_of("{% for x in signal.tags %}" + inner + "{% endfor %}", "template")
    assert nested_loop[Work.PARTS] < 2 * one[Work.PARTS]


def test_the_values_of_two_tables_are_joined_once_and_in_their_order() -> None:
    first, second = EnumType(tuple(ROWS.values())), EnumType((*OTHERS.values(), "v3"))
    joined = unify(first, second)
    assert joined == EnumType((*ROWS.values(), *OTHERS.values()))
    assert one_of((second, first)).values[:2] == ("w0", "w1")
    steps = steps_of("lookup(company.name, ta, else = null) ?? lookup(company.name, tb, else = 'z')")
    assert steps[Work.VALUES] <= 2 * (len(ROWS) + len(OTHERS)) + 10


def test_a_table_that_is_only_looked_up_takes_no_steps_a_row() -> None:
    assert steps_of("lookup(company.name, ta, else = null)")[Work.VALUES] == 0
    assert steps_of("lookup(company.name, ta, else = null) in ['v1', 'v2']", "condition")[Work.VALUES] < 10


def test_arms_are_joined_together_and_not_one_after_the_other() -> None:
    arms = ", ".join(f"'k{n}' = 'r{n}'" for n in range(100))
    assert steps_of(f"case(company.city, {arms}, else = 'none')")[Work.VALUES] == 101


def test_what_is_written_out_is_worked_out_once_for_all_that_stands_around_it() -> None:
    of = [steps_of("pad_left('', 60000, '-')" + " | lower | upper" * times)[Work.CALLS] for times in (0, 4, 8)]
    assert of[2] - of[1] == of[1] - of[0]
    # Every call but the first is given 60,000 characters, a quarter of a step each.
    assert of[1] - of[0] == 8 * (100 + 15_000)


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [
        ("^[A-Z]{2}-[0-9]+$", 300, 400),
        ("(?i)\\b(as|asa|ab|oy|gmbh|ltd)\\b", 300, 500),
        ("[\\pL\\pN ]+", 4_000, 7_000),
        ("[\\pL]{9}", 25_000, 40_000),
        ("|".join(["\\pL"] * 128), 90_000, 120_000),
        ("[\\pL]{54}", 10_000, 20_000),
    ],
)
def test_a_pattern_takes_steps_by_what_it_compiles_to(pattern: str, least: int, most: int) -> None:
    assert least <= pattern_steps(pattern) <= most


def test_patterns_that_people_write_need_little_memory() -> None:
    for pattern in ("^[A-Z]{2}-[0-9]+$", "^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$", "[^\\pL\\pN ]+", ".{1,200}", "\\w{1,300}"):
        assert ready(pattern).programsize < 5_000
    with pytest.raises(FunctionError, match="too large"):
        ready("[\\pL]{54}")


def test_patterns_of_a_process_are_bounded_by_memory_and_not_by_number() -> None:
    for size, number in (patterns._SMALL, patterns._LARGE):
        assert size * number <= 32 << 20
    for n in range(700):
        ready(f"a{n}")
    for n in range(100):
        ready(f"{n}[\\pL]{{6}}")
    assert patterns._small.cache_info().currsize == patterns._SMALL[1]
    assert patterns._large.cache_info().currsize == patterns._LARGE[1]


def test_the_same_bad_pattern_is_compiled_once() -> None:
    before = patterns._large.cache_info().misses
    for _ in range(5):
        with pytest.raises(FunctionError, match="refused"):
            ready("(unclosed")
    assert patterns._large.cache_info().misses == before + 1


@pytest.mark.parametrize(
    ("pattern", "length"), [("YYYY-MM-DD", 10), ("D. MMMM YYYY", 18), ("M", 2), ("MMMM M", 11), ("MMM MMMM", 13)]
)
def test_the_longest_date_is_found_without_writing_any(pattern: str, length: int) -> None:
    format_date = REGISTRY["format_date"].python
    assert longest_date(pattern) == length
    assert longest_date(pattern) == max(len(format_date(date(2026, month, 28), pattern)) for month in range(1, 13))


# What is dense, and in which way. Each line is its own text: nothing can be answered from an earlier one.
_DENSE: dict[str, Callable[[int], str]] = {
    "deep membership": lambda n: nested("true in [", f"company.employee_count == {n}", "]", 13),
    "deep brackets": lambda n: "count(" + nested("[", f"'a{n}'", "]", 14) + ")",
    "deep minus": lambda n: nested("-", f"company.employee_count + {n}", "", 0) + " + " + "-" * 14 + f"{n}",
    "wide list": lambda n: f"company.city in [{', '.join(repr(f'c{n}x{i}') for i in range(100))}]",
    "wide case": lambda n: "case(company.city, " + ", ".join(f"'k{n}x{i}' = {i}" for i in range(70)) + ", else = 0)",
    "two tables": lambda n: f"lookup(company.name, ta, else = null) ?? lookup(company.name, tb, else = 'q{n}')",
    "compared with a table": lambda n: f"lookup(company.name, ta, else = null) == 'v{n % 900}'",
    "functions of a table": lambda n: f"lookup(company.name, tc, else = 'z{n}')" + " | upper | lower" * 6,
    "functions of a text": lambda n: f"pad_left('a{n}', 60000)" + " | upper | lower" * 6,
    "large patterns": lambda n: f"matches(company.name, 'a{n}b[\\\\pL]{{9}}')",
    "many patterns": lambda n: f"matches(company.name, '^a{n}b[A-Z]+$')",
    "bad patterns": lambda n: f"matches(company.name, 'a{n}b[\\\\pL]{{54}}')",
    "date formats": lambda n: f"format_date(signal.occurred_at, '{'YYYY MMMM ' * 5} {n}')",
    "loops": lambda n: (
        "{template: '"
        + "{% for x in signal.tags %}{% for y in company.technologies %}{{ x }}{{ y }}{% endfor %}{% endfor %}" * 2
        + f"{n}'}}"
    ),
}
_TABLE_ROWS = 900


def _table(name: str, rows: int) -> str:
    return f"  {name}:\n" + "".join(f"    k{n}: {name[1]}{n}\n" for n in range(rows))


def _filled(line: Callable[[int], str]) -> str:
    """A mapping of the largest size, full of the lines."""
    tables = "tables:\n" + _table("ta", _TABLE_ROWS) + _table("tb", _TABLE_ROWS) + _table("tc", 150)
    parts, left, number = [HEAD], MAX_BYTES - len(HEAD) - len(tables), 0
    while True:
        route = f"  route-{number}:\n    entity: signal\n    events: [created]\n    to: event\n    body:\n"
        for _ in range(100):
            number += 1
            route += f"      key_{number}: {line(number)}\n"
        left -= len(route)
        if left < 0:
            return "".join((*parts, tables))
        parts.append(route)


def _checked(root: Path, text: str | None, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Check the mapping and return the steps, which are counted for each mapping by itself."""
    made: list[Diagnostics] = []

    class Kept(Diagnostics):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr(pipeline, "Diagnostics", Kept)
    if text is not None:
        folder = root / "dense"
        folder.mkdir(parents=True)
        (folder / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
        (folder / "everything.yaml").write_text(text, encoding="utf-8")
    diagnostics = Kept()
    documents = load_tenant(root, "dense", diagnostics)
    check_tenant(documents, diagnostics, today=TODAY, connectors=lambda name: load_connector(name, diagnostics))
    return sum((Counter(each.steps) for each in made), Counter[str]())


@pytest.mark.parametrize("line", _DENSE.values(), ids=_DENSE)
def test_no_mapping_takes_more_steps_than_its_size_and_the_bound_allow(
    line: Callable[[int], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = _checked(tmp_path, _filled(line), monkeypatch)
    assert steps[Work.PARTS] > 0
    # A part takes a character at least.
    assert steps[Work.PARTS] <= MAX_BYTES
    beyond = steps[Work.VALUES] + steps[Work.CALLS] + steps[Work.PATTERNS]
    # The one that passes the bound is the last; it can ask for no more than one pattern or one table's worth.
    assert beyond <= MOST_STEPS + 200_000


def test_a_dense_mapping_of_ordinary_expressions_stays_far_from_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dense(tmp_path)
    steps = _checked(tmp_path, None, monkeypatch)
    beyond = sum(steps[kind] for kind in (Work.VALUES, Work.CALLS, Work.PATTERNS))
    assert 0 < beyond < MOST_STEPS // 4
