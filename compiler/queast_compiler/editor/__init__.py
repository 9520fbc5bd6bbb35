"""Schemas for editors: those of the documents, and that of one connection's mappings with the account's own words."""

from queast_compiler.editor.documents import document_names, document_schema
from queast_compiler.editor.mapping import mapping_schema

__all__ = ["document_names", "document_schema", "mapping_schema"]
