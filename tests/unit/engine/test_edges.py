"""The small parts around the engine: views, policies, refusals."""

from pathlib import Path

import pytest

import disclosure.errors
import pseudonym.errors
import workbench.plan
from tests.lib.plain_view import PlainView
from workbench.domain.errors import Refusal
from workbench.engine.refusals import translated
from workbench.engine.views import Views
from workbench.services.policy_folder import PolicyFolder

POLICIES = Path(__file__).resolve().parents[3] / "policies"


@pytest.mark.parametrize("version", ["", "..", "../other", "v9", "a/b"])
def test_a_view_is_only_found_in_its_own_folder(tmp_path: Path, version: str) -> None:
    (tmp_path / "alpha" / "v1").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    views = Views(tmp_path, lambda path: PlainView({}, 1))

    with pytest.raises(Refusal) as refused:
        views.get("alpha", version)

    assert refused.value.code == "no_view"


def test_a_view_of_another_project_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "beta" / "v1").mkdir(parents=True)
    views = Views(tmp_path, lambda path: PlainView({}, 1, project="alpha"))

    with pytest.raises(Refusal) as refused:
        views.get("beta", "v1")

    assert refused.value.code == "wrong_view"


def test_the_strictest_of_all_linked_registries_holds() -> None:
    folder = PolicyFolder(POLICIES)

    assert (
        folder.of([], "default").rho_per_release
        > folder.of(["nafld_lab"], "default").rho_per_release
    )
    assert folder.of(["nafld_base"], "example").threshold == 20


def test_a_permit_that_names_no_known_policy_opens_nothing() -> None:
    with pytest.raises(Refusal) as refused:
        PolicyFolder(POLICIES).of(["nafld_base"], "nowhere")

    assert refused.value.code == "no_policy"


def test_a_registry_name_never_leaves_the_folder() -> None:
    folder = PolicyFolder(POLICIES)

    assert folder.of(["../projects/example"], "default") == folder.of([], "default")


@pytest.mark.parametrize("package", [workbench.plan, disclosure.errors, pseudonym.errors])
def test_refusals_of_the_parts_become_the_workbenchs_own(package: object) -> None:
    with pytest.raises(Refusal) as refused, translated():
        raise package.Refusal("code", "reason", "remedy")  # type: ignore[attr-defined]

    assert (refused.value.code, refused.value.reason) == ("code", "reason")
    assert refused.value.__cause__ is None
