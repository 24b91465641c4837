"""Groups of staff (企业微信群), each told by its robot and named by a prefix of division codes."""

from collections.abc import Iterable

ROBOTS = "wecom"
"""The provider that reaches groups, and nobody else."""
_GROUP = "group:"


def group(prefix: str) -> str:
    """The recipient that stands for the group of a division."""
    return _GROUP + prefix


def prefix_of(recipient: str | None) -> str | None:
    """The division whose group this recipient is; None for everybody else."""
    return recipient.removeprefix(_GROUP) if recipient and recipient.startswith(_GROUP) else None


def robots_for(community: str, prefixes: Iterable[str]) -> list[str]:
    """The prefixes, among those that have a robot, whose groups look after a community: the nearest first."""
    return sorted((prefix for prefix in prefixes if community.startswith(prefix)), key=len, reverse=True)
