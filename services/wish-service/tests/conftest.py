"""Photos of every kind, made on the spot for unit and integration tests: no binary lies in the repository."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

SECRET = "SERIAL-12345"


class PhotoSamples:
    """Each method gives the bytes of one file."""

    secret = SECRET

    @staticmethod
    def picture(width: int = 1200, height: int = 900, mode: str = "RGB") -> Image.Image:
        """Left red, right blue, so that one sees how it was turned."""
        image = Image.new("RGB", (width, height), (200, 20, 20))
        image.paste((20, 20, 200), (width // 2, 0, width, height))
        return image.convert(mode)

    @staticmethod
    def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
        out = BytesIO()
        image.save(out, format, **options)
        return out.getvalue()

    def jpeg(self, width: int = 1200, height: int = 900, *, orientation: int = 1, mode: str = "RGB") -> bytes:
        """With metadata that must not survive: a camera's serial number, a place, a comment."""
        exif = Image.Exif()
        exif[0x0112] = orientation
        exif[0x010F] = SECRET
        exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 2.0, 3.0), 3: "E", 4: (121.0, 13.0, 9.0)})
        return self.encoded(self.picture(width, height, mode), "JPEG", exif=exif.tobytes(), comment=SECRET.encode())

    def animated(self, format: str) -> bytes:
        first = self.picture(60, 40)
        second = first.transpose(Image.Transpose.ROTATE_180)
        return self.encoded(first, format, save_all=True, append_images=[second], duration=100)

    def several_in_one(self) -> bytes:
        """MPO: the JPEG of phones that keep a second picture in the same file."""
        return self.encoded(self.picture(), "MPO", save_all=True, append_images=[self.picture(300, 200)])

    @staticmethod
    def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
        """Some hundred bytes of PNG that claim 2.5 thousand million pixels."""

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")

    def with_profile(self) -> bytes:
        """A colour profile that doesn't fit the picture."""
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        return self.encoded(self.picture(300, 200), "JPEG", icc_profile=profile)

    def sixteen_bits(self) -> bytes:
        """Grey from black to white, as scanners write it."""
        image = Image.frombytes("I;16", (256, 10), b"".join(struct.pack("<H", x * 257) for x in range(256)) * 10)
        return self.encoded(image, "PNG")


@pytest.fixture(scope="session")
def photo_samples() -> PhotoSamples:
    return PhotoSamples()
