"""Packages of ACRO (acro 1.0, MIT): read as a researcher brings them, written for SACRO-Viewer.

A package is a folder: results.json, the files that it names, and checksums of them. The format is
that of acro 1.0.2's own writer and of SACRO-Viewer's reader.
"""

from disclosure.acro.reading import Package, read_package
from disclosure.acro.writing import Output, of_release, package

__all__ = ["Output", "Package", "of_release", "package", "read_package"]
