"""What a sealed run tells besides ok or error, in the language of the installation."""

from typing import Literal

__all__ = ["Note", "noted"]

Note = Literal["stopped", "wall", "memory", "outbox", "failed"]

_NOTES: dict[Note, dict[str, str]] = {
    "stopped": {"en": "The run was stopped.", "nb": "Kjøringen ble stoppet."},
    "wall": {
        "en": "The run was stopped: it took longer than {seconds:.0f} s.",
        "nb": "Kjøringen ble stoppet: den tok lengre tid enn {seconds:.0f} s.",
    },
    "memory": {
        "en": "The run used more memory than a run may.",
        "nb": "Kjøringen brukte mer minne enn en kjøring kan.",
    },
    "outbox": {
        "en": "The outbox could not be collected. {remedy}",
        "nb": "Utboksen kunne ikke hentes. Se hva en utboks kan ha: docs/how-to/run-sealed.md.",
    },
    "failed": {
        "en": "The run failed (incident {incident}).",
        "nb": "Kjøringen feilet (hendelse {incident}).",
    },
}


def noted(note: Note, language: str, **facts: str | float) -> str:
    """The sentence; language: "nb" or "en". facts: `seconds`, `remedy` or `incident`."""
    return _NOTES[note][language if language in ("en", "nb") else "en"].format(**facts)
