"""One module of generated code, made once for all that is alike.

Mappings that extend one base differ in a few of many expressions. Code that was generated is kept for a while by what
it was made of, and a unit that is made of the same takes a copy that names its own file.
"""

from __future__ import annotations

import ast
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from types import CodeType
from typing import Any, Final

from queast_compiler.codegen.generate import Generator
from queast_compiler.codegen.names import runtime_names

Write = Callable[[Generator], ast.FunctionDef]

_KEPT: Final = 512


@dataclass(frozen=True, slots=True)
class _Made:
    """The code of a module, and the functions of the language that it names."""

    code: CodeType
    functions: dict[str, Any]


class Unit:
    """A module: the names that its code may use, and no others, and the function made of them.

    `tables` are by name the rows that the code may look up.
    """

    def __init__(self, tables: Mapping[str, dict[str, str]], file: str) -> None:
        self.names = runtime_names()
        self._file = file
        self._rows = {name: f"rows{n}" for n, name in enumerate(tables)}
        self.names.update({self._rows[name]: rows for name, rows in tables.items()})

    def function(self, name: str, made_of: Hashable, write: Write) -> Any:
        """Return the function `name` that `write` gives. `made_of` is all that decides what `write` does, beside the
        names of the unit: what is equal gets equal code."""
        key = (name, made_of, tuple(self._rows), frozenset(self.names))
        made = _KEEP.find(key)
        if made is None:
            made = self._make(write)
            _KEEP.put(key, made)
        self.names.update(made.functions)
        exec(_in_file(made.code, self._file), self.names)  # noqa: S102 - built node by node from a verified plan
        return self.names[name]

    def _make(self, write: Write) -> _Made:
        names = dict(self.names)
        bodies: list[ast.FunctionDef] = []
        function = write(Generator(self._rows, names, bodies))
        code = compile(ast.Module([*bodies, function], []), self._file, "exec", dont_inherit=True)
        return _Made(code, {name: value for name, value in names.items() if name not in self.names})


class _Keep:
    """What was made lately, the longest unused dropped first. Releases may be loaded in several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._made: OrderedDict[Hashable, _Made] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Hashable) -> _Made | None:
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
            return found

    def put(self, key: Hashable, made: _Made) -> None:
        with self._lock:
            self._made[key] = made
            if len(self._made) > self._size:
                self._made.popitem(last=False)


_KEEP: Final = _Keep(_KEPT)


def _in_file(code: CodeType, file: str) -> CodeType:
    """A copy of its own even of the same file: the interpreter tunes code to the values that it meets."""
    inner = tuple(_in_file(each, file) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_filename=file, co_consts=inner)
