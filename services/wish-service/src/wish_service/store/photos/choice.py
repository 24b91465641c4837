"""Which adapter of the port the settings ask for."""

from microwish.store.mongo import Database
from wish_service.settings import WishSettings
from wish_service.store.photos.gridfs import GridFsPhotos
from wish_service.store.photos.port import PhotoStore


def photo_store(settings: WishSettings, db: Database) -> PhotoStore:
    """GridFS in this database, or S3; `open` it before use."""
    if settings.photo_store == "gridfs":
        return GridFsPhotos(db)
    from wish_service.store.photos.s3 import S3Account, S3Photos  # its client takes a quarter of the start

    account = S3Account(
        bucket=settings.photo_s3_bucket,
        endpoint=settings.photo_s3_endpoint,
        region=settings.photo_s3_region,
        path_style=settings.photo_s3_path_style,
        access_key=settings.photo_s3_access_key,
        secret_key=settings.photo_s3_secret_key,
    )
    return S3Photos(account)
