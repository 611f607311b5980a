"""Two numbers about the same persons: what is left when they are subtracted is a number as well.

Whoever may ask for the sum of a number may ask for it once more with one person's value changed.
The difference is then judged as if it had been asked for: by how many persons it is about, and by
how much of it one or two of them make up (disclosure.rules.dominance).
"""

from collections.abc import Iterable, Sequence

from disclosure.findings import Finding
from disclosure.ledger.collision import meets
from disclosure.ledger.findings import close_numbers
from disclosure.policy import Policy
from disclosure.tables import Difference, Overlap

__all__ = ["telling"]


def telling(
    differences: Sequence[Difference], policy: Policy, overlaps: Iterable[Overlap] = ()
) -> list[Finding]:
    """A finding for each earlier release, from which a number about a few persons would follow.

    overlaps: how the new cohort meets the earlier ones, for the words of the finding.
    """
    few: dict[str, Difference] = {}
    for one in differences:
        if _about_few(one, policy):
            few.setdefault(one.release, one)
    how = {one.release: meets(one, policy.threshold) for one in overlaps} if few else {}
    return [
        close_numbers(name, one.new, one.earlier, policy.threshold, how.get(name, "same"))
        for name, one in few.items()
    ]


def _about_few(one: Difference, policy: Policy) -> bool:
    if not one.persons:
        return False
    both = one.largest + one.second
    return (
        one.persons < policy.threshold
        or one.largest > float(policy.dominance_one) * one.total
        or both > float(policy.dominance_two) * one.total
        or one.total - both < float(policy.p_percent) * one.largest
    )
