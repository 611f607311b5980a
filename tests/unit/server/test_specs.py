"""Two kernels and no third, whatever the name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyter_client.kernelspec import NoSuchKernel

from kernels.server.specs import PROVISIONER, TwoKernels


def test_exactly_two_kernels_are_listed():
    assert set(TwoKernels().get_all_specs()) == {"workbench", "sealed"}
    assert set(TwoKernels().find_kernel_specs()) == {"workbench", "sealed"}


@pytest.mark.parametrize(
    "name", ["python3", "WORKBENCH", "workbench ", "../workbench", "", "sealed/../python3", "ir"]
)
def test_another_name_is_refused(name):
    with pytest.raises(NoSuchKernel) as refused:
        TwoKernels().get_kernel_spec(name)

    assert refused.value.status_code == 404


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_name_but_the_two_is_a_kernel(name):
    if name not in {"workbench", "sealed"}:
        with pytest.raises(NoSuchKernel):
            TwoKernels().get_kernel_spec(name)


def test_each_kernel_is_launched_by_the_gate_and_interrupted_by_message():
    for name, entry in TwoKernels().get_all_specs().items():
        spec = entry["spec"]

        assert spec["metadata"]["kernel_provisioner"] == {
            "provisioner_name": PROVISIONER,
            "config": {"lane": name},
        }
        assert spec["interrupt_mode"] == "message"
        assert spec["metadata"]["debugger"] is False


def test_names_follow_the_language(monkeypatch):
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    assert TwoKernels().get_kernel_spec("sealed").display_name == "Workbench, sealed run"

    monkeypatch.setenv("WORKBENCH_LANGUAGE", "nb")
    assert TwoKernels().get_kernel_spec("sealed").display_name == "Workbench, forseglet kjøring"


def test_nothing_is_installed_or_removed(tmp_path):
    specs = TwoKernels()

    for change in (
        lambda: specs.install_kernel_spec(str(tmp_path), "x"),
        lambda: specs.remove_kernel_spec("workbench"),
        lambda: specs.install_native_kernel_spec(user=True),
    ):
        with pytest.raises(PermissionError):
            change()
