"""SCOPE: which events, how many, how fast."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

SCOPE_WIDENED: Final = ChangeKind(
    "scope-widened",
    "SCOPE",
    "block",
    "lets more through",
    "Checks that the condition of a mapping's scope does not let more through than before.",
    "Records of more companies are written. What cannot be shown to be narrower counts as wider.",
    undo="Records that are made meanwhile stay.",
)
SCOPE_NARROWED: Final = ChangeKind(
    "scope-narrowed",
    "SCOPE",
    "warn",
    "lets less through",
    "Checks that the condition of a mapping's scope does not let less through unseen.",
    "Records of companies that fall out stay at the destination and grow old.",
    stays=True,
)
SCOPE_REWRITTEN: Final = ChangeKind(
    "scope-rewritten",
    "SCOPE",
    "info",
    "same effect, other words",
    "Checks that it is told when the condition of a mapping's scope is written otherwise.",
    "It is shown to let the same through as before.",
)
COMPANIES_WIDENED: Final = ChangeKind(
    "companies-widened",
    "SCOPE",
    "block",
    "all companies",
    "Checks that a mapping of bookmarked companies does not begin to write all.",
    "Records of every company that Queast knows may be made.",
    undo="Records that are made meanwhile stay.",
)
COMPANIES_NARROWED: Final = ChangeKind(
    "companies-narrowed",
    "SCOPE",
    "warn",
    "bookmarked companies only",
    "Checks that a mapping of all companies does not begin to leave some out unseen.",
    "Records of the others stay and grow old.",
    stays=True,
)
SIGNALS_WIDENED: Final = ChangeKind(
    "signals-widened",
    "SCOPE",
    "block",
    "informational signals too",
    "Checks that no mapping begins to send informational signals.",
    "They leave only by a grant of the platform.",
    undo="Records that are made meanwhile stay.",
)
SIGNALS_NARROWED: Final = ChangeKind(
    "signals-narrowed",
    "SCOPE",
    "warn",
    "strict signals only",
    "Checks that a mapping does not stop to send informational signals unseen.",
    "What was sent stays.",
    stays=True,
)
INFORMATIONAL_EXTENDED: Final = ChangeKind(
    "informational-extended",
    "SCOPE",
    "block",
    "grant lasts longer",
    "Checks that informational signals do not leave longer than before.",
    "Until the new day the engine goes on sending them.",
)
INFORMATIONAL_SHORTENED: Final = ChangeKind(
    "informational-shortened",
    "SCOPE",
    "warn",
    "grant ends sooner",
    "Checks that the day is told from which informational signals no longer leave.",
    "From that day on only strict signals leave.",
)
WHEN_WIDENED: Final = ChangeKind(
    "when-widened",
    "SCOPE",
    "warn",
    "fires more often",
    "Checks that a route does not fire for more events unseen.",
    "What cannot be shown to be narrower counts as wider.",
)
WHEN_NARROWED: Final = ChangeKind(
    "when-narrowed",
    "SCOPE",
    "warn",
    "fires less often",
    "Checks that a route does not fire for fewer events unseen.",
    "What was written for the others stays and grows old.",
    stays=True,
)
WHEN_REWRITTEN: Final = ChangeKind(
    "when-rewritten",
    "SCOPE",
    "info",
    "same effect, other words",
    "Checks that it is told when the condition of a route is written otherwise.",
    "It is shown to let the same through as before.",
)
TRIGGER_ADDED: Final = ChangeKind(
    "trigger-added",
    "SCOPE",
    "warn",
    "fires at more events",
    "Checks that a route does not fire at a further kind of event unseen.",
    "Notes, tasks and messages are made once for each event.",
)
TRIGGER_REMOVED: Final = ChangeKind(
    "trigger-removed",
    "SCOPE",
    "warn",
    "fires at fewer events",
    "Checks that a route does not stop to fire at a kind of event unseen.",
    "Changes of that kind no longer arrive.",
)
CREATES_RAISED: Final = ChangeKind(
    "creates-raised",
    "SCOPE",
    "block",
    "may make more records",
    "Checks that a mapping may not make more records in a day than before.",
    "The bound is what stops a mistake of matching from filling the account.",
    undo="Records that are made meanwhile stay.",
)
CREATES_LOWERED: Final = ChangeKind(
    "creates-lowered",
    "SCOPE",
    "warn",
    "may make fewer records",
    "Checks that a mapping may not make fewer records in a day unseen.",
    "What is beyond the bound is held and shown.",
)
MODE_LIVE: Final = ChangeKind(
    "mode-live",
    "SCOPE",
    "block",
    "goes live",
    "Checks that no mapping begins to write unseen.",
    "From the next event on it writes.",
    undo="Records that are made meanwhile stay.",
)
MODE_OFF: Final = ChangeKind(
    "mode-off",
    "SCOPE",
    "warn",
    "is switched off",
    "Checks that no mapping stops to write unseen.",
    "What was written stays and grows old.",
    stays=True,
)
RATE_RAISED: Final = ChangeKind(
    "rate-raised",
    "SCOPE",
    "block",
    "may send faster",
    "Checks that no budget of requests is raised or dropped.",
    "Other users of the account's quota are left with less.",
)
RATE_LOWERED: Final = ChangeKind(
    "rate-lowered",
    "SCOPE",
    "info",
    "sends more slowly",
    "Checks that it is told when a budget of requests is added or lowered.",
    "Deliveries wait longer when there is much to send.",
)
RATE_CHANGED: Final = ChangeKind(
    "rate-changed",
    "SCOPE",
    "warn",
    "requests are counted otherwise",
    "Checks that requests are counted against budgets in the same way.",
    "A budget that counts less lets more through.",
)

ALL: Final = (
    *(SCOPE_WIDENED, SCOPE_NARROWED, SCOPE_REWRITTEN, COMPANIES_WIDENED, COMPANIES_NARROWED, SIGNALS_WIDENED),
    *(SIGNALS_NARROWED, INFORMATIONAL_EXTENDED, INFORMATIONAL_SHORTENED, WHEN_WIDENED, WHEN_NARROWED, WHEN_REWRITTEN),
    *(TRIGGER_ADDED, TRIGGER_REMOVED, CREATES_RAISED, CREATES_LOWERED, MODE_LIVE, MODE_OFF),
    *(RATE_RAISED, RATE_LOWERED, RATE_CHANGED),
)
