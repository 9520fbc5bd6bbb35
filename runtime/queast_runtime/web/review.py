"""The review pages as routes: each address with what it takes and who may use it, in one table."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from starlette.routing import Route

from queast_runtime.ports.edge import Clock
from queast_runtime.web import cases, entering, matches, queue
from queast_runtime.web.desk import ReviewDesk
from queast_runtime.web.door import Door, Page, ReviewServices

PAGES: Final[tuple[tuple[str, Page], ...]] = (
    ("/review/assets/{name}", Page("asset", get=entering.asset, query=frozenset(("v",)))),
    (
        "/review/login",
        Page("login", get=entering.login, post=entering.enter, form=frozenset(("token", "to")), opens_session=True),
    ),
    ("/review/logout", Page("logout", post=entering.leave)),
    ("/review", Page("queue", get=queue.queue, permission="review.read", query=queue.QUEUE_QUERY)),
    ("/review/", Page("home", get=queue.back, permission="review.read")),
    ("/review/keys", Page("keys", get=entering.keys, permission="review.read")),
    (
        "/review/bulk",
        Page("bulk-preview", get=queue.back, post=queue.preview, permission="review.bulk", form=queue.BULK_FORM),
    ),
    (
        "/review/bulk/answer",
        Page("bulk-answer", get=queue.back, post=queue.bulk, permission="review.bulk", form=queue.BULK_FORM),
    ),
    ("/review/cases/{id}", Page("case", get=cases.case, permission="review.read", query=cases.CASE_QUERY)),
    (
        "/review/cases/{id}/answer",
        Page(
            "answer",
            get=cases.back,
            post=cases.answer,
            permission="review.answer",
            query=cases.CASE_QUERY,
            form=cases.ANSWER_FORM,
        ),
    ),
    (
        "/review/cases/{id}/undo",
        Page(
            "undo",
            get=cases.back,
            post=cases.undo,
            permission="review.answer",
            query=cases.CASE_QUERY,
            form=cases.UNDO_FORM,
        ),
    ),
    (
        "/review/matches",
        Page("matches", get=matches.matches, permission="links.read", query=matches.MATCHES_QUERY),
    ),
    ("/review/matches/one", Page("match", get=matches.one, permission="links.read", query=matches.ONE_QUERY)),
    (
        "/review/matches/unlink",
        Page("unlink", get=matches.back, post=matches.unlink, permission="links.unlink", form=matches.UNLINK_FORM),
    ),
    (
        "/review/history",
        Page("history", get=matches.history, permission="review.read", query=matches.HISTORY_QUERY),
    ),
    ("/review/{rest:path}", Page("nothing")),
)


def review_services(desks: Callable[[str], ReviewDesk], key: bytes, clock: Clock) -> ReviewServices:
    """Return what the pages stand on. `desks` opens the desk of a tenant, `key` is `security.keys.token_key`."""
    return ReviewServices(desks, key, clock, lambda: secrets.token_urlsafe(24))


def review_routes(services: ReviewServices) -> list[Route]:
    """Return every route under `/review`, to be put into an application as they are, in this order."""
    return [Route(path, Door(services, page), name=f"review-{page.name}") for path, page in PAGES]
