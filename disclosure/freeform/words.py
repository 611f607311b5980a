"""One sentence for a finding of the free-form checks, in both languages; never a matched text."""

from disclosure.findings import Finding, Severity

__all__ = ["finding"]


def finding(
    rule: str,
    severity: Severity,
    text: tuple[str, str],
    remedy: tuple[str, str],
    count: int = 0,
) -> Finding:
    """A finding of `freeform.<rule>`; text and remedy are (English, Norwegian)."""
    return Finding(
        f"freeform.{rule}",
        severity,
        {"en": text[0], "nb": text[1]},
        {"en": remedy[0], "nb": remedy[1]},
        count,
    )
