"""The noise of a count, drawn by the key of its set of persons: unbiased, bounded, never negative.

Each person has a secret random record key; a cell's key is their sum modulo 2**64, so that it
belongs to the set of persons, however they are asked for (Fraser & Wooton 2005, Marley & Leaver
2011). A table of probabilities says which noise a key means for a count: of all distributions with
mean nothing and the variance asked for, the one of most entropy (Giessing 2016).
"""

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from disclosure.errors import Refusal

__all__ = ["Noise", "keys_of", "perturbed"]

Int = NDArray[np.int64]
Keys = NDArray[np.uint64]
STEPS = 200


@dataclass(frozen=True)
class Noise:
    """furthest: no count moves by more. variance: of the noise where the count leaves room for it.

    smallest: no count of 1..smallest-1 is ever shown.
    """

    furthest: int
    variance: float
    smallest: int

    def __post_init__(self) -> None:
        enough = 1 <= self.smallest <= self.furthest + 1 and self.furthest <= 50
        if not enough or not 0 < self.variance <= self.furthest**2 / 2:
            raise _impossible()

    def chances(self, count: int) -> NDArray[np.float64]:
        """Of each step -furthest..furthest for a true count; nothing for a count of nobody."""
        return _chances(self, min(count, self.furthest + self.smallest))


def keys_of(record_keys: Keys, cells: NDArray[np.intp], many: int) -> Keys:
    """Keys of the cells 0..many-1 from each person's secret key and cell, uint64, wrapping."""
    found = np.zeros(many, np.uint64)
    np.add.at(found, cells, record_keys)
    return found


def perturbed(counts: Int, keys: Keys, noise: Noise) -> Int:
    """Counts with the noise that their keys mean; both of one shape. Totals get noise of their own
    from their own keys (sums of keys): tables are not additive, and no total tells a cell."""
    shown = np.zeros(counts.size, np.int64)
    for at, (count, key) in enumerate(zip(counts.ravel().tolist(), keys.ravel().tolist(),
                                          strict=True)):  # fmt: skip
        if count < 0:
            raise Refusal("count_negative", "A count is below 0.", "Correct the table.")
        if count:
            edge = np.cumsum(noise.chances(count))
            place = int(np.searchsorted(edge, _uniform(key) * edge[-1], "right"))
            shown[at] = count + min(place, 2 * noise.furthest) - noise.furthest
    return shown.reshape(counts.shape)


def _uniform(key: int) -> float:
    """0 ≤ u < 1 from a key: hashed, as sums of few keys might lie oddly."""
    digest = blake2b(key.to_bytes(8, "big"), digest_size=8, person=b"cell key").digest()
    return (int.from_bytes(digest, "big") >> 11) / 2.0**53


@cache
def _chances(noise: Noise, count: int) -> NDArray[np.float64]:
    steps = np.arange(-noise.furthest, noise.furthest + 1)
    if count == 0:
        return np.where(steps == 0, 1.0, 0.0)
    after = count + steps
    allowed = (after >= 0) & ((after == 0) | (after >= noise.smallest))
    # Of counts near nothing the steps down are few: the variance is then what it can be.
    down, up = -int(steps[allowed].min()), int(steps[allowed].max())
    variance = min(noise.variance, 0.9 * down * up)
    lean, spread = 0.0, -0.5 / variance
    for _ in range(STEPS):
        raw = np.where(allowed, np.exp(np.clip(lean * steps + spread * steps**2, -600, 600)), 0.0)
        chance: NDArray[np.float64] = raw / raw.sum()
        mean, square = (chance * steps).sum(), (chance * steps**2).sum()
        off = np.array([mean, square - variance])
        if np.abs(off).max() < 1e-9:
            return chance
        third, fourth = (chance * steps**3).sum(), (chance * steps**4).sum()
        slope = np.array(
            [[square - mean**2, third - mean * square], [third - mean * square, fourth - square**2]]
        )
        change = np.linalg.lstsq(slope, off, rcond=None)[0]
        change *= min(1.0, 0.5 / max(np.abs(change).max(), 1e-12))
        lean, spread = lean - change[0], spread - change[1]
    raise _impossible()


def _impossible() -> Refusal:
    return Refusal(
        "noise_impossible",
        "No noise has that variance within that range.",
        "Ask for a variance of at most half the square of the furthest step.",
    )
