"""A whole history checked offline: whatever is changed, left out, moved or taken from elsewhere."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from disclosure import certificate as cert
from disclosure.errors import Refusal
from disclosure.history import check_history
from tests.lib import histories
from tests.lib.histories import (
    PUBLIC,
    Instance,
    Line,
    again,
    checked,
    checkpoint,
    people,
    rechained,
    refused,
)
from workbench.domain.audit import What


@pytest.fixture(scope="module")
def instance() -> Instance:
    """Three releases among other events, one of them with cells withheld."""
    made = Instance(people(6000, age=10, sex=2, status=3))
    made.happen()
    assert made.cross(["age", "sex"])
    made.happen(What.KERNEL_END)
    assert made.cross(["sex", "status"])
    assert made.cross(["sex"], {"status": "1"})
    made.happen()
    return made


@pytest.fixture(scope="module")
def lines(instance: Instance) -> list[Line]:
    return instance.history()


def entries(lines: list[Line]) -> list[int]:
    return [at for at, one in enumerate(lines) if "entry" in one]


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list) and value:
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], (*path, key))
    else:
        yield path


def changed(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return 0
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return ("0" if value[:1] != "0" else "1") + value[1:]
    return ["new"]


def test_a_whole_history_holds_and_says_what_was_checked(lines: list[Line]) -> None:
    found = check_history(lines, {PUBLIC})

    assert (found.instance, found.project) == (histories.INSTANCE, "")
    assert (found.position, found.releases, found.alone) == (6, 3, 0)
    assert found.head == lines[-1]["entry"]["hash"]
    assert found.withheld > 0
    assert found.compared >= 5  # sex alone, status 1 by sex and the total stand in two tables
    assert found.threshold == 10


def test_no_entry_tells_who_and_why(lines: list[Line]) -> None:
    text = json.dumps(lines)

    assert "kari" not in text
    assert "every day" not in text


def test_any_changed_field_of_any_line_is_found(lines: list[Line]) -> None:
    tried = 0
    for at, line in enumerate(lines):
        paths = list(leaves(line))
        for path in paths if len(paths) < 20 else paths[at % 5 :: 5]:
            forged = copy.deepcopy(lines)
            holder = forged[at]
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = changed(holder[path[-1]])
            refused(forged)
            tried += 1
    assert tried > 100


def test_whatever_is_left_out_is_found(lines: list[Line]) -> None:
    for at, line in enumerate(lines):
        said = refused(lines[:at] + lines[at + 1 :])
        if "entry" in line and at != len(lines) - 1:
            position = line["entry"]["position"]
            assert f"ntry {position}" in said or f"entry {position - 1}" in said
        elif "release" in line:
            assert line["release"]["certificate"]["statement"]["release"] in said


def test_whatever_is_moved_or_told_twice_is_found(lines: list[Line]) -> None:
    for at in range(len(lines) - 1):
        refused([*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]])
    for at in range(len(lines)):
        refused([*lines[: at + 1], lines[at], *lines[at + 1 :]])


def test_a_cut_off_end_is_found_by_the_signed_end(lines: list[Line]) -> None:
    for end in range(1, len(lines)):
        refused(lines[:end])
    assert "ends at entry 5; signed was entry 6" in refused(lines[: entries(lines)[5]])


def test_entries_hashed_anew_are_found_by_certificates_and_the_signed_end(
    lines: list[Line],
) -> None:
    """Whoever has no key can make the chain look whole, not what points into it."""
    places = entries(lines)
    for number, at in enumerate(places):
        release = "release" in lines[at + 1] if at + 1 < len(lines) else False
        kept = [one for one in lines[1:] if one is not lines[at]]
        if release:
            kept.remove(lines[at + 1])
        told = iter(rechained([one["entry"] for one in kept if "entry" in one]))
        forged = [{"entry": next(told)} if "entry" in one else one for one in kept]
        said = refused([lines[0], *forged])
        assert "signed after another log" in said or "ends at entry 5" in said, number


def test_a_closed_release_is_no_way_to_hide_it(lines: list[Line]) -> None:
    from disclosure.verifier.certificates import digest

    at = next(at for at, one in enumerate(lines) if "release" in one) - 1
    entry = dict(lines[at]["entry"])
    about = {key: entry.pop(key) for key in ("at", "subject", "details", "names")}
    forged = [*lines[:at], {"entry": {**entry, "rest": digest(about)}}, *lines[at + 2 :]]

    assert "does not say which" in refused(forged)


def test_an_older_history_or_a_fork_is_found_by_a_note(instance: Instance) -> None:
    older, other = (again(instance, happened=[What.KERNEL_END]) for _ in range(2))
    newer = again(instance, happened=[What.KERNEL_END])
    newer.happen()
    other.happen(What.KERNEL_START)

    note = checked(newer.history())
    before = checked(older.history())
    assert checked(newer.history(), {note.position: note.head}).head == note.head
    assert checked(newer.history(), {before.position: before.head}).position == note.position
    for shown in (older, other):
        said = refused(shown.history(), {note.position: note.head})
        assert f"Entry {note.position} is not the one that you noted" in said


def test_a_log_of_another_instance_is_refused(lines: list[Line]) -> None:
    with pytest.raises(Refusal, match="trusted key"):
        check_history(lines, {bytes(32)})

    # The same key in another house: a copy of the instance that went its own way.
    other = Instance(people(6000, age=10, sex=2, status=3))
    other.happen(What.KERNEL_START)
    assert other.cross(["age", "sex"])
    theirs = other.history()
    assert checked(theirs).releases == 1
    at = next(at for at, one in enumerate(lines) if "release" in one)
    assert "not that of release" in refused([*lines[:at], theirs[-1], *lines[at + 1 :]])
    end = theirs[0]["checkpoint"]["statement"]
    mixed = [checkpoint(end["position"], end["head"]), *lines[1:2], *theirs[2:]]
    assert "Entry 2 was changed, or follows on another" in refused(mixed)
    entries = rechained([lines[1]["entry"], theirs[2]["entry"]])
    mixed = [
        checkpoint(2, entries[-1]["hash"]),
        *({"entry": one} for one in entries),
        theirs[-1],
    ]
    assert "signed after another log than this one" in refused(mixed)


@pytest.mark.parametrize("part", ["certificate", "plan", "body"])
def test_swapped_parts_of_two_releases_are_found(lines: list[Line], part: str) -> None:
    one, other, *_ = (at for at, line in enumerate(lines) if "release" in line)
    forged = copy.deepcopy(lines)
    first, second = forged[one]["release"], forged[other]["release"]
    first[part], second[part] = second[part], first[part]

    assert first["certificate"]["statement"]["release"] or part in refused(forged)
    refused(forged)


def test_a_history_of_one_project_leaves_out_no_release_of_it(instance: Instance) -> None:
    lines = instance.history("alpha")
    assert checked(lines).project == "alpha"
    at = next(at for at, one in enumerate(lines) if "release" in one)
    assert "is missing" in refused([*lines[:at], *lines[at + 1 :]])

    strangers = instance.history("beta")
    assert checked(strangers).releases == 0


Proof = dict[str, Any]


def hide_nothing(proof: Proof) -> None:
    """The table as it was before anything was withheld."""
    (statistic,) = proof["statistics"]
    statistic["counts"] = [3 if one is None else one for one in statistic["counts"]]
    statistic["withheld"] = {}


def show_one(proof: Proof) -> None:
    (statistic,) = proof["statistics"]
    cell = next(cell for cell, letter in statistic["withheld"].items() if letter == "c")
    statistic["counts"][int(cell)] = 50
    del statistic["withheld"][cell]


WEAKER: dict[str, Callable[[Proof], object]] = {
    "a lower threshold": lambda p: p.update(threshold=3),
    "a threshold of two": lambda p: p.update(threshold=2),
    "less spread": lambda p: p.update(spread=1),
    "another policy": lambda p: p.update(policy="f" * 64),
    "other words of the policy": lambda p: p.update(policy_words='{"rules": {"threshold": "10"}}'),
    "nothing withheld": hide_nothing,
    "one complementary cell shown": show_one,
    "no marks": lambda p: p["statistics"][0].update(withheld={}),
    "unknown marks": lambda p: p["statistics"][0].update(
        withheld=dict.fromkeys(p["statistics"][0]["withheld"], "x")
    ),
    "no statistics": lambda p: p.update(statistics=[]),
    "another kind": lambda p: p.update(kind="trust me"),
    "another shape": lambda p: p.update(shape=[2, 3]),
    "words for counts": lambda p: p["statistics"][0]["counts"].__setitem__(0, "many"),
    "fractions of persons": lambda p: p["statistics"][0]["counts"].__setitem__(-1, 6000.5),
    "not compared with an earlier release": lambda p: p.update(compared_with=[]),
}


@pytest.mark.parametrize("weaker", WEAKER)
def test_a_weakened_proof_is_found_though_the_platform_signed_it(weaker: str) -> None:
    """A gate with a flaw has the key; the second verifier does not believe it."""
    made = Instance(people(6000, age=10, sex=2, status=3))
    assert made.cross(["sex", "status"])
    assert made.cross(["age", "sex"])
    last = made.releases[-1]
    proof = copy.deepcopy(last["certificate"]["statement"]["proof"])
    assert proof["statistics"][0]["withheld"]
    assert checked(again(made).history()).releases == 2

    WEAKER[weaker](proof)
    name = last["certificate"]["statement"]["release"]
    assert name in refused(again(made, proof=proof).history())


def noise(rho: str, *scales: float) -> dict[str, Any]:
    """A proof of counts with noise of these scales: each costs 1 / 2σ²."""
    return {"rho": rho, "parts": [{"sensitivity": 1.0, "scale": one} for one in scales]}


FOUR = {"columns": [{"kind": "persons"}], "rows": [[4]]}


def test_results_and_noise_must_keep_the_bounds_that_they_name() -> None:
    rules = {"rules": [{"rule": "freedom", "at_least": 10, "is": 9}]}
    words = histories.POLICY.words
    result = {"policy": histories.POLICY.hash, "policy_words": words, "threshold": 10}
    proof = {**result, "kind": "result", "compared_with": [], "rules": rules}
    made = Instance(people(10, sex=2))
    kept = {"rules": [{"rule": "freedom", "at_least": 10, "is": 10}, {"rule": "x", "at_least": 9}]}
    made.release("a" * 16, "{}", {"blocks": []}, {**proof, "rules": kept}, kind="result")
    assert checked(made.history()).releases == 1
    for body, more, said in (
        ({"blocks": []}, {"kind": "result"}, "bound"),
        ({"blocks": [FOUR]}, {"kind": "result"}, "threshold"),
        ({}, {"kind": "noisy", "rho": "1/100", "proof": noise("1/10", 8.0)}, "noise"),
        ({}, {"kind": "noisy", "rho": "0", "proof": noise("0")}, "noise"),
        ({}, {"kind": "noisy", "rho": "1/100", "proof": noise("1/100")}, "noise"),
        ({}, {"kind": "noisy", "rho": "1/100", "proof": noise("1/100", 7.0)}, "noise"),
        ({}, {"kind": "noisy", "rho": "1/100", "proof": noise("1/100", 9.0, 9.0)}, "noise"),
        ({}, {"kind": "miracle"}, "kind"),
    ):  # fmt: skip
        made = Instance(people(10, sex=2))
        told = {"proof": proof} | more
        if more["kind"] == "miracle":
            with pytest.raises(ValueError, match="kind"):
                made.release("a" * 16, "{}", body, **told)
            continue
        made.release("a" * 16, "{}", body, **told)
        assert said in refused(made.history())


def test_neither_verifier_imports_the_gate() -> None:
    import ast
    from pathlib import Path

    import disclosure

    root = Path(str(disclosure.__file__)).parent
    own = {"disclosure.errors"}
    for package, most in (("verifier", 300), ("history", 400)):
        own |= {f"disclosure.{package}.{one.stem}" for one in (root / package).glob("*.py")}
        size = sum(len(one.read_text().splitlines()) for one in (root / package).glob("*.py"))
        assert size <= most, (package, size)
        for path in (root / package).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [str(node.module)]
                ours = {one for one in names if one.split(".")[0] in ("disclosure", "workbench")}
                assert ours <= own, (path, ours - own)


def test_a_history_without_bodies_is_checked_release_by_release(lines: list[Line]) -> None:
    bare = [
        {"release": {"certificate": one["release"]["certificate"]}} if "release" in one else one
        for one in lines
    ]

    found = checked(bare)
    assert (found.releases, found.alone, found.compared) == (3, 3, 0)
    assert cert.verify(bare[-2]["release"]["certificate"], {PUBLIC}) if "release" in bare[-2] else 1
