"""A load: from an owner's sealed pack to a staged dataset version, or to a report of findings."""

from pathlib import Path

import polars as pl

from pseudonym.card import Card
from pseudonym.contract.model import Contract
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.profile import Profile
from pseudonym.contract.validation import content_flags, report_of
from pseudonym.errors import Refusal
from pseudonym.keyring import Keyring
from pseudonym.linker.staging import stage
from pseudonym.linker.vault_line import Numbers, VaultLine
from pseudonym.pack import open_header, read_content
from pseudonym.store.buckets import Place
from pseudonym.store.manifest import open_profile
from pseudonym.store.semver import Level, bump, level_between, needed
from pseudonym.store.versions import Shelf
from pseudonym.wire import Loaded

__all__ = ["Loader"]


class Loader:
    """Loads packs into the store of one instance."""

    def __init__(self, shelf: Shelf, keyring: Keyring, vault: VaultLine, card: Card) -> None:
        self._shelf = shelf
        self._keyring = keyring
        self._vault = vault
        self._card = card

    def load(self, pack: Path) -> Loaded:
        """Open, number, validate and stage a pack; a report with verdict `stop` stages nothing.

        Raises Refusal: the pack's own ("truncated", "tampered", "other_instance" …),
        "dataset_taken", "version_exists", "version_too_small", "mode_unknown", "not_running",
        "disk_full".
        """
        header = open_header(pack, self._card.instance, self._card.kind)
        contract = Contract.from_json(header.contract)
        level = self._check_version(contract)
        numbers = self._vault.number(pack, header, contract)
        content = read_content(pack, self._keyring.unseal)
        frame = _together(content, numbers)
        flags = numbers.flags + content_flags(frame, contract, self._previous(contract), None)
        report = report_of(contract, len(frame), flags)
        told = report.to_json() | {
            "needed": level.name if level else "FIRST",
            "left_behind": header.quarantined,
        }
        state, mark = "refused", header.pack[:16]
        if report.verdict != "stop":
            kept = frame.filter(~pl.col(ROW).is_in(report.quarantine.implode()))
            mark = stage(self._shelf, contract, kept, numbers.classes, flags).load
            state = "staged"
        return Loaded(
            load=mark,
            registry=contract.registry.id,
            dataset=contract.dataset.id,
            version=contract.dataset.version,
            state="staged" if state == "staged" else "refused",
            report=told,
        )

    def _check_version(self, contract: Contract) -> Level | None:
        """Which level the change of contract needs; None for a first load."""
        dataset, version = contract.dataset.id, contract.dataset.version
        if contract.dataset.reporting.mode != "full":
            raise Refusal(
                "mode_unknown",
                f"{dataset} is delivered in the mode {contract.dataset.reporting.mode}.",
                'Deliver the whole dataset and write mode = "full" in the contract.',
            )
        self._shelf.claim(contract.registry.id, dataset)
        there = self._shelf.versions(contract.registry.id, dataset)
        if not there:
            return None
        level = needed(self._shelf.manifest(dataset, there[-1]).read_contract(), contract)
        if version in there:
            raise Refusal(
                "version_exists",
                f"Version {version} of {dataset} exists; versions never change.",
                f"Make the pack anew with version {bump(there[-1], level)} in the contract.",
            )
        step = level_between(there[-1], version)
        if step is None or step < level:
            raise Refusal(
                "version_too_small",
                f"Against {there[-1]} of {dataset} the contract is a {level.name} change.",
                f"Make the pack anew with version {bump(there[-1], level)} in the contract.",
            )
        return level

    def _previous(self, contract: Contract) -> Profile | None:
        """The counts of the version that is published now."""
        history = self._shelf.pointer().datasets.get(contract.dataset.id)
        if not history:
            return None
        place = Place(contract.registry.id, contract.dataset.id, history[-1].version)
        manifest = self._shelf.manifest(place.dataset, place.version)
        keys = self._shelf.keys(place.registry)
        return open_profile(manifest.profile, keys.files, place.prefix("profile"))


def _together(content: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
    """Variables and numbers of the same rows, side by side."""
    frame = content.join(numbers.frame, on=ROW, how="left", maintain_order="left")
    names = [name for name in numbers.frame.columns if name != ROW]
    if len(numbers.frame) != len(content) or any(frame[name].has_nulls() for name in names):
        raise Refusal(
            "parts_differ",
            "The two parts of the pack are not about the same rows.",
            "Make the pack anew with `workbench extract pack`.",
        )
    return frame
