"""What another policy would have said of a past release: run again, judged anew, nothing recorded.

The plan runs on the view that the release was made from, against the releases that were there then.
A noisy release is judged by its cost alone.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

from disclosure.policy import LEVELS, Policy, load_policy
from workbench.domain.errors import Refusal
from workbench.domain.release import Membership, Release
from workbench.engine.mending import Outcome
from workbench.engine.refusals import translated
from workbench.engine.run import Engine
from workbench.ports import HeldPermit, Records
from workbench.services.policy_folder import PolicyFolder

__all__ = ["rejudge"]

TOO_LARGE = 64 << 10


def rejudge(engine: Engine, release: str, layer: str) -> dict[str, Any]:
    """{"outcome", "rules", "before", "after"}: what a layer (TOML) would have changed.

    outcome: "same", "changed" (more or less is withheld), "refused", or "unknown" when the release
    cannot be computed again; rules: that refuse; before, after: cells withheld. A default or a
    project's layer takes the place of any, a registry's that of the registry, if the view has it.
    Raises Refusal: unknown_release, bad_policy, policy_weaker, policy_malformed.
    """
    found = engine.records.releases.find(release)
    if found is None:
        raise Refusal("unknown_release", "There is no such release.", "See the audit log.")
    try:
        if len(layer) > TOO_LARGE:
            raise ValueError
        new = tomllib.loads(layer)
    except (ValueError, RecursionError):
        raise Refusal("bad_policy", "The policy is not TOML.", "Correct the file.") from None
    with translated():
        before = _withheld(found.body)
        try:
            engine.views.get(found.project, found.view_version)
        except Refusal as refusal:
            return _told("unknown", [refusal.code], before, 0)
        trial = _Rejudging(engine, found, new)
        if found.rho:
            dear = found.rho > trial.policy.rho_per_release
            return _told("refused" if dear else "same", ["privacy"] if dear else [], before, before)
        try:
            outcome = trial.outcome()
        except Refusal as refusal:
            return _told("unknown", [refusal.code], before, 0)
    if not outcome.released:
        return _told("refused", outcome.rules, before, 0)
    told = "same" if outcome.withheld == before else "changed"
    return _told(told, [], before, outcome.withheld)


class _Rejudging(Engine):
    """The engine as it was before a release, under other rules; it writes into no book."""

    def __init__(self, engine: Engine, release: Release, layer: Mapping[str, Any]) -> None:
        held = engine.records.permits.find(release.project)
        if held is None:
            raise Refusal("no_permit", "The release's project is gone.", "See the audit log.")
        self._release_ = release
        self._held = replace(held, view_version=release.view_version)
        folder = _With(engine._policies, layer)
        past: Any = _Past(engine.records, release)
        super().__init__(
            past, engine.clock, engine.views, folder, engine._keys, engine._executor, engine._known
        )
        self.policy: Policy = self.policy_of(self._held)

    def held(self, project: str, user: str) -> HeldPermit:  # noqa: ARG002 - as it was then
        """The permit, with the view that the release was made from; nobody is let in by it."""
        return self._held

    def outcome(self) -> Outcome:
        """What the gate would have said."""
        one = self._release_
        question = self._question(one.project, one.user, one.plan)
        return self._outcome(question, question.checked, Event(), question.limits.seconds)


class _With(PolicyFolder):
    """The policies in force, with one layer in the place of another."""

    def __init__(self, folder: PolicyFolder, layer: Mapping[str, Any]) -> None:
        self._folder = folder
        self._layer = layer

    def of(self, registries: Iterable[str], project_policy: str) -> Policy:
        """See PolicyFolder.of."""
        linked = list(registries)
        level, name = self._layer.get("level"), self._layer.get("name")
        alone = level in ("default", "project")
        layers = [
            one
            for one in self._folder.layers(linked, project_policy)
            if one["level"] != level or not (alone or one["name"] == name)
        ]
        if level != "registry" or name in linked:
            layers.append(self._layer)
        order = {one: at for at, one in enumerate(LEVELS)}
        return load_policy(sorted(layers, key=lambda one: order.get(str(one.get("level")), 9)))


class _Past:
    """The books as they were before a release; they can only be read."""

    def __init__(self, records: Records, release: Release) -> None:
        self._records = records
        self._release = release
        self.permits = records.permits
        self.releases = self

    def memberships(self, project: str) -> Sequence[Membership]:
        """Of the releases before."""
        earlier: list[Membership] = []
        for one in self._records.releases.memberships(project):
            if one.release == self._release.id:
                break
            earlier.append(one)
        return earlier

    def by_fingerprint(self, project: str, fingerprint: str) -> None:
        """Nothing was answered yet."""


def _withheld(body: Mapping[str, Any]) -> int:
    return sum(one["cells"] for one in body["findings"] if one["severity"] == "withheld")


def _told(outcome: str, rules: Sequence[str], before: int, after: int) -> dict[str, Any]:
    return {"outcome": outcome, "rules": list(rules), "before": before, "after": after}
