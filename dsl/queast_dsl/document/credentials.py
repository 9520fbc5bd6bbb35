"""Which names say that a value proves who is calling."""

from __future__ import annotations

import re
from typing import Final

CREDENTIAL_NAMES: Final = r"token|secret|password|passwd|passphrase|pwd|api[_-]?key|apikey|credentials?|bearer"
CREDENTIAL_HEADERS: Final = r"(?:proxy-)?authorization|(?:set-)?cookie"
_CREDENTIAL_HEADER = re.compile(
    rf"(?i)\A(?:{CREDENTIAL_HEADERS}|(?:[a-z0-9-]*-)?(?:{CREDENTIAL_NAMES}|key|auth|signature|session)s?(?:-id)?)\Z"
)


def is_credential_header(name: str) -> bool:
    """Return whether a header of this name carries a credential, so that only a secret may stand there.

    `authorization`, `X-Api-Key`, `x-auth-token`  ->  True; `X-Source`, `Content-Type`  ->  False
    """
    return _CREDENTIAL_HEADER.match(name) is not None
