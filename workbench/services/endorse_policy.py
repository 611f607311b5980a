"""Sign a policy, trust a signer, install a signed policy: nobody does all of it alone."""

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from disclosure.endorsement import ROLES, Signer, check_endorsed, endorse
from disclosure.policy import LEVELS, load_policy
from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.ports import Records
from workbench.services.policy_folder import BEFORE, SIGNATURES, TRUST, Trust, parsed

__all__ = ["install_policy", "sign_policy", "trust_signer"]

NAME = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


def sign_policy(
    path: Path, role: str, day: date, signer: Callable[[bytes], bytes], key: bytes
) -> str:
    """Add the signature of a layer's writer or approver beside it; returns whose it is.

    The name is the one that the layer gives for the role. Raises Refusal: bad_role, no_policy.
    """
    if role not in ROLES:
        raise Refusal("bad_role", f"{role} is no role.", "Sign as writer or as approver.")
    content = _bytes(path)
    name = str(parsed(content, path).get(ROLES[role], ""))
    beside = path.with_name(path.name + ".sig")
    try:
        found = json.loads(beside.read_bytes()) if beside.is_file() else {"v": 1}
        told = {**found, role: endorse(content, role, name, day, signer, key)}
    except (ValueError, TypeError):
        raise Refusal(
            "policy_signature_wrong",
            f"{beside.name} cannot be read.",
            "Remove it, and have the policy signed again by both.",
        ) from None
    _write(beside, json.dumps(told, indent=1, sort_keys=True).encode() + b"\n")
    return name


def trust_signer(records: Records, engine: Path, signer: Signer, who: str, why: str) -> None:
    """Let a signer's key count in this instance from now on; it is in the log before it counts."""
    if len(signer.key) != 64 or signer.valid_from > signer.valid_until:
        raise Refusal(
            "bad_signer",
            "A signer has a public key of 64 hexadecimal digits, and days in their order.",
            "Copy the key as `workbench policy key` printed it.",
        )
    trust = Trust.read(engine / TRUST) or Trust()
    kept = tuple(one for one in trust.signers if (one.name, one.key) != (signer.name, signer.key))
    details: dict[str, str | int] = {
        "key": signer.key,
        "valid_from": signer.valid_from.isoformat(),
        "valid_until": signer.valid_until.isoformat(),
    }
    records.audit.append(AuditEvent(What.POLICY_SIGNER_TRUST, who, signer.name, why, details))
    _write(engine / TRUST, replace(trust, signers=(*kept, signer)).text().encode())


def install_policy(
    records: Records, root: Path, engine: Path, path: Path, today: date, who: str
) -> str:
    """Put a signed layer into the instance's own folder; returns its name there.

    root: the instance's. A default stands before all others. Raises Refusal: no_trust, no_default,
    policy_older, whatever check_endorsed and load_policy raise; nothing has changed then.
    """
    trust = Trust.read(engine / TRUST)
    if trust is None:
        raise Refusal(
            "no_trust",
            "No signer is trusted here, so the platform's own policies count.",
            "Trust the keys of writer and approver first: workbench policy trust.",
        )
    content = _bytes(path)
    layer = parsed(content, path)
    name = _place(layer)
    beside = path.with_name(path.name + ".sig")
    signatures = beside.read_bytes() if beside.is_file() else None
    check_endorsed(path.name, content, signatures, layer, trust.signers, today)
    folder = root / "policies"
    default = layer
    if name != "default.toml":
        if not (folder / "default.toml").is_file():
            raise Refusal(
                "no_default",
                "The instance has no default policy of its own yet.",
                "Install a signed default.toml first.",
            )
        default = parsed(_bytes(folder / "default.toml"), folder / "default.toml")
    load_policy([default] if default is layer else [default, layer])
    if layer["version"] <= trust.installed.get(name, 0):
        raise Refusal(
            "policy_older",
            f"Version {trust.installed[name]} of {name} is installed already.",
            "Give the layer a higher version, and have it signed.",
        )
    details: dict[str, str | int] = {
        "version": int(layer["version"]),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    records.audit.append(AuditEvent(What.POLICY_LAYER_INSTALL, who, name, "", details))
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    # Each step leaves a layer beside signatures that fit it: the older ones are kept until the end.
    signed = target.with_name(target.name + SIGNATURES)
    if signed.is_file():
        _write(target.with_name(target.name + BEFORE), signed.read_bytes())
    _write(signed, signatures or b"")
    _write(target, content)
    installed = {**trust.installed, name: int(layer["version"])}
    _write(engine / TRUST, replace(trust, installed=installed).text().encode())
    return name


def _place(layer: Mapping[str, Any]) -> str:
    level, name = (str(layer.get(key, "")) for key in ("level", "name"))
    if level == "default":
        return "default.toml"
    if level not in LEVELS or not NAME.match(name):
        raise Refusal(
            "policy_malformed",
            "The layer's level or name is not one that could be installed.",
            "Levels are default, registry and project; names are of small letters and _.",
        )
    return f"{'registries' if level == 'registry' else 'projects'}/{name}.toml"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Refusal("no_policy", f"{path} cannot be read.", "Check the file's name.") from None


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o600)
    draft.replace(path)
