"""Secrets by tenant and name, from the environment or from files; never from YAML (D6.7)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from queast_runtime.ports import SecretMissing

DIRECTORY_VARIABLE = "QMAP_SECRETS_DIR"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_MAX_BYTES = 65_536


class EnvironmentSecrets:
    """`QMAP_SECRET_<TENANT>__<NAME>`, else `<QMAP_SECRETS_DIR>/<tenant>/<name>`.

    Names hold no underscore and no dot, so neither two secrets nor two tenants can share a variable or a file.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def resolve(self, tenant: str, name: str) -> str:
        """Return the secret's value, without the line break at a file's end. Raises SecretMissing."""
        for what, text in (("tenant", tenant), ("secret", name)):
            if _NAME.fullmatch(text) is None:
                raise SecretMissing(f"{text!r} is not a name of a {what}")
        variable = secret_variable(tenant, name)
        value = self._environ.get(variable)
        if value:
            return value
        folder = self._environ.get(DIRECTORY_VARIABLE)
        if not folder:
            raise SecretMissing(f"secret `{name}` is not set: tried {variable} ({DIRECTORY_VARIABLE} is not set)")
        path = Path(folder) / tenant / name
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
            text = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
            raise SecretMissing(f"secret `{name}` is not set: tried {variable} and {path} ({why})") from None
        if not text or len(data) > _MAX_BYTES:
            raise SecretMissing(f"secret `{name}` is not set: tried {variable} and {path} (empty or too large)")
        return text


def secret_variable(tenant: str, name: str) -> str:
    """Return the environment variable of a secret: ("acme", "hubspot-main") -> QMAP_SECRET_ACME__HUBSPOT_MAIN."""
    return f"QMAP_SECRET_{_upper(tenant)}__{_upper(name)}"


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")
