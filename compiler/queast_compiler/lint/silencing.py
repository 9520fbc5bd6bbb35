"""Apply the comments of a mapping, or of connections.yaml, that silence warnings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from queast_dsl.diagnostics.model import Diagnostics, Edit, Finding, Fix, Part, Severity
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.diagnostics.registry import CODES
from queast_dsl.document.mapping import Ignore
from queast_dsl.source import SourceFile, Span


def silenced(ignores: Sequence[Ignore], findings: Sequence[Finding], *, all_ran: bool) -> tuple[Finding, ...]:
    """Return the findings that are left, with those about the comments of the file themselves.

    `all_ran` is false where not every check was made: then a comment may be right although it silences nothing.
    """
    left = Diagnostics()
    used: set[Ignore] = set()
    about = _About(ignores)
    for finding in findings:
        ignore = about.of(finding)
        if ignore is None or finding.severity is Severity.ERROR:
            left.extend([finding])
        else:
            used.add(ignore)
    for each in ignores:
        code = CODES.get(each.code.value)
        if code is None:
            hint = did_you_mean(each.code.value, CODES) or "what there is: qmap lint shows the code of each finding"
            left.report("QM880", f"there is no finding `{each.code.value}`", each.code.span, help=hint)
        elif code.severity is Severity.ERROR:
            left.report(
                "QM880",
                f"`{each.code.value}` is an error, and errors cannot be silenced",
                each.code.span,
                help=f"mend what it says, and take this comment out: qmap explain {each.code.value}",
            )
        elif all_ran and each not in used and not code.dated:
            left.report(
                "QM881",
                f"nothing here is `{each.code.value}`",
                each.span,
                help="remove the comment",
                fix=_removed(each),
            )
    return left.findings


def _removed(ignore: Ignore) -> Fix:
    """Take out the comment with the blanks before it; where it stands alone, with its line."""
    text, start, end = ignore.span.file.text, ignore.span.start, ignore.span.end
    end = start + len(text[start:end].rstrip("\r"))
    while start and text[start - 1] in " \t":
        start -= 1
    if not start or text[start - 1] == "\n":
        line_end = text.find("\n", end)
        end = len(text) if line_end == -1 else line_end + 1
    return Fix("remove the comment", (Edit(Span(ignore.span.file, start, end), "", Part.YAML),))


class _About:
    """The comments by file and code, then by line: the lines of two of them are the same or have none in common."""

    def __init__(self, ignores: Sequence[Ignore]) -> None:
        by_line: dict[tuple[SourceFile, str], dict[int, Ignore]] = {}
        for each in ignores:
            by_line.setdefault((each.span.file, each.code.value), {}).setdefault(each.line, each)
        self._by_line = {place: sorted(found.items()) for place, found in by_line.items()}

    def of(self, finding: Finding) -> Ignore | None:
        """Return the first comment that is about a finding."""
        if finding.span is None:
            return None
        found = self._by_line.get((finding.span.file, finding.code), [])
        line = finding.span.line
        before = bisect_right(found, line, key=itemgetter(0)) - 1
        if before < 0:
            return None
        ignore = found[before][1]
        return ignore if line <= ignore.until else None
