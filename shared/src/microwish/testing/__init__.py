"""Suites and fixtures on real servers, for every package of the project."""

from microwish.testing.waiting import eventually

__all__ = ["eventually"]
