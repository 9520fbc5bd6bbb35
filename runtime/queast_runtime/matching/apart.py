"""Whether two companies' names have anything in common, for keys that agree: an address may stand at the wrong record.

This asks for far less than the rule by name does: a company that was renamed, or that one side calls by its initials,
keeps its domain. Only names that nothing connects are apart.
"""

from __future__ import annotations

from typing import Final

from queast_dsl.names.synonyms import JOINING
from queast_runtime.matching.companies import Company
from queast_runtime.matching.evidence import Evidence, Verdict
from queast_runtime.matching.name_score import changed_letter, is_shortened

# Parts of names that are compared inside one another have so many letters, initials so many.
_LEAST_LETTERS: Final = 4
_LEAST_INITIALS: Final = 2


def compare_names(ours: Company, theirs: Company) -> Evidence:
    """Return the line of evidence of two names beside a key that agrees: `agrees` where anything connects them,
    `differs` where nothing does, `unknown` where one side has none. It gives nothing to a score."""
    if not ours.words or not theirs.words:
        return Evidence("name", ours.name, theirs.name, 0.0, "unknown")
    label = (ours.domain or "").partition(".")[0] if ours.domain == theirs.domain else ""
    verdict: Verdict = "agrees" if _connected(ours, theirs) or _both_in(label, ours, theirs) else "differs"
    return Evidence("name", ours.name, theirs.name, 0.0, verdict)


def _connected(ours: Company, theirs: Company) -> bool:
    """`Solvik Maskin`, `Solvik`; `Fjord Bank`, `FjordBank`; `North Sea Oil`, `NSO`; a word with one letter changed."""
    mine, other = ours.tokens, theirs.tokens
    if set(mine) & set(other) or changed_letter(mine, other) is not None:
        return True
    if any(len(min(one, two, key=len)) >= _LEAST_LETTERS and is_shortened(one, two) for one in mine for two in other):
        return True
    one, two = "".join(ours.words), "".join(theirs.words)
    short, long = sorted((one, two), key=len)
    if len(short) >= _LEAST_LETTERS and short in long:
        return True
    return bool(_initials(ours) & {two, *other} or _initials(theirs) & {one, *mine})


def _both_in(label: str, ours: Company, theirs: Company) -> bool:
    """Say whether the domain that both have is made of both names: `dnb` of `Den Norske Bank` and of `DnB Holding`."""
    return _in(label, ours) and _in(label, theirs)


def _in(label: str, company: Company) -> bool:
    plain = label.replace("-", "")
    return plain in _initials(company) or any(
        token == plain
        or (len(token) >= _LEAST_LETTERS and token in plain)
        or (len(plain) >= _LEAST_LETTERS and plain in token)
        for token in company.words
    )


def _initials(company: Company) -> frozenset[str]:
    """`Bank of America`  ->  `ba` and `boa`, none of a single word."""
    all_, telling = company.words, [word for word in company.words if word not in JOINING]
    found = ("".join(word[0] for word in words) for words in (all_, telling))
    return frozenset(each for each in found if len(each) >= _LEAST_INITIALS)
