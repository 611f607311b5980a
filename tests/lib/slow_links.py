"""The slow engine's links: each row is handed over to whom it names."""

from typing import Any

Row = dict[str, Any]


class Links:
    """The arms of `rows` for linked frames."""

    persons: int

    def rows(self, frame: Any) -> list[Row]:
        raise NotImplementedError

    def rows_linked(self, frame: Any) -> list[Row]:
        return [
            {name: row[name] for name in frame.keep}
            | {"person": row[frame.link], "": row["person"]}
            for row in self.rows(frame.frame)
            if row[frame.link] is not None and row[frame.link] < self.persons
        ]

    def rows_back(self, frame: Any) -> list[Row]:
        return [
            {name: row[name] for name in frame.keep} | {"person": row[""]}
            for row in self.rows(frame.frame)
        ]
