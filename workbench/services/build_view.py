"""Build a project's view anew from what its registries have published since."""

from workbench.domain.audit import AuditEvent, What
from workbench.domain.errors import Refusal
from workbench.domain.permit import PermitState
from workbench.ports import Records, RegistryDesk
from workbench.services.grant import Granted

__all__ = ["build_view"]


def build_view(
    records: Records, desk: RegistryDesk, project: str, *, who: str, why: str = ""
) -> Granted:
    """Build (or re-use) the view of an active permit; running kernels keep theirs.

    Raises Refusal: no_permit, permit_inactive, or the desk's own.
    """
    held = records.permits.find(project)
    if held is None:
        raise Refusal(
            "no_permit",
            "This project has no permit.",
            "Grant one with `workbench project grant PERMIT.toml`.",
        )
    if held.state is not PermitState.ACTIVE:
        raise Refusal(
            "permit_inactive", f"The project's permit is {held.state}.", "Resume it first."
        )
    built = desk.build_view(held.permit.model_dump(mode="json"))
    version = str(built["version"])
    records.permits.set_view(
        project,
        version,
        AuditEvent(What.DATA_VIEW_BUILD, who, project, why, {"version": version}),
    )
    found = records.permits.find(project)
    return Granted(held if found is None else found, built.get("report", {}))
