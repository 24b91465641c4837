"""Doors: the JSON API and the pages."""
