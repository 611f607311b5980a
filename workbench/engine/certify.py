"""Certificates: what the engine signs of a release, and of an output that an officer approved."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Protocol

from disclosure.certificate import (
    Chain,
    Statement,
    build,
    checkpoint,
    content_sha256,
    findings_json,
    sign,
)
from disclosure.findings import Decision
from workbench.domain.errors import Refusal
from workbench.domain.output import OutputRequest, OutputState, content_of, proof_of
from workbench.domain.permit import Permit
from workbench.domain.release import Release
from workbench.ports import Records

__all__ = [
    "Signer",
    "approved",
    "chain_of",
    "output_certificate",
    "release_certificate",
    "signed_end",
]

REVIEWED = "disclosure officer"
GATE = "gate"


class Signer(Protocol):
    """The engine's keyring, as certificates use it."""

    @property
    def verify_key(self) -> bytes:
        """The Ed25519 public key."""

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature."""


def chain_of(records: Records) -> Chain:
    """Where the audit chain ends now."""
    head = next((one for one in records.audit.anchors() if one.source == "head"), None)
    return (
        Chain(position=0, head="")
        if head is None
        else Chain(position=head.position, head=head.hash)
    )


def release_certificate(
    release: Release,
    decision: Decision,
    versions: Mapping[str, str],
    chain: Chain,
    signer: Signer,
) -> Release:
    """The release with its certificate, bound to plan, policy, data versions, body and proof."""
    statement = Statement(
        kind="noisy" if release.rho else "result" if decision.blocks else "table",
        release=release.id,
        project=release.project,
        plan_sha256=sha256(release.plan.encode()).hexdigest(),
        policy_sha256=release.policy,
        content_sha256=content_sha256(dict(release.body)),
        data_versions=dict(versions),
        view=release.view_version,
        code_version=version("workbench"),
        findings=findings_json(decision.findings),
        proof=_named(decision.proof, release.body),
        rho=str(release.rho),
        reviewers=[GATE],
        chain=chain,
        issued=_stamp(release.created),
    )
    return replace(release, certificate=_signed(statement, signer))


def _named(proof: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The proof with the class of outputs that the release was checked as; see
    disclosure.ontology."""
    statbarn = body.get("ontology", {}).get("statbarn")
    return dict(proof) | ({"statbarn": statbarn} if statbarn else {})


def approved(request: OutputRequest | None, permit: Permit | None) -> OutputRequest:
    """The request, if an officer who is neither author nor member approved exactly its files.

    Raises Refusal("not_approved"); nothing that a caller says is believed, only the record.
    """
    if request is not None and permit is not None and request.reviews:
        last = request.reviews[-1]
        impartial = last.officer != request.author and not permit.names(last.officer)
        bound = last.content == request.content == content_of(request.files)
        decided = last.decision is request.state is OutputState.APPROVED
        if impartial and bound and decided:
            return request
    raise Refusal(
        "not_approved",
        "No disclosure officer has approved exactly these files.",
        "Have an officer who is no member of the project review the request.",
    )


def output_certificate(
    request: OutputRequest,
    versions: Mapping[str, str],
    chain: Chain,
    now: datetime,
    signer: Signer,
) -> Mapping[str, Any]:
    """The certificate of an approved request, bound to the names and hashes of its files."""
    findings = [{"file": file.name, **one} for file in request.files for one in file.findings]
    statement = Statement(
        kind="output",
        release=request.id,
        project=request.project,
        plan_sha256=None,
        policy_sha256=None,
        content_sha256=request.content,
        data_versions=dict(versions),
        code_version=version("workbench"),
        findings=findings,
        proof=proof_of(request),
        rho="0",
        reviewers=[REVIEWED],
        chain=chain,
        issued=_stamp(now),
    )
    return _signed(statement, signer)


def signed_end(
    records: Records, instance: str, project: str, now: datetime, signer: Signer
) -> Mapping[str, Any]:
    """Where the audit chain ends now, signed: the beginning of an exported history."""
    chain = chain_of(records)
    end = {"instance": instance, "project": project, "issued": _stamp(now)}
    told = end | {"position": chain.position, "head": chain.head}
    return checkpoint(told, signer.sign, signer.verify_key)


def _signed(statement: Statement, signer: Signer) -> dict[str, Any]:
    return sign(build(statement), signer.sign, signer.verify_key)


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
