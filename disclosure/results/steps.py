"""Where a curve may be shown: steps merged until each holds enough events, the tail cut.

A curve told at public times gives away how many events fell between two of them, and numbers at
risk give away how many persons were lost. So times are left out until every difference is nobody
or at least t persons: first for the events alone (the times of the curve), then, among these, for
the lost persons too (the times of the table of persons at risk). What remains after the last time
is held to the same. Everything that follows linearly is then a union of such groups.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from disclosure.findings import Finding, Severity

__all__ = ["TAIL", "Steps", "enough", "nothing_left", "published", "steps", "times_left_out"]

TAIL = 3
"""A curve ends where fewer than TAIL · t persons are followed on."""


@dataclass(frozen=True)
class Steps:
    """curve, at_risk: places among the public times that may be shown, ascending.

    total: whether the number of all events of the group may be shown.
    """

    curve: tuple[int, ...]
    at_risk: tuple[int, ...]
    total: bool


def enough(count: int, threshold: int) -> bool:
    """Nobody, or no small group."""
    return count == 0 or count >= threshold


def steps(events: NDArray[np.int64], lost: NDArray[np.int64], threshold: int) -> Steps:
    """The steps of one group.

    events: (causes, times + 1) persons with an event of each cause in each interval between public
    times, the last one after all of them; lost: (times + 1,) persons who were censored.
    """
    left = int(events.sum() + lost.sum()) - np.cumsum(events.sum(axis=0) + lost)
    curve = _merged(events, left, threshold, range(events.shape[1] - 1))
    at_risk = _merged(np.vstack([events, lost]), left, threshold, curve)
    totals = [*(int(one) for one in events.sum(axis=1)), int(lost.sum())]
    return Steps(curve, at_risk, all(enough(one, threshold) for one in totals))


def _merged(
    counts: NDArray[np.int64],
    left: NDArray[np.int64],
    threshold: int,
    allowed: "range | tuple[int, ...]",
) -> tuple[int, ...]:
    """Of the allowed places those between which every row counts nobody or enough persons."""
    running = np.cumsum(counts, axis=1)
    shown: list[int] = []
    before = np.zeros(len(counts), dtype=np.int64)
    for place in allowed:
        if left[place] < TAIL * threshold:
            break
        if all(enough(int(one), threshold) for one in running[:, place] - before):
            shown.append(place)
            before = running[:, place]
    while shown and not all(
        enough(int(one), threshold) for one in running[:, -1] - running[:, shown[-1]]
    ):
        shown.pop()
    return tuple(shown)


def published(shape: tuple[int, ...], shown: list[Steps]) -> tuple[tuple[int, ...], ...]:
    """Persons, events between shown times by cause, and persons at risk, as inner cells."""
    cell = np.arange(math.prod(shape)).reshape(shape)
    found: list[tuple[int, ...]] = []
    for group, told in enumerate(shown):
        own = cell[group]
        found.append(tuple(own.ravel().tolist()))
        starts = (-1, *told.curve)
        for start, end in zip(starts, told.curve, strict=False):
            found += [tuple(cause[start + 1 : end + 1].tolist()) for cause in own[1:]]
        for place in told.at_risk:
            found.append(tuple(own[:, place + 1 :].ravel().tolist()))
            found.append(tuple(own[0, : place + 1].tolist()))
        if told.total:
            found += [tuple(cause.tolist()) for cause in own[1:]]
    return tuple(dict.fromkeys(found))


def times_left_out(count: int, threshold: int) -> Finding:
    """Says how many public times are not shown."""
    return Finding(
        "steps",
        Severity.WITHHELD,
        {
            "en": f"{count} of the asked times are left out: fewer than {threshold} events since "
            f"the time before, or too few persons still followed.",
            "nb": f"{count} av tidspunktene er utelatt: færre enn {threshold} hendelser siden "
            "tidspunktet før, eller for få personer som fortsatt følges.",
        },
        {
            "en": "Ask for fewer times or broader groups.",
            "nb": "Be om færre tidspunkter eller bredere grupper.",
        },
        count,
    )


def nothing_left(threshold: int) -> Finding:
    """Refuses a curve that would show nothing."""
    return Finding(
        "steps",
        Severity.BLOCKING,
        {
            "en": f"At no time do {threshold} events lie between two times with enough persons "
            "followed on.",
            "nb": f"Det er ingen tidspunkter med {threshold} hendelser imellom og mange nok "
            "personer som følges videre.",
        },
        {
            "en": "Widen the cohort, broaden the groups, or ask for fewer times.",
            "nb": "Utvid kohorten, bruk bredere grupper, eller be om færre tidspunkter.",
        },
    )
