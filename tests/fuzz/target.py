"""A coverage-guided fuzzer over loading, parsing and checking; run as a program with libFuzzer's options.

The first byte of an input says what the rest is. Whatever it holds, reading it ends with documents and findings:
any exception that gets out ends the program with an exit code that is not 0.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["queast_dsl", "queast_compiler"]):
    from queast_compiler.passes.expressions import compile_expression, compile_template, environment
    from queast_compiler.pipeline import check_tenant
    from queast_dsl.diagnostics import Diagnostics
    from queast_dsl.diagnostics.render.text import render
    from queast_dsl.loading import load_connector, load_tenant
    from queast_dsl.source import SourceFile, SourceText, Span

MAPPINGS = Path(__file__).parents[2] / "mappings"
TODAY = date(2026, 1, 31)
# By the first byte of an input, modulo their number.
KINDS = ("mapping", "expression", "template", "connections", "policy", "account")
_MOST_SHOWN = 20


def _sources() -> dict[str, bytes]:
    found = {
        path.relative_to(MAPPINGS).as_posix(): path.read_bytes()
        for path in sorted((MAPPINGS / "acme").rglob("*"))
        if path.suffix in (".yaml", ".json") and path.name != "sandbox.json"
    }
    return {**found, "policy.yaml": (MAPPINGS / "policy.yaml").read_bytes()}


SOURCES = _sources()
PLACES = {
    "mapping": "acme/acme-hubspot.yaml",
    "connections": "acme/connections.yaml",
    "policy": "policy.yaml",
    "account": "acme/accounts/hubspot-main.json",
}
ENVIRONMENT = environment("signal", {}, frozenset())


def run(data: bytes) -> None:
    """Read one input as what its first byte says, and show what was found, as `qmap lint` does."""
    if not data:
        return
    kind, rest = KINDS[data[0] % len(KINDS)], data[1:]
    diagnostics = Diagnostics()
    if kind in PLACES:
        sources = SOURCES | {PLACES[kind]: rest}
        documents = load_tenant(Path("mappings"), "acme", diagnostics, sources=sources)
        check_tenant(documents, diagnostics, today=TODAY, connectors=lambda name: load_connector(name, diagnostics))
    else:
        text = rest.decode("utf-8", "replace")
        source = SourceText(text, Span(SourceFile("m.yaml", text), 0, len(text)))
        if kind == "expression":
            compile_expression(source, ENVIRONMENT, diagnostics)
        else:
            compile_template(source, ENVIRONMENT, diagnostics, "html")
    render(diagnostics.findings[:_MOST_SHOWN])


if __name__ == "__main__":
    atheris.Setup(sys.argv, run)
    atheris.Fuzz()
