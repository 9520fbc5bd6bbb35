"""Credentials onto requests: bearer token, token in a header, Standard Webhooks signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queast_runtime.ports import SecretMissing, Secrets
from queast_runtime.security.signatures import SigningKeyInvalid, sign, signing_key

MASK = "***"
JsonObject = dict[str, Any]


class CredentialUnusable(ValueError):
    """A secret is there and cannot be used as the connector needs it. The message never holds its value."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one connection. Read at each request, so that a rotated secret is used at once."""

    tenant: str
    names: dict[str, str]
    secrets: Secrets

    def resolve(self, secret: str) -> str:
        """Return a secret's value. Raises SecretMissing, CredentialUnusable."""
        value = self.secrets.resolve(self.tenant, secret)
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise CredentialUnusable(f"secret `{secret}` holds characters that no header can carry")
        return value

    def credential(self, name: str) -> str:
        if name not in self.names:
            raise SecretMissing(f"connection gives no credential `{name}`")
        return self.resolve(self.names[name])


def auth_headers(
    auth: JsonObject, credentials: Credentials, body: bytes, webhook_id: str, now: datetime, *, masked: bool
) -> list[tuple[str, str]]:
    """Return the headers that authenticate a request, with `***` for what is secret where `masked`.

    Raises SecretMissing, CredentialUnusable (never where `masked`).
    """
    name: str = auth["credential"]
    match auth["kind"]:
        case "bearer":
            return [("authorization", f"Bearer {MASK if masked else credentials.credential(name)}")]
        case "header":
            return [(auth["header"], MASK if masked else credentials.credential(name))]
        case "standard_webhooks":
            timestamp = int(now.timestamp())
            signature = f"v1,{MASK}" if masked else _signature(credentials, name, webhook_id, timestamp, body)
            return [
                ("webhook-id", webhook_id),
                ("webhook-timestamp", str(timestamp)),
                ("webhook-signature", signature),
            ]
        case kind:
            raise CredentialUnusable(f"connector authenticates by {kind!r}, which this version does not know")


def _signature(credentials: Credentials, name: str, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    secret = credentials.credential(name)
    try:
        key = signing_key(secret)
    except SigningKeyInvalid as error:
        raise CredentialUnusable(f"secret `{credentials.names[name]}`: {error}") from None
    return sign(key, webhook_id, timestamp_s, body)
