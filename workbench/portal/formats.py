"""How dates, numbers, sizes and hashes are written in each language."""

from datetime import date, datetime
from fractions import Fraction

__all__ = ["Formats"]

MONTHS = {
    "nb": (
        *("jan.", "feb.", "mars", "april", "mai", "juni"),
        *("juli", "aug.", "sep.", "okt.", "nov.", "des."),
    ),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
SPACE = "\N{NO-BREAK SPACE}"
THIN = "\N{NARROW NO-BREAK SPACE}"


class Formats:
    """Writers for one language; times are shown in the time zone of the host."""

    def __init__(self, language: str) -> None:
        self._language = language

    def day(self, value: date) -> str:
        """22 Nov 2026 / 22. nov. 2026."""
        dot = "." if self._language == "nb" else ""
        month = MONTHS[self._language][value.month - 1]
        return f"{value.day}{dot}{SPACE}{month}{SPACE}{value.year}"

    def moment(self, value: datetime) -> str:
        """Day, hour and minute in the host's time zone."""
        local = value.astimezone()
        return f"{self.day(local.date())},{SPACE}{local:%H:%M}"

    def integer(self, value: int) -> str:
        """Thousands apart by a narrow space."""
        return f"{value:,}".replace(",", THIN)

    def number(self, value: float | None, digits: int = 4) -> str:
        """A statistic with at most `digits` decimals, the language's decimal mark, no zeros."""
        if value is None:
            return ""
        if isinstance(value, int) or float(value).is_integer():
            return self.integer(int(value))
        text = f"{value:,.{digits}f}".rstrip("0").rstrip(".").replace(",", THIN)
        return text.replace(".", ",") if self._language == "nb" else text

    def rho(self, value: Fraction) -> str:
        """An exact fraction, as it stands in the permit."""
        return str(value)

    def size(self, value: int) -> str:
        """Bytes as B, kB or MB."""
        if value < 1000:
            return f"{value}{SPACE}B"
        unit, scale = ("kB", 1e3) if value < 1_000_000 else ("MB", 1e6)
        return f"{self.number(round(value / scale, 1))}{SPACE}{unit}"

    def short(self, digest: str) -> str:
        """The first twelve digits of a hash, enough to compare by eye."""
        return digest[:12]
