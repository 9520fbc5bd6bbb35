"""All documents of one tenant, read and structurally sound."""

from __future__ import annotations

from dataclasses import dataclass, field

from queast_dsl.document.cases import CaseFile
from queast_dsl.document.connections import Account, Connection
from queast_dsl.document.lock import LockFile
from queast_dsl.document.mapping import Ignore, Mapping
from queast_dsl.document.policy import Policy


@dataclass(frozen=True, slots=True)
class TenantDocuments:
    """`accounts` by connection name. `policy` is None where there is no policy file ("policy not checked").

    `refused` are files that are there and were reported as unsound (`connections.yaml`, `accounts/<connection>.json`,
    `policy.yaml`): what hangs on them is not reported a second time. `neighbours` are the tenants, this one included,
    whose folders lie beside the policy; None where that is not known. `ignores` are the comments of connections.yaml; a
    mapping holds its own. `tests` are those of its mappings, where they were asked for. `unsound` are the names of
    mappings that are there and were reported. `lock` is None where there is no qmap.lock: nothing is pinned then.
    """

    tenant: str
    mappings: tuple[Mapping, ...]
    connections: dict[str, Connection]
    accounts: dict[str, Account] = field(default_factory=dict)
    policy: Policy | None = None
    refused: frozenset[str] = frozenset()
    neighbours: frozenset[str] | None = None
    ignores: tuple[Ignore, ...] = ()
    tests: tuple[CaseFile, ...] = ()
    unsound: frozenset[str] = frozenset()
    lock: LockFile | None = None
