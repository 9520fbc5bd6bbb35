"""Which fixes hold: the edited files are compiled again, and only a fix that takes its finding away is offered.

The fix of an error may change what is sent; that of a warning or a hint never does: its plans do the same afterwards.

Checking is what costs, so fixes are tried together first; where that does not hold, halves of them are, down to one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from queast_compiler.lint import RULES
from queast_compiler.lint.same_meaning import Plans, means_the_same
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.model import Edit, Finding, Fix, Severity
from queast_dsl.loading.edits import Places, in_yaml, places_of
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import SourceFile, Span

MAX_ROUNDS = 20
# Fixes that each bring the next mistake to light.
_MAX_CHAIN = 5
_CONNECTIONS = "connections"
_OF_RULES = frozenset(rule.code for rule in RULES)
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a tenant's files came to: all that lint has against them, and the plans of what has no errors."""

    findings: Sequence[Finding]
    compiled: Plans


Check = Callable[[Texts], Checked]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A finding with its fix as characters of one file, in order."""

    finding: Finding
    path: str
    edits: tuple[Edit, ...]

    @property
    def fix(self) -> Fix:
        return Fix("" if self.finding.fix is None else self.finding.fix.title, self.edits)


@dataclass(frozen=True, slots=True)
class Fixed:
    """`texts` are the files that changed, by path; `findings` is what was fixed, in the order it was."""

    texts: Texts
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Checks:
    """The one place that counts how often files are checked again."""

    check: Check
    left: int

    def __call__(self, texts: Texts) -> Checked | None:
        if self.left == 0:
            return None
        self.left -= 1
        return self.check(texts)


def proposals(findings: Iterable[Finding], texts: Texts) -> list[Proposal]:
    """Return the fixes that can be written into the files `texts` (by path as findings name it), by position."""
    places = {path: _places(SourceFile(path, text)) for path, text in texts.items()}
    found: list[Proposal] = []
    for finding in findings:
        edits = () if finding.fix is None else finding.fix.edits
        file = edits[0].span.file if edits else None
        if file is None or any(edit.span.file != file for edit in edits) or texts.get(file.path) != file.text:
            continue
        made = in_yaml(file, places[file.path], edits)
        if made:
            found.append(Proposal(finding, file.path, made))
    found.sort(key=lambda each: (each.path, each.edits[0].span.start, each.edits[-1].span.end, each.finding.code))
    return found


def _places(source: SourceFile) -> Places:
    return places_of(source, read_tree(source, Diagnostics()))


def offered(
    before: Checked, wanted: Sequence[Finding], texts: Texts, check: Check, *, checks: int
) -> dict[Finding, Fix]:
    """Return the fixes of the `wanted` findings that hold, each against the files as they are, after at most so many
    `checks`. `before` is what the files came to.
    """
    counted = _Checks(check, checks)
    found: dict[Finding, Fix] = {}
    waiting = proposals(wanted, texts)
    while waiting and counted.left:
        batch, waiting = _apart(waiting)
        held = _holding(batch, before, texts, counted)
        found |= {each.finding: each.fix for each in held}
    return found


def fixed(
    before: Checked,
    texts: Texts,
    check: Check,
    *,
    is_wanted: Callable[[Finding], bool] = lambda _: True,
    checks: int = 400,
) -> Fixed:
    """Apply every fix that holds, and those of what is found then, until none is left.

    Of fixes that overlap the first in the file is applied, the others wait for the next round. One that brings another
    mistake to light in its place is applied with what mends that, and only so.
    """
    counted = _Checks(check, checks)
    current, done = dict(texts), list[Finding]()
    for _ in range(MAX_ROUNDS):
        waiting = proposals(filter(is_wanted, before.findings), current)
        held: list[Proposal] = []
        while waiting and not held:
            batch, waiting = _apart(waiting)
            held = _holding(batch, before, current, counted)
        if not held:
            waiting = proposals(filter(is_wanted, before.findings), current)
            chains = (_chained(each, before, current, counted, is_wanted) for each in waiting)
            chain = next((each for each in chains if each is not None), None)
            if chain is None:
                break
            current |= chain.texts
            done += chain.findings
        else:
            current |= _edited(current, held)
            done += [each.finding for each in held]
        before = check(current)
    return Fixed({path: text for path, text in current.items() if text != texts[path]}, tuple(done))


def _chained(
    first: Proposal, before: Checked, texts: Texts, checks: _Checks, is_wanted: Callable[[Finding], bool]
) -> Fixed | None:
    """Apply the fix of an error, and the fixes of all that it brings to light, until nothing is left of that.

    None where something of it has no fix: half of a chain would only be another mistake.
    """
    if first.finding.severity is not Severity.ERROR:
        return None
    current, batch, done = dict(texts), [first], list[Finding]()
    for _ in range(_MAX_CHAIN):
        current |= _edited(current, batch)
        done += [each.finding for each in batch]
        after = checks(current)
        if after is None:
            return None
        known = Counter(map(_key, before.findings))
        known[_key(first.finding)] -= 1
        new: list[Finding] = []
        for finding in after.findings:
            key = _key(finding)
            if known[key] > 0:
                known[key] -= 1
            else:
                new.append(finding)
        if not new:
            return Fixed(current, tuple(done))
        found = proposals(filter(is_wanted, new), current)
        if len(found) < len(new):
            return None
        batch, _ = _apart(found)
    return None


def _apart(waiting: Sequence[Proposal]) -> tuple[list[Proposal], list[Proposal]]:
    """Take those that do not touch one before them; the rest waits."""
    taken: list[Proposal] = []
    rest: list[Proposal] = []
    used: dict[str, list[Span]] = {}
    for each in waiting:
        spans = [edit.span for edit in each.edits]
        others = used.setdefault(each.path, [])
        if any(a.start <= b.end and b.start <= a.end for a in spans for b in others):
            rest.append(each)
        else:
            taken.append(each)
            others += spans
    return taken, rest


def _holding(batch: list[Proposal], before: Checked, texts: Texts, checks: _Checks) -> list[Proposal]:
    after = checks(dict(texts) | _edited(texts, batch))
    if after is None:
        return []
    if _holds(batch, before, after, texts):
        return batch
    if len(batch) == 1:
        return []
    middle = len(batch) // 2
    first = _holding(batch[:middle], before, texts, checks)
    second = _holding(batch[middle:], before, texts, checks)
    if not first or not second:
        return first or second
    both = [*first, *second]
    after = checks(dict(texts) | _edited(texts, both))
    # Each holds alone and not both together: the later ones wait for another round.
    return both if after is not None and _holds(both, before, after, texts) else first


def _holds(batch: Sequence[Proposal], before: Checked, after: Checked, texts: Texts) -> bool:
    return _clears(batch, before.findings, after.findings, texts) and _keeps_meaning(batch, before, after)


def _keeps_meaning(batch: Sequence[Proposal], before: Checked, after: Checked) -> bool:
    """Whether what was compiled does the same. What has no plan cannot be compared, so its warnings wait for that."""
    careful = [each for each in batch if each.finding.severity is not Severity.ERROR]
    if not careful:
        return True
    compiled = {plan.mapping for plan in before.compiled.mappings}
    names = {PurePosixPath(each.path).stem for each in careful} - {_CONNECTIONS}
    return names <= compiled and means_the_same(before.compiled, after.compiled)


def _clears(batch: Sequence[Proposal], before: Sequence[Finding], after: Sequence[Finding], texts: Texts) -> bool:
    """Whether what the fixes are for is gone and nothing has come.

    What an error kept from being looked at may come to light: elsewhere than where something was edited, or what only
    the rules say, which are not asked of a mapping with errors, of more than what was written by a fix.
    """
    gone = Counter(_key(each.finding) for each in batch)
    known = Counter(map(_key, before)) - gone
    uncovers = any(each.finding.severity is Severity.ERROR for each in batch)
    places = _new_places(batch, texts) if uncovers else {}
    for finding in after:
        key = _key(finding)
        if known[key] > 0:
            known[key] -= 1
            continue
        is_in_the_way = _is_within if finding.code in _OF_RULES else _touches
        if not uncovers or key in gone or is_in_the_way(finding, places):
            return False
    return True


def _key(finding: Finding) -> tuple[str, str, str]:
    return ("" if finding.span is None else finding.span.file.path, finding.code, finding.message)


def _is_within(finding: Finding, places: Mapping[str, Sequence[Span]]) -> bool:
    """Whether a finding is about nothing but what a fix wrote."""
    span = finding.span
    return span is not None and any(
        each.start <= span.start and span.end <= each.end for each in places.get(span.file.path, ())
    )


def _touches(finding: Finding, places: Mapping[str, Sequence[Span]]) -> bool:
    spans = [note.span for note in finding.notes]
    spans += [] if finding.span is None else [finding.span]
    return any(
        span.line <= place.end_line and place.line <= span.end_line
        for span in spans
        for place in places.get(span.file.path, ())
    )


def _new_places(batch: Sequence[Proposal], texts: Texts) -> dict[str, list[Span]]:
    """Return what each edit put in, in the edited files."""
    places: dict[str, list[Span]] = {}
    for path, edits in _by_path(batch).items():
        new = SourceFile(path, _edited(texts, batch)[path])
        moved = 0
        for edit in edits:
            start = edit.span.start + moved
            places.setdefault(path, []).append(Span(new, start, start + len(edit.text)))
            moved += len(edit.text) - (edit.span.end - edit.span.start)
    return places


def _by_path(batch: Iterable[Proposal]) -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    for each in batch:
        found.setdefault(each.path, []).extend(each.edits)
    return {path: sorted(edits, key=lambda edit: edit.span.start) for path, edits in found.items()}


def _edited(texts: Texts, batch: Iterable[Proposal]) -> dict[str, str]:
    """Return the files that the fixes touch, with the edits made."""
    return {path: edited(texts[path], edits) for path, edits in _by_path(batch).items()}


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return a text with edits made that are in order and do not overlap. Nothing else of it changes."""
    parts: list[str] = []
    position = 0
    for edit in edits:
        parts += (text[position : edit.span.start], edit.text)
        position = edit.span.end
    return "".join((*parts, text[position:]))
