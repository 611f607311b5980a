"""Each layer of the sandbox, taken away alone: its act turns red, and no kernel is handed over."""

import asyncio
import platform
import resource
from collections.abc import Iterator

import pytest

from kernels.errors import Refusal
from kernels.host.proof import report
from kernels.host.proof.canaries import Laid, laid_out
from kernels.host.proof.layers import LAYERS, Layer
from kernels.host.sandbox.interpreter import this_interpreter
from kernels.host.seccomp.numbers import NUMBERS
from kernels.inside.acts.table import table
from tests.lib.layerless import (
    NOT_BY_BUBBLEWRAP,
    REMOVALS,
    Patch,
    Removal,
    a_careless_host,
    without_self_check,
)

pytestmark = pytest.mark.sandbox
ACTS = table(NUMBERS[platform.machine()])
BY_NAME = {layer.name: layer for layer in LAYERS}
HERE = report.able()
# The host's kernel refuses these by itself to any account without rights, filter or not: that the
# filter refuses them too is shown in tests/unit/kernels/test_seccomp.py.
REFUSED_ANYHOW = {"calls: modules", "calls: kexec", "calls: reboot and swap", "calls: kernel log",
                  "calls: names of the machine", "calls: ports of the machine"}  # fmt: skip


def here(layers: tuple[Layer, ...]) -> list[Layer]:
    return [layer for layer in layers if not layer.needs or layer.needs in HERE]


def name_of(layer: Layer) -> str:
    return layer.name


@pytest.fixture(scope="module")
def laid() -> Iterator[Laid]:
    with laid_out(this_interpreter(), report.LIMITS, report.ALONE) as laid:
        yield laid


@pytest.fixture(scope="module")
def blind(laid: Laid) -> Laid:
    return without_self_check(laid)


@pytest.fixture(scope="module")
def careless(laid: Laid) -> Iterator[Removal]:
    with a_careless_host(laid) as start:
        yield start


def nothing_to_give(layer: Layer) -> None:
    rights = {"limit NICE": resource.RLIMIT_NICE, "limit RTPRIO": resource.RLIMIT_RTPRIO}
    if layer.name in rights and resource.getrlimit(rights[layer.name])[1] == 0:
        pytest.skip("this account has none of it to give")


def tried(laid: Laid, *names: str) -> dict[str, str]:
    alone = any(ACTS[name].alone for name in names)
    found = asyncio.run(report.inside_only(names, laid, alone=alone))
    return {name: found[name]["result"] for name in names}


def test_every_layer_can_be_taken_away() -> None:
    assert set(REMOVALS) | NOT_BY_BUBBLEWRAP == set(BY_NAME)
    assert len(BY_NAME) == len(LAYERS)


@pytest.mark.parametrize(
    "layer",
    here(tuple(each for each in LAYERS if each.name not in NOT_BY_BUBBLEWRAP | REFUSED_ANYHOW)),
    ids=name_of,
)
def test_without_this_layer_alone_its_act_can_be_done(
    layer: Layer, laid: Laid, blind: Laid, careless: Removal, monkeypatch: Patch
) -> None:
    nothing_to_give(layer)
    changed = careless(monkeypatch, blind)
    for other in layer.beneath:
        if BY_NAME[other].needs in {"", *HERE}:
            changed = REMOVALS[other](monkeypatch, changed)
    if layer.beneath:
        assert tried(changed, layer.act) == {layer.act: "BLOCKED"}
    changed = REMOVALS[layer.name](monkeypatch, changed)
    assert tried(changed, layer.act) == {layer.act: "ALLOWED"}


@pytest.mark.parametrize(
    "layer",
    here(tuple(each for each in LAYERS if each.check and each.name not in NOT_BY_BUBBLEWRAP)),
    ids=name_of,
)
def test_without_this_layer_no_kernel_is_handed_over(
    layer: Layer, laid: Laid, careless: Removal, monkeypatch: Patch
) -> None:
    nothing_to_give(layer)
    changed = REMOVALS[layer.name](monkeypatch, careless(monkeypatch, laid))
    with pytest.raises(Refusal) as refused:
        tried(changed, layer.act)
    assert refused.value.code == "no_isolation"


def test_with_all_layers_every_act_of_theirs_is_blocked_on_a_careless_host(
    laid: Laid, careless: Removal, monkeypatch: Patch
) -> None:
    careless(monkeypatch, laid)
    names = [layer.act for layer in here(LAYERS) if not ACTS[layer.act].alone]
    assert [name for name, found in tried(laid, *names).items() if found != "BLOCKED"] == []


def test_what_bubblewrap_always_does_is_open_without_bubblewrap() -> None:
    acts = [BY_NAME[name].act for name in sorted(NOT_BY_BUBBLEWRAP)]
    found = {act.name: act for act in report.isolation_report(acts)}
    for name in acts:
        assert found[name].inside == "BLOCKED"
        assert found[name].outside == "ALLOWED"


def test_without_landlock_the_outbox_is_read_and_files_are_run(
    blind: Laid, monkeypatch: Patch
) -> None:
    if "landlock:6" not in HERE:
        pytest.skip("this host has no Landlock of that version")
    names = [
        name for name, act in ACTS.items() if act.layer == "Landlock" and "/proc/1" not in name
    ]
    changed = REMOVALS["Landlock"](monkeypatch, blind)
    assert set(tried(changed, *names).values()) == {"ALLOWED"}
