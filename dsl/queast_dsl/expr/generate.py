"""Writes the parser's tables beside the grammar, so that no process builds them at start: `python -m` this module."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

_HERE = Path(__file__).parent


def tables() -> str:
    """Return the LALR tables of `grammar.lark` as JSON text."""
    grammar = (_HERE / "grammar.lark").read_text(encoding="utf-8")
    parser = Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=True)
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    content = {"grammar": grammar_digest(), "data": data, "memo": memo}
    return json.dumps(content, separators=(",", ":"), sort_keys=True) + "\n"


def grammar_digest() -> str:
    """Return what `tables.json` says it was made from: the grammar's text and lark's version."""
    grammar = (_HERE / "grammar.lark").read_bytes()
    return hashlib.sha256(grammar + b"\0" + lark.__version__.encode()).hexdigest()


def main() -> None:
    (_HERE / "tables.json").write_text(tables(), encoding="utf-8")


if __name__ == "__main__":
    main()
