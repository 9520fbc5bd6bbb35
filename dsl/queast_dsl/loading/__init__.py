"""Reading of documents: bytes to a positioned tree to frozen dataclasses, every fault a located finding."""

from queast_dsl.loading.build_connector import connector_names, load_connector
from queast_dsl.loading.source import read_source
from queast_dsl.loading.strays import report_strays
from queast_dsl.loading.tenant import load_policy, load_tenant, tenants
from queast_dsl.loading.tree import read_tree

__all__ = [
    "connector_names",
    "load_connector",
    "load_policy",
    "load_tenant",
    "read_source",
    "read_tree",
    "report_strays",
    "tenants",
]
