"""The data contract: what a registry promises of its extract."""

from pseudonym.contract.loading import load_contract
from pseudonym.contract.model import Contract
from pseudonym.contract.profile import Profile, profile
from pseudonym.contract.report import Finding, Report
from pseudonym.contract.validation import validate_content, validate_identifiers

__all__ = [
    "Contract",
    "Finding",
    "Profile",
    "Report",
    "load_contract",
    "profile",
    "validate_content",
    "validate_identifiers",
]
