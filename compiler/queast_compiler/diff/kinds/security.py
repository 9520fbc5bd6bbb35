"""SECURITY: how the two sides know each other. A tenant cannot accept what weakens it."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

SIGNATURE_WEAKENED: Final = ChangeKind(
    "signature-weakened",
    "SECURITY",
    "block",
    "signature weakened",
    "Checks that what is sent stays signed, and what is received verified, as well as before.",
    "Without a signature anybody can send in our name, or repeat what we sent.",
)
AUTHENTICATION_CHANGED: Final = ChangeKind(
    "authentication-changed",
    "SECURITY",
    "block",
    "authenticated otherwise",
    "Checks that requests are authenticated in the same way.",
    "A credential in another place may be read by others or stay in logs.",
)
SECRET_HEADER_REMOVED: Final = ChangeKind(
    "secret-header-removed",
    "SECURITY",
    "block",
    "secret header gone",
    "Checks that no header with a secret is left out of what is sent.",
    "A receiver that told us by it refuses, or takes from anybody.",
)
SECRET_HEADER_ADDED: Final = ChangeKind(
    "secret-header-added",
    "SECURITY",
    "warn",
    "new secret header",
    "Checks that it is told when a header with a secret is added.",
    "The receiver gets to know the secret.",
)
SECRET_CHANGED: Final = ChangeKind(
    "secret-changed",
    "SECURITY",
    "warn",
    "another secret",
    "Checks that no other secret is used unseen.",
    "The new one must be there before the release, or nothing is sent or taken.",
)
INBOUND_OPENED: Final = ChangeKind(
    "inbound-opened",
    "SECURITY",
    "warn",
    "begins to receive",
    "Checks that no connection begins to take messages unseen.",
    "Whoever holds the secret can make bookmarks.",
)
INBOUND_CLOSED: Final = ChangeKind(
    "inbound-closed",
    "SECURITY",
    "warn",
    "receives nothing any more",
    "Checks that no connection stops to take messages unseen.",
    "Senders are refused from now on.",
)

ALL: Final = (
    *(SIGNATURE_WEAKENED, AUTHENTICATION_CHANGED, SECRET_HEADER_REMOVED, SECRET_HEADER_ADDED, SECRET_CHANGED),
    *(INBOUND_OPENED, INBOUND_CLOSED),
)
