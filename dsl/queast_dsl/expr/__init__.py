"""The expression language: text to tree and back. Only `parser` needs lark."""
