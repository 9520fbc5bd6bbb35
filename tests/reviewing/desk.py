"""The cases of one tenant, and what people do with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from memory_destination import Jumping
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.outcomes import Choice, Done, Outcome, Reviewer
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.ports.matches import Review
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Store, Transaction
from queast_runtime.security.sealing import open_sealer
from reviewing.samples import ANNA, NOON, new_review
from schema_copy import open_copy

TENANT = "acme"


@dataclass
class Desk:
    """The cases of one tenant. Time moves by a minute with every answer."""

    store: Store
    minutes: int = 0
    bookmarked: list[tuple[str, str | None]] = field(default_factory=list)

    def now(self) -> datetime:
        self.minutes += 1
        return NOON + timedelta(minutes=self.minutes)

    def put(self, *candidates: dict[str, Any], **changes: Any) -> Review:
        with self.store.transaction() as tx:
            id_ = tx.put_review(TENANT, new_review(*candidates, **changes))
        return self.case(id_)

    def case(self, id_: str) -> Review:
        with self.store.read() as view:
            found = view.review(TENANT, id_)
        assert found is not None
        return found

    def put_link(self, queast_id: str, partner_id: str, **changes: Any) -> Link:
        values: dict[str, Any] = {
            "account": "1",
            "object": "companies",
            "queast_id": queast_id,
            "partner_id": partner_id,
            "connection": "crm",
            "rule": "name",
            "standing": "inferred",
            "evidence": {},
            "score": 0.97,
            "plan_digest": "sha256:0",
            "actor": "engine",
            "created_at": NOON,
            "created_record": False,
            **changes,
        }
        link = Link(**values)
        with self.store.transaction() as tx:
            tx.put_link(TENANT, link)
        return link

    def on_inbound(self, tx: Transaction, tenant: str, review: Review, company_id: str | None) -> None:
        assert tx.review(tenant, review.id) == review
        self.bookmarked.append((review.queast_id, company_id))

    def answer(
        self,
        case: Review,
        choice: Choice,
        partner_id: str | None = None,
        *,
        by: Reviewer = ANNA,
        version: int | None = None,
        note: str = "",
        tenant: str = TENANT,
    ) -> Outcome:
        asked = Answer(case.id, case.version if version is None else version, choice, partner_id, note)
        return answering_in(self.store, tenant, asked, by, self.now(), self.on_inbound)

    def done(self, case: Review, choice: Choice, partner_id: str | None = None) -> Review:
        outcome = self.answer(case, choice, partner_id)
        assert isinstance(outcome, Done), outcome
        return outcome.review

    def undo(self, case: Review, by: Reviewer = ANNA) -> Outcome:
        return undoing_in(self.store, TENANT, case.id, case.version, by, self.now())

    def undone(self, case: Review) -> Review:
        outcome = self.undo(case)
        assert isinstance(outcome, Done), outcome
        return outcome.review

    def links(self) -> dict[str, str]:
        with self.store.read() as view:
            return {link.queast_id: link.partner_id for link in view.links(TENANT)}

    def link(self, queast_id: str = "c_1") -> Link | None:
        with self.store.read() as view:
            return view.link(TENANT, "1", "companies", queast_id)

    def rejected(self, queast_id: str = "c_1") -> set[str]:
        with self.store.read() as view:
            return set(view.rejections(TENANT, "1", "companies", queast_id))

    def state(self) -> tuple[Any, ...]:
        """Everything that undoing has to bring back: links, rejections, and what is open with what to choose from."""
        with self.store.read() as view:
            cases = [(each.id, each.candidates, each.put_off_at, each.unsure_by) for each in view.reviews(TENANT)]
            return view.links(TENANT), self.rejected(), cases, view.facts(TENANT, "crm")


def opened_in(folder: Path) -> Store:
    return open_copy(folder / "queast.db", open_sealer(folder, Jumping()))
