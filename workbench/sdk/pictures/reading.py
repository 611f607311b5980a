"""What pictures read of a release's body: rows with labels in the reader's language, no more."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["Reading"]

MARGIN = "Σ"
_WORDS = {
    "en": {
        "": "(missing)",
        MARGIN: "All",
        "persons": "Persons",
        "mean": "Mean ± sd",
        "years": "Years",
        "days": "Days",
        "at_risk": "Persons at risk",
        "reference": "reference",
        "mean_limits": "mean, 95 % limits",
        "mean_noise": "mean, and where it lies without noise (95 %)",
        "quantile_noise": "quantiles, and where they lie without noise (95 %)",
        "observed": "Events observed / expected",
        "events_a_person": "Events a person",
        "true": "yes",
        "false": "no",
        "open": "Pale: open at that end",
        "share": "Share of variance",
        "centres": "Lowest to highest centre",
    },
    "nb": {
        "": "(mangler)",
        MARGIN: "Alle",
        "persons": "Personer",
        "mean": "Gjennomsnitt ± sd",
        "years": "År",
        "days": "Dager",
        "at_risk": "Personer under risiko",
        "reference": "referanse",
        "mean_limits": "gjennomsnitt, 95 % grenser",
        "mean_noise": "gjennomsnitt, og hvor det ligger uten støy (95 %)",
        "quantile_noise": "kvantiler, og hvor de ligger uten støy (95 %)",
        "observed": "Hendelser observert / forventet",
        "events_a_person": "Hendelser per person",
        "true": "ja",
        "false": "nei",
        "open": "Bleke: åpne i den enden",
        "share": "Andel av variansen",
        "centres": "Laveste til høyeste sentrum",
    },
}


class Reading:
    """A body for drawing: released numbers only, since a body holds nothing else."""

    def __init__(self, body: Mapping[str, Any], language: str = "en") -> None:
        self.body = body
        self.kind = str(body["kind"])
        self.language = language
        self._words = _WORDS.get(language, _WORDS["en"])
        self._dimensions = {one["name"]: one for one in body["dimensions"]}

    def word(self, name: str) -> str:
        """One of the few words that pictures add."""
        return self._words[name]

    def text(self, label: Mapping[str, str]) -> str:
        """A label in the reader's language, or English."""
        return str(label.get(self.language) or label.get("en") or "")

    def title(self, name: str) -> str:
        """A variable's label and unit, its name when the contract has none."""
        if name in self._dimensions:
            return self.text(self._dimensions[name]["label"]) or name
        found = self.body.get("variables", {}).get(name)
        if found is None:
            return name
        unit = f" ({found['unit']})" if found["unit"] else ""
        return (self.text(found["label"]) or name) + unit

    def code(self, dimension: str, code: str) -> str:
        """A category's label."""
        if code in ("", MARGIN):
            return self._words[code]
        labels = self._dimensions.get(dimension, {}).get("labels", {}).get(code, {})
        return self.text(labels) or (self._words[code] if code in ("true", "false") else code)

    def said(self, dimension: str, label: str) -> str:
        """A category's label that says of itself what it is about: "died: yes", but "Female"."""
        bare = (self._words["true"], self._words["false"], self._words[""])
        return f"{self.title(dimension)}: {label}" if label in bare else label

    def order(self, dimension: str) -> list[str]:
        """The labels of a dimension's categories, in its order."""
        return [self.code(dimension, one) for one in self._dimensions[dimension]["codes"]]

    def codes(self, dimension: str) -> list[str]:
        """A dimension's categories as they are written in the data."""
        return list(self._dimensions[dimension]["codes"])

    def cells(self, *, margins: bool = False) -> list[dict[str, Any]]:
        """A table's cells: each dimension's label by name, the statistics, `mark`.

        Margins only if asked for; a missing category that is empty throughout is left out.
        """
        names = list(self._dimensions)
        empty = {place for place in range(len(names)) if self._never_missing(place)}
        return [
            {name: self.code(name, code) for name, code in zip(names, one["codes"], strict=True)}
            | dict(one["values"])
            | {"mark": one["mark"]}
            for one in self.body["cells"]
            if (margins or MARGIN not in one["codes"])
            and not any(one["codes"][place] == "" for place in empty)
        ]

    def _never_missing(self, place: int) -> bool:
        """Whether the missing category of a dimension is shown to be empty throughout."""
        missing = [one for one in self.body["cells"] if one["codes"][place] == ""]
        return all(one["values"].get("n") == 0 for one in missing)

    @property
    def dimensions(self) -> Sequence[str]:
        """The names of the dimensions."""
        return list(self._dimensions)

    def block(self, name: str) -> list[dict[str, Any]]:
        """A block's rows by column name, categories with their labels; [] without the block."""
        found = next((one for one in self.body.get("blocks", ()) if one["name"] == name), None)
        if found is None:
            return []
        columns = found["columns"]
        return [
            {
                column["name"]: self.code(column["name"], str(value))
                if column["kind"] == "code" and value is not None
                else value
                for column, value in zip(columns, row, strict=True)
            }
            for row in found["rows"]
        ]

    def coded(self, block: str) -> list[str]:
        """The names of a block's columns that hold categories: whose row it is."""
        for one in self.body.get("blocks", ()):
            if one["name"] == block:
                return [column["name"] for column in one["columns"] if column["kind"] == "code"]
        return []

    def heading_of(self, block: str) -> str:
        """A block's title."""
        found = [one for one in self.body.get("blocks", ()) if one["name"] == block]
        return self.text(found[0]["title"]) if found else block

    def heading(self, block: str, column: str) -> str:
        """A column's label and unit."""
        for one in self.body.get("blocks", ()):
            if one["name"] == block:
                for found in one["columns"]:
                    if found["name"] == column:
                        unit = f" ({found['unit']})" if found["unit"] else ""
                        return (self.text(found["label"]) or column) + unit
        return column
