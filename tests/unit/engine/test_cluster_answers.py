"""What a worker sends back: arrays that fit, or a fault; never more than numbers."""

import io
import zlib

import numpy as np
import pytest

from workbench.domain.errors import Fault
from workbench.engine.cluster import answers
from workbench.engine.cluster.answers import packed, unpacked
from workbench.engine.placed import Placed
from workbench.engine.rounds import Contribution

PERSONS, CELLS = (5, 0, 12), 3


def placed(*vector: int) -> Placed:
    held = np.array(vector, dtype=np.int32)
    return Placed(held, np.bincount(held, minlength=CELLS + 1)[:CELLS])


def contribution() -> Contribution:
    parts = [
        {"same": np.array([1.5, np.inf]), "own": np.arange(size), "scalar": np.array(7)}
        for size in (2, 0, 1)
    ]
    vectors = (placed(0, 3, 2, 1, 3), placed(), placed(3, 3, 0, 1, 2, 3, 0, 0, 3, 3, 3, 1))
    return Contribution(parts, vectors)


def test_parts_and_places_come_back_as_they_were() -> None:
    sent = contribution()

    found = unpacked(packed(sent, CELLS), len(PERSONS), PERSONS, CELLS, placing=True)

    for one, other in zip(found.parts, sent.parts, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
            assert one[name].dtype == other[name].dtype
    for place, expected in zip(found.placed, sent.placed, strict=True):
        np.testing.assert_array_equal(place.vector, expected.vector)
        np.testing.assert_array_equal(place.n, expected.n)


def saved(**changed: object) -> bytes:
    whole = zlib.decompress(packed(contribution(), CELLS))
    with np.load(io.BytesIO(whole)) as held:
        arrays = {name: held[name] for name in held.files} | changed
    target = io.BytesIO()
    np.savez(target, **{name: one for name, one in arrays.items() if one is not None})
    return zlib.compress(target.getvalue())


def places(*held: int, kind: type = np.uint8) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.array([held], dtype=kind)


def test_values_come_back_to_the_persons_they_are_of() -> None:
    first, second = placed(0, 3, 2, 1, 3), placed(3, 3, 0, 1, 2, 3, 0, 0, 3, 3, 3, 1)
    dice = np.random.default_rng(1)
    values = [dice.integers(0, 99, int(one.n.sum())) / 4 for one in (first, second)]
    sent = [
        Placed(one.vector, one.n, {"n:age": x})
        for one, x in zip((first, second), values, strict=True)
    ]

    found = unpacked(
        packed(Contribution([{}, {}], sent), CELLS), 2, [5, 12], CELLS, placing=True
    ).placed

    for place, expected in zip(found, values, strict=True):
        assert place.values["n:age"].tolist() == expected.tolist()


@pytest.mark.parametrize("kind", [np.float64, np.int32])
def test_values_of_another_form_are_a_fault(kind: type) -> None:
    own = {"v.x": np.zeros(9, kind), "c.x": np.zeros(1)}
    with pytest.raises(Fault):
        unpacked(saved(**own), len(PERSONS), PERSONS, CELLS, placing=True)


@pytest.mark.parametrize("cells", [1, 255, 256, 65_535, 65_536, 5_000_000])
def test_places_in_tables_of_any_size_come_back(cells: int) -> None:
    dice = np.random.default_rng(cells)
    vector = dice.integers(0, cells + 1, 50).astype(np.int32)
    vector[:2] = cells - 1, cells
    sent = Placed(vector, np.bincount(vector, minlength=cells + 1)[:cells])

    (found,) = unpacked(
        packed(Contribution([{}], [sent]), cells), 1, [50], cells, placing=True
    ).placed

    np.testing.assert_array_equal(found.vector, sent.vector)
    np.testing.assert_array_equal(found.n, sent.n)


def test_an_answer_that_grows_beyond_its_limit_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = packed(contribution(), CELLS)
    size = len(zlib.decompress(content))
    monkeypatch.setattr(answers, "LIMIT", size)
    unpacked(content, 3, PERSONS, CELLS, placing=True)
    monkeypatch.setattr(answers, "LIMIT", size - 1)

    with pytest.raises(Fault):
        unpacked(content, 3, PERSONS, CELLS, placing=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive",
        saved(places=None),
        saved(inside=None),
        zlib.compress(b"no archive"),
        packed(contribution(), CELLS) + b"more",
        saved(places=places(*[9] * 9)),
        saved(places=places(*[0] * 9, kind=np.int64)),
        saved(places=places(*[0] * 9)[0]),
        saved(places=places(0)),
        saved(places=np.zeros((3, 9), dtype=np.uint8)),
        saved(inside=np.array([255], dtype=np.uint8)),
        saved(**{"s.same": np.ones((2, 2))}),
        saved(**{"n.own": np.array([1, 1, 9])}),
        saved(**{"n.own": np.array([-1, 3, 1])}),
        saved(**{"s.same": np.array(["a", "b", "c"])}),
        saved(**{"s.same": np.array([{}, {}, {}], dtype=object)}),
        packed(contribution(), CELLS)[:-40],
    ],
)
def test_an_answer_that_does_not_fit_is_a_fault(content: bytes) -> None:
    with pytest.raises(Fault):
        unpacked(content, len(PERSONS), PERSONS, CELLS, placing=True)
