"""Checks each request against the vendors' published descriptions, where an operator has them at hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from queast_runtime.sandbox.exchange import Call, JsonObject

_DOCUMENTS = {
    "hubspot": (
        "hubspot/hubspot-crm.derived.openapi.json",
        ("/crm/objects/2026-03/", "/crm/properties/2026-03/", "/crm/owners/2026-03/"),
    ),
    "pipedrive": (
        "pipedrive/pipedrive-subset.openapi.yaml",
        ("/api/v2/organizations", "/api/v2/organizationFields", "/v1/notes", "/v1/users/me"),
    ),
}
_ORIGINS = {"hubspot": "https://api.hubapi.com", "pipedrive": "https://api.pipedrive.com"}


class VendorDocumentsUnreadable(OSError):
    """The folder of vendor descriptions was named but cannot be used; the message says which file and why."""


class Contract(Protocol):
    """Says whether a request keeps to the vendor's description. `against` names what it is compared with."""

    against: str

    def complaint(self, double: str, call: Call, /) -> str | None:
        """Return what is wrong, None where nothing is."""
        ...


class OwnRules:
    """No vendor documents: the doubles' own rules, which run anyway, are the whole check."""

    against = "own-rules"

    def complaint(self, _double: str, _call: Call, /) -> str | None:
        return None


@dataclass(slots=True)
class _Seen:
    """A call in the shape that openapi-core asks for. Header and parameter names as the library names them."""

    host_url: str
    path: str
    method: str
    body: bytes | None
    content_type: str
    parameters: Any = field(default=None)


class VendorDocuments:
    """Requests compared with the vendors' OpenAPI documents. Paths the documents do not describe pass."""

    against = "vendor-documents"

    def __init__(self, folder: Path) -> None:
        """Read the documents in `folder`. Raises VendorDocumentsUnreadable."""
        self._specs = {double: _open(double, folder) for double in _DOCUMENTS}
        self._prefixes = {double: keep for double, (_, keep) in _DOCUMENTS.items()}

    def complaint(self, double: str, call: Call, /) -> str | None:
        from openapi_core.datatypes import RequestParameters
        from openapi_core.exceptions import OpenAPIError
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        spec = self._specs.get(double)
        if spec is None or not call.path.startswith(self._prefixes[double]):
            return None
        parameters = RequestParameters(
            query=ImmutableMultiDict(call.query),
            header=Headers(list(call.headers.items())),
            cookie=ImmutableMultiDict(),
        )
        seen = _Seen(
            _ORIGINS[double],
            call.path,
            call.method.lower(),
            call.body or None,
            call.headers.get("content-type", "").lower(),
            parameters,
        )
        try:
            spec.validate(seen)
        except OpenAPIError as error:
            return _words(error)
        return None


def open_contract(folder: Path | None) -> Contract:
    """Return the strictest check at hand. Raises VendorDocumentsUnreadable for a folder that cannot be used."""
    return OwnRules() if folder is None else VendorDocuments(folder)


def read_description(double: str, folder: Path) -> JsonObject:
    """Return the part of a vendor's OpenAPI document that the sandbox serves. Raises VendorDocumentsUnreadable."""
    name, keep = _DOCUMENTS[double]
    try:
        document = _read(folder / name)
        paths = {path: entry for path, entry in document["paths"].items() if path.startswith(keep)}
        if not paths:
            raise KeyError("none of the paths that the sandbox serves is in it")
        return {**document, "paths": paths, "components": _with_bearer(document["components"])}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VendorDocumentsUnreadable(f"cannot read the vendor description {folder / name}: {error}") from error


def _open(double: str, folder: Path) -> Any:
    from jsonschema_path import SchemaPath
    from openapi_core import V30RequestValidator

    # The validator itself: the library's application object would first check the whole document, for seconds.
    return V30RequestValidator(SchemaPath.from_dict(read_description(double, folder)))


def _read(path: Path) -> JsonObject:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        document: JsonObject = json.loads(text)
        return document
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found: JsonObject = yaml.load(text, Loader=loader)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    return found


def _with_bearer(components: JsonObject) -> JsonObject:
    # openapi-core has no provider for oauth2 and would let calls without any token pass.
    schemes = components.get("securitySchemes", {})
    turned = {
        name: {"type": "http", "scheme": "bearer"} if entry.get("type") == "oauth2" else entry
        for name, entry in schemes.items()
    }
    return {**components, "securitySchemes": turned}


def _words(error: BaseException) -> str:
    reasons = [str(error)]
    cause: BaseException | None = error.__cause__
    while cause is not None and len(reasons) < 4:
        reasons.append(str(cause))
        inner = getattr(cause, "schema_errors", ())
        reasons += [f"{'/'.join(map(str, entry.path))}: {entry.message}" for entry in list(inner)[:3]]
        cause = cause.__cause__
    return "; ".join(dict.fromkeys(reason.splitlines()[0] for reason in reasons if reason))[:400]
