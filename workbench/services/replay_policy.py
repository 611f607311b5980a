"""Past decisions under another policy: which releases would have been refused or changed."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.ports import Records, Rejudger

__all__ = ["past_releases", "replay_policy"]


def past_releases(records: Records, project: str = "") -> tuple[str, ...]:
    """The ids of all releases, or of a project's, oldest first. Raises Refusal("no_permit")."""
    if project and records.permits.find(project) is None:
        raise Refusal("no_permit", "There is no such project.", "See `workbench project list`.")
    held = [project] if project else [one.permit.project for one in records.permits.all()]
    return tuple(one.id for name in held for one in records.releases.of_project(name))


def replay_policy(
    records: Records,
    rejudger: Rejudger,
    layer: str,
    releases: Sequence[str],
    who: str,
    done: Callable[[], None] = lambda: None,
) -> Mapping[str, Sequence[tuple[str, Mapping[str, object]]]]:
    """Judge releases anew under a layer of policy (TOML text); nothing is released or charged.

    done: called after each release. Returns by outcome ("same", "changed", "refused", "unknown")
    the releases with what the engine told of them. Raises the engine's Refusal.
    """
    found: dict[str, list[tuple[str, Mapping[str, object]]]] = defaultdict(list)
    for one in releases:
        told = rejudger.rejudge(one, layer)
        found[str(told["outcome"])].append((one, told))
        done()
    counts: dict[str, str | int] = {outcome: len(told) for outcome, told in found.items()}
    records.audit.append(AuditEvent(What.POLICY_LAYER_REPLAY, who, "policy", "", counts))
    return found
