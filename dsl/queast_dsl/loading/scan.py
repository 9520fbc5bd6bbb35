"""One pass over the YAML events before anything is built: what no document of ours may hold.

Deep nesting, anchors and merge keys take seconds or crash the process once a tree is composed from them, so they are
refused while they are still a stream.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

import yaml
from yaml import events as ev

from queast_dsl.diagnostics import Diagnostics, Note
from queast_dsl.diagnostics.model import Edit, Fix, Part
from queast_dsl.loading.marks import column_of, end_of, start_of
from queast_dsl.loading.nodes import Step
from queast_dsl.loading.places import is_expression
from queast_dsl.loading.shapes import instead_of_template, quoted
from queast_dsl.loading.strict import Leniency, lenient_scalar, tab_indentation
from queast_dsl.loading.syntax import Reached, report_syntax_error
from queast_dsl.source import SourceFile, Span

MAX_DEPTH = 32
MAX_NODES = 50_000
_ONCE = frozenset(("QM013", "QM014", "QM015", "QM016"))


@dataclass(slots=True)
class _Frame:
    """An open mapping or list. In a mapping keys and values take turns."""

    is_map: bool
    is_flow: bool
    column: int
    expects_key: bool
    keys: dict[str, Span] = field(default_factory=dict)
    step: Step = 0
    key_end: int = 0
    expression: tuple[str, int] | None = None  # the last key that an expression follows, and where the key ends


class _Scan:
    def __init__(self, source: SourceFile, diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics
        self.frames: list[_Frame] = []
        self.nodes = 0
        self.documents = 0
        self.is_sound = True
        self.said: set[str] = set()
        self.anchors: set[str] = set()

    def report(
        self, code: str, message: str, span: Span, help: str, notes: tuple[Note, ...] = (), fix: Fix | None = None
    ) -> None:
        self.is_sound = False
        # A file that uses aliases uses them everywhere: saying so once is enough.
        if code in _ONCE and code in self.said:
            return
        self.said.add(code)
        self.diagnostics.report(code, message, span, help=help, notes=notes, fix=fix)

    def span(self, event: ev.Event) -> Span:
        start, end = start_of(event), end_of(event)
        return Span(self.source, start, max(start, min(end, len(self.source.text))))

    @property
    def path(self) -> tuple[Step, ...]:
        return tuple(frame.step for frame in self.frames)

    @property
    def reached(self) -> Reached:
        """Return the last key before an error; inside `{…}` the last one that an expression follows."""
        frames = list(self.frames)
        while frames and (not frames[-1].is_map or frames[-1].key_end == 0):
            frames.pop()
        if not frames:
            return Reached((), 0, in_braces=False)
        path = tuple(frame.step for frame in frames)
        last = frames[-1]
        if last.is_flow and last.expression is not None and not is_expression(path):
            step, key_end = last.expression
            return Reached((*path[:-1], step), key_end, in_braces=True)
        return Reached(path, last.key_end, in_braces=last.is_flow)

    @property
    def is_at_expression(self) -> bool:
        return bool(self.frames) and not self.frames[-1].expects_key and is_expression(self.path)

    def token(self, event: ev.Event) -> Span:
        """Return the first word of an event: its anchor, alias or tag."""
        start = start_of(event)
        words = self.source.text[start : start + 200].split(maxsplit=1)
        return Span(self.source, start, start + (len(words[0]) if words else 0))

    def accept(self, event: ev.Event) -> bool:
        """Look at one event; return whether to go on."""
        match event:
            case ev.DocumentStartEvent():
                return self.document(event)
            case ev.AliasEvent():
                self.alias(event)
                self.turn()
            case ev.ScalarEvent():
                return self.scalar(event)
            case ev.MappingStartEvent() | ev.SequenceStartEvent():
                return self.open(event)
            case ev.MappingEndEvent() | ev.SequenceEndEvent():
                self.frames.pop()
                self.turn()
            case _:
                pass
        return True

    def document(self, event: ev.DocumentStartEvent) -> bool:
        self.documents += 1
        if self.documents > 1:
            self.report("QM018", "a second document begins here", self.token(event), "keep one document a file")
            return False
        if event.version or event.tags:
            self.report("QM020", "YAML directives are not used here", self.token(event), "remove the % line")
            return False
        return True

    def alias(self, event: ev.AliasEvent) -> None:
        if self.is_at_expression and event.anchor in self.anchors:
            self.is_sound = False  # what is said of the anchor goes for all that name it
        elif self.is_at_expression:
            self.mark("QM038", "a leading * is a YAML alias", event)
        else:
            help = "write the value out, or put text that begins with * in quotes"
            self.report("QM014", "aliases (*name) are not used here", self.token(event), help)

    def properties(self, event: ev.ScalarEvent | ev.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self.anchors.add(event.anchor)
            if self.is_at_expression:
                self.mark("QM038", "a leading & is a YAML anchor", event)
            else:
                help = "write the value out where it is needed, or put text that begins with & in quotes"
                self.report("QM013", "anchors (&name) are not used here", self.token(event), help)
        if event.tag is not None:
            if self.is_at_expression:
                self.mark("QM038", "a leading ! is a YAML tag; to negate a condition write `not`", event)
            else:
                help = "remove the tag, or put text that begins with ! in quotes"
                self.report("QM016", "tags (!name) are not used here", self.token(event), help)

    def mark(self, code: str, message: str, event: ev.Event) -> None:
        token = self.token(event)
        line_end = self.source.text.find("\n", token.start)
        text = self.source.text[token.start : line_end if line_end != -1 else None].strip()
        help = f"put the whole expression in quotes: {quoted(str(self.path[-1]), text)}"
        self.report(code, message, token, help, fix=self.writing(token.start, text, quoted("", text)[2:]))

    def writing(self, start: int, text: str, instead: str) -> Fix:
        """Return the fix that writes YAML in the place of `text`, the rest of a line from `start` on."""
        return Fix(f"write {instead}", (Edit(Span(self.source, start, start + len(text)), instead, Part.YAML),))

    def scalar(self, event: ev.ScalarEvent) -> bool:
        self.properties(event)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.is_map and frame.expects_key:
            self.key(frame, event)
        block = next((frame.column for frame in reversed(self.frames) if not frame.is_flow), -1)
        self.lenient(lenient_scalar(self.source, event, block))
        self.turn()
        return self.count(event)

    def lenient(self, found: Leniency | None) -> None:
        if found is not None:
            end = min(found.offset + 1, len(self.source.text))
            self.report("QM010", found.message, Span(self.source, found.offset, end), found.help)

    def key(self, frame: _Frame, event: ev.ScalarEvent) -> None:
        span = self.span(event)
        if event.value == "<<" and event.implicit[0]:
            help = "write the entries out; to share settings between mappings use `extends`"
            self.report("QM015", "merge keys (<<) are not used here", span, help)
            return
        frame.step, frame.key_end = event.value, end_of(event)
        if frame.is_flow and is_expression(self.path):
            frame.expression = (event.value, frame.key_end)
        name = unicodedata.normalize("NFC", event.value)
        first = frame.keys.setdefault(name, span)
        if first is not span:
            shown = name if len(name) <= 60 else name[:59] + "…"
            note = Note("first given here", first)
            self.report("QM017", f"key `{shown}` is given twice", span, "keep one of the two", (note,))

    def open(self, event: ev.CollectionStartEvent) -> bool:
        self.properties(event)
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.is_map and frame.expects_key:
            at = start_of(event)
            if self.source.text[at - 1 : at + 1] == "{{" and is_expression(self.path[:-1]):
                line_end = self.source.text.find("\n", at)
                text = self.source.text[at - 1 : line_end if line_end != -1 else None].strip()
                key = str(self.path[-2])
                help, meant = instead_of_template(key, text)
                message = "{{ }} belongs in a template; here an expression is read"
                fix = self.writing(at - 1, text, meant)
                self.report("QM035", message, Span(self.source, at - 1, at + 1), help, fix=fix)
            else:
                self.report(
                    "QM021", "a key must be plain text", Span(self.source, at, at + 1), "write a name as the key"
                )
            return False
        is_map = isinstance(event, ev.MappingStartEvent)
        self.frames.append(_Frame(is_map, bool(event.flow_style), column_of(event), is_map))
        if len(self.frames) > MAX_DEPTH:
            at = start_of(event)
            message = f"nesting is deeper than {MAX_DEPTH} levels"
            self.report("QM011", message, Span(self.source, at, at + 1), "flatten the structure")
            return False
        return self.count(event)

    def turn(self) -> None:
        if not self.frames:
            return
        frame = self.frames[-1]
        if frame.is_map:
            frame.expects_key = not frame.expects_key
        elif isinstance(frame.step, int):
            frame.step += 1

    def count(self, event: ev.Event) -> bool:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            at = start_of(event)
            message = f"file has more than {MAX_NODES} values"
            self.report("QM012", message, Span(self.source, at, at + 1), "split the file")
            return False
        return True


def scan(source: SourceFile, diagnostics: Diagnostics, begins: str) -> list[ev.Event] | None:
    """Return the events of the file's one document, or None after reporting what must not be there.

    `begins` is what such a document begins with.
    """
    state = _Scan(source, diagnostics)
    events: list[ev.Event] = []
    try:
        for event in yaml.parse(source.text, Loader=yaml.CLoader):
            if not state.accept(event):
                return None
            events.append(event)
    except yaml.YAMLError as error:
        # What was refused on the way explains the error better than the parser can.
        if state.is_sound:
            report_syntax_error(source, error, state.reached, diagnostics)
        return None
    state.lenient(tab_indentation(source, events))
    if not state.is_sound:
        return None
    first = next((event for event in events if isinstance(event, ev.NodeEvent)), None)
    if first is None or (isinstance(first, ev.ScalarEvent) and not first.value and not first.style):
        diagnostics.report("QM019", "the file is empty", Span(source, 0, 0), help=f"write `{begins}` to begin")
        return None
    return events
