"""What may be asked of the engine: by kernels about their project, by the gate and the airlock."""

from collections.abc import Mapping
from threading import Event
from typing import Any, Literal

from kernels.protocol import FRAME_LIMIT, Certified, Overlapped, Rendered, ViewKeys, Welcome
from workbench.domain.errors import Refusal
from workbench.engine.certify import approved, chain_of, output_certificate, signed_end
from workbench.engine.executor import Progress
from workbench.engine.overlapping import overlapping
from workbench.engine.refusals import translated
from workbench.engine.rejudge import rejudge
from workbench.engine.run import Engine, Keys, answer_of
from workbench.engine.watch import Watch
from workbench.sdk.render import as_html, as_text

__all__ = ["Desk"]


class Desk:
    """The engine's answers; every one checks the permit as it stands at that moment."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine = engine
        self._keys = keys
        self._watch = Watch(engine.records, engine.clock)

    def welcome(self, project: str, user: str) -> Welcome:
        """Project, permit in plain words, and the schema of what the permit opens."""
        with translated():
            held = self._engine.held(project, user)
            view = self._engine.views.get(project, held.view_version)
            schema = self._engine.schema(held, view)
            description = view.describe()
        description["datasets"] = {
            name: dataset
            | {
                "columns": {
                    column: one
                    for column, one in dataset["columns"].items()
                    if f"{name}.{column}" not in schema.closed
                }
            }
            for name, dataset in description["datasets"].items()
            if name in schema.datasets
        }
        permit = held.permit
        words = {
            "title": permit.title,
            "purpose": permit.purpose,
            "valid_from": permit.valid_from.isoformat(),
            "valid_until": permit.valid_until.isoformat(),
            "budget_rho": permit.budget_rho,
            "sealed_runs": permit.sealed_runs,
            "sealed_kernel": permit.sealed_kernel,
        }
        description["closed"] = sorted(schema.closed)
        return Welcome(project=project, permit=words, view=description)

    def at_once(self, project: str, user: str) -> int:
        """How many plans of the project may run together; Refusal without an open permit."""
        with translated():
            return self._engine.held(project, user).permit.plans_at_once

    def run(
        self, project: str, user: str, plan: str, *, cancelled: Event, progress: Progress
    ) -> Mapping[str, Any]:
        """The answer to a plan; see Engine.run. Slowed when it continues a pattern of probing."""
        with self._watch.watched(project, user, plan) as came:
            found = self._engine.run(project, user, plan, cancelled=cancelled, progress=progress)
            came("replayed" if found["replayed"] else "released")
        return found

    def fix(self, project: str, user: str, plan: str, *, cancelled: Event) -> Mapping[str, Any]:
        """What the plan may become to be released; see Engine.fix. Under watch as `run` is."""
        with self._watch.watched(project, user, plan) as came:
            found = self._engine.fix(project, user, plan, cancelled=cancelled)
            came("asked")
        return found

    def ask(
        self,
        project: str,
        user: str,
        what: Literal["budget", "history", "release"],
        release: str | None = None,
    ) -> dict[str, Any]:
        """The privacy account, the releases so far, or one of them as it was answered."""
        held = self._engine.held(project, user)
        book = self._engine.records.releases
        if what == "release":
            found = None if release is None else book.find(release)
            if found is None or found.project != project:
                raise Refusal(
                    "unknown_release",
                    "This project has no release of that number.",
                    "See p.history() for those that it has.",
                )
            return dict(answer_of(found, replayed=True))
        if what == "budget":
            with translated():
                return dict(self._engine.standing(held))
        return {
            "releases": [
                {
                    "release": one.id,
                    "created": one.created.isoformat(timespec="seconds"),
                    "user": one.user,
                    "rho": str(one.rho),
                    "explained": str(one.body.get("explained", "")),
                }
                for one in book.of_project(project)
            ]
        }

    def rendering(self, project: str, release: str) -> Rendered:
        """A release of this project as the engine itself shows it; nothing of any other."""
        found = self._engine.records.releases.find(release)
        if found is None or found.project != project:
            return Rendered(html=None, text=None)
        return Rendered(html=as_html(found.id, found.body), text=as_text(found.id, found.body))

    def sealed_keys(
        self, project: str, user: str, lane: Literal["sealed", "interactive"] = "sealed"
    ) -> ViewKeys:
        """Where the view lies and the keys of what the permit opens, where it opens this lane."""
        with translated():
            held = self._engine.held(project, user)
            if lane == "sealed" and not held.permit.sealed_runs:
                raise Refusal(
                    "no_sealed_runs",
                    "The permit of this project does not allow sealed runs.",
                    "Ask your case handler to amend it.",
                )
            if lane == "interactive" and not held.permit.sealed_kernel:
                raise Refusal(
                    "no_sealed_kernel",
                    "The permit of this project does not allow an interactive sealed kernel.",
                    "Ask your case handler to amend it.",
                )
            view = self._engine.views.get(project, held.view_version)
            path = self._engine.views.path(project, held.view_version)
            permitted = {one.dataset: one.variables for one in held.permit.datasets}
            given = ViewKeys(path=str(path), keys=dict(view.sealed_keys(permitted)))
            if len(given.model_dump_json()) > FRAME_LIMIT:
                raise Refusal(
                    "too_many_keys",
                    "The view has too many columns and buckets for one sealed run to get all keys.",
                    "Ask your case handler to narrow the permit to the variables that you need.",
                )
            return given

    def certify_output(self, request: str) -> Certified:
        """The certificate of an output request, if the record says that it was approved."""
        records = self._engine.records
        found = records.outputs.find(request)
        held = None if found is None else records.permits.find(found.project)
        settled = approved(found, None if held is None else held.permit)
        versions: dict[str, str] = {}
        if held is not None and held.view_version:
            with translated():
                view = self._engine.views.get(settled.project, held.view_version)
            versions = {
                name: str(one["version"]) for name, one in view.describe()["datasets"].items()
            }
        certificate = output_certificate(
            settled, versions, chain_of(records), self._engine.clock.now(), self._keys
        )
        return Certified(certificate=dict(certificate))

    def overlaps(self, project: str) -> Overlapped:
        """How the project's releases overlap, whether or not its permit is active."""
        book = self._engine.records.releases
        held = self._engine.records.permits.find(project)
        if held is None or not held.view_version:
            raise Refusal("no_permit", "This project has no view.", "Ask the case handler.")
        with translated():
            found = overlapping(
                book.of_project(project),
                book.memberships(project),
                self._engine.views.get(project, held.view_version),
                self._engine.views,
                self._keys,
                self._engine.policy_of(held).threshold,
            )
        return Overlapped(overlaps=found)

    def sign_end(self, instance: str, project: str) -> Certified:
        """Where the audit log ends now, signed, for a history that somebody takes along."""
        engine = self._engine
        end = signed_end(engine.records, instance, project, engine.clock.now(), self._keys)
        return Certified(certificate=dict(end))

    def rejudge(self, release: str, layer: str) -> Certified:
        """What a layer of policy would have said of a release; nothing is released or charged."""
        return Certified(certificate=rejudge(self._engine, release, layer))
