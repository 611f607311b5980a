"""The slow engine's periods: loops over a person's rows, days counted one by one."""

import itertools
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from tests.lib.slow_values import moved

Row = dict[str, Any]


class Periods:
    """The arms of `rows` for frames of periods."""

    def rows(self, frame: Any) -> list[Row]:
        raise NotImplementedError

    def read(self, node: Any, row: Row) -> Any:
        raise NotImplementedError

    def rows_episodes(self, frame: Any) -> list[Row]:
        held = [
            {
                "person": row["person"],
                "start": row[frame.start],
                "end": row[frame.end or frame.start],
            }
            for row in self.rows(frame.frame)
        ]
        return [timed(one) for one in merged(held, frame.gap)]

    def rows_spans(self, frame: Any) -> list[Row]:
        found = []
        for row in self.rows(frame.frame):
            start, end = row[frame.start], row[frame.end]
            if start is not None and end is not None and start < end:
                kept = {name: row[name] for name in frame.keep}
                found.append(timed({"person": row["person"], "start": start, "end": end} | kept))
        return found

    def rows_split(self, frame: Any) -> list[Row]:
        found = []
        texts = [str(edge) for edge in frame.edges]
        labels = [f"<{texts[0]}", *(f"{a}–<{b}" for a, b in itertools.pairwise(texts)),
                  f"≥{texts[-1]}"]  # fmt: skip
        for row in self.rows(frame.frame):
            if frame.origin is None:
                cuts = [date(edge, 1, 1) for edge in frame.edges]
            else:
                origin = self.read(frame.origin, row)
                if origin is None:
                    found.append(row | {frame.name: None})
                    continue
                cuts = [moved(origin, edge, frame.unit) or date.max for edge in frame.edges]
            borders = [date.min, *cuts, date.max + timedelta(0)]
            for label, low, high in zip(labels, borders, borders[1:], strict=False):
                start, end = max(row["start"], low), min(row["end"], high)
                moment = row["start"] == row["end"] and low <= row["start"] < high
                if start < end or moment:
                    found.append(timed(row | {"start": start, "end": end, frame.name: label}))
        return found

    def rows_exposed(self, frame: Any) -> list[Row]:
        exposed: dict[int, set[date]] = defaultdict(set)
        for row in self.rows(frame.by):
            exposed[row["person"]].update(days(row["start"], row["end"]))
        found = []
        for row in self.rows(frame.frame):
            own = exposed[row["person"]]
            if row["start"] == row["end"]:
                found.append(timed(row | {frame.name: row["start"] in own}))
            piece: Row = {}
            for day in days(row["start"], row["end"]):
                if piece and piece[frame.name] == (day in own):
                    piece["end"] = day + timedelta(1)
                    continue
                if piece:
                    found.append(timed(piece))
                piece = row | {"start": day, "end": day + timedelta(1), frame.name: day in own}
            if piece:
                found.append(timed(piece))
        return found


def merged(held: list[Row], gap: int) -> list[Row]:
    """The intervals of each person, merged."""
    by_person: dict[int, list[Row]] = defaultdict(list)
    for row in held:
        if row["start"] is not None and row["end"] is not None and row["start"] <= row["end"]:
            by_person[row["person"]].append(row)
    found = []
    for person, rows in by_person.items():
        groups: list[list[Row]] = []
        for row in sorted(rows, key=lambda one: one["start"]):
            near = groups and any(row["start"] - one["end"] <= timedelta(gap) for one in groups[-1])
            if near:
                groups[-1].append(row)
            else:
                groups.append([row])
        for group in groups:
            covered = {day for one in group for day in days(one["start"], one["end"])}
            found.append(
                {
                    "person": person,
                    "start": min(one["start"] for one in group),
                    "end": max(one["end"] for one in group),
                    "rows": len(group),
                    "covered": len(covered),
                }
            )
    return found


def days(start: date, end: date) -> list[date]:
    return [start + timedelta(at) for at in range((end - start).days)]


def timed(row: Row) -> Row:
    return row | {"days": (row["end"] - row["start"]).days}
