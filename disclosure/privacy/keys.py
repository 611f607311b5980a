"""Tables over values that nobody listed: which there are is found with noise and a threshold."""

from fractions import Fraction

from disclosure.policy import Policy
from disclosure.privacy.answer import Part, Private, decided, note, private
from disclosure.privacy.evidence import KeysEvidence
from disclosure.privacy.mechanisms import noisy_keys
from disclosure.results.block import Block, BlockColumn

__all__: list[str] = []


@private.register
def _(evidence: KeysEvidence, rho: Fraction, policy: Policy) -> Private:
    found = noisy_keys(evidence.counts, rho, evidence.delta)
    near, delta = found.noisy.accuracy_95, float(evidence.delta)
    finding = note(
        f"Values with a noisy count of {found.threshold} or more are told, within ± {near} with "
        f"95 %, at a cost of ρ = {rho} and δ = {delta:g}; rarer ones are not, and how many there "
        "are is not told.",
        f"Verdier med et støyet antall på {found.threshold} eller mer er vist, innenfor ± {near} "
        f"med 95 %, til en kostnad av ρ = {rho} og δ = {delta:g}; sjeldnere er ikke vist, og hvor "
        "mange det er, er ikke fortalt.",
        len(found.keys),
    )
    more = {
        "threshold": found.threshold,
        "delta": str(found.delta),
        "certified_delta": found.certified_delta,
    }
    parts = (Part("persons by value", found.noisy, more),)
    columns = (
        BlockColumn(evidence.variable, "text", evidence.label),
        BlockColumn("persons", "persons", {"en": "persons", "nb": "personer"}),
        BlockColumn("low", "integer", {"en": "95 % from", "nb": "95 % fra"}),
        BlockColumn("high", "integer", {"en": "95 % to", "nb": "95 % til"}),
    )
    told = zip(found.keys, found.noisy.values.tolist(), strict=True)
    rows = tuple((key, n, n - near, n + near) for key, n in list(told)[: evidence.most])
    title = {"en": "Values that enough persons share", "nb": "Verdier som nok personer deler"}
    block = Block("top", title, columns, rows)
    return Private(decided(parts, rho, policy, [finding], (block,)), rho, parts, near)
