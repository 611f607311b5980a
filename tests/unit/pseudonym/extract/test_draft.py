"""Drafting a contract from files of many shapes, and the same file then checks clean and packs."""

import io
import tomllib
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pseudonym.contract import load_contract
from pseudonym.contract.model import Contract
from pseudonym.errors import Refusal
from pseudonym.extract.checking import check_extract
from pseudonym.extract.draft import draft_contract
from pseudonym.pack import make_pack, read_content, read_identity
from tests.lib.extracts import Platform, numbers

N = 120
DAYS = [date(2015, 1, 1) + timedelta(days=place * 13) for place in range(N)]


def semicolon_latin() -> bytes:
    lines = ["Løpenr;Fødselsår;Kjønn;Beløp (kr);Innlagt;Røyker;Merknad;Kommune"]
    lines += [
        f"L{place % 50:03d};{1930 + place % 60};{'Kvinne' if place % 2 else 'Mann'};"
        f"{place * 13},{place % 10};{DAYS[place]:%d.%m.%Y};{'ja' if place % 3 else 'nei'};"
        f"blåbær nr. {place};{('0301', '1103', '4601')[place % 3]}"
        for place in range(N)
    ]
    return "\n".join([*lines, ""]).encode("latin-1")


def comma_with_na() -> bytes:
    lines = ["id,age,score,group,visit_day"]
    lines += [
        f"{place % 40},{'NA' if place % 9 == 0 else 20 + place % 50},{place / 7:.3f},"
        f"{'abc'[place % 3]},{place - 60}"
        for place in range(N)
    ]
    return "\n".join([*lines, ""]).encode()


def tab_national() -> bytes:
    ids, mothers = numbers(N, seed=1), numbers(N, seed=2)
    lines = ["fnr\tmor\tvekt"]
    lines += [f"{ids[place]}\t{mothers[place // 2]}\t{2500 + place * 9}" for place in range(N)]
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")


def no_identifier() -> bytes:
    lines = [
        "color|size|price",
        *(f"{'rgb'[i % 3]}|{i % 4}|{i * 3.7 + 0.11:.2f}" for i in range(N)),
    ]
    return "\n".join([*lines, ""]).encode()


def quoted_words() -> bytes:
    frame = pl.DataFrame(
        {
            "patient": [f"P-{place % 30}" for place in range(N)],
            'answer, "final"': ['yes, "sure"', "no\nnever", "maybe; æøå"] * (N // 3),
            "date": [f"{day:%Y-%m-%d}" for day in DAYS],
            "1st value": [str(place) for place in range(N)],
        }
    )
    buffer = io.BytesIO()
    frame.write_csv(buffer)
    return buffer.getvalue()


def parquet_typed() -> bytes:
    frame = pl.DataFrame(
        {
            "subject": [10_000 + place % 45 for place in range(N)],
            "when": pl.Series(DAYS).cast(pl.Datetime),
            "day": DAYS,
            "treated": [place % 2 == 0 for place in range(N)],
            "dose": [None if place % 10 == 0 else place * 0.37 for place in range(N)],
            "count": [None if place == 3 else float(place) for place in range(N)],
            "arm": pl.Series(["a", "b", "c"] * (N // 3), dtype=pl.Categorical),
            "empty": pl.Series([None] * N, dtype=pl.Null),
            "small": pl.Series([place % 3 for place in range(N)], dtype=pl.Int8),
        }
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


SHAPES = {
    "semicolon_latin": (semicolon_latin, "LOCAL", "EVENT"),
    "comma_with_na": (comma_with_na, "LOCAL", "EVENT"),
    "tab_national": (tab_national, "FNR", "FIXED"),
    "no_identifier": (no_identifier, "NONE", "FIXED"),
    "quoted_words": (quoted_words, "LOCAL", "EVENT"),
    "parquet_typed": (parquet_typed, "LOCAL", "EVENT"),
}


def drafted(folder: Path, content: bytes, **options: object) -> Contract:
    (folder / "source").write_bytes(content)
    draft_contract(
        folder / "source",
        folder / "contract",
        registry="reg",
        dataset="data",
        **options,  # type: ignore[arg-type]
    )
    return load_contract(folder / "contract")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_checks_clean_against_its_own_draft_and_packs(shape: str, tmp_path: Path) -> None:
    make, id_type, temporality = SHAPES[shape]
    contract = drafted(tmp_path, make())

    assert contract.person.id_type == (id_type,)
    assert contract.dataset.temporality == temporality
    report = check_extract(tmp_path / "source", contract, "test")
    assert report.findings == ()
    platform = Platform(kind="test")
    pack = tmp_path / "x.wbpack"
    make_pack(tmp_path / "source", contract, platform.card, pack)
    content = read_content(pack, platform.as_store)
    assert content.height == read_identity(pack, platform.as_vault).height == N


def test_types_codes_and_formats_are_recognised(tmp_path: Path) -> None:
    contract = drafted(tmp_path, semicolon_latin())
    by_name = {item.name: item for item in contract.variables}

    assert list(by_name) == [
        "fodselsar", "kjonn", "belop_kr", "innlagt", "royker", "merknad", "kommune",
    ]  # fmt: skip
    assert {name: item.data_type for name, item in by_name.items()} == {
        "fodselsar": "LONG",
        "kjonn": "STRING",
        "belop_kr": "DOUBLE",
        "innlagt": "DATE",
        "royker": "BOOLEAN",
        "merknad": "STRING",
        "kommune": "STRING",
    }
    assert (contract.file.delimiter, contract.file.encoding) == (";", "latin-1")
    assert (contract.file.decimal, contract.file.date) == (",", "%d.%m.%Y")
    assert [code.code for code in by_name["kommune"].value_domain.codes] == ["0301", "1103", "4601"]
    assert by_name["merknad"].value_domain.codes == ()
    assert by_name["innlagt"].role == "start"
    assert by_name["kjonn"].label["nb"] == "Kjønn"
    assert by_name["kjonn"].disclosure.quasi_identifier


def test_bounds_are_widened_so_that_they_tell_no_value(tmp_path: Path) -> None:
    contract = drafted(tmp_path, comma_with_na())
    by_name = {item.name: item for item in contract.variables}
    age, score = by_name["age"].value_domain, by_name["score"].value_domain
    assert (age.min, age.max) == (20, 70)
    assert (score.min, score.max) == (0.0, 20.0)
    assert contract.file.missing == ("", "NA")
    assert by_name["visit_day"].role == "start"


def test_a_second_column_of_national_numbers_becomes_a_second_person(tmp_path: Path) -> None:
    contract = drafted(tmp_path, tab_national())
    assert [(item.name, item.column) for item in contract.identifiers] == [
        ("person", "fnr"),
        ("mor", "mor"),
    ]
    assert [item.name for item in contract.variables] == ["vekt"]


def test_what_is_said_wins_over_what_is_guessed(tmp_path: Path) -> None:
    contract = drafted(
        tmp_path, quoted_words(), id_column="1st value", id_type="LOCAL", temporality="EVENT"
    )
    assert contract.person.column == "1st value"
    assert contract.dataset.temporality == "EVENT"
    assert "patient" in [item.name for item in contract.variables]


def test_the_draft_teaches(tmp_path: Path) -> None:
    drafted(tmp_path, no_identifier())
    toml = (tmp_path / "contract/contract.toml").read_text(encoding="utf-8")
    comments = [line for line in toml.splitlines() if line.startswith("#")]
    assert len(comments) > 20
    assert tomllib.loads(toml)["dataset"]["id"] == "data"
    codes = (tmp_path / "contract/codes/color.csv").read_text(encoding="utf-8")
    assert codes.startswith("code,nb,en\nb,b,b\n")


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (b"", {}, "empty_file"),
        (b"a;b\n1;2\n3\n", {}, "not_a_table"),
        (b"a,b\n", {}, "not_a_table"),
        (b"PK\x03\x04" + bytes(200), {}, "not_a_table"),
        (b"a,,c\n1,2,3\n", {}, "bad_header"),
        (b"a,a\n1,2\n", {}, "bad_header"),
        (b"12,3.4,2020-01-01\n13,4.5,2020-01-02\n", {}, "no_header"),
        (b"a,b\n1,2\n", {"id_column": "c"}, "no_such_column"),
        (b"a,b\n1,2\n", {"id_column": "a", "id_type": "NONE"}, "bad_choice"),
        (b"a,b\n1,2\n", {"id_type": "LOCAL"}, "no_identifier"),
        (b"id\n1\n2\n", {"id_column": "id"}, "no_variables"),
    ],
)
def test_what_cannot_be_drafted_is_refused_and_leaves_nothing(
    content: bytes, options: dict[str, str], code: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as refused:
        drafted(tmp_path, content, **options)
    assert refused.value.code == code
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_contract_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    drafted(tmp_path, no_identifier())
    before = (tmp_path / "contract/contract.toml").read_bytes()
    with pytest.raises(Refusal) as refused:
        drafted(tmp_path, comma_with_na())
    assert refused.value.code == "exists"
    assert (tmp_path / "contract/contract.toml").read_bytes() == before


def test_lists_and_bytes_are_refused_by_position(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"id": [1, 2], "many": [[1], [2]]}).write_parquet(buffer)
    with pytest.raises(Refusal) as refused:
        drafted(tmp_path, buffer.getvalue())
    assert refused.value.code == "unsupported_column"
    assert "Column 2" in refused.value.reason


def test_a_date_in_the_future_is_no_start(tmp_path: Path) -> None:
    lines = ["patient,planned_date,visit_date"]
    lines += [
        f"P{place % 9},{2090 + place % 9}-05-01,2019-05-{place + 1:02d}" for place in range(30)
    ]
    contract = drafted(tmp_path, "\n".join([*lines, ""]).encode())
    assert {item.name: item.role for item in contract.variables} == {
        "planned_date": "measure",
        "visit_date": "start",
    }
    assert check_extract(tmp_path / "source", contract, "test").findings == ()


def test_a_counter_of_rows_and_a_copy_of_the_id_are_in_the_file_but_never_read(
    tmp_path: Path,
) -> None:
    lines = [",subject,key,dose", *(f"{i},S{i % 40},S{i % 40},{i * 7}" for i in range(60))]
    contract = drafted(tmp_path, "\n".join([*lines, ""]).encode())
    assert contract.file.ignore == ("", "key")
    assert [item.name for item in contract.variables] == ["dose"]
    report = check_extract(tmp_path / "source", contract, "test")
    assert report.findings == ()


@pytest.mark.parametrize("first", [0, 1])
def test_a_counter_of_rows_with_a_heading_is_never_read_either(tmp_path: Path, first: int) -> None:
    """Kept, it would tell a person's place in the owner's file."""
    lines = ["rownames,subject,day", *(f"{i + first},S{i % 40},{i + 2}" for i in range(60))]
    contract = drafted(tmp_path, "\n".join([*lines, ""]).encode())

    assert contract.file.ignore == ("rownames",)
    assert [item.name for item in contract.variables] == ["day"]


def test_a_table_of_one_column_may_have_decimal_commas(tmp_path: Path) -> None:
    contract = drafted(tmp_path, b"x\n1,5\n2,25\n3,0\n")
    assert (contract.file.decimal, contract.variables[0].data_type) == (",", "DOUBLE")
    assert check_extract(tmp_path / "source", contract, "test").findings == ()
