"""Persons by the values of a text, as bytes and lengths: what leaves a bucket is plain numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from disclosure.privacy.evidence import KeysEvidence
from workbench.engine.analyses.computation import Computation, Parts, State, computes
from workbench.engine.placed import Placed
from workbench.plan.nodes import DpKeys

__all__ = ["NoisyKeys"]


@computes(DpKeys)
class NoisyKeys(Computation):
    """Persons by value; who has none, or an empty text, takes no part."""

    @property
    def _asked(self) -> DpKeys:
        asked = self.checked.plan.analysis
        if not isinstance(asked, DpKeys):
            raise TypeError("values are asked for otherwise")
        return asked

    def measured(self) -> Mapping[str, pl.Expr]:
        """The value, cut to its first characters."""
        text = pl.col(self._asked.variable).cast(pl.String).str.slice(0, self._asked.characters)
        return {"x": pl.when(text != "").then(text)}

    def partial(self, frame: pl.DataFrame, state: State) -> Parts:  # noqa: ARG002 - one round
        """text: uint8, the values in UTF-8 one after the other; lengths, counts: int64, a value."""
        found = frame.group_by("x").len().sort("x")
        values = [one.encode() for one in found["x"].to_list()]
        return {
            "text": np.frombuffer(b"".join(values), dtype=np.uint8),
            "lengths": np.array([len(one) for one in values], dtype=np.int64),
            "counts": found["len"].to_numpy().astype(np.int64),
        }

    def merge(self, parts: Sequence[Parts]) -> Parts:
        """All buckets together, values in the order of their bytes."""
        total: Counter[bytes] = Counter()
        for one in parts:
            text = one["text"].tobytes()
            ends = np.cumsum(one["lengths"]).tolist()
            starts = [0, *ends[:-1]]
            for start, end, persons in zip(starts, ends, one["counts"].tolist(), strict=False):
                total[text[start:end]] += persons
        values = sorted(total)
        return {
            "text": np.frombuffer(b"".join(values), dtype=np.uint8),
            "lengths": np.array([len(one) for one in values], dtype=np.int64),
            "counts": np.array([total[one] for one in values], dtype=np.int64),
        }

    def evidence(
        self,
        placed: Placed,  # noqa: ARG002 - see merged
        merged: Parts,
        state: State,  # noqa: ARG002 - one round
        view_population: int,  # noqa: ARG002 - noise is the same for every population
    ) -> KeysEvidence:
        """The counts."""
        asked = self._asked
        text, ends = merged["text"].tobytes(), np.cumsum(merged["lengths"]).tolist()
        starts = [0, *ends[:-1]] if ends else []
        values = [text[start:end].decode() for start, end in zip(starts, ends, strict=True)]
        return KeysEvidence(
            by=(),
            groups=((),),
            variable=asked.variable,
            label=self.checked.label(asked.variable),
            counts=dict(zip(values, merged["counts"].tolist(), strict=True)),
            delta=asked.delta,
            most=asked.most,
        )
