"""All matches, automatic ones too, with their provenance and the way back; and the history of everything."""

from __future__ import annotations

from typing import Final, assert_never, get_args
from urllib.parse import urlencode

from queast_runtime.web.asking import Wrong, not_there
from queast_runtime.web.comparing import bars, rule_label
from queast_runtime.web.desk import Done, MatchDetail, MatchFilter, Refused, Stale, Standing, Unknown
from queast_runtime.web.door import Answer, Ask, Html, SeeOther
from queast_runtime.web.session import Notice

MATCHES_QUERY: Final = frozenset(("connection", "standing", "rule", "after"))
ONE_QUERY: Final = frozenset(("account", "object", "id"))
UNLINK_FORM: Final = frozenset(("account", "object", "id", "partner", "revert", "note"))
HISTORY_QUERY: Final = frozenset(("after",))
RULES: Final = ("external_id", "domain", "email", "linkedin", "name", "created", "review")
_STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
_ROWS: Final = 50


def matches(ask: Ask) -> Answer:
    where = MatchFilter(
        ask.query.one("connection"), ask.query.choice("standing", _STANDINGS), ask.query.choice("rule", RULES)
    )
    page = ask.desk.matches(where, ask.query.one("after"), _ROWS)
    kept = {"connection": where.connection, "standing": where.standing, "rule": where.rule, "after": page.next}
    return Html(
        "matches.html",
        {
            "tab": "matches",
            "rows": [
                (each, case_address(each.blind_case) or one_address(each.account, each.object, each.queast_id))
                for each in page.rows
            ],
            "more": "/review/matches?" + urlencode({k: v for k, v in kept.items() if v}) if page.next else None,
            "where": where,
            "filtered": any((where.connection, where.standing, where.rule)),
            "connections": ask.desk.connections(),
            "standings": _STANDINGS,
            "rules": [(each, rule_name(each)) for each in RULES],
            "rule_name": rule_name,
        },
    )


def one(ask: Ask) -> Answer:
    found = ask.desk.match(ask.query.needed("account"), ask.query.needed("object"), ask.query.needed("id"))
    if found is None:
        raise not_there()
    blind = case_address(found.match.blind_case)
    return _page(ask, found, 200, None) if blind is None else SeeOther(blind)


def unlink(ask: Ask) -> Answer:
    """Take a link down, if it still names the record that was shown."""
    form = ask.form
    account, object_, queast_id = form.needed("account"), form.needed("object"), form.needed("id")
    came = ask.desk.unlink(
        account,
        object_,
        queast_id,
        form.needed("partner"),
        revert=form.choice("revert", ("yes",)) is not None,
        caller=ask.caller,
        note=form.note(),
    )
    match came:
        case Done(effect, stays):
            return SeeOther("/review/matches", Notice(effect, stays))
        case Stale():
            raise Wrong(
                409,
                "The link changed meanwhile",
                "It names another record now, so it was left as it is. Look at it again.",
            )
        case Refused(sentence):
            found = ask.desk.match(account, object_, queast_id)
            if found is None:
                raise not_there()
            return _page(ask, found, 422, sentence)
        case Unknown():
            raise not_there()
        case _:
            assert_never(came)


def history(ask: Ask) -> Answer:
    page = ask.desk.steps(None, ask.query.one("after"), _ROWS)
    return Html(
        "history.html",
        {
            "tab": "history",
            "steps": page.rows,
            "more": "/review/history?" + urlencode({"after": page.next}) if page.next else None,
        },
    )


def back(_: Ask) -> Answer:
    """Reloading the answer to a form leads to the list."""
    return SeeOther("/review/matches")


def one_address(account: str, object: str, queast_id: str) -> str:
    return "/review/matches/one?" + urlencode({"account": account, "object": object, "id": queast_id}, errors="replace")


def case_address(case_id: str | None) -> str | None:
    return None if case_id is None else f"/review/cases/{case_id}"


def rule_name(rule: str) -> str:
    """Say by what a link came about."""
    match rule:
        case "created":
            return "We created it"
        case "review":
            return "A person"
        case _:
            return rule_label(rule)


def _page(ask: Ask, found: MatchDetail, status: int, trouble: str | None) -> Html:
    return Html(
        "match.html",
        {
            "tab": "matches",
            "found": found,
            "match": found.match,
            "bars": bars(found.evidence),
            "rule": rule_name(found.match.rule),
            "trouble": trouble,
            "can_revert": ask.desk.can_revert(),
        },
        status,
    )
