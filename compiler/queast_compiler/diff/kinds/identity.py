"""IDENTITY: which record of theirs stands for ours. A wrong answer writes into somebody else's record."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

_LINKS: Final = (
    "Links that are made meanwhile stay, and so does what was written through them;"
    " `qmap links unlink --revert` takes one back."
)

AUTO_LINK_LOWERED: Final = ChangeKind(
    "auto-link-lowered",
    "IDENTITY",
    "block",
    "match loosened",
    "Checks that names do not link by themselves from a lower score than before.",
    "Pairs that a person was asked about are linked unasked; a wrong link fills another company's record.",
    second=True,
    undo=_LINKS,
)
AUTO_LINK_RAISED: Final = ChangeKind(
    "auto-link-raised",
    "IDENTITY",
    "block",
    "match tightened",
    "Checks that the score from which names link by themselves is not raised unseen.",
    "Pairs that were linked unasked wait for a person; links that were made stay.",
    stays=True,
)
REVIEW_FLOOR_LOWERED: Final = ChangeKind(
    "review-floor-lowered",
    "IDENTITY",
    "block",
    "match loosened",
    "Checks that people are not asked about less alike names than before.",
    "Pairs that counted as different come into review, and accepting one of them makes a link.",
    second=True,
)
REVIEW_FLOOR_RAISED: Final = ChangeKind(
    "review-floor-raised",
    "IDENTITY",
    "block",
    "match tightened",
    "Checks that pairs of names do not stop to be asked about unseen.",
    "Pairs that a person was asked about count as different; where `on_none` creates, a second record is made.",
)
MARGIN_LOWERED: Final = ChangeKind(
    "margin-lowered",
    "IDENTITY",
    "block",
    "match loosened",
    "Checks that a link by name does not need less distance to the next candidate than before.",
    "Of two records that are nearly as alike the first is linked, where a person chose between them.",
    second=True,
    undo=_LINKS,
)
MARGIN_RAISED: Final = ChangeKind(
    "margin-raised",
    "IDENTITY",
    "block",
    "match tightened",
    "Checks that a link by name does not need more distance to the next candidate unseen.",
    "More pairs wait for a person.",
)
NAME_RULE_ADDED: Final = ChangeKind(
    "name-rule-added",
    "IDENTITY",
    "block",
    "match loosened",
    "Checks that names do not begin to be scored unseen.",
    "Until now only the very same name was asked about; from now on likeness alone may make links.",
    second=True,
    undo=_LINKS,
)
NAME_RULE_REMOVED: Final = ChangeKind(
    "name-rule-removed",
    "IDENTITY",
    "block",
    "match tightened",
    "Checks that names do not stop to be scored unseen.",
    "What was linked by name is asked about or made anew.",
)
CORROBORATION_LOOSENED: Final = ChangeKind(
    "corroboration-loosened",
    "IDENTITY",
    "block",
    "match loosened",
    "Checks that a name does not need less to agree beside it than before.",
    "One of the list has to agree: each further one makes links easier, and with none a name alone makes a link.",
    second=True,
    undo=_LINKS,
)
CORROBORATION_TIGHTENED: Final = ChangeKind(
    "corroboration-tightened",
    "IDENTITY",
    "block",
    "match tightened",
    "Checks that a name does not need more to agree beside it unseen.",
    "Pairs of which nothing else agrees wait for a person.",
)
VETO_REMOVED: Final = ChangeKind(
    "veto-removed",
    "IDENTITY",
    "block",
    "match loosened",
    "Checks that no evidence loses its power to stop a link.",
    "Records that differ in it can be linked now.",
    second=True,
    undo=_LINKS,
)
VETO_ADDED: Final = ChangeKind(
    "veto-added",
    "IDENTITY",
    "block",
    "match tightened",
    "Checks that no evidence begins to stop links unseen.",
    "Records that differ in it wait for a person or are made anew.",
)
MATCH_GRANT_EXTENDED: Final = ChangeKind(
    "match-grant-extended",
    "IDENTITY",
    "block",
    "grant lasts longer",
    "Checks that a threshold below the policy's bound does not hold longer than before.",
    "Until the new day names link from the lower score.",
    second=True,
)
MATCH_GRANT_SHORTENED: Final = ChangeKind(
    "match-grant-shortened",
    "IDENTITY",
    "info",
    "grant ends sooner",
    "Checks that the day is told from which a threshold below the policy's bound no longer holds.",
    "From that day on a person is asked instead.",
)
RULE_ORDER_CHANGED: Final = ChangeKind(
    "rule-order-changed",
    "IDENTITY",
    "block",
    "match order changed",
    "Checks that the rules of matching are asked in the same order.",
    "The first rule that finds a record wins, so another order can choose another record.",
)
RULE_ADDED: Final = ChangeKind(
    "rule-added",
    "IDENTITY",
    "block",
    "match loosened",
    "Checks that no rule of matching is added unseen.",
    "What the rule finds is linked, where a record was made or a person asked.",
    undo=_LINKS,
)
RULE_REMOVED: Final = ChangeKind(
    "rule-removed",
    "IDENTITY",
    "block",
    "match tightened",
    "Checks that no rule of matching is taken out unseen.",
    "What only this rule found is no longer found; where `on_none` creates, second records are made.",
)
DOMAIN_SOURCE_CHANGED: Final = ChangeKind(
    "domain-source-changed",
    "IDENTITY",
    "block",
    "compares something else",
    "Checks that the domain which is compared is taken from the same place and cleaned in the same way.",
    "Another domain finds another record.",
)
DOMAIN_TARGET_CHANGED: Final = ChangeKind(
    "domain-target-changed",
    "IDENTITY",
    "block",
    "compares with other properties",
    "Checks that domains are compared with the same properties of the destination.",
    "A property that people use otherwise makes wrong links; one that is left out hides records.",
)
CARD_CHANGED: Final = ChangeKind(
    "card-changed",
    "IDENTITY",
    "block",
    "reads evidence elsewhere",
    "Checks that names, countries and the like of their records are read from the same properties.",
    "Evidence that is read elsewhere agrees and differs otherwise.",
)
EXTERNAL_ID_CHANGED: Final = ChangeKind(
    "external-id-changed",
    "IDENTITY",
    "block",
    "our id lives elsewhere",
    "Checks that our id is kept in the same property of their records.",
    "Records that hold our id in the old property are not found by it any more.",
)
MATCHED_OBJECT_CHANGED: Final = ChangeKind(
    "matched-object-changed",
    "IDENTITY",
    "block",
    "matches other records",
    "Checks that an entity is matched with the same object of the destination.",
    "Links that were made point to records of the old object.",
)
MATCH_ADDED: Final = ChangeKind(
    "match-added",
    "IDENTITY",
    "block",
    "begins to match",
    "Checks that no further entity begins to be matched unseen.",
    "Its records are looked up, linked and, where `on_none` says so, made.",
)
MATCH_REMOVED: Final = ChangeKind(
    "match-removed",
    "IDENTITY",
    "block",
    "stops to match",
    "Checks that no entity stops to be matched unseen.",
    "Nothing can be written into its records any more.",
)
ON_NONE_CHANGED: Final = ChangeKind(
    "on-none-changed",
    "IDENTITY",
    "block",
    "nobody is asked, or otherwise",
    "Checks that what finds no record is not taken away from review, nor begins or stops to make records.",
    "Creating makes second records where matching is blind; skipping drops them in silence.",
    undo="Records that are made meanwhile stay.",
)
ON_NONE_TO_REVIEW: Final = ChangeKind(
    "on-none-to-review",
    "IDENTITY",
    "info",
    "a person is asked",
    "Checks that it is told when what finds no record begins to wait for a person.",
    "Nothing is made or dropped any more before somebody has answered.",
)
ON_MANY_CHANGED: Final = ChangeKind(
    "on-many-changed",
    "IDENTITY",
    "block",
    "nobody is asked",
    "Checks that what finds several records is not taken away from review.",
    "Skipped in silence, the company is never written.",
)
ON_MANY_TO_REVIEW: Final = ChangeKind(
    "on-many-to-review",
    "IDENTITY",
    "info",
    "a person is asked",
    "Checks that it is told when what finds several records begins to wait for a person.",
    "What was skipped comes into review.",
)
RECEIVE_NONE_IGNORED: Final = ChangeKind(
    "receive-none-ignored",
    "IDENTITY",
    "block",
    "nobody is asked",
    "Checks that messages about companies which are not surely ours are not taken away from review.",
    "The message is dropped in silence.",
)
RECEIVE_NONE_TO_REVIEW: Final = ChangeKind(
    "receive-none-to-review",
    "IDENTITY",
    "info",
    "a person is asked",
    "Checks that it is told when messages about unsure companies begin to wait for a person.",
    "What was dropped comes into review.",
)

ALL: Final = (
    *(AUTO_LINK_LOWERED, AUTO_LINK_RAISED, REVIEW_FLOOR_LOWERED, REVIEW_FLOOR_RAISED, MARGIN_LOWERED, MARGIN_RAISED),
    *(NAME_RULE_ADDED, NAME_RULE_REMOVED, CORROBORATION_LOOSENED, CORROBORATION_TIGHTENED),
    *(VETO_REMOVED, VETO_ADDED),
    *(MATCH_GRANT_EXTENDED, MATCH_GRANT_SHORTENED, RULE_ORDER_CHANGED, RULE_ADDED, RULE_REMOVED),
    *(DOMAIN_SOURCE_CHANGED, DOMAIN_TARGET_CHANGED, CARD_CHANGED, EXTERNAL_ID_CHANGED, MATCHED_OBJECT_CHANGED),
    *(MATCH_ADDED, MATCH_REMOVED, ON_NONE_CHANGED, ON_NONE_TO_REVIEW, ON_MANY_CHANGED, ON_MANY_TO_REVIEW),
    *(RECEIVE_NONE_IGNORED, RECEIVE_NONE_TO_REVIEW),
)
