"""Keys on one machine: a development key pair for releases in `QMAP_STATE/keys`, the public keys that are trusted,
and the key that tokens of people are signed with.

Workers need public keys only: `trusted/` holds one raw key a file as base64, the file's name is the key's id.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from queast_compiler.plan.dsse import key_id

_PRIVATE = "release.ed25519"
_TRUSTED = "trusted"
_TOKENS = "tokens.hs256"
_TOKEN_KEY_BYTES = 32


class KeyUnusable(ValueError):
    """A key file that is absent, readable by others or not a key. The message names the file, never its content."""


def development_key(state: Path) -> Ed25519PrivateKey:
    """Return the development key of `state`, made on first use (file 0600 in a folder 0700) and trusted there.

    Two processes that make it at once end up with the same key. Raises KeyUnusable, OSError.
    """
    folder = _key_folder(state)
    path = folder / _PRIVATE
    if not path.exists():
        _create_once(path, base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()) + b"\n")
    try:
        key = Ed25519PrivateKey.from_private_bytes(_read_own(path))
    except KeyUnusable:
        raise
    except ValueError as error:
        raise KeyUnusable(f"{path}: not an Ed25519 key; restore it, or remove it to have a new one made") from error
    trust(state, key.public_key())
    return key


def token_key(state: Path) -> bytes:
    """Return the 32 bytes that tokens are signed with, made on first use (file 0600 in a folder 0700).

    Without it every token ends: removing the file is how all of them are revoked. Raises KeyUnusable, OSError.
    """
    path = _key_folder(state) / _TOKENS
    if not path.exists():
        _create_once(path, base64.b64encode(os.urandom(_TOKEN_KEY_BYTES)) + b"\n")
    try:
        key = _read_own(path)
    except KeyUnusable:
        raise
    except ValueError as error:
        raise KeyUnusable(f"{path}: not a key of tokens; remove it to have a new one made") from error
    if len(key) != _TOKEN_KEY_BYTES:
        raise KeyUnusable(f"{path}: it holds {len(key)} bytes, a key of tokens has {_TOKEN_KEY_BYTES}; remove it")
    return key


def trust(state: Path, key: Ed25519PublicKey) -> None:
    """Add a public key to those whose releases run here. Raises OSError."""
    folder = _key_folder(state) / _TRUSTED
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{key_id(key).removeprefix('sha256:')}.pub"
    if not path.exists():
        _create_once(path, base64.b64encode(key.public_bytes_raw()) + b"\n")


def trusted_keys(state: Path) -> Mapping[str, Ed25519PublicKey]:
    """Return the trusted public keys by key id; empty where nothing was ever published. Raises KeyUnusable."""
    keys: dict[str, Ed25519PublicKey] = {}
    for path in sorted((state / "keys" / _TRUSTED).glob("*.pub")):
        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(path.read_bytes().strip(), validate=True))
        except (ValueError, binascii.Error) as error:
            raise KeyUnusable(f"{path}: not an Ed25519 public key") from error
        if key_id(key) != f"sha256:{path.stem}":
            raise KeyUnusable(f"{path}: the key in it has another id than its name says")
        keys[key_id(key)] = key
    return keys


def _read_own(path: Path) -> bytes:
    """Return the bytes of a key in base64. Raises KeyUnusable where others may read it, ValueError for no base64."""
    if path.stat().st_mode & 0o077:
        raise KeyUnusable(f"{path}: other users may read it; chmod 600 it, or remove it if it may have been read")
    return base64.b64decode(path.read_bytes().strip(), validate=True)


def _key_folder(state: Path) -> Path:
    folder = state / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def _create_once(path: Path, data: bytes) -> None:
    """Write a file that nobody else has made yet; whoever comes second keeps the first one's."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink(missing_ok=True)
