"""The demo's accounts: made once with random passwords, kept for the next run."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from workbench.cli.rooms import Accounts

__all__ = ["OWNERS", "open_accounts"]

OWNERS = {"nafld_base": "owner", "nafld_lab": "owner-lab", "nafld_dx": "owner-dx"}
NAMES = ("researcher", "officer", *OWNERS.values())
ROLES = """# Who is what in the demo. Members of projects are named by permits alone.
officers = ["officer"]

[owners]
nafld_base = ["owner"]
nafld_lab = ["owner-lab"]
nafld_dx = ["owner-dx"]
"""


def open_accounts(accounts: Accounts, roles: Path, kept: Path) -> Mapping[str, str]:
    """The passwords by account; `kept` is readable by the platform's user only."""
    if not roles.exists():
        roles.write_text(ROLES, encoding="utf-8")
    if kept.exists():
        passwords: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
        return passwords
    passwords = {name: f"demo-{secrets.token_hex(5)}" for name in NAMES}
    for name, password in passwords.items():
        accounts.add(name, password, replace=True)
    draft = kept.with_name(f".{kept.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(passwords, file)
    draft.replace(kept)
    return passwords
