"""The life of one wish's claims as a state machine of Hypothesis; each of its steps does several things at once."""

import asyncio
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from .claims_replay import check
from .claims_stage import Stage, Wish

BY_ORGANISATION = ("claim", "claim", "claim", "join", "leave")
BY_ADOPTION = ("release", "release", "extend", "deliver", "deliver", "confirm", "dispute", "dispute")
PAUSES = (timedelta(hours=1), timedelta(days=3), timedelta(days=16))
ORGANISATIONS = st.integers(0, 5)
AT_ONCE = st.lists(
    st.tuples(st.sampled_from((*BY_ORGANISATION, *BY_ADOPTION, "time_passes")), ORGANISATIONS), min_size=2, max_size=6
)


class ClaimsLives(RuleBasedStateMachine):
    """One wish, and everything that organisations, its resident and time do to its claims."""

    stage: ClassVar[Stage]

    @initialize(slots=st.integers(1, 3))
    def posted(self, slots: int) -> None:
        """It is open."""
        self.wish = Wish(self.stage, slots)

    @rule(commands=AT_ONCE)
    def at_once(self, commands: list[tuple[str, int]]) -> None:
        """Some of them, all at the same moment."""
        self._do(commands)

    @rule(organisations=st.lists(ORGANISATIONS, min_size=2, max_size=6))
    def all_claim(self, organisations: list[int]) -> None:
        """Everybody wants it; some ask twice."""
        self._do([("claim", one) for one in organisations])

    @rule(pause=st.sampled_from(PAUSES), commands=AT_ONCE)
    def later(self, pause: timedelta, commands: list[tuple[str, int]]) -> None:
        """Time goes by, and while two workers look at what is due, the others act."""
        self.wish.now += pause
        self._do([("time_passes", 0), ("time_passes", 0), *commands])

    @rule(commands=AT_ONCE, really=st.integers(0, 3))
    def withdrawn(self, commands: list[tuple[str, int]], really: int) -> None:
        """The resident withdraws it, not too often, while others act."""
        self._do([*commands, *([("withdraw", 0)] if really == 3 else [])])

    def _do(self, commands: list[tuple[str, int]]) -> None:
        self.stage.wait(self._together(commands))
        check(self.wish.document, self.wish.now)

    async def _together(self, commands: list[tuple[str, int]]) -> None:
        organisations, adoptions = list(self.stage.members), self.wish.adoptions
        chosen = [
            (what, adoptions[-1 - number % len(adoptions)] if what in BY_ADOPTION else organisations[number])
            for what, number in commands
            if adoptions or what not in BY_ADOPTION
        ]
        await asyncio.gather(*(self.wish.do(*one) for one in chosen))
        await self.wish.look()
