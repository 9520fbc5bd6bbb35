"""What a mapping says of itself while it is being written: sound enough to be read as YAML, and no more."""

from __future__ import annotations

from pathlib import Path

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.folder import Folder
from queast_dsl.loading.nodes import MapNode, ScalarNode
from queast_dsl.loading.source import MAX_BYTES, read_source
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import Located


def drafts(root: Path, tenant: str) -> tuple[str, ...]:
    """Return the names of the mappings in a tenant's folder, sorted, whatever is in them."""
    names = Folder(root).names(tenant)
    return tuple(each.removesuffix(".yaml") for each in names if each.endswith(".yaml") and each != "connections.yaml")


def connection_of(root: Path, tenant: str, name: str, diagnostics: Diagnostics) -> Located[str] | None:
    """Return the connection that a mapping names; None where it names none yet, or after reporting that it cannot be
    read at all."""
    folder, path = Folder(root), f"{tenant}/{name}.yaml"
    data = folder.read(path, MAX_BYTES, diagnostics)
    source = None if data is None else read_source(folder.shown(path), data, diagnostics)
    tree = None if source is None else read_tree(source, diagnostics)
    node = tree.get("connection") if isinstance(tree, MapNode) else None
    return node.located if isinstance(node, ScalarNode) and node.value else None
