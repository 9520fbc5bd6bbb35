"""Whose account runs the command, as the operating system says it."""

from __future__ import annotations

import os
import pwd


def account_name() -> str:
    """Return the name of the account that this process acts as; `uid-1004` for one without a name.

    No variable of the environment has a say in it: whoever is asked for a second person's word could set one.
    """
    user = os.geteuid()
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"uid-{user}"


def shell_subject() -> str:
    """`cli:anna`: who runs the command without a token."""
    return f"cli:{account_name()}"
