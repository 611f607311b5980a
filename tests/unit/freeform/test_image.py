"""Pictures: everything beyond their pixels is found."""

import struct
import zlib

import pytest

from disclosure.findings import Severity
from disclosure.freeform import examine


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes, pixels: bytes = bytes(4 * 13), width: int = 4, colour: int = 2) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, 4, 8, colour, 0, 0, 0))
    drawn = chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + drawn + chunk(b"IEND", b"")


def blocking(content: bytes) -> list[str]:
    return [
        f.text["en"]
        for f in examine("plot.png", content).findings
        if f.severity is Severity.BLOCKING
    ]


def test_a_plain_picture_is_only_to_be_looked_at() -> None:
    (finding,) = examine("plot.png", png()).findings

    assert finding.severity is Severity.NOTE
    assert blocking(png(chunk(b"pHYs", bytes(9)))) == []


@pytest.mark.parametrize("extra", [b"x", b"PK\x03\x04", bytes(100)])
def test_bytes_after_the_end_are_found(extra: bytes) -> None:
    (text,) = blocking(png() + extra)

    assert str(len(extra)) in text


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"prVt"])
def test_metadata_are_found(kind: bytes) -> None:
    assert blocking(png(chunk(kind, b"secret"))) == ["1 part(s) hold metadata or unknown content."]


def test_pixel_data_beyond_the_pixels_are_found() -> None:
    assert blocking(png(pixels=bytes(4 * 13 + 1)))
    assert blocking(png(pixels=bytes(4 * 13 - 1)))
    packed = zlib.compress(bytes(4 * 13)) + b"more"
    whole = png().replace(chunk(b"IDAT", zlib.compress(bytes(4 * 13))), chunk(b"IDAT", packed))
    assert blocking(whole)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        png()[:40],
        png()[:-4],
        png().replace(b"IHDR", b"IHDS"),
        png(colour=5),
        png(width=2**31 - 1),
    ],
)
def test_a_damaged_picture_blocks(content: bytes) -> None:
    assert blocking(content)


def test_a_bomb_is_not_unpacked() -> None:
    assert blocking(png(pixels=bytes(50_000_000)))
