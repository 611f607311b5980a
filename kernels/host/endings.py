"""Why kernels end, each as one sentence with what to do, in the language of the installation."""

from enum import StrEnum

__all__ = ["Ending", "ending_of", "sentence"]


class Ending(StrEnum):
    """A cause that a researcher may see."""

    CRASHED = "crashed"
    ABORTED = "aborted"
    KILLED = "killed"
    EXITED = "exited"
    MEMORY = "memory"
    WALL = "wall"
    IDLE = "idle"
    BROKEN = "broken"
    DEAF = "deaf"
    DIED = "died"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    AMENDED = "amended"
    UNCONFIRMED = "unconfirmed"
    RESTARTED = "restarted"


_AGAIN = {
    "en": " It starts again empty: run your cells from the first one.",
    "nb": " Den starter tom igjen: kjør cellene dine fra den første.",
}
_STARTS_AGAIN = {Ending.CRASHED, Ending.ABORTED, Ending.KILLED, Ending.EXITED, Ending.MEMORY,
                 Ending.BROKEN, Ending.DEAF, Ending.DIED}  # fmt: skip
_SENTENCES: dict[Ending, dict[str, str]] = {
    Ending.CRASHED: {
        "en": "The kernel crashed: a library reached for memory that is not its own "
        "(segmentation fault). Look at the last thing that the cell called.",
        "nb": "Kjernen krasjet: et bibliotek grep etter minne som ikke er dets eget "
        "(segmenteringsfeil). Se på det siste som cellen kalte.",
    },
    Ending.ABORTED: {
        "en": "The kernel ended itself after an inner error of a library (abort). "
        "Look at the last thing that the cell called.",
        "nb": "Kjernen avsluttet seg selv etter en indre feil i et bibliotek (abort). "
        "Se på det siste som cellen kalte.",
    },
    Ending.KILLED: {
        "en": "The kernel was killed, most likely because the host had no memory left. "
        "Use less at once, or tell the operator.",
        "nb": "Kjernen ble drept, trolig fordi maskinen ikke hadde mer minne. "
        "Bruk mindre på en gang, eller si fra til driften.",
    },
    Ending.EXITED: {
        "en": "The kernel was ended by its own code (exit code {code}).",
        "nb": "Kjernen ble avsluttet av sin egen kode (sluttkode {code}).",
    },
    Ending.MEMORY: {
        "en": "The kernel was stopped because it used more than {gib} GiB of memory. "
        "Use less at once.",
        "nb": "Kjernen ble stoppet fordi den brukte mer enn {gib} GiB minne. "
        "Bruk mindre på en gang.",
    },
    Ending.WALL: {
        "en": "The kernel had run for {time}: the limit. Start it again and run your cells anew.",
        "nb": "Kjernen hadde kjørt i {time}: grensen. Start den igjen og kjør cellene på nytt.",
    },
    Ending.IDLE: {
        "en": "The kernel was not used for {time}, so it was stopped. Start it again when you "
        "need it; your notebook is kept.",
        "nb": "Kjernen ble ikke brukt på {time} og ble stoppet. Start den igjen når du trenger "
        "den; notatboken er tatt vare på.",
    },
    Ending.BROKEN: {
        "en": "The kernel was stopped because it sent a message that is too large or malformed. "
        "Show less at once.",
        "nb": "Kjernen ble stoppet fordi den sendte en for stor eller misdannet melding. "
        "Vis mindre på en gang.",
    },
    Ending.DEAF: {
        "en": "The kernel closed its connections but did not end, so it was stopped. "
        "Do not close files that your code has not opened.",
        "nb": "Kjernen lukket forbindelsene sine uten å avslutte og ble stoppet. "
        "Ikke lukk filer som koden din ikke har åpnet.",
    },
    Ending.DIED: {
        "en": "The sealed kernel has ended; why is not told.",
        "nb": "Den forseglede kjernen er avsluttet; hvorfor blir ikke fortalt.",
    },
    Ending.EXPIRED: {
        "en": "The permit of this project has expired, so its kernels were stopped. Ask for an "
        "extension; your notebooks are kept.",
        "nb": "Tillatelsen til dette prosjektet har utløpt, så kjernene ble stoppet. Be om "
        "forlengelse; notatbøkene er tatt vare på.",
    },
    Ending.WITHDRAWN: {
        "en": "Your access to this project was withdrawn, so its kernels were stopped. Ask the "
        "project's lead.",
        "nb": "Tilgangen din til dette prosjektet ble trukket tilbake, så kjernene ble stoppet. "
        "Spør prosjektlederen.",
    },
    Ending.SUSPENDED: {
        "en": "The permit of this project is suspended, so its kernels were stopped. Ask your case "
        "handler why; your notebooks are kept.",
        "nb": "Tillatelsen til dette prosjektet er stilt i bero, så kjernene ble stoppet. Spør "
        "saksbehandleren hvorfor; notatbøkene er tatt vare på.",
    },
    Ending.AMENDED: {
        "en": "The permit of this project was amended and opens this kind of kernel no longer, so "
        "it was stopped. Use the Workbench kernel, or ask the project's lead.",
        "nb": "Tillatelsen til dette prosjektet ble endret og åpner ikke lenger for denne kjernen, "
        "så den ble stoppet. Bruk Workbench-kjernen, eller spør prosjektlederen.",
    },
    Ending.UNCONFIRMED: {
        "en": "The hub could not confirm the permit of this project for a minute, so the kernel "
        "was stopped. Start it again in a minute; if it stays so, tell the operator.",
        "nb": "Huben kunne ikke bekrefte tillatelsen til dette prosjektet på et minutt, så kjernen "
        "ble stoppet. Start den igjen om et minutt; si fra til driften om det fortsetter.",
    },
    Ending.RESTARTED: {
        "en": "The workbench is being restarted. Start the kernel again in a minute; your notebook "
        "is kept.",
        "nb": "Workbench startes på nytt. Start kjernen igjen om et minutt; notatboken er tatt "
        "vare på.",
    },
}
_SIGNALS = {11: Ending.CRASHED, 7: Ending.CRASHED, 6: Ending.ABORTED, 4: Ending.CRASHED,
            9: Ending.KILLED}  # fmt: skip


def sentence(ending: Ending, language: str, **facts: str | int) -> str:
    """The sentence; language: "nb" or "en". facts: `code`, `gib` or `time`, as the cause has."""
    language = language if language in ("en", "nb") else "en"
    text = _SENTENCES[ending][language].format(**facts)
    return text + _AGAIN[language] if ending in _STARTS_AGAIN else text


def ending_of(status: int) -> Ending | None:
    """What a sandbox's exit status (0 to 255; 128 + the signal) says; None for an orderly end."""
    if status <= 0:
        return None
    return _SIGNALS.get(status - 128, Ending.EXITED)
