"""Row ids that sort by time: UUID version 7 (RFC 9562), 48 bits of milliseconds and 74 random bits."""

from __future__ import annotations

import os
from datetime import datetime

from queast_runtime.store.sql import to_us


def new_id(at: datetime) -> str:
    """32 hexadecimal digits, in the order of `at` to the millisecond."""
    chance = int.from_bytes(os.urandom(10), "big")
    value = (to_us(at) // 1000 & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (chance >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | chance & 0x3FFF_FFFF_FFFF_FFFF
    return f"{value:032x}"
