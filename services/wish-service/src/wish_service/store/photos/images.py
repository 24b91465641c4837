"""A photo as it is kept: upright, at most 2000 pixels long, a JPEG in sRGB that holds pixels and nothing else.

What the sender's file says about itself (name, declared type) is not believed; its first bytes decide. Nothing is
decoded before the header has told its size. All of this is CPU work: call it off the event loop.
"""

import struct
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, ImageCms, UnidentifiedImageError

from wish_service.domain.errors import Fault, InvalidInput

FULL_EDGE: Final = 2000
THUMBNAIL_EDGE: Final = 480
"""Longest sides, pixels."""
MAX_PIXELS: Final = 50_000_000
"""The largest picture that is decoded: a phone's 48-megapixel mode fits, a decompression bomb does not."""
MAX_PIXELS_PROGRESSIVE: Final = 30_000_000
"""The same for a progressive JPEG, all of whose coefficients are kept until its last scan."""
MAX_PIXELS_WHOLE: Final = 16_000_000
"""The same for PNG and WebP, which can't be decoded smaller. `python -m bench photos` measures the memory."""
MEDIA_TYPE: Final = "image/jpeg"

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_WHOLE: Final = frozenset({"PNG", "WEBP"})
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DAMAGE: Final = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, struct.error)
"""What Pillow's readers raise for files that are cut off or twisted."""
_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_SRGB: Final = ImageCms.createProfile("sRGB")

# Pillow's own check comes before ours, when it reads the header: above the limit it warns, which here is an error.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
# What it grumbles about broken metadata helps nobody: the metadata is thrown away.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True)
class KeptPhoto:
    """Two JPEGs, and the size of the larger in pixels."""

    full: bytes
    thumbnail: bytes
    width: int
    height: int


def kept_photo(sent: BinaryIO) -> KeptPhoto:
    """Re-encode what somebody sent. Raises: InvalidInput for field `photo`, with what is wrong."""
    try:
        with Image.open(sent, formats=_FORMATS) as image:
            _refuse_by_header(image)
            full = _fit_to_keep(image)
    except InvalidInput:
        raise
    except _BOMBS:
        raise refused("field.photo_pixels", megapixels=MAX_PIXELS // 1_000_000) from None
    except UnidentifiedImageError:
        raise refused("field.photo_type") from None
    except _DAMAGE:
        raise refused("field.photo_broken") from None
    small = full.resize(_within(full.size, THUMBNAIL_EDGE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return KeptPhoto(_jpeg(full, 85), _jpeg(small, 80), *full.size)


def refused(problem: str, **values: object) -> InvalidInput:
    """The refusal of a photo; `problem` names the text."""
    return InvalidInput([Fault("photo", problem, values)])


def _refuse_by_header(sent: Image.Image) -> None:
    limit = MAX_PIXELS_WHOLE if sent.format in _WHOLE else MAX_PIXELS
    if sent.info.get("progressive"):
        limit = MAX_PIXELS_PROGRESSIVE
    if sent.width * sent.height > limit:
        raise refused("field.photo_pixels", megapixels=limit // 1_000_000)
    # A JPEG with several pictures inside (MPO) is what some phones take: its first picture is the photo.
    if sent.format in _WHOLE and getattr(sent, "is_animated", False):
        raise refused("field.photo_animated")


def _fit_to_keep(sent: Image.Image) -> Image.Image:
    profile: bytes | None = sent.info.get("icc_profile")
    turn = _UPRIGHT.get(_orientation(sent))
    size = _within(sent.size, FULL_EDGE)
    sent.draft(None, size)  # a JPEG is decoded at 1/2, 1/4 or 1/8 where that is still large enough
    smaller = _scalable(sent).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    plain = _in_srgb(_flat(smaller), profile)
    upright = plain.transpose(turn) if turn is not None else plain
    upright.info = {}  # what is left of the sender's file (comments, XMP) would be written again
    return upright


def _orientation(sent: Image.Image) -> int:
    try:
        return int(sent.getexif().get(_ORIENTATION, 1))
    except _DAMAGE:
        return 1  # broken metadata is no reason to refuse the pixels


def _within(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size, smaller if its longest side is above `edge`, of the same shape."""
    scale = min(1.0, edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _scalable(image: Image.Image) -> Image.Image:
    """The same picture in a mode whose pixels can be averaged."""
    if image.mode in {"RGB", "RGBA", "L", "CMYK"}:
        image.load()
        return image
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    transparent = image.mode in {"LA", "PA", "La"} or "transparency" in image.info
    return image.convert("RGBA" if transparent else "RGB")


def _flat(image: Image.Image) -> Image.Image:
    """Without transparency: what shone through was most likely meant to be white."""
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours as they were meant, for viewers without colour management; phones write wider spaces than sRGB."""
    if profile is not None:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
                return converted if converted is not None else image
        except (ImageCms.PyCMSError, *_DAMAGE):
            pass  # a profile that doesn't fit the picture: its numbers are taken as they are
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=False, progressive=False)
    return out.getvalue()
