"""The schemas of the documents, as editors read them, refuse what the reader's own check of structure refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from editor.reading import Schema, as_an_editor_reads, underlined
from golden.archive import parse
from golden.running import is_output
from queast_compiler.editor import document_names, document_schema
from queast_compiler.editor.dialect import references, text
from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.loading import connector_names, read_source, read_tree
from queast_dsl.loading.nodes import MapNode, Node, ScalarNode, SeqNode, Style, walk
from queast_dsl.loading.structure import check_structure
from queast_dsl.source import SourceText

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "golden" / "cases").glob("*.txt"))
ENOUGH = 1500
FILES = {"connections.yaml": "connections", "policy.yaml": "policy"}


def kind_of(path: Path) -> str:
    return "tests" if path.parent.name == "tests" else FILES.get(path.name, "mapping")


def tree_of(path: str, data: bytes) -> Node | None:
    diagnostics = Diagnostics()
    source = read_source(path, data, diagnostics)
    return None if source is None else read_tree(source, diagnostics)


def documents() -> Iterator[tuple[str, str, Node]]:
    """Yield (where, kind of document, tree) of every document of the golden cases and examples that is sound YAML."""
    for case in CASES:
        for name, written in parse(case.read_text(encoding="utf-8")).sections.items():
            if not is_output(name) and name.endswith(".yaml") and written:
                tree = tree_of(name, written.encode())
                if tree is not None:
                    yield f"{case.stem}: {name}", kind_of(Path(name)), tree
    for path in sorted((ROOT / "mappings").rglob("*.yaml")):
        tree = tree_of(path.name, path.read_bytes())
        assert tree is not None
        yield path.name, kind_of(path), tree


def is_beyond_an_editor(tree: Node) -> bool:
    """Whether nothing stands where `null` could, or the other way round: to YAML they are one."""
    plain = (node for _, node in walk(tree) if isinstance(node, ScalarNode) and node.style is Style.PLAIN)
    return any(node.value in ("", "~", "null") for node in plain)


def damaged(node: Node) -> Iterator[Node]:
    """Yield the tree with one thing wrong, or gone: a key misspelt, an entry left out, a value of another shape."""
    text = ScalarNode(SourceText("text", node.span), Style.PLAIN, node.span)
    match node:
        case MapNode(entries=entries):
            for n, entry in enumerate(entries):
                key = replace(entry.key, text=SourceText(f"{entry.key.value}q", entry.key.span))
                yield replace(node, entries=(*entries[:n], replace(entry, key=key), *entries[n + 1 :]))
                yield replace(node, entries=(*entries[:n], *entries[n + 1 :]))
                for each in damaged(entry.value):
                    yield replace(node, entries=(*entries[:n], replace(entry, value=each), *entries[n + 1 :]))
            yield text
        case SeqNode(items=items):
            for n, item in enumerate(items):
                for each in damaged(item):
                    yield replace(node, items=(*items[:n], each, *items[n + 1 :]))
            yield replace(node, items=())
            yield text
        case ScalarNode():
            yield replace(node, text=SourceText(f"{node.value}!", node.span))
            yield replace(node, text=SourceText("12", node.span), style=Style.PLAIN)
            yield MapNode((), True, node.span)
            yield SeqNode((), True, node.span)


def test_an_editor_and_the_reader_refuse_the_same_documents() -> None:
    """Every sound document as it is, and a spread of all the ways to damage one of them in one place."""
    schemas = {name: document_schema(name) for name in document_names()}
    sound = [each for each in documents() if not is_beyond_an_editor(each[2])]
    wrong = [(where, kind, tree) for where, kind, whole in sound for tree in damaged(whole)]
    differ, counted = [], {True: 0, False: 0}
    for where, kind, tree in (*sound, *wrong[:: len(wrong) // ENOUGH]):
        is_sound = check_structure(tree, kind, Diagnostics())
        counted[is_sound] += 1
        validator = jsonschema.Draft202012Validator(schemas[kind])
        if is_sound != validator.is_valid(as_an_editor_reads(tree)):
            differ.append(f"{where}: {'sound' if is_sound else 'refused'}: {as_an_editor_reads(tree)}")
    assert differ == [], len(differ)
    assert min(counted.values()) >= ENOUGH // 4, counted


@pytest.mark.parametrize("name", document_names())
def test_a_schema_stands_alone_and_says_nothing_of_ours(name: str) -> None:
    schema = document_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(references(schema)) == set(schema.get("$defs", {}))
    assert all(reference.startswith("#/$defs/") for reference in _references(schema))
    assert {"x-later", "x-secret", "x-pii", "x-version"}.isdisjoint(_keywords(schema))
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for example in schema.get("examples", ()) for error in validator.iter_errors(example)] == []


def test_the_manifests_that_ship_have_nothing_underlined() -> None:
    schema = document_schema("connector")
    for name in connector_names():
        tree = tree_of(name, (ROOT / "dsl" / "queast_dsl" / "connectors" / f"{name}.yaml").read_bytes())
        assert tree is not None
        assert underlined(schema, tree) == [], name


@pytest.mark.parametrize(
    ("pattern", "lets_through"),
    [
        (None, ["text", 12, 1.5, True]),
        ("^[a-z]+$", ["text", True]),
        ("^[0-9]+$", ["12", 12]),
        ("^secret://[a-z]+$", ["secret://x"]),
    ],
)
def test_plain_text_may_look_like_what_its_pattern_lets_through(
    pattern: str | None, lets_through: list[object]
) -> None:
    schema: Schema = text({"type": "string"} if pattern is None else {"type": "string", "pattern": pattern})
    values: list[object] = ["text", "12", "secret://x", 12, 1.5, True, None, [], {}]
    accepted = [each for each in values if jsonschema.Draft202012Validator(schema).is_valid(each)]
    assert [each for each in lets_through if each not in accepted] == []
    assert [each for each in accepted if each is None or isinstance(each, list | dict)] == []
    assert (12 in accepted) == (12 in lets_through)


def _keywords(value: object) -> Iterator[str]:
    match value:
        case dict():
            yield from value
            for each in value.values():
                yield from _keywords(each)
        case list():
            for each in value:
                yield from _keywords(each)
        case _:
            pass


def _references(value: object) -> Iterator[str]:
    match value:
        case dict():
            yield from (each for key, each in value.items() if key == "$ref" and isinstance(each, str))
            for each in value.values():
                yield from _references(each)
        case list():
            for each in value:
                yield from _references(each)
        case _:
            pass
