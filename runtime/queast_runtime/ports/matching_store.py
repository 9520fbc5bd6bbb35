"""The part of the store's protocols that matching stands on: links, mirror, reviews, what we wrote, what came in.

As in `store`: every method takes the tenant first, and what belongs to another tenant does not exist for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from queast_runtime.ports import matches as m
from queast_runtime.ports import rows as r
from queast_runtime.ports.driver import JsonObject


class MatchingSnapshot(Protocol):
    """One consistent view; nothing written after it began shows."""

    def link(self, tenant: str, account: str, object: str, queast_id: str) -> r.Link | None: ...

    def is_linked(self, tenant: str, account: str, object: str, queast_id: str) -> bool:
        """Whether `link` would find one."""
        ...

    def link_to(self, tenant: str, account: str, object: str, partner_id: str) -> r.Link | None:
        """The link that holds this record of theirs."""
        ...

    def links(
        self,
        tenant: str,
        account: str | None = None,
        *,
        connection: str | None = None,
        queast_id: str | None = None,
        standing: r.Standing | None = None,
        rule: str | None = None,
        after: tuple[str, str, str] | None = None,
        limit: int | None = None,
    ) -> tuple[r.Link, ...]:
        """In order of (account, object, our id); `after` is the last of the page before."""
        ...

    def count_links(self, tenant: str, connection: str) -> int: ...

    def link_history(self, tenant: str, account: str, object: str, queast_id: str) -> tuple[r.LinkChange, ...]:
        """Oldest first."""
        ...

    def link_places(self, tenant: str, queast_id: str) -> tuple[tuple[str, str], ...]:
        """Where the entity is linked, or was: (account, object), sorted."""
        ...

    def link_changes(self, tenant: str, limit: int, after: int | None = None) -> tuple[r.LinkChange, ...]:
        """Newest first; `after` is the number of the last of the page before."""
        ...

    def count_link_changes(self, tenant: str, connection: str, since: datetime) -> int:
        """How many inferred links of the connection were made since then, and how many of any were taken down."""
        ...

    def rejections(self, tenant: str, account: str, object: str, queast_id: str) -> frozenset[str]:
        """Ids of the records that are known not to be this entity's."""
        ...

    def rejection(
        self, tenant: str, account: str, object: str, queast_id: str, partner_id: str
    ) -> r.Rejection | None: ...

    def mirror_state(self, tenant: str, account: str, object: str) -> r.MirrorState | None: ...

    def mirror_find(self, tenant: str, account: str, object: str, kind: str, value: str) -> tuple[str, ...]:
        """Partner ids of the records with exactly this key, sorted."""
        ...

    def mirror_keys(self, tenant: str, account: str, object: str, partner_id: str, kind: str) -> tuple[str, ...]:
        """The keys of one kind that a record has, sorted."""
        ...

    def mirror_size(self, tenant: str, account: str, object: str) -> int: ...

    def is_mirrored(self, tenant: str, account: str, object: str, partner_id: str) -> bool: ...

    def mirror_card(self, tenant: str, account: str, object: str, partner_id: str) -> r.MirrorCard | None: ...

    def mirror_cards(
        self, tenant: str, account: str, object: str, partner_ids: Collection[str]
    ) -> Mapping[str, r.MirrorCard]:
        """By partner id; one that has no card, or is not mirrored, is left out."""
        ...

    def token_counts(self, tenant: str, account: str, object: str, tokens: Collection[str]) -> Mapping[str, int]:
        """How many records have each token; one that none has is left out."""
        ...

    def mirror_with_token(
        self, tenant: str, account: str, object: str, token: str, limit: int
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Partner ids with all tokens of each, in order of partner id."""
        ...

    def mirror_indexed(self, tenant: str, account: str, object: str) -> Iterator[r.IndexedRecord]:
        """Every record that has tokens, in order of partner id, read some thousand at a time.

        To be used up before the snapshot ends.
        """
        ...

    def review(self, tenant: str, review_id: str) -> m.Review | None: ...

    def open_review(
        self, tenant: str, account: str, object: str, queast_id: str, kind: m.ReviewKind = "match"
    ) -> m.Review | None: ...

    def last_answer(
        self, tenant: str, account: str, object: str, queast_id: str, kind: m.ReviewKind = "match"
    ) -> m.ReviewAnswer | None:
        """The newest answer to a review of this entity."""
        ...

    def reviews(
        self,
        tenant: str,
        *,
        still_open: bool = True,
        connection: str | None = None,
        kind: m.ReviewKind | None = None,
        unsure: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[m.Review, ...]:
        """In the order of the queue: by age, with what was put off behind. `after` is an id of this list; `unsure`
        leaves only those that somebody was not sure about."""
        ...

    def queue_place(
        self,
        tenant: str,
        review_id: str,
        *,
        connection: str | None = None,
        kind: m.ReviewKind | None = None,
        unsure: bool = False,
    ) -> m.QueuePlace: ...

    def answered_reviews(
        self, tenant: str, *, connection: str | None = None, kind: m.ReviewKind | None = None, limit: int
    ) -> tuple[m.Review, ...]:
        """Newest answer first; without those that were withdrawn, which nobody answered."""
        ...

    def review_counts(self, tenant: str) -> tuple[m.ReviewCount, ...]: ...

    def review_history(
        self, tenant: str, review_id: str | None = None, *, limit: int, after: int | None = None
    ) -> tuple[m.ReviewStep, ...]:
        """Newest first; `after` is the number of the last of the page before."""
        ...

    def before_images(
        self, tenant: str, account: str, object: str, partner_id: str, since: datetime
    ) -> tuple[m.BeforeImage, ...]:
        """Newest first."""
        ...

    def last_written(self, tenant: str, account: str, object: str, partner_id: str) -> Mapping[str, str]:
        """Property -> keyed hash of the value that we wrote last."""
        ...

    def inbound_receipt(self, tenant: str, connection: str, message_id: str) -> m.InboundReceipt | None: ...

    def receipts_of_review(self, tenant: str, review_id: str) -> tuple[m.InboundReceipt, ...]:
        """What waits, or waited, for the review; oldest first."""
        ...

    def is_ensured(self, tenant: str, company_id: str, owner: str) -> bool: ...

    def ensured_bookmarks(self, tenant: str) -> tuple[m.EnsuredBookmark, ...]:
        """In order of (company, owner)."""
        ...


class MatchingTransaction(MatchingSnapshot, Protocol):
    """A snapshot that can also write.

    The writes to one review name the version that was read. They raise LookupError where there is no such review, and
    StaleVersion, with the review as it stands, where it changed since or is not open.
    """

    def put_link(
        self, tenant: str, link: r.Link, reason: str = "", *, by: str | None = None, at: datetime | None = None
    ) -> bool:
        """Return False if the same pair is linked already. The history says `by` and `at`: who puts back a link, and
        when, is not who made it first. Raises LinkTaken if either side belongs to another, and
        PairRejected for a pair that was rejected."""
        ...

    def remove_link(
        self, tenant: str, account: str, object: str, queast_id: str, *, actor: str, reason: str, at: datetime
    ) -> bool: ...

    def confirm_link(
        self, tenant: str, account: str, object: str, queast_id: str, *, actor: str, reason: str, at: datetime
    ) -> bool:
        """Make it established, whatever rule found it. Return False if there is none, or it was confirmed before."""
        ...

    def reject_pair(self, tenant: str, rejection: r.Rejection) -> bool:
        """Return False if it was rejected before. Raises PairLinked while the two are linked."""
        ...

    def unreject_pair(self, tenant: str, account: str, object: str, queast_id: str, partner_id: str) -> bool: ...

    def start_mirror(self, tenant: str, account: str, object: str, at: datetime) -> None:
        """Begin a filling from the first page; records that it does not meet leave when it completes."""
        ...

    def put_mirror_page(
        self,
        tenant: str,
        account: str,
        object: str,
        records: Sequence[r.MirrorRecord],
        cursor: str | None,
        at: datetime,
    ) -> None:
        """Replace what is known of these records and move the cursor; without a cursor the filling is complete.

        Raises LookupError if no filling was started, ValueError for a token that is empty or has a space in it.
        """
        ...

    def put_mirror_record(self, tenant: str, account: str, object: str, record: r.MirrorRecord) -> None:
        """Replace what is known of one record, from our own write or a live search."""
        ...

    def remove_mirror_record(self, tenant: str, account: str, object: str, partner_id: str) -> bool: ...

    def put_review(self, tenant: str, review: m.NewReview) -> str:
        """Return the id of the entity's open review: a new one, or the one that is open (it stays as it is)."""
        ...

    def answer_review(self, tenant: str, review_id: str, version: int, answer: m.ReviewAnswer) -> m.Review:
        """End the review. Raises ValueError for `skip` and `unsure`, which end nothing."""
        ...

    def put_off_review(self, tenant: str, review_id: str, version: int, answer: m.ReviewAnswer) -> m.Review:
        """Send it to the end of the queue. `answer.choice` is `skip`."""
        ...

    def mark_unsure(self, tenant: str, review_id: str, version: int, answer: m.ReviewAnswer) -> m.Review:
        """Send it to the end of the queue, flagged. `answer.choice` is `unsure`."""
        ...

    def change_review(
        self,
        tenant: str,
        review_id: str,
        version: int,
        *,
        reason: str,
        candidates: Sequence[JsonObject],
        actor: str,
        at: datetime,
    ) -> m.Review:
        """Go on with an open review on other candidates."""
        ...

    def reopen_review(
        self,
        tenant: str,
        review_id: str,
        version: int,
        actor: str,
        at: datetime,
    ) -> m.Review:
        """Take back an answer, or that it was put off: it stands where it stood before, without an answer.

        Raises StaleVersion also for one that is open and in its place, AnotherOpen while the entity has another one.
        """
        ...

    def put_before_images(self, tenant: str, images: Sequence[m.BeforeImage]) -> None:
        """Keep what the properties held, before they are written. Of one delivery and property the first image stays:
        an attempt of unknown outcome may have written, and the next would read our own value."""
        ...

    def drop_before_images(self, tenant: str, delivery_id: str) -> int:
        """Forget the images of a delivery that certainly wrote nothing; return how many."""
        ...

    def mark_undone(self, tenant: str, image: m.BeforeImage, at: datetime) -> bool:
        """Return False if it was undone before, or is not kept any more."""
        ...

    def expire_before_images(self, tenant: str, before: datetime) -> int:
        """Forget the images taken before then; return how many."""
        ...

    def put_last_written(
        self, tenant: str, account: str, object: str, partner_id: str, hashes: Mapping[str, str | None], at: datetime
    ) -> None:
        """Replace the hashes of these properties; None forgets one."""
        ...

    def put_receipt(self, tenant: str, receipt: m.InboundReceipt) -> bool:
        """Return False, and change nothing, if the id was seen."""
        ...

    def settle_receipt(
        self, tenant: str, connection: str, message_id: str, outcome: m.ReceiptOutcome, company_id: str | None
    ) -> bool:
        """Write down what became of one that waited. Return False if none of that id waits."""
        ...

    def unsettle_receipts(self, tenant: str, review_id: str) -> int:
        """Let what the review's answer settled wait again; return how many."""
        ...

    def expire_receipts(self, tenant: str, before: datetime) -> int:
        """Forget the ids received before then, but for those of a case: its answer may still be given, or taken back.
        Return how many."""
        ...

    def ensure_bookmark(self, tenant: str, bookmark: m.EnsuredBookmark) -> bool:
        """Return False if the company is bookmarked for that owner already."""
        ...
