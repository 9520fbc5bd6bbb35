"""Names that a delivery carries to the destination: the same for the same thing, whichever ledger computes them."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256


def message_id(*parts: str | int) -> str:
    """Return `msg_` and 32 base32 characters (160 bits) over the parts, each length-prefixed so that none run together.

    A fresh ledger over the same events makes the same ids, so a receiver that remembers them takes nothing twice.
    """
    return f"msg_{_digest(parts, 20)}"


def reference(*parts: str | int) -> str:
    """Return a short visible reference, such as `q-4d7jx2k5n3ab2c7p`, for a note that must be found again."""
    return f"q-{_digest(parts, 10)}"


def _digest(parts: tuple[str | int, ...], size: int) -> str:
    text = "".join(f"{len(str(part).encode())}:{part}" for part in parts)
    return b32encode(sha256(text.encode()).digest()[:size]).decode().rstrip("=").lower()
