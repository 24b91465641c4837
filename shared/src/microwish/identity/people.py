"""A signed-in person as every service knows them: from the token alone."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be; one person may be several."""

    RESIDENT = "resident"
    """居民: everyone who signed in."""
    STAFF = "staff"
    """社区工作者: acts for the communities in the token."""
    ADMIN = "admin"
    """平台管理员: communities, staff, settings; serves every community."""
    OPS = "ops"
    """运维: health, lag, dead letters, messages."""


@dataclass(frozen=True, slots=True)
class Person:
    """The bearer of a valid token. `communities` are division-code prefixes that a member of staff serves."""

    id: str
    roles: frozenset[Role]
    communities: tuple[str, ...] = ()
    phone_masked: str = ""

    def has(self, role: Role) -> bool:
        """Whether the person has this very role."""
        return role in self.roles

    def serves(self, community_code: str) -> bool:
        """Whether the person acts as staff for this community: an admin for all, staff by prefix of its code."""
        if Role.ADMIN in self.roles:
            return True
        return Role.STAFF in self.roles and any(
            prefix and community_code.startswith(prefix) for prefix in self.communities
        )
