"""Many answers, each harmless: a program solves them together (Dinur & Nissim 2003; US Census)."""

from collections.abc import Iterator
from itertools import combinations

from tests.redteam.battery.attack import Attack
from tests.redteam.battery.attacker import Attacker
from tests.redteam.battery.judges.counts import Counts
from tests.redteam.battery.judges.verdict import Verdict
from tests.redteam.battery.ways import count_by, small_cells

RECONSTRUCTION = "reconstruction"
TABLES: tuple[tuple[str, ...], ...] = (
    ("sex", "dead", "smoker", "school"),
    ("sex", "vital", "cause", "school"),
    ("dead", "smoker", "vital", "school"),
    ("sex", "smoker", "cause", "vital"),
)


def attacks() -> Iterator[Attack]:
    for at, variables in enumerate(TABLES):
        yield _pairs(variables, below=22 + at)
    yield from (_triples(variables, at) for at, variables in enumerate(TABLES[:3]))
    yield from (_bands(by, wide) for by, wide in (("sex", 5), ("dead", 7), ("school", 10)))
    yield from (_cumulative(by) for by in ("sex", "smoker"))
    yield from (_towns(by) for by in ("dead", "vital"))


def _pairs(variables: tuple[str, ...], below: int) -> Attack:
    """Every two-way table of four variables of a small block; secret: the four-way cells."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age < below)
        for pair in combinations(variables, 2):
            count_by(a, facts, cohort, *pair)
        return small_cells(facts, cohort, *variables)

    return Attack(RECONSTRUCTION, f"{', '.join(variables)} below {below} from every pair", run)


def _triples(variables: tuple[str, ...], at: int) -> Attack:
    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: (f.age >= 40 + at) & (f.age < 46 + at))
        for triple in combinations(variables, 3):
            count_by(a, facts, cohort, *triple)
        return small_cells(facts, cohort, *variables)

    return Attack(RECONSTRUCTION, f"{', '.join(variables)} about {40 + at} from every triple", run)


def _bands(by: str, wide: int) -> Attack:
    """Sliding windows of age: each holds many, neighbours differ by one year of age."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        here = a.persons().where(lambda f, o: f.town == "t01")
        count_by(a, facts, a.persons().where(lambda f, o: f.town == "t00"), by)
        for start in range(18 - wide + 1, 24):
            cohort = a.persons().where(
                lambda f, o, start=start: (
                    (f.town == "t00")  # type: ignore[misc]
                    | ((f.town == "t01") & (f.age >= start) & (f.age < start + wide))
                )
            )
            count_by(a, facts, cohort, by)
        return small_cells(facts, here.where(lambda f, o: f.age < 24), "age", by)

    return Attack(RECONSTRUCTION, f"{by} by year of age from sliding bands of {wide} years", run)


def _cumulative(by: str) -> Attack:
    """How many were followed less than so many days, for days close to each other."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        cohort = a.persons().where(lambda f, o: f.age < 70)
        for day in range(500, 560, 6):
            split = cohort.derive(
                part=lambda f, o, day=day: o.when(f.days < day, "before", "after")  # type: ignore[misc]
            )
            count_by(a, facts, split, "part", by)
        step = cohort.where(lambda f, o: (f.days >= 500) & (f.days < 554))
        week = step.derive(week=lambda f, o: (f.days - 500) // 6)
        return small_cells(facts, week, "week", by)

    return Attack(RECONSTRUCTION, f"{by} by week of follow-up from counts of who was longer", run)


def _towns(by: str) -> Attack:
    """Unions of small towns, more than there are towns."""

    def run(a: Attacker) -> Verdict:
        facts = Counts()
        small = [f"t{at}" for at in range(28, 36)]
        count_by(a, facts, a.persons().where(lambda f, o: f.town == "t00"), by)
        for one in range(12):
            chosen = [
                town
                for at, town in enumerate(small)
                if (one * 5 + at * (one + 3)) % 3 or at == one % 8
            ]
            cohort = a.persons().where(
                lambda f, o, chosen=chosen: (f.town == "t00") | f.town.is_in(chosen)  # type: ignore[misc]
            )
            count_by(a, facts, cohort, by)
        here = a.persons().where(lambda f, o: f.town.is_in(small))
        return small_cells(facts, here, "town", by)

    return Attack(RECONSTRUCTION, f"{by} by small town from unions of towns", run)
