"""`qmap review stats`."""

from __future__ import annotations

from typing import Any

from queast_runtime.cli.output import Format, data, data_json, table
from queast_runtime.cli.reviews.asking import kind_of, now, opened
from queast_runtime.cli.reviews.listing import answered
from queast_runtime.delivery.reviewing.stats import Stats, stats
from queast_runtime.delivery.reviewing.verdicts import look_at_health
from queast_runtime.matching.confidence import Share
from queast_runtime.matching.health import Tripped

_MINUTE_S, _HOUR_S = 60.0, 3_600.0


def run(tenant: str, connection: str | None, kind: str | None, store_url: str | None, format: Format) -> None:
    """Print the figures of a tenant's cases."""
    wanted = kind_of(kind)
    with opened(tenant, store_url) as at, at.store.read() as view:
        at.check_connection(view, connection)
        found = stats(view, tenant, connection, wanted)
        names = sorted({each.connection for each in found.open} | ({connection} if connection else set()))
        health = {name: look_at_health(view, tenant, name, now()) for name in names}
    paused = {name: state.reason for name, state in health.items() if isinstance(state, Tripped)}
    if format is Format.JSON:
        data_json({"stats": _json(found), "linking_paused": paused})
        return
    data(_text(found))
    for name, reason in paused.items():
        data(f"\nlinking by name is paused on {name}: {reason}\n")


def _text(found: Stats) -> str:
    parts = []
    if found.open:
        rows = [(each.connection, each.kind, each.open, each.put_off) for each in found.open]
        parts.append(table(rows, header=("CONNECTION", "KIND", "OPEN", "PUT OFF")))
    else:
        parts.append("nothing is open\n")
    if found.answered:
        rows_ = [(answered(choice), count) for choice, count in found.answered.items()]
        parts.append("\n" + table(rows_, header=("ANSWERED", "CASES")))
    if found.median_s is not None:
        parts.append(f"\nhalf of the answers came within {_span(found.median_s)}\n")
    if found.blind.total:
        parts.append(f"\nblind samples in which people said what the engine had said: {_share(found.blind)}\n")
    if found.bands:
        bands = [
            (f"{each.low:.2f} to {each.high:.2f}", each.precision.total, each.precision.right, _percent(each.precision))
            for each in found.bands
        ]
        header = ("BEST SCORE", "CASES", "RIGHT", "PRECISION (95 %)")
        parts.append("\n" + table(bands, header=header))
    return "".join(parts)


def _json(found: Stats) -> dict[str, Any]:
    return {
        "open": [
            {"connection": each.connection, "kind": each.kind, "open": each.open, "put_off": each.put_off}
            for each in found.open
        ],
        "answered": dict(found.answered),
        "median_seconds": found.median_s,
        "blind": share_json(found.blind),
        "bands": [{"low": each.low, "high": each.high, **share_json(each.precision)} for each in found.bands],
    }


def share_json(share: Share) -> dict[str, Any]:
    return {"right": share.right, "total": share.total, "lower": round(share.lower, 4), "upper": round(share.upper, 4)}


def _share(share: Share) -> str:
    return f"{share.right:,} of {share.total:,}, {_percent(share)}"


def _percent(share: Share) -> str:
    """`0.98 (0.95 to 1.00)`; both ends of the interval are cut, never rounded up."""
    value = share.right / share.total if share.total else 0.0
    return f"{value:.3f} ({int(share.lower * 1000) / 1000:.3f} to {share.upper:.3f})"


def _span(seconds: float) -> str:
    if seconds < 2 * _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds / _HOUR_S:.0f} h"
