"""Contracts from their folder: what is accepted, what is refused, and where the fault lies."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonym.contract import Contract, load_contract
from pseudonym.contract.canonical import digest
from pseudonym.contract.rules import parse_rule
from pseudonym.errors import Refusal
from tests.lib.extracts import a_contract

TOML = """
schema_version = "1.0"
[registry]
id = "npr"
name = {nb = "Norsk pasientregister", en = "Norwegian Patient Registry"}
publisher = "Folkehelseinstituttet"
[dataset]
id = "npr_episode"
version = "2.1.0"
label = {nb = "Episoder", en = "Episodes"}
temporalityType = "EVENT"
validFrom = 2008-01-01
primaryKey = ["person", "inndato"]
[[identifier]]
name = "person"
column = "fodselsnr"
idType = ["FNR", "DNR"]
[[variable]]
name = "inndato"
label = {nb = "Inn"}
dataType = "DATE"
role = "start"
[[variable]]
name = "utdato"
label = {nb = "Ut"}
dataType = "DATE"
role = "stop"
rules = ["utdato >= inndato", "utdato <= 2030-12-31"]
[[variable]]
name = "kommune"
label = {nb = "Kommune"}
dataType = "STRING"
valueDomain = {codeList = ["kommune", "utland"], validAt = "inndato"}
[[variable]]
name = "alder"
label = {nb = "Alder"}
dataType = "LONG"
valueDomain = {min = 0, max = 120}
[load]
psi = {warn = 0.1, stop = 0.3}
"""
KOMMUNE = "code,nb,en,valid_from,valid_until\n0301,Oslo,Oslo,,\n1201,Bergen,Bergen,,2019-12-31\n"
UTLAND = "\ufeffcode,nb\nSE,Sverige\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "codes").mkdir()
    (tmp_path / "contract.toml").write_text(TOML, encoding="utf-8")
    (tmp_path / "codes/kommune.csv").write_text(KOMMUNE, encoding="utf-8")
    (tmp_path / "codes/utland.csv").write_text(UTLAND, encoding="utf-8")
    return tmp_path


def test_a_contract_is_read_with_its_code_lists(folder: Path) -> None:
    contract = load_contract(folder)
    codes = contract.variables[2].value_domain.codes

    assert load_contract(folder / "contract.toml") == contract
    assert [code.code for code in codes] == ["0301", "1201", "SE"]
    assert codes[1].valid_until == date(2019, 12, 31)
    assert codes[2].label == {"nb": "Sverige"}
    assert contract.dataset.valid_from == date(2008, 1, 1)
    assert contract.thresholds.psi.stop == 0.3
    assert contract.person.national
    assert contract.namespace(contract.person) == "npr"


def test_a_contract_travels_as_json_with_the_same_hash(folder: Path) -> None:
    contract = load_contract(folder)
    again = Contract.from_json(contract.to_json())
    assert again == contract
    assert again.hash == contract.hash == digest(contract.to_json())


def test_the_hash_covers_every_code_and_label(folder: Path) -> None:
    before = load_contract(folder).hash
    (folder / "codes/utland.csv").write_text("code,nb\nSE,Sverike\n", encoding="utf-8")
    assert load_contract(folder).hash != before


def replaced(old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> object:
        text = (folder / "contract.toml").read_text(encoding="utf-8")
        assert old in text
        return (folder / "contract.toml").write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def codes(content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / "codes/kommune.csv").write_bytes(content)


FAULTS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "no TOML": (replaced("[registry]", "[registry"), "bad_contract", "not TOML"),
    "an unknown key": (
        replaced('publisher = "', 'publisherr = "'),
        "bad_contract",
        "registry.publisher",
    ),
    "an unknown type": (replaced('"LONG"', '"INT"'), "bad_contract", "variable.4.dataType"),
    "an upper-case name": (replaced('name = "alder"', 'name = "Alder"'), "bad_contract", "pattern"),
    "a name used twice": (
        replaced('name = "alder"', 'name = "utdato"'),
        "bad_contract",
        "used twice",
    ),
    "min above max": (replaced("min = 0", "min = 130"), "bad_contract", "min lies above max"),
    "a date bound for a number": (replaced("min = 0", "min = 2000-01-01"), "bad_contract", "dates"),
    "a rule on nothing": (
        replaced("utdato >= inndato", "utdato >= ingen"),
        "bad_contract",
        "ingen",
    ),
    "a rule that is code": (
        replaced("utdato >= inndato", "__import__('os')"),
        "bad_contract",
        "a rule reads",
    ),
    "dates against numbers": (
        replaced("utdato >= inndato", "utdato >= alder"),
        "bad_contract",
        "dates with dates",
    ),
    "validAt on no date": (
        replaced('validAt = "inndato"', 'validAt = "alder"'),
        "bad_contract",
        "validAt",
    ),
    "a key on nothing": (replaced('["person", "inndato"]', '["x"]'), "bad_contract", "primaryKey"),
    "LOCAL beside FNR": (replaced('"DNR"]', '"LOCAL"]'), "bad_contract", "stand alone"),
    "NONE with a column": (
        replaced('["FNR", "DNR"]', '["NONE"]'),
        "bad_contract",
        "has a column",
    ),
    "two starts": (replaced('role = "stop"', 'role = "start"'), "bad_contract", "role start"),
    "a list out of the folder": (
        replaced('"utland"]', '"../../etc/passwd"]'),
        "bad_contract",
        "plain name",
    ),
    "a missing list": (replaced('"utland"]', '"ukjent"]'), "no_code_list", "ukjent.csv"),
    "codes in both places": (
        replaced('codeList = ["kommune", "utland"]', 'codeList = "kommune", codes = []'),
        "bad_contract",
        "as well",
    ),
    "a column described and ignored": (
        replaced("[[identifier]]", '[file]\nignore = ["alder"]\n[[identifier]]'),
        "bad_contract",
        "ignored",
    ),
    "a list without codes": (codes(b"kode,nb\n1,x\n"), "bad_code_list", "line 1"),
    "a row with a field too many": (codes(b"code,nb\n1,x\n2,x,y\n"), "bad_code_list", "line 3"),
    "a row with a field too few": (codes(b"code,nb\n1\n"), "bad_code_list", "line 2"),
    "a code valid twice on a day": (
        codes(b"code,nb,valid_until\n1,a,2019-12-31\n1,b,\n"),
        "bad_code_list",
        "line 3",
    ),
    "a list in Latin-1": (codes("code,nb\n1,å\n".encode("latin-1")), "no_code_list", "UTF-8"),
    "an impossible date": (codes(b"code,nb,valid_from\n1,a,2019-02-30\n"), "bad_contract", "date"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_contract_is_refused_and_the_place_is_named(name: str, folder: Path) -> None:
    spoil, code, word = FAULTS[name]
    spoil(folder)
    with pytest.raises(Refusal) as refused:
        load_contract(folder)
    assert refused.value.code == code
    assert word in refused.value.reason
    assert refused.value.remedy


def test_a_code_may_come_back_in_another_period(folder: Path) -> None:
    codes(b"code,nb,valid_from,valid_until\n1,a,,2019-12-31\n1,b,2020-01-01,\n")(folder)
    assert len(load_contract(folder).variables[2].value_domain.codes) == 3


def test_a_folder_without_contract_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "gone", tmp_path / "gone.toml"):
        with pytest.raises(Refusal) as refused:
            load_contract(place)
        assert refused.value.code == "no_contract"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from([*a_contract().to_json(), "x"]), JSON, max_size=4))
def test_any_json_in_place_of_a_table_is_refused_and_nothing_else(
    change: dict[str, object],
) -> None:
    value = {**a_contract().to_json(), **change}
    with suppress(Refusal):
        contract = Contract.from_json(value)
        assert Contract.from_json(contract.to_json()) == contract


@pytest.mark.parametrize(
    "text", ["a", "a >= ", "a >= b >= c", "1 >= 2", "a ~ b", "a >= 'x'", "A > 1"]
)
def test_what_is_no_rule_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError, match="a rule"):
        parse_rule(text)
