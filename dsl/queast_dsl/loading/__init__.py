"""Reading of documents: bytes to a positioned tree to frozen dataclasses, every fault a located finding."""

from queast_dsl.loading.source import read_source
from queast_dsl.loading.tree import read_tree

__all__ = ["read_source", "read_tree"]
