"""How the releases of a project overlap: who of its persons is in which of them, in groups.

For the officer's diagram. Groups of fewer persons than the threshold are said to be so, and no
more; others are rounded down to ten. This leaves the engine for the portal and nobody else.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.domain.release import Membership, Release
from workbench.engine.ledger import Ledger, Sealer
from workbench.engine.placed import Placed
from workbench.engine.views import ProjectView, Views

__all__ = ["GROUPS", "RELEASES", "overlapping"]

RELEASES, GROUPS = 12, 40
"""Newest releases that are drawn, and groups of persons; the smallest of more groups are left out,
but for those below the threshold, which come first."""
ROUND = 10


def overlapping(
    releases: Sequence[Release],
    memberships: Sequence[Membership],
    view: ProjectView,
    views: Views,
    sealer: Sealer,
    threshold: int,
) -> dict[str, Any]:
    """{"releases", "groups", "threshold", "left_out"}.

    releases: [{"release", "created", "kind", "explained"}], newest first. groups: persons who are
    in the same releases, [{"in": places in releases, "persons": int, None below the threshold}].
    left_out: earlier releases and groups that are not in it. Raises Refusal("ledger_unmappable")
    when the view of an earlier release is gone.
    """
    shown = list(memberships)[: -RELEASES - 1 : -1]
    told = {one.id: one for one in releases}
    nobody = np.ones(sum(view.persons), dtype=np.int32)
    empty = Placed(nobody, np.zeros(1, dtype=np.int64))
    ledger = Ledger(empty, shown, view, views, sealer)
    pattern = np.zeros(ledger.new.size, dtype=np.int64)
    for place, one in enumerate(shown):
        pattern |= (ledger.vector(one) != one.cells).astype(np.int64) << place
    found = np.bincount(pattern, minlength=1)
    groups = [(int(found[at]), int(at)) for at in np.flatnonzero(found) if at]
    groups.sort(key=lambda one: (one[0] >= threshold, -one[0], one[1]))
    return {
        "releases": [_about(told[one.release]) for one in shown if one.release in told],
        "groups": [
            {
                "in": [place for place in range(len(shown)) if at >> place & 1],
                "persons": None if count < threshold else count - count % ROUND,
            }
            for count, at in groups[:GROUPS]
        ],
        "threshold": threshold,
        "left_out": {
            "releases": max(0, len(memberships) - RELEASES),
            "groups": max(0, len(groups) - GROUPS),
        },
    }


def _about(release: Release) -> Mapping[str, Any]:
    return {
        "release": release.id,
        "created": release.created.isoformat(timespec="seconds"),
        "kind": str(release.body.get("kind", "")),
        "explained": str(release.body.get("explained", "")),
    }
