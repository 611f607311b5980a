"""PNG pictures: walked chunk by chunk for bytes that no viewer shows (ISO/IEC 15948).

Pixels themselves can hide anything; every picture therefore has at least the finding that says so.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from disclosure.findings import Finding, Severity
from disclosure.freeform.candidate import Candidate, Kind
from disclosure.freeform.words import finding

__all__ = ["check", "redrawn"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DRAWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT",
         b"bKGD"}  # fmt: skip
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PIXEL_LIMIT = 50_000_000
REMEDY = (
    "Save the picture anew as a plain, non-interlaced PNG without metadata.",
    "Lagre bildet på nytt som en enkel PNG uten metadata.",
)


@dataclass(frozen=True)
class _Chunk:
    kind: bytes
    body: bytes
    whole: bool
    end: int


def check(candidate: Candidate) -> Iterable[Finding]:
    """Blocking for anything beyond the drawn pixels; a note on the pixels themselves."""
    if candidate.kind is not Kind.PNG or not candidate.read:
        return
    yield finding(
        "image",
        Severity.NOTE,
        (
            "A picture: its points may stand for single persons, and pixels can hide data.",
            "Et bilde: punkter kan stå for enkeltpersoner, og piksler kan skjule data.",
        ),
        (
            "Look at it; ask for the numbers behind it where points are few.",
            "Se på det; be om tallene bak der punktene er få.",
        ),
    )
    chunks = list(_walk(candidate.content))
    kinds = [chunk.kind for chunk in chunks]
    if (
        not chunks
        or kinds[0] != b"IHDR"
        or kinds[-1] != b"IEND"
        or not all(c.whole for c in chunks)
    ):
        yield _blocking("The picture is damaged or no PNG.", "Bildet er skadet eller ikke PNG.")
        return
    extra = len(candidate.content) - chunks[-1].end
    if extra:
        yield _blocking(
            f"{extra} byte(s) follow the end of the picture.",
            f"{extra} byte følger etter bildets slutt.",
            extra,
        )
    odd = [chunk for chunk in chunks if chunk.kind not in DRAWN]
    if odd or kinds.count(b"IHDR") > 1 or kinds.count(b"PLTE") > 1 or chunks[-1].body:
        count = max(1, len(odd))
        yield _blocking(
            f"{count} part(s) hold metadata or unknown content.",
            f"{count} del(er) inneholder metadata eller ukjent innhold.",
            count,
        )
    if not _only_pixels(chunks):
        yield _blocking(
            "The pixel data hold more, or less, than the picture's pixels.",
            "Pikseldataene inneholder mer, eller mindre, enn bildets piksler.",
        )


def _blocking(english: str, norsk: str, count: int = 1) -> Finding:
    return finding("image", Severity.BLOCKING, (english, norsk), REMEDY, count)


def redrawn(content: bytes) -> bytes | None:
    """The same pixels with nothing beside them, packed anew; None where it is no plain PNG.

    Gone are metadata, bytes after the end, and how the pixel data was cut into parts and packed.
    """
    chunks = list(_walk(content))
    if not chunks or chunks[0].kind != b"IHDR" or not all(one.whole for one in chunks):
        return None
    if chunks[-1].kind != b"IEND" or not _only_pixels(chunks):
        return None
    pixels = zlib.decompress(b"".join(one.body for one in chunks if one.kind == b"IDAT"))
    kept = [(one.kind, one.body) for one in chunks if one.kind in (b"IHDR", b"PLTE", b"tRNS")]
    parts = [*kept, (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def _walk(content: bytes) -> Iterator[_Chunk]:
    """The chunks up to IEND, or up to the first that is cut short or fails its checksum."""
    if not content.startswith(SIGNATURE):
        return
    place = len(SIGNATURE)
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        end = place + 12 + length
        if end > len(content):
            yield _Chunk(b"", b"", whole=False, end=len(content))
            return
        kind, body = content[place + 4 : place + 8], content[place + 8 : end - 4]
        (mark,) = struct.unpack_from(">I", content, end - 4)
        yield _Chunk(kind, body, whole=zlib.crc32(kind + body) == mark, end=end)
        if kind == b"IEND":
            return
        place = end


def _only_pixels(chunks: list[_Chunk]) -> bool:
    """Whether IDAT unpacks to exactly the scan lines of a non-interlaced picture."""
    if len(chunks[0].body) != 13:
        return False
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0].body)
    if interlaced or colour not in CHANNELS or not 0 < width * height <= PIXEL_LIMIT:
        return False
    expected = height * (1 + (width * depth * CHANNELS[colour] + 7) // 8)
    unpack = zlib.decompressobj()
    try:
        drawn = unpack.decompress(
            b"".join(c.body for c in chunks if c.kind == b"IDAT"), expected + 1
        )
    except zlib.error:
        return False
    return len(drawn) == expected and unpack.eof and not unpack.unused_data
