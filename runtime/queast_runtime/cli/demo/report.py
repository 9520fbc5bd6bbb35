"""The demo's outcome for people and for tools."""

from __future__ import annotations

from collections import Counter
from typing import Any

from queast_runtime.cli.demo.stages import Outcome
from queast_runtime.cli.output import table

_RULES = ("external_id", "domain", "linkedin", "name", "created")


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return every count; `lost`, `duplicates`, `unexpected` and `contract_violations` are 0 in a sound run."""
    return {
        "releases": outcome.releases,
        "events": outcome.events,
        "admitted": outcome.admitted,
        "refused": {tenant: dict(sorted(reasons.items())) for tenant, reasons in outcome.refused.items()},
        "not_taken_by_a_mapping": {tenant: dict(sorted(r.items())) for tenant, r in outcome.passed_by.items()},
        "connections": [
            {
                "tenant": lane.tenant,
                "connection": lane.connection,
                "links": dict(sorted(lane.links.items())),
                "reviews_waiting": lane.reviews,
                "created": lane.created,
                "updated": lane.updated,
                "noted": lane.noted,
                "sent": lane.sent,
                "retried": lane.retried,
                "looked_up_after_no_answer": lane.looked_up,
                "waiting": lane.waiting,
                "dead": lane.dead,
                "at_the_destination": {
                    "records": lane.verdict.records,
                    "notes": lane.verdict.notes,
                    "messages": lane.verdict.messages,
                    "wait_for_a_person": lane.verdict.waiting,
                },
                "details": lane.verdict.details,
            }
            for lane in outcome.lanes
        ],
        "inbound": [
            {
                "tenant": each.tenant,
                "connection": each.connection,
                "posted": each.posted,
                "accepted": each.accepted,
                "repeated": each.repeated,
                "refused": each.refused,
                "bookmarks": each.bookmarks,
                "reviews_waiting": each.waiting,
                "details": each.verdict.details,
            }
            for each in outcome.inbound
        ],
        "lost": outcome.lost,
        "duplicates": outcome.duplicates,
        "unexpected": outcome.unexpected,
        "webhook_repeats": outcome.webhook_repeats,
        "contract_violations": len(outcome.contract_violations),
        "contract_violation_details": outcome.contract_violations[:20],
        "contract_checked_against": outcome.contract_checked_against,
        "contract_requests_checked": outcome.contract_requests_checked,
    }


def as_text(outcome: Outcome) -> str:
    """Return the tables a person reads."""
    total: Counter[str] = Counter()
    for reasons in outcome.refused.values():
        total.update(_by_name(reasons))
    names = list(outcome.events)
    parts = ["\nEvents in\n"]
    parts.append(
        table(
            [
                ("  taken in", *outcome.events.values()),
                ("  admitted", *outcome.admitted.values()),
                *(
                    (f"  {reason.replace('_', ' ')}", *(_by_name(outcome.refused[name])[reason] for name in names))
                    for reason, _ in sorted(total.items(), key=lambda item: (-item[1], item[0]))
                ),
            ],
            header=("", *names),
        )
    )
    parts.append("\nLinks by rule, and matches that wait for a person\n")
    rules = sorted({rule for lane in outcome.lanes for rule in lane.links}, key=_rule_order)
    parts.append(
        table(
            [
                (_name(lane.tenant, lane.connection), *(lane.links[rule] for rule in rules), lane.reviews)
                for lane in outcome.lanes
            ],
            header=("  connection", *rules, "to review"),
        )
    )
    parts.append("\nDeliveries\n")
    parts.append(
        table(
            [
                (
                    _name(lane.tenant, lane.connection),
                    lane.created,
                    lane.updated,
                    lane.noted,
                    lane.sent,
                    lane.retried,
                    lane.looked_up,
                    lane.waiting,
                    lane.dead,
                )
                for lane in outcome.lanes
            ],
            header=("  connection", "created", "updated", "noted", "sent", "retried", "looked up", "waiting", "dead"),
        )
    )
    if outcome.inbound:
        parts.append("\nHighlights that senders posted\n")
        parts.append(
            table(
                [
                    (
                        _name(each.tenant, each.connection),
                        each.posted,
                        each.accepted,
                        each.repeated,
                        each.refused,
                        each.bookmarks,
                        each.waiting,
                    )
                    for each in outcome.inbound
                ],
                header=("  connection", "posted", "accepted", "repeated", "refused", "bookmarks", "to review"),
            )
        )
    parts.append("\nChecked against what the destinations hold\n")
    parts.append(
        table(
            [
                ("  lost", outcome.lost),
                ("  duplicates", outcome.duplicates),
                ("  unexpected", outcome.unexpected),
                ("  webhooks repeated with the same id", outcome.webhook_repeats),
                ("  contract violations", len(outcome.contract_violations)),
                (f"  requests checked against {_source(outcome)}", outcome.contract_requests_checked),
            ]
        )
    )
    wrong = [f"  {lane.tenant}: {detail}" for lane in outcome.lanes for detail in lane.verdict.details]
    wrong += [f"  {each.tenant}: {detail}" for each in outcome.inbound for detail in each.verdict.details]
    wrong += [f"  {row['double']}: {row['rule']}: {row['detail']}" for row in outcome.contract_violations]
    if wrong:
        parts.append("\nWhat is wrong\n" + "\n".join(wrong[:50]) + "\n")
    return "".join(parts)


def _by_name(reasons: Counter[str]) -> Counter[str]:
    """Reasons without their details: `broken: not JSON` and `broken: no name` are both `broken`."""
    named: Counter[str] = Counter()
    for reason, count in reasons.items():
        named[reason.partition(":")[0]] += count
    return named


def _name(tenant: str, connection: str) -> str:
    return f"  {tenant}/{connection}"


def _rule_order(rule: str) -> tuple[int, str]:
    return (_RULES.index(rule) if rule in _RULES else len(_RULES), rule)


def _source(outcome: Outcome) -> str:
    return (
        "the vendors' documents" if outcome.contract_checked_against == "vendor-documents" else "the doubles' own rules"
    )
