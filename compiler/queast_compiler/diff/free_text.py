"""PRIVACY: which titles, summaries and descriptions begin to leave, in which somebody may be named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from queast_compiler.diff.kinds import privacy as kinds
from queast_compiler.diff.model import Change
from queast_compiler.diff.place import Place
from queast_compiler.diff.reads import values_read
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.entities import free_texts

# Whoever may send it sends the names in a text as they stand there.
_NAME: Final = "person.full_name"
# Of a person free text leaves by a grant of its own and is shown as such.
_GRANTED: Final = "person."


def free_text(
    old: MappingPlan | None, new: MappingPlan | None, home: Place, names: Mapping[str, str]
) -> Iterator[Change]:
    """Compare which free text is sent by which route; `names` are what the old routes are called now.

    Text that is sent already counts as new from when on the names in it are no longer replaced.
    """
    if new is None:
        return
    named = _sends_names(new)
    sent: set[tuple[str, str]] = set()
    if old is not None and _sends_names(old) >= named:
        sent = {(names.get(route, route), text) for _, route, texts in _texts(old, home) for text in texts}
    for place, route, texts in _texts(new, home):
        starts = [text for text in texts if (route, text) not in sent]
        sent |= {(route, text) for text in starts}
        if starts:
            kind = kinds.FREE_TEXT_UNREPLACED if named else kinds.FREE_TEXT_STARTS
            yield place.change(kind, None, ", ".join(starts), "may contain names")


def _sends_names(plan: MappingPlan) -> bool:
    return any(path == _NAME for path, _ in plan.personal_data)


def _texts(plan: MappingPlan, home: Place) -> Iterator[tuple[Place, str, list[str]]]:
    for route in plan.routes:
        for place, read in values_read(route, home.at("routes", route.name, file=route.file, line=route.line)):
            yield place, route.name, sorted(text for text in free_texts(read) if not text.startswith(_GRANTED))
