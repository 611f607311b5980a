"""The kernels of the lanes that the permit opens and no other, whatever the name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.server.specs import PROVISIONER, NotOffered, OurKernels


@pytest.fixture(autouse=True)
def lanes(monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANES", "workbench sealed")


@pytest.mark.parametrize(
    ("opened", "listed"),
    [
        ("workbench", {"workbench"}),
        ("workbench sealed", {"workbench", "sealed"}),
        ("workbench interactive sealed", {"workbench", "sealed", "interactive"}),
        ("sealed python3 ../x", {"workbench", "sealed"}),
        ("", {"workbench"}),
    ],
)
def test_the_lanes_that_the_permit_opens_are_listed(monkeypatch, opened, listed):
    monkeypatch.setenv("WORKBENCH_LANES", opened)

    assert set(OurKernels().get_all_specs()) == listed


def test_without_a_word_of_the_hub_there_is_the_workbench_kernel_alone(monkeypatch):
    monkeypatch.delenv("WORKBENCH_LANES")

    assert set(OurKernels().get_all_specs()) == {"workbench"}


def test_a_lane_that_the_permit_does_not_open_is_refused_by_name():
    with pytest.raises(NotOffered):
        OurKernels().get_kernel_spec("interactive")


def test_exactly_these_kernels_are_listed():
    assert set(OurKernels().get_all_specs()) == {"workbench", "sealed"}
    assert set(OurKernels().find_kernel_specs()) == {"workbench", "sealed"}


@pytest.mark.parametrize(
    "name", ["python3", "WORKBENCH", "workbench ", "../workbench", "", "sealed/../python3", "ir"]
)
def test_another_name_is_refused(name):
    with pytest.raises(NotOffered) as refused:
        OurKernels().get_kernel_spec(name)

    assert refused.value.status_code == 404


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_name_but_these_is_a_kernel(name):
    if name not in {"workbench", "sealed"}:
        with pytest.raises(NotOffered):
            OurKernels().get_kernel_spec(name)


def test_each_kernel_is_launched_by_the_gate_and_interrupted_by_message():
    for name, entry in OurKernels().get_all_specs().items():
        spec = entry["spec"]

        assert spec["metadata"]["kernel_provisioner"] == {
            "provisioner_name": PROVISIONER,
            "config": {"lane": name},
        }
        assert spec["interrupt_mode"] == "message"
        assert spec["metadata"]["debugger"] is False


def test_names_follow_the_language(monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    assert OurKernels().get_kernel_spec("sealed").display_name == "Sealed run"

    monkeypatch.setenv("WORKBENCH_LANGUAGE", "nb")
    assert OurKernels().get_kernel_spec("sealed").display_name == "Forseglet kjøring"


def test_nothing_is_installed_or_removed(tmp_path):
    specs = OurKernels()

    for change in (
        lambda: specs.install_kernel_spec(str(tmp_path), "x"),
        lambda: specs.remove_kernel_spec("workbench"),
        lambda: specs.install_native_kernel_spec(user=True),
    ):
        with pytest.raises(PermissionError):
            change()
