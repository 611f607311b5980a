"""Write a permit's TOML with every field explained, for whoever brings their own data."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workbench.domain.errors import Refusal
from workbench.domain.permit import Role
from workbench.ports import CatalogueVariable
from workbench.services.permit_file import parse_permit

__all__ = ["DatasetDraft", "draft_permit", "parse_member"]

_TYPES = {
    "STRING": "text",
    "LONG": "whole number",
    "DOUBLE": "number",
    "DATE": "date",
    "BOOLEAN": "true or false",
    "LINK": "leads to that person's own rows",
}


@dataclass(frozen=True)
class DatasetDraft:
    """A dataset and the variables that the draft shall list."""

    dataset: str
    variables: tuple[CatalogueVariable, ...]


def parse_member(text: str) -> tuple[str, Role]:
    """`user` or `user:lead`; a researcher by default. Raises Refusal("bad_member")."""
    user, _, role = text.partition(":")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@-]{0,63}", user) or role not in {"", *Role}:
        raise Refusal(
            "bad_member",
            "A member is an account, or an account and its role.",
            "Write --member kari, or --member kari:lead.",
        )
    return user, Role(role) if role else Role.RESEARCHER


def draft_permit(
    project: str,
    datasets: Sequence[DatasetDraft],
    members: Sequence[tuple[str, Role]],
    valid_from: date,
    valid_until: date,
    sealed_bits: tuple[int, int],
) -> str:
    """The text of a permit that `parse_permit` reads. Raises Refusal for a bad project name.

    The first member leads when nobody else does. sealed_bits: what sealed runs, and what
    interactive sealed kernels, can tell against everybody's will; bits a day and person.
    """
    if not any(role is Role.LEAD for _, role in members) and members:
        members = [(members[0][0], Role.LEAD), *members[1:]]
    lines = [
        "# A permit: who may use what, for which purpose, until when, at which privacy cost.",
        "# Delete the variables that the purpose does not need, then grant it:",
        "#     workbench project grant THIS_FILE",
        "",
        "# The project's name: lower-case letters, digits and hyphens.",
        f"project = {json.dumps(project)}",
        f"title = {json.dumps(project)}",
        "# What the data are used for; people read this.",
        'purpose = "To be written: the question that the study answers."',
        "# The decision and the articles that allow it.",
        'legal_basis = ""',
        "# The first and the last day on which the project opens.",
        f"valid_from = {valid_from.isoformat()}",
        f"valid_until = {valid_until.isoformat()}",
        "# The disclosure policy of policies/; the strictest of all linked registries applies.",
        'policy = "default"',
        "# Privacy budget (ρ) of the whole project for noisy answers, an exact fraction.",
        'budget_rho = "1/2"',
        "# How many plans of the project run together, and what one may take.",
        "plans_at_once = 2",
        "plan_seconds = 900",
        "plan_memory_mb = 1024",
        "# Whether code may run on the real rows unseen, its files going through an officer.",
        f"# Hostile code could so smuggle out {sealed_bits[0]:,} bits a day and person.",
        "sealed_runs = false",
        "# Whether it may also run cell by cell, each cell telling when and whether it ended.",
        f"# Hostile code could so smuggle out {sealed_bits[1]:,} bits a day and person.",
        "sealed_kernel = false",
    ]
    for user, role in members:
        lines += ["", "[[members]]", f"user = {json.dumps(user)}", f'role = "{role}"']
    for draft in datasets:
        lines += ["", "[[datasets]]", f"dataset = {json.dumps(draft.dataset)}", "variables = ["]
        for variable in draft.variables:
            lines.append(f"    {json.dumps(variable.name)},{_explained(variable)}")
        lines.append("]")
    text = "\n".join(lines) + "\n"
    parse_permit(text)
    return text


def _explained(variable: CatalogueVariable) -> str:
    label = variable.label.get("en") or next(iter(variable.label.values()), "")
    kind = _TYPES.get(variable.data_type, "")
    codes = f"{variable.codes} codes" if variable.codes else ""
    told = ", ".join(word for word in (" ".join(label.split()), kind, codes) if word)
    return f"  # {told}" if told else ""
