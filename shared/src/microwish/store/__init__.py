"""Guarded writes, views and the one import of the database driver."""
