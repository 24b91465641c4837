"""Photos as the rest of the service has them: their files, and which wish names which."""

from dataclasses import dataclass

from wish_service.store.photos.files import PhotoFiles
from wish_service.store.photos.references import PhotoReferences


@dataclass(frozen=True)
class Photos:
    """Both sides of photos. A file is stored after its wish has a place for it, and deleted after it has none."""

    files: PhotoFiles
    named: PhotoReferences
