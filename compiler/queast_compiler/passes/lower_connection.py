"""One connection of a tenant and its connector -> the connection plan.

warehouse: {connector: webhook, url: https://…, account: warehouse, auth: {signing_secret: secret://warehouse}}
-> ConnectionPlan(url="https://…", secrets=(("signing_secret", "warehouse"),), manifest={…the webhook's operations…})
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from zoneinfo import available_timezones

from queast_compiler.passes.destination_address import address_fault
from queast_compiler.passes.lower_match import lower_match
from queast_compiler.passes.plan_paths import plan_path
from queast_compiler.plan.connection import ConnectionPlan, InboundPlan, MatchPlan
from queast_compiler.plan.needs import ScoreNeed
from queast_dsl.diagnostics import Diagnostics, Severity
from queast_dsl.document.connections import Account, Connection
from queast_dsl.document.connector import Connector, ConnectorObject
from queast_dsl.source import Located, Span

JsonObject = dict[str, Any]
WARNING_PERIOD = timedelta(days=180)
_OBJECT_KEYS = ("role", "action", "attach", "reference", "operations", "reads", "lookup", "page")


def lower_connection(
    connection: Connection, connector: Connector, account: Account | None, diagnostics: Diagnostics
) -> ConnectionPlan | None:
    """Return the plan of a connection, or None after reporting what is wrong with it.

    A missing or foreign account file is the finding of the pass that resolves the connection.
    """
    before = _errors(diagnostics)
    secrets = _secrets(connection, connector, diagnostics)
    url = _url(connection, connector, diagnostics)
    time_zone = _time_zone(connection, connector, diagnostics)
    external_ids = {name: external_id_key(each, account) for name, each in connector.objects.items()}
    match = lower_match(connection, connector, account, external_ids, diagnostics)
    if _errors(diagnostics) > before:
        return None
    compared = {plan.object: (*plan.domain_to, *(path.partition(".")[0] for _, path in plan.card)) for plan in match}
    objects = {
        name: _object(connector, each, account, external_ids[name], compared.get(name, ()))
        for name, each in connector.objects.items()
    }
    runtime = connector.runtime
    sources = [connection.source, connector.source, *([] if account is None else [account.source])]
    return ConnectionPlan(
        tenant=connection.tenant,
        connection=connection.name.value,
        connector=connector.name,
        connector_version=connector.version,
        account=connection.account.value,
        url=url,
        time_zone=time_zone,
        secrets=secrets,
        match=match,
        manifest={
            "api": runtime["api"],
            "auth": runtime["auth"],
            "rate_limit": runtime["rate_limit"],
            "errors": runtime["errors"],
            "objects": objects,
        },
        sources=tuple(sorted((each.path, sha256(each.text.encode()).hexdigest()) for each in sources)),
        needs=_needs(connection, match),
        inbound=None
        if connection.inbound is None
        else InboundPlan("standard_webhooks", connection.inbound.secret.name.value),
    )


def _needs(connection: Connection, match: tuple[MatchPlan, ...]) -> tuple[ScoreNeed, ...]:
    """`match: {company: {name: {review: 0.8}}}`  ->  names of companies are scored, asked for at `name`."""
    scored = {each.entity for each in match if each.name is not None}
    places = {rules.entity.value: rules.name.span for rules in connection.match if rules.name is not None}
    return tuple(
        ScoreNeed(entity, plan_path(places[entity].file.path, connection.tenant), places[entity].line)
        for entity in sorted(scored)
    )


def warn_of_end(connector: Connector, today: date, span: Span, diagnostics: Diagnostics) -> None:
    """Warn at `span` (the connection's `connector`) from 180 days before the vendor may end this version."""
    if connector.supported_until is None:
        return
    end = date.fromisoformat(connector.supported_until)
    if today < end - WARNING_PERIOD:
        return
    version = connector.runtime["api"]["version"]
    when = "has ended" if today >= end else "may end"
    diagnostics.report(
        "QM604",
        f"version {version} of the {connector.name} interface {when} on {end.isoformat()}",
        span,
        help="update Queast: a newer manifest of this connector speaks to a newer version",
    )


def external_id_key(target: ConnectorObject, account: Account | None) -> str | None:
    """Return the account's own key of the property that holds our id: found by name, else by label. None without."""
    if target.external_id is None:
        return None
    if target.external_id in target.fields:
        return target.external_id
    properties = {} if account is None else account.objects.get(target.name, {})
    if target.external_id in properties:
        return target.external_id
    wanted = _folded(target.external_id)
    return next((name for name, each in sorted(properties.items()) if _folded(each.label) == wanted), None)


def _errors(diagnostics: Diagnostics) -> int:
    return sum(finding.severity is Severity.ERROR for finding in diagnostics)


def _folded(label: str) -> str:
    return "_".join(label.casefold().replace("_", " ").split())


def _secrets(connection: Connection, connector: Connector, diagnostics: Diagnostics) -> tuple[tuple[str, str], ...]:
    given = {name.value: secret.name.value for name, secret in connection.auth}
    expected = ", ".join(connector.credentials)
    for name, _ in connection.auth:
        if name.value not in connector.credentials:
            diagnostics.report(
                "QM610",
                f"connector `{connector.name}` knows no credential `{name.value}`",
                name.span,
                help=f"`auth` gives: {expected}",
            )
    missing = [name for name in connector.credentials if name not in given]
    if missing and set(given) <= set(connector.credentials):
        diagnostics.report(
            "QM610",
            f"connection `{connection.name.value}` gives no `{missing[0]}`, which the connector needs",
            connection.name.span,
            help=f"add `auth: {{{missing[0]}: secret://{connection.name.value}}}`",
        )
    return tuple(sorted(given.items()))


def _url(connection: Connection, connector: Connector, diagnostics: Diagnostics) -> str:
    base: str | None = connector.runtime["api"]["base_url"]
    url = connection.url
    if base is not None:
        if url is not None:
            diagnostics.report(
                "QM611",
                f"connector `{connector.name}` has an address of its own and takes no `url`",
                url.span,
                help="remove `url`",
            )
        return base
    if url is None:
        diagnostics.report(
            "QM611",
            f"connection `{connection.name.value}` gives no `url`, which connector `{connector.name}` needs",
            connection.name.span,
            help="add `url: https://…`",
        )
        return ""
    fault = address_fault(url.value)
    if fault is not None:
        diagnostics.report("QM611", f"`url` {fault}", url.span, help="give an https address of a public host name")
    return url.value


def _time_zone(connection: Connection, connector: Connector, diagnostics: Diagnostics) -> str:
    zone: Located[str] | None = connection.time_zone
    if zone is None:
        if connector.time_zone_required:
            diagnostics.report(
                "QM612",
                f"connection `{connection.name.value}` gives no `time_zone`, which connector `{connector.name}` needs",
                connection.name.span,
                help="add the account's time zone, such as `time_zone: Europe/Oslo`",
            )
        return "UTC"
    if zone.value not in _time_zones():
        diagnostics.report(
            "QM612",
            f"`{zone.value}` is not a known time zone",
            zone.span,
            help="give the IANA name, such as `Europe/Oslo`",
        )
    return zone.value


@cache
def _time_zones() -> frozenset[str]:
    """The names lie in hundreds of files, which are looked through once."""
    return frozenset(available_timezones())


def _object(
    connector: Connector,
    target: ConnectorObject,
    account: Account | None,
    external_id: str | None,
    compared: tuple[str, ...],
) -> JsonObject:
    """Return an object as the driver takes it: resolved keys, how properties go over the wire, what to
    ask for."""
    manifest: JsonObject = connector.runtime["objects"][target.name]
    fields: JsonObject = manifest["fields"]
    further = {} if account is None else account.objects.get(target.name, {})
    types = {name: each.type for name, each in further.items()} | {
        name: each.type for name, each in target.fields.items()
    }
    wirings = {**connector.codec, **target.codec}
    whole = {kind for kind, wiring in wirings.items() if wiring.json == "integer"}
    forms: dict[tuple[str, str], JsonObject] = {}
    for name, kind in sorted(types.items()):
        wiring, own = wirings[kind], target.fields.get(name)
        clear = wiring.clear if own is None or own.clear is None else own.clear
        form: JsonObject = {"wire": wiring.wire, "clear": clear, "properties": []}
        forms.setdefault((wiring.wire, repr(clear)), form)["properties"].append(name)
    asked = [*target.read, *compared, *([] if external_id is None else [external_id])]
    return {
        **{key: manifest[key] for key in _OBJECT_KEYS if key in manifest},
        "external_id": external_id,
        "read": list(dict.fromkeys(asked)),
        "declared": sorted(fields),
        "places": {name: each["at"] for name, each in sorted(fields.items()) if "at" in each},
        "forms": list(forms.values()),
        "whole_numbers": sorted(name for name, kind in types.items() if kind in whole),
    }
