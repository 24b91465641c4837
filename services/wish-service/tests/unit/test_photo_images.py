"""What becomes of a photo: upright, small, plain JPEG; and what is refused before it is decoded."""

import asyncio
import contextlib
import threading
import tracemalloc
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from wish_service.domain.errors import InvalidInput
from wish_service.store.photos.files import PhotoFiles
from wish_service.store.photos.images import FULL_EDGE, THUMBNAIL_EDGE, kept_photo

RED, BLUE, WHITE = (200, 20, 20), (20, 20, 200), (255, 255, 255)


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(pixel, colour, strict=True))


def fault_of(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        kept_photo(BytesIO(content))
    [fault] = refused.value.faults
    assert fault.field == "photo"
    return fault.problem


def test_both_are_small_plain_jpegs_without_anything_of_the_sender(photo_samples: Any) -> None:
    sent = photo_samples.jpeg(4000, 3000)
    assert photo_samples.secret.encode() in sent
    kept = kept_photo(BytesIO(sent))
    assert (kept.width, kept.height) == (FULL_EDGE, FULL_EDGE * 3 // 4)
    for content, edge in ((kept.full, FULL_EDGE), (kept.thumbnail, THUMBNAIL_EDGE)):
        image = opened(content)
        assert (image.format, image.mode, max(image.size)) == ("JPEG", "RGB", edge)
        assert not dict(image.getexif())
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert photo_samples.secret.encode() not in content


@pytest.mark.parametrize(
    ("orientation", "size", "corners"),
    [
        (1, (1200, 900), (RED, BLUE, RED)),
        (2, (1200, 900), (BLUE, RED, BLUE)),
        (3, (1200, 900), (BLUE, RED, BLUE)),
        (4, (1200, 900), (RED, BLUE, RED)),
        (5, (900, 1200), (RED, RED, BLUE)),
        (6, (900, 1200), (RED, RED, BLUE)),
        (7, (900, 1200), (BLUE, BLUE, RED)),
        (8, (900, 1200), (BLUE, BLUE, RED)),
    ],
)
def test_it_is_turned_upright_before_the_word_of_its_orientation_goes(
    photo_samples: Any, orientation: int, size: tuple[int, int], corners: tuple[Any, ...]
) -> None:
    image = opened(kept_photo(BytesIO(photo_samples.jpeg(orientation=orientation))).full)
    assert image.size == size
    ends = ((20, 20), (size[0] - 20, 20), (20, size[1] - 20))
    assert [near(image.getpixel(end), corner) for end, corner in zip(ends, corners, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("CMYK", lambda s: s.jpeg(mode="CMYK")),
        ("grey", lambda s: s.jpeg(mode="L")),
        ("palette", lambda s: s.encoded(s.picture().quantize(8), "PNG")),
        ("bilevel", lambda s: s.encoded(s.picture(mode="1"), "PNG")),
        ("transparent", lambda s: s.encoded(s.picture(mode="RGBA"), "PNG")),
        ("WebP", lambda s: s.encoded(s.picture(), "WEBP")),
        ("transparent WebP", lambda s: s.encoded(s.picture(mode="RGBA"), "WEBP")),
        ("progressive", lambda s: s.encoded(s.picture(), "JPEG", progressive=True)),
        ("several in one", lambda s: s.several_in_one()),
        ("odd profile", lambda s: s.with_profile()),
        ("one pixel", lambda s: s.encoded(s.picture(1, 1), "PNG")),
        ("a thread", lambda s: s.encoded(s.picture(20_000, 1), "PNG")),
    ],
)
def test_every_kind_of_photo_becomes_the_same_kind(photo_samples: Any, name: str, make: Callable[[Any], bytes]) -> None:
    kept = kept_photo(BytesIO(make(photo_samples)))
    image = opened(kept.full)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (kept.width, kept.height))
    if name not in {"grey", "bilevel", "one pixel", "a thread"}:
        assert near(image.getpixel((image.width // 4, image.height // 2)), RED), name


def test_sixteen_bits_keep_their_shades(photo_samples: Any) -> None:
    image = opened(kept_photo(BytesIO(photo_samples.sixteen_bits())).full)
    shades = [image.getpixel((x, 5)) for x in (0, 64, 128, 255)]
    assert [near(shade, (x, x, x)) for shade, x in zip(shades, (0, 64, 128, 255), strict=True)] == [True] * 4


def test_what_shines_through_becomes_white(photo_samples: Any) -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image = opened(kept_photo(BytesIO(photo_samples.encoded(clear, "PNG"))).full)
    assert near(image.getpixel((50, 50)), WHITE)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (lambda s: b"<html><script>alert(1)</script></html>", "field.photo_type"),
        (lambda s: b"%PDF-1.7 whatever", "field.photo_type"),
        (lambda s: s.encoded(s.picture(), "GIF"), "field.photo_type"),
        (lambda s: s.encoded(s.picture(), "BMP"), "field.photo_type"),
        (lambda s: s.encoded(s.picture(), "TIFF"), "field.photo_type"),
        (lambda s: s.animated("GIF"), "field.photo_type"),
        (lambda s: s.animated("PNG"), "field.photo_animated"),
        (lambda s: s.animated("WEBP"), "field.photo_animated"),
        (lambda s: s.jpeg()[: len(s.jpeg()) // 2], "field.photo_broken"),
        (lambda s: s.encoded(s.picture(), "PNG")[:-200], "field.photo_broken"),
        (lambda s: s.encoded(s.picture(), "WEBP")[:-200], "field.photo_broken"),
        (lambda s: s.bomb(), "field.photo_pixels"),
        (lambda s: s.bomb(9_000, 9_000), "field.photo_pixels"),
        (lambda s: s.bomb(5_000, 4_000), "field.photo_pixels"),
        (lambda s: s.bomb(4_000, 4_000), "field.photo_broken"),
    ],
)
def test_what_is_no_photo_is_refused_by_its_content(
    photo_samples: Any, content: Callable[[Any], bytes], problem: str
) -> None:
    assert fault_of(content(photo_samples)) == problem


def test_a_progressive_picture_may_be_smaller_than_another_as_it_is_kept_whole(photo_samples: Any) -> None:
    large = Image.new("L", (6_001, 5_000))
    assert fault_of(photo_samples.encoded(large, "JPEG", progressive=True)) == "field.photo_pixels"
    assert kept_photo(BytesIO(photo_samples.encoded(large, "JPEG"))).width == 2_000


def test_a_bomb_is_refused_without_making_room_for_it(photo_samples: Any) -> None:
    bomb = photo_samples.bomb()
    tracemalloc.start()
    try:
        assert fault_of(bomb) == "field.photo_pixels"
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_bytes_twisted_anywhere_are_read_or_refused_but_never_an_error(photo_samples: Any) -> None:
    for sent in (photo_samples.jpeg(64, 48), photo_samples.encoded(photo_samples.picture(64, 48), "PNG")):
        for at in range(0, len(sent), max(1, len(sent) // 150)):
            twisted = sent[:at] + bytes([sent[at] ^ 0xFF]) + sent[at + 1 :]
            with contextlib.suppress(InvalidInput):
                kept_photo(BytesIO(twisted))


@pytest.fixture
async def files() -> AsyncIterator[PhotoFiles]:
    class Nowhere:
        async def close(self) -> None: ...

    files = PhotoFiles(Nowhere(), workers=1)  # type: ignore[arg-type]  # nothing is kept here
    yield files
    await files.close()


async def test_the_loop_goes_on_while_a_photo_is_worked_on(photo_samples: Any, files: PhotoFiles) -> None:
    work = asyncio.ensure_future(files.reencoded(BytesIO(photo_samples.jpeg(4000, 3000))))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await work).width == FULL_EDGE
    assert turns > 100
    assert any(thread.name.startswith("photo") for thread in threading.enumerate())
