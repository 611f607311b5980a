"""Refused launches in the installation's language: the hub's own page has no other place for it."""

from collections.abc import Mapping

from workbench.domain.errors import Refusal

__all__ = ["told"]

_NORWEGIAN: Mapping[str, str] = {
    "no_project": "En server hører til et prosjekt. Åpne den derfra.",
    "no_permit": (
        "Du har ingen tillatelse for et prosjekt som heter {project}. Be prosjektlederen legge deg "
        "til, eller spør saksbehandleren hvilke tillatelser du har."
    ),
    "not_permitted": "Prosjektets tillatelse {why}. Spør saksbehandleren.",
    "no_view": (
        "Prosjektets data er ikke gjort i stand ennå. Be driften kjøre `workbench project build`."
    ),
    "not_running": "Portvakten svarer ikke. Prøv igjen om et minutt, eller si fra til driften.",
}
_WHY: Mapping[str, str] = {
    "expired": "gjelder ikke i dag: den er utløpt, eller ikke begynt",
    "suspended": "er satt på vent",
    "withdrawn": "er trukket tilbake",
}


def told(refusal: Refusal, project: str, why: str, language: str) -> str:
    """One sentence or two: what is the matter, and what to do.

    why: "expired", "suspended" or "withdrawn", of a permit that opens nothing today. language:
    "nb" or "en".
    """
    words = _NORWEGIAN.get(refusal.code) if language == "nb" else None
    if words is None:
        return f"{refusal.reason} {refusal.remedy}"
    return words.format(project=project, why=_WHY[why])
