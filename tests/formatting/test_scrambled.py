"""However a file is written: laid out it says the same, keeps its comments, and laid out again it does not change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formatting.scrambled import scrambled
from mutations.test_mutations import MAPPINGS, TODAY, workshop
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.canonical import digest, dumps
from queast_compiler.plan.codec import encode
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.formatting import Formatted, format_text
from queast_dsl.formatting.same import comment_texts, is_same
from queast_dsl.loading import load_connector, load_tenant
from queast_dsl.loading.nodes import MapNode
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile

ROOT = Path(__file__).parents[2] / "mappings"
OTHERS = {
    "connections": ROOT / "nordlys" / "connections.yaml",
    "policy": ROOT / "policy.yaml",
}
EXAMPLES = 60
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True)
class Read:
    source: SourceFile
    root: MapNode


def read(text: str) -> Read:
    source, found = SourceFile("mappings/acme/main.yaml", text), Diagnostics()
    root = read_tree(source, found)
    assert isinstance(root, MapNode), (found.findings, text)
    return Read(source, root)


def laid_out(text: str, schema: str) -> str:
    found = Diagnostics()
    result = format_text("mappings/acme/main.yaml", text, schema, found)
    assert isinstance(result, Formatted), (result, found.findings, text)
    return result.text


def holds(text: str, comments: tuple[str, ...], schema: str) -> str:
    before = read(text)
    assert comment_texts(before.source, before.root) == sorted(comments), "the scrambler lost a comment"
    after = laid_out(text, schema)
    again = read(after)
    assert comment_texts(again.source, again.root) == sorted(comments)
    assert is_same((before.source, before.root), (again.source, again.root))
    assert laid_out(after, schema) == after
    assert after.endswith("\n")
    assert "\n\n\n" not in after
    assert not any(line != line.rstrip() for line in after.split("\n"))
    return after


@cache
def plan_of(name: str, text: str) -> str:
    """Return the digest of a mapping's plan without lines and digests of sources."""
    shop = workshop(name)
    found = Diagnostics()
    documents = load_tenant(Path("mappings"), shop.tenant, found, sources=shop.files | {shop.path: text.encode()})
    compiled = compile_tenant(documents, found, today=TODAY, connectors=lambda each: load_connector(each, found))
    (plan,) = [each for each in compiled.mappings if each.mapping == shop.name]
    return digest(dumps(without_lines(encode(plan))))


def without_lines(value: Any) -> Any:
    match value:
        case dict():
            return {key: without_lines(each) for key, each in value.items() if key not in ("line", "sources")}
        case list():
            return [without_lines(each) for each in value]
        case _:
            return value


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_mapping_means_the_same_however_it_was_written(name: str) -> None:
    text = workshop(name).text

    @SETTINGS
    @given(scrambled(read(text).root))
    def check(written: tuple[str, tuple[str, ...]]) -> None:
        after = holds(*written, "mapping")
        assert plan_of(name, after) == plan_of(name, written[0])

    check()


@pytest.mark.parametrize("schema", OTHERS)
def test_so_do_connections_and_the_policy(schema: str) -> None:
    @SETTINGS
    @given(scrambled(read(OTHERS[schema].read_text(encoding="utf-8")).root))
    def check(written: tuple[str, tuple[str, ...]]) -> None:
        holds(*written, schema)

    check()


NAMES = st.sampled_from(["version", "mode", "routes", "tables", "a", "b-c", "x y", "é", "1", "true"])
TEXTS = st.one_of(
    st.text(alphabet="ab:# '\"[]{},|-?\\é\n", max_size=12),
    st.sampled_from(["company.name|lower", "  lead", "two\n\nbreaks\n\n", "null", "~", "a\n  b\n"]),
)


def as_yaml(value: Any, indent: int) -> str:
    """Any tree at all as YAML that is sound if not pretty."""
    match value:
        case dict() if value:
            entries = [f"\n{' ' * indent}{in_quotes(key)}:{as_yaml(each, indent + 3)}" for key, each in value.items()]
            inner = "".join(entries)
            return inner if indent else inner[1:]
        case list() if value:
            return "".join(f"\n{' ' * indent}-{as_yaml(each, indent + 1)}" for each in value)
        case dict():
            return " {}"
        case list():
            return " []"
        case _:
            return f" {in_quotes(value)}"


def in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.dictionaries(
        NAMES,
        st.recursive(
            TEXTS,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
            max_leaves=8,
        ),
        min_size=1,
        max_size=4,
    ),
    st.data(),
)
def test_so_does_any_tree_at_all(value: dict[str, Any], data: st.DataObject) -> None:
    text, comments = data.draw(scrambled(read(as_yaml(value, 0) + "\n").root))
    before = read(text)
    after = laid_out(text, "mapping")
    again = read(after)
    assert is_same((before.source, before.root), (again.source, again.root))
    assert comment_texts(again.source, again.root) == sorted(comments)
    assert laid_out(after, "mapping") == after
