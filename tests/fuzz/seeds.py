"""What the fuzzer starts from: every example file, every example of a function, and the words of the language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from queast_dsl.functions import FORMS, REGISTRY
from queast_schemas import load

MAPPINGS = Path(__file__).parents[2] / "mappings"
KINDS = ("mapping", "expression", "template", "connections", "policy", "account")
_SIGNS = [*"|&*<:#'", *'"', *["{{", "}}", "{%", "%}", "??", "==", "[]", "secret://", "!!", "<<"], "\n  "]


def write_seeds(folder: Path) -> None:
    """Write one file a seed."""
    for n, (kind, text) in enumerate(_seeds()):
        (folder / f"{n:03d}").write_bytes(bytes([KINDS.index(kind)]) + text.encode())


def write_words(path: Path) -> None:
    """Write a dictionary of libFuzzer: one quoted word a line."""
    words = {*REGISTRY, *FORMS, *_SIGNS, *_keys(load("mapping")), *_keys(load("connections")), *_keys(load("policy"))}
    words |= {f"company.{name}" for name in load("company")["properties"]}
    words |= {f"signal.{name}" for name in load("signal")["properties"]}
    lines = [f'"{_escaped(word)}"\n' for word in sorted(words)]
    path.write_text("".join(lines), encoding="ascii")


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


def _seeds() -> Iterator[tuple[str, str]]:
    for path in sorted(MAPPINGS.glob("*/*.yaml")):
        kind = "connections" if path.name == "connections.yaml" else "mapping"
        yield kind, path.read_text(encoding="utf-8")
    for case in sorted((Path(__file__).parents[1] / "golden" / "cases").glob("*.txt")):
        text = case.read_text(encoding="utf-8")
        if "-- acme/main.yaml --\n" in text:
            yield "mapping", text.partition("-- acme/main.yaml --\n")[2].partition("\n-- ")[0]
    yield "policy", (MAPPINGS / "policy.yaml").read_text(encoding="utf-8")
    account = json.loads((MAPPINGS / "acme/accounts/hubspot-main.json").read_text(encoding="utf-8"))
    yield "account", json.dumps(account)[:4_000]
    for function in (*REGISTRY.values(), *FORMS.values()):
        for example in function.examples:
            yield "expression", example.expression
    yield "template", "<p>{{ signal.title }}</p>{% if signal.summary %}{{ signal.summary }}{% else %}-{% endif %}"
    yield "template", "{% for tag in signal.tags %}<b>{{ tag | upper }}</b>{% endfor %}"


def _keys(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for inner in schema.values():
            yield from _keys(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _keys(inner)
