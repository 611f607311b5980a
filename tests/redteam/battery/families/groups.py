"""What is true of everybody of a small group: zeros and full cells (Hundepool et al. 2012, 2.3).

The judge does not know which combinations exist: whoever does knows the empty cells already.
"""

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker, Cohort
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import THRESHOLD, Verdict
from tests.redteam.battery.people import people
from tests.redteam.battery.ways import SECRETS

GROUPS = "zero and group disclosure"
Ask = Callable[[Attacker, Counts, Cohort, str], None]
SHORT = 3 * THRESHOLD
# Towns of ten to thirty persons, all of them in one category (people.py).
LINES = (
    ("t18", "dead", False),
    ("t19", "smoker", False),
    ("t20", "vital", True),
    ("t21", "school", "middle"),
    ("t22", "sex", "F"),
    ("t23", "smoker", True),
)


def attacks() -> Iterator[Attack]:
    yield from (_line(*line, "a table", _table) for line in LINES)
    yield from (_line(*line, "a table of all towns", _towns) for line in LINES[:4])
    yield from (_line(*line, "shares", _shares) for line in LINES[1:4])
    yield from (_line(*line, "means by group", _described) for line in LINES[3:5])
    yield from (_line(*line, "proportions", _proportion) for line in LINES[:3])
    yield from (_line(*line, "rates", _rates) for line in LINES[:1])
    yield _line(*LINES[2], "an extra count of everybody", _counted)


def _line(town: str, secret: str, value: Any, words: str, ask: Ask) -> Attack:
    def run(a: Attacker) -> Verdict:
        members = people().filter(pl.col("town") == town)
        size = members.height
        assert THRESHOLD <= size < SHORT, size
        assert (members[secret] == value).all()
        cohort = a.persons().derive(
            group=lambda f, o: o.when(
                f.town == town, "ours", o.when(f.region == 1, "north", "elsewhere")
            )
        )
        # the attacker knows of five that they live there, and not how many do
        victims = members["person"].to_list()[:5]
        facts = Counts(victims, secret, SECRETS[secret], exists=False)
        ask(a, facts, cohort, secret)
        told = pl.col("victim") & (pl.col(secret) == value)
        low, high = facts.ends(facts.rows.select(told).to_series().to_numpy())
        return Verdict(low == high == len(victims), f"{low:g} to {high:g} of {len(victims)}")

    return Attack(GROUPS, f"everybody of {town} has the same {secret}, by {words}", run)


def _table(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> None:
    facts.table(a.ask(cohort, "crosstab", "group", secret), cohort)


def _towns(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> None:
    facts.table(a.ask(cohort, "crosstab", "town", secret), cohort)


def _proportion(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> None:
    facts.table(a.ask(cohort, "proportion", secret, by="group"), cohort)


def _shares(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> None:
    facts.table(a.ask(cohort, "shares", "group", secret), cohort)


def _described(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> None:
    facts.table(a.ask(cohort, "describe", "age", by=["group", secret]), cohort, value="age")


def _rates(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> None:
    heard = a.ask(cohort, "incidence_rate", secret, "days", by="group")
    facts.listed(heard, "rates", cohort, {"group": pl.col("group")}, {"events": pl.col(secret)})


def _counted(a: Attacker, facts: Counts, cohort: Cohort, secret: str) -> None:
    for by in (["group", secret], ["group"], [secret], ["town", secret], ["town"]):
        facts.table(a.ask(cohort, "count", by=by), cohort)
