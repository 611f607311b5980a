"""The slow engine's matching: every case looks at every control, one by one."""

from collections import Counter
from datetime import date
from typing import Any

Row = dict[str, Any]
WORD = 1 << 64


class Matching:
    """The arm of `rows` for matched frames."""

    keys: dict[int, int]

    def rows(self, frame: Any) -> list[Row]:
        raise NotImplementedError

    def rows_matched(self, frame: Any) -> list[Row]:
        cases = {row["person"]: row for row in self.rows(frame.cases)}
        controls = {
            row["person"]: row for row in self.rows(frame.controls) if row["person"] not in cases
        }
        by = [*frame.exact, *(one.name for one in frame.calipers)]
        able = {
            person: row
            for person, row in (cases | controls).items()
            if all(row[name] is not None for name in by)
        }
        lots = {person: lot(self.keys[person], frame.seed) for person in able}
        order = sorted(able, key=lambda person: (lots[person], self.keys[person]))
        sets: Counter[int] = Counter()
        giver: dict[int, int] = {}
        for case in (one for one in order if one in cases):
            others = [one for one in order if one not in cases]
            after = [one for one in others if lots[one] >= lots[case]]
            round_ = after + [one for one in others if lots[one] < lots[case]]
            alike = [
                one
                for one in round_
                if (frame.replacement or not sets[one])
                and all(able[one][name] == able[case][name] for name in frame.exact)
                and all(
                    abs(number(able[one][near.name]) - number(able[case][near.name])) <= near.within
                    for near in frame.calipers
                )
            ][: frame.ratio]
            if alike:
                sets[case] = 1
            for one in alike:
                sets[one] += 1
                giver[one] = case
        found = []
        for person, count in sets.items():
            row = cases.get(person) or controls[person]
            carried = {name: cases[giver.get(person, person)][name] for name in frame.carry}
            if count:
                found.append(row | carried | {"case": person in cases, "sets": count})
        return found


def number(value: Any) -> float:
    return float(value.toordinal()) if isinstance(value, date) else float(value)


def lot(key: int, seed: int) -> int:
    """splitmix64 of the key, started from that of the seed."""
    return mixed(key ^ mixed(seed))


def mixed(value: int) -> int:
    z = (value + 0x9E3779B97F4A7C15) % WORD
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
    return z ^ (z >> 31)
