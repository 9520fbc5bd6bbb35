"""Which links that the engine made a person judges without knowing what the engine thought (D3.4)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SAMPLED_SHARE: Final = 0.02
_SCALE: Final = 1 << 64


def is_sampled(tenant: str, queast_id: str, partner_id: str, key: bytes, share: float = SAMPLED_SHARE) -> bool:
    """Whether a link is of the sample: the same answer for the same pair after every restart, on every worker.

    `key` is the installation's own, so that nobody outside can choose names or ids that are never sampled.
    """
    # The lengths keep ("a", "bc") and ("ab", "c") apart.
    parts = b"".join(
        len(part).to_bytes(4) + part for part in (each.encode() for each in (tenant, queast_id, partner_id))
    )
    drawn = int.from_bytes(hmac.new(key, b"blind sample" + parts, hashlib.sha256).digest()[:8])
    return drawn < share * _SCALE
