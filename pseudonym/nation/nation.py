"""A synthetic nation: blocks of persons, and of each block every registry's rows.

A block is drawn whole from the seed and its number, so that a nation comes out the same however
its blocks are grouped, whatever else is drawn, and on however many processes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from pseudonym.errors import Refusal
from pseudonym.nation.births import Births, births, mothers
from pseudonym.nation.calendar import FAR
from pseudonym.nation.codes import code_list
from pseudonym.nation.deaths import Deaths, deaths
from pseudonym.nation.dice import Days, Seed
from pseudonym.nation.dispensings import dispensings
from pseudonym.nation.episodes import episodes
from pseudonym.nation.homes import Homes, homes
from pseudonym.nation.illness import begin
from pseudonym.nation.numbers import BLOCK, BLOCKS
from pseudonym.nation.people import EDUCATION, ORIGINS, People, people
from pseudonym.nation.places import places
from pseudonym.nation.sites import SITES, STAGES
from pseudonym.nation.survey import survey
from pseudonym.nation.tumours import Tumours, tumours

__all__ = ["DATASETS", "FEWEST", "MOST", "Nation"]

DATASETS: Final = (
    "population", "residence", "npr_episode", "lmr_dispensing", "cancer", "dar_death",
    "mfr_birth", "mfr_delivery", "moba_survey",
)  # fmt: skip
FEWEST: Final = 100
MOST: Final = BLOCK * BLOCKS


@dataclass(frozen=True)
class Nation:
    """seed: any whole number from 0; persons: FEWEST to MOST; Refusal("bad_nation") otherwise."""

    seed: int
    persons: int

    def __post_init__(self) -> None:
        if not FEWEST <= self.persons <= MOST:
            raise Refusal(
                "bad_nation",
                f"A nation has between {FEWEST:,} and {MOST:,} persons.",
                "Choose another --persons; there are no more synthetic numbers than that.",
            )
        if not 0 <= self.seed < 2**63:
            raise Refusal(
                "bad_nation", "The seed is no whole number from 0 on.", "Choose another --seed."
            )

    @property
    def blocks(self) -> int:
        """How many blocks it is drawn in."""
        return -(-self.persons // BLOCK)

    def block(self, number: int, datasets: tuple[str, ...] = DATASETS) -> dict[str, pl.DataFrame]:
        """The rows of one block, a frame a dataset, in the columns of its contract.

        Each begins with `person` (Int64), a place in the nation from 0, and the national identity
        number `fnr` (11 digits); mfr_birth has the mother's (`mother`, `mother_fnr`) and
        mfr_delivery the child's beside, null where she is not in the population.
        """
        size = min(BLOCK, self.persons - number * BLOCK)
        return _Block(self.seed, number, size).frames(datasets)

    def frames(self, dataset: str) -> Iterator[pl.DataFrame]:
        """A dataset block by block."""
        for number in range(self.blocks):
            yield self.block(number, (dataset,))[dataset]


class _Block:
    """What is true of a block's persons; each registry writes down its part of it."""

    def __init__(self, seed: int, number: int, size: int) -> None:
        self._offset = number * BLOCK
        self._seed = Seed(seed, number, size)
        self.folk: People = people(self._seed, number, size)
        self.began: Mapping[str, Days] = begin(self._seed, self.folk)
        self.morphologies = tuple(code_list("morphology"))
        self.found: Tumours = tumours(self._seed, self.folk, self.morphologies)
        self.dead: Deaths = deaths(self._seed, self.folk, self.began, self.found)
        mother = mothers(self._seed, self.folk, self.dead.last)
        self.homes: Homes = homes(self._seed, self.folk, mother, self.dead.last)
        self.born: Births = births(self._seed, self.folk, mother, self.dead.day)
        self._fnr = pl.Series(self.folk.numbers).cast(pl.String).str.zfill(11)

    def frames(self, datasets: tuple[str, ...]) -> dict[str, pl.DataFrame]:
        return {name: self._named(getattr(self, f"_{name}")()) for name in datasets}

    def _named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The persons' places in the nation and numbers, for places in the block."""
        links = [name for name in ("mother", "child") if name in frame.columns]
        columns = [
            expression
            for name in ("person", *links)
            for expression in (
                (pl.col(name) + self._offset).alias(name),
                self._fnr_of(frame[name]).alias("fnr" if name == "person" else f"{name}_fnr"),
            )
        ]
        return frame.select(*columns, pl.exclude("person", *links))

    def _fnr_of(self, who: pl.Series) -> pl.Series:
        return self._fnr[who]

    def _population(self) -> pl.DataFrame:
        folk, dead = self.folk, self.dead
        home = self.homes.first
        for move in range(self.homes.day.shape[1]):
            home = np.where(self.homes.day[:, move] < dead.last, self.homes.to[:, move], home)
        died, left = dead.day < FAR, (dead.day >= FAR) & (folk.leave < FAR)
        age = (dead.last - folk.birth) / 365.25
        dice = self._seed.dice("population")
        grown = age >= 25
        scale = np.array([300, 390, 470, 600])[folk.education] * np.where(folk.male, 1.12, 0.92)
        scale = scale * np.interp(
            age, [17, 22, 30, 45, 60, 70, 90], [0.2, 0.5, 0.85, 1.1, 1.1, 0.8, 0.65]
        )
        income = np.round(scale * dice.lognormal(0, 0.38, len(folk))).astype(np.int64) * 1000
        where = places()
        return pl.DataFrame(
            {
                "person": np.arange(len(folk)),
                "birth_date": _dates(folk.birth),
                "sex": pl.Series(["female", "male"])[folk.male.astype(np.int64)],
                "county": where.counties[home],
                "municipality": where.codes[home],
                "birth_country_group": pl.Series(ORIGINS)[folk.origin],
                "education": _known(
                    pl.Series(EDUCATION)[folk.education],
                    grown & (dice.random(len(folk)) < np.where(folk.origin > 0, 0.8, 0.99)),
                ),
                "income": _known(pl.Series(income), age >= 17),
                "status": pl.Series(["resident", "emigrated", "dead"])[left + 2 * died],
                "status_date": _dates(dead.last),
            }
        )

    def _residence(self) -> pl.DataFrame:
        """A row a home: from its first day to the day of the next, of death or of emigration."""
        folk, dead, size = self.folk, self.dead, len(self.folk)
        since = np.concatenate([folk.entry[:, None], self.homes.day], axis=1)
        to = np.concatenate([self.homes.first[:, None], self.homes.to], axis=1)
        ends = np.concatenate([since[:, 1:], np.full((size, 1), FAR)], axis=1)
        who, turn = np.nonzero((since <= dead.last[:, None]) & (since < ends))
        start, end, home = since[who, turn], ends[who, turn], to[who, turn]
        gone = (dead.day < FAR) | (folk.leave < FAR)
        end = np.where(gone[who], np.minimum(end, dead.last[who]), end)
        end = np.where(end > dead.last[who], FAR, end)
        where = places()
        return pl.DataFrame(
            {
                "person": who,
                "from_date": _dates(start),
                "to_date": _known(_dates(np.where(end < FAR, end, 0)), end < FAR),
                "municipality": where.codes[home],
                "county": where.counties[home],
            }
        )

    def _npr_episode(self) -> pl.DataFrame:
        codes = tuple(code_list("icd10"))
        return episodes(self._seed, self.folk, self.began, self.found, self.born, self.dead, codes)

    def _lmr_dispensing(self) -> pl.DataFrame:
        atc = tuple(code_list("atc"))
        return dispensings(self._seed, self.folk, self.began, self.found, self.dead, atc)

    def _cancer(self) -> pl.DataFrame:
        seen = self.found.day <= self.dead.last[self.found.person]
        return pl.DataFrame(
            {
                "person": self.found.person[seen],
                "diagnosis_date": _dates(self.found.day[seen]),
                "site": pl.Series(list(SITES))[self.found.site[seen]],
                "stage": pl.Series(STAGES)[self.found.stage[seen]],
                "morphology": pl.Series(self.morphologies)[self.found.morphology[seen]],
            }
        )

    def _dar_death(self) -> pl.DataFrame:
        died = np.flatnonzero(self.dead.day < FAR)
        return pl.DataFrame(
            {
                "person": died,
                "death_date": _dates(self.dead.day[died]),
                "cause": pl.Series(self.dead.codes)[self.dead.cause[died]],
            }
        )

    def _births(self) -> pl.DataFrame:
        born = self.born
        known = born.mother >= 0
        return pl.DataFrame(
            {
                "child": born.child,
                "mother": _known(pl.Series(born.mother), known),
                "birth_date": _dates(self.folk.birth[born.child]),
                "birth_weight": born.weight,
                "gestation_weeks": born.weeks,
                "mother_smoking": _known(
                    pl.Series(["no", "sometimes", "daily"])[np.maximum(born.smoking, 0)],
                    born.smoking >= 0,
                ),
                "mother_age": _known(pl.Series(born.age), known),
                "parity": _known(pl.Series(born.parity), known),
            }
        )

    def _mfr_birth(self) -> pl.DataFrame:
        """Keyed by the child."""
        return self._births().rename({"child": "person"})

    def _mfr_delivery(self) -> pl.DataFrame:
        """The same births keyed by the mother, where she is known."""
        return self._births().drop_nulls("mother").rename({"mother": "person"})

    def _moba_survey(self) -> pl.DataFrame:
        return survey(self._seed, self.folk, self.born)


def _dates(days: Days) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _known(values: pl.Series, known: np.ndarray) -> pl.Series:
    return values.set(pl.Series(~known), None)
