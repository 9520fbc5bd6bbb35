"""One connection's way to its destination: requests built, sent and judged by the plan's manifest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.connectors.auth import MASK, Credentials, auth_headers
from queast_runtime.connectors.body import Scope
from queast_runtime.connectors.errors import Answer, Verdict, classify
from queast_runtime.connectors.requests import body_of, check_header, request_of, url_of
from queast_runtime.ports import Clock, Form, Gate, HttpOutcome, HttpRequest, Secrets, Sender, Tuning

JsonObject = dict[str, Any]
TIMEOUT_S = 15.0
SMALL_ANSWER = 16_384
_AS_JSON: Final = Form("native", None)
HELD = "held back: the budget has no room now"


class Exchange:
    """Everything about a connection that writes and look-ups share."""

    def __init__(
        self,
        plan: ConnectionPlan,
        sender: Sender,
        secrets: Secrets,
        clock: Clock,
        tuning: Tuning,
        gate: Gate | None = None,
    ) -> None:
        self.plan = plan
        self.clock = clock
        self.tuning = tuning
        self._manifest: JsonObject = plan.manifest
        self._sender = sender
        self._gate = gate
        self._credentials = Credentials(plan.tenant, dict(plan.secrets), secrets)
        self._timeout_s = TIMEOUT_S if tuning.timeout_s is None else tuning.timeout_s
        self._forms = {
            (name, property): Form(form["wire"], form["clear"])
            for name, target in self._manifest["objects"].items()
            for form in target.get("forms", ())
            for property in form["properties"]
        }
        self._base = "" if self._manifest["api"]["base_url"] is None else plan.url

    def object(self, name: str) -> JsonObject:
        """Return an object of the manifest. KeyError for one that no plan could have named."""
        found: JsonObject = self._manifest["objects"][name]
        return found

    def values(self, object: str) -> JsonObject:
        """Return what every template of an object can speak of."""
        spec = self.object(object)
        return {
            "version": self._manifest["api"]["version"],
            "external_id": spec["external_id"],
            "read": spec["read"],
        }

    def form(self, object: str, property: str) -> Form:
        return self._forms.get((object, property), _AS_JSON)

    def build(
        self,
        spec: JsonObject,
        scope: Scope,
        *,
        webhook_id: str = "",
        headers: Sequence[tuple[str, str]] = (),
        secret_headers: Sequence[tuple[str, str]] = (),
        masked: bool = False,
    ) -> HttpRequest:
        """Return the request of an operation. Raises CannotFill, SecretMissing, CredentialUnusable."""
        body = body_of(spec, scope)
        # A connector without an address of its own goes to exactly the URL that the connection gives.
        url = url_of(self._base, spec, scope) if self._base else self.plan.url
        for name, value in headers:
            check_header(name, value)
        hidden = [(name, MASK if masked else self._credentials.resolve(secret)) for name, secret in secret_headers]
        auth = auth_headers(
            self._manifest["auth"], self._credentials, body, webhook_id, self.clock.now(), masked=masked
        )
        common = self._manifest["api"]["headers"].items()
        return request_of(spec, url, body, [*common, *headers, *hidden], auth)

    async def turn(self, operation: str) -> float | None:
        """Wait for the turn of one request; a number of seconds where none may be sent for so long.

        Taken before the request is built, so that its signature's time is that of the send.
        """
        return None if self._gate is None else await self._gate.enter(operation)

    async def send(self, request: HttpRequest, max_body: int) -> HttpOutcome:
        """Send a request whose turn was taken."""
        outcome = await self._sender.send(request, timeout_s=self._timeout_s, max_body=max_body)
        if self._gate is not None and outcome.status is not None:
            self._gate.learn(outcome.headers)
        return outcome

    def verdict(self, outcome: HttpOutcome, document: Any) -> Verdict:
        """Say what a refusal means by the manifest's table."""
        return self._classified(Answer(outcome.status, outcome.headers, document))

    def item_verdict(self, error: JsonObject) -> Verdict:
        """The same for one refused item of a batch that was answered as a whole."""
        return self._classified(Answer(None, {}, error))

    def _classified(self, answer: Answer) -> Verdict:
        return classify(self._manifest["errors"], answer, self.clock.now(), self.plan.time_zone)


def document_of(outcome: HttpOutcome) -> Any:
    """Return an answer's JSON, None where it is none or did not come whole."""
    if outcome.truncated or not outcome.body:
        return None
    try:
        return orjson.loads(outcome.body)
    except orjson.JSONDecodeError:
        return None
