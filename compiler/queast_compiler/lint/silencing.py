"""Apply the comments of a mapping, or of connections.yaml, that silence warnings."""

from __future__ import annotations

from collections.abc import Sequence

from queast_dsl.diagnostics.model import Diagnostics, Edit, Finding, Fix, Part, Severity
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.diagnostics.registry import CODES
from queast_dsl.document.mapping import Ignore
from queast_dsl.source import Span


def silenced(ignores: Sequence[Ignore], findings: Sequence[Finding], *, all_ran: bool) -> tuple[Finding, ...]:
    """Return the findings that are left, with those about the comments of the file themselves.

    `all_ran` is false where not every check was made: then a comment may be right although it silences nothing.
    """
    left = Diagnostics()
    used: set[Ignore] = set()
    for finding in findings:
        ignore = next((each for each in ignores if _is_about(each, finding)), None)
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
            left.report("QM880", f"`{each.code.value}` is an error, and errors cannot be silenced", each.code.span)
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
    before = text[:start].rstrip(" \t")
    if not before or before.endswith("\n"):
        line_end = text.find("\n", end)
        start, end = len(before), len(text) if line_end == -1 else line_end + 1
    else:
        start = len(before)
    return Fix("remove the comment", (Edit(Span(ignore.span.file, start, end), "", Part.YAML),))


def _is_about(ignore: Ignore, finding: Finding) -> bool:
    span = finding.span
    return (
        span is not None
        and finding.code == ignore.code.value
        and span.file == ignore.span.file
        and ignore.line <= span.line <= ignore.until
    )
