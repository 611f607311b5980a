"""From an owner's columns to typed ones: texts into numbers, dates and truth values, as agreed."""

from dataclasses import dataclass

import polars as pl

from pseudonym.contract.identifier import Identifier
from pseudonym.contract.model import Contract, ExtractFile
from pseudonym.contract.phases.rows import ROW
from pseudonym.contract.phases.schema import DTYPES
from pseudonym.contract.report import Flag, flag
from pseudonym.contract.variable import Variable

__all__ = ["Typed", "typed"]


@dataclass(frozen=True, repr=False)
class Typed:
    """frame: `_row`, identifiers (String) and variables by name; flags: what could not be read."""

    frame: pl.DataFrame
    flags: list[Flag]


def typed(raw: pl.DataFrame, contract: Contract) -> Typed:
    """Read the columns of a raw frame (`_row`, columns by header) as the contract says.

    A value that cannot be read becomes missing and is flagged `wrong_type`; missing values and the
    contract's missing codes become missing. Columns that are absent stay absent.
    """
    flags: list[Flag] = []
    cleaned: list[pl.Expr] = [pl.col(ROW)]
    parsed: list[pl.Expr] = [pl.col(ROW)]
    for identifier in contract.identifiers:
        if identifier.column is None or identifier.column not in raw.columns:
            continue
        dtype = raw.schema[identifier.column]
        if not (dtype == pl.String or dtype.is_integer() or _categorical(dtype)):
            flags.append(_no_way(identifier.column, "STRING"))
            continue
        cleaned.append(_identifier(identifier, dtype, contract.file).alias(identifier.name))
        parsed.append(pl.col(identifier.name))
    variables = []
    for variable in contract.variables:
        if variable.header not in raw.columns:
            continue
        dtype = raw.schema[variable.header]
        value = _parse(variable, dtype, contract.file)
        if value is None:
            flags.append(_no_way(variable.header, variable.data_type))
            continue
        cleaned.append(_clean(variable, dtype, contract.file).alias(variable.name))
        parsed.append(value.cast(DTYPES[variable.data_type]).alias(variable.name))
        variables.append(variable)
    texts = raw.lazy().select(cleaned).collect()
    frame = texts.lazy().select(parsed).collect()
    for variable in variables:
        name = variable.name
        # What was there and is no longer could not be read; without any, nothing more is looked at.
        if frame[name].null_count() == texts[name].null_count():
            continue
        lost = frame[name].is_null() & texts[name].is_not_null()
        rows = frame[ROW].filter(lost)
        flags.append(
            flag(
                "values",
                "wrong_type",
                "quarantine",
                variable.header,
                rows=rows,
                detail=variable.data_type,
            )
        )
    return Typed(frame, flags)


def _identifier(identifier: Identifier, dtype: pl.DataType, file: ExtractFile) -> pl.Expr:
    """Ids as text; a number cannot keep the leading zero that a national id may begin with."""
    text = pl.col(str(identifier.column)).cast(pl.String).str.strip_chars()
    if dtype.is_integer() and identifier.national:
        text = text.str.zfill(11)
    return pl.when(~_missing(text, file.missing)).then(text)


def _clean(variable: Variable, dtype: pl.DataType, file: ExtractFile) -> pl.Expr:
    """The column with null for what is missing, otherwise as it is (texts without outer spaces)."""
    column, codes = pl.col(variable.header), variable.missing.codes
    if dtype == pl.String or _categorical(dtype):
        text = column.cast(pl.String).str.strip_chars()
        return pl.when(~_missing(text, (*file.missing, *codes))).then(text)
    if codes and (dtype.is_integer() or dtype.is_float()):
        numbers = [float(code) for code in codes if _number(code)]
        column = pl.when(~column.cast(pl.Float64).is_in(numbers)).then(column)
    return column.fill_nan(None) if dtype.is_float() else column


def _parse(variable: Variable, dtype: pl.DataType, file: ExtractFile) -> pl.Expr | None:
    """The value of a cleaned column, null where it is none; None where types cannot meet."""
    column = pl.col(variable.name)
    if dtype == pl.Null:
        return column
    if dtype == pl.String or _categorical(dtype):
        return _from_text(column, variable, file)
    return _from_typed(column, dtype, variable)


def _from_text(text: pl.Expr, variable: Variable, file: ExtractFile) -> pl.Expr:
    point = text
    if file.decimal == "," and variable.data_type in ("LONG", "DOUBLE"):
        # A point would be a thousands separator, or another country's decimal sign: never guess.
        point = pl.when(~text.str.contains(".", literal=True)).then(
            text.str.replace(",", ".", literal=True)
        )
    match variable.data_type:
        case "STRING":
            return text
        case "LONG":
            # Whole numbers in a column with gaps often arrive as "60.0".
            return point.str.replace("[.]0*$", "").cast(pl.Int64, strict=False)
        case "DOUBLE":
            number = point.cast(pl.Float64, strict=False)
            return pl.when(number.is_finite()).then(number)
        case "DATE":
            return text.str.to_date(variable.date or file.date, strict=False, exact=True)
        case "BOOLEAN":
            low = text.str.to_lowercase()
            yes = low.is_in([word.lower() for word in file.true])
            no = low.is_in([word.lower() for word in file.false])
            return pl.when(yes).then(statement=True).when(no).then(statement=False)


def _from_typed(column: pl.Expr, dtype: pl.DataType, variable: Variable) -> pl.Expr | None:
    """Columns that a Parquet file has typed already."""
    wanted = variable.data_type
    number = dtype.is_integer() or dtype.is_float() or dtype.is_decimal()
    if wanted == "STRING" and (dtype.is_integer() or dtype == pl.Boolean):
        return column.cast(pl.String)
    if wanted == "LONG" and number:
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(whole.cast(pl.Float64) == column.cast(pl.Float64)).then(whole)
    if wanted == "LONG" and dtype == pl.Boolean:
        return column.cast(pl.Int64)
    if wanted == "DOUBLE" and number:
        value = column.cast(pl.Float64, strict=False)
        return pl.when(value.is_finite()).then(value)
    if wanted == "DATE" and dtype in (pl.Date, pl.Datetime):
        return column.cast(pl.Date)
    if wanted == "BOOLEAN" and dtype == pl.Boolean:
        return column
    if wanted == "BOOLEAN" and dtype.is_integer():
        return pl.when(column.is_in([0, 1])).then(column == 1)
    return None


def _missing(text: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    return text.is_null() | text.is_in(list(dict.fromkeys(("", *words))))


def _categorical(dtype: pl.DataType) -> bool:
    return dtype in (pl.Categorical, pl.Enum)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _no_way(header: str, kind: str) -> Flag:
    return flag("schema", "wrong_column_type", "stop", header, count=1, detail=kind)
