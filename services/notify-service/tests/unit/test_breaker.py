"""A provider that does not answer is left alone, and tried by one call before all come back."""

from notify_service.breaker import Breaker, Breakers, BreakerSettings, BreakerState

SETTINGS = BreakerSettings(failures=3, window=10, ratio=0.5, open_seconds=30)


class Seconds:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Seconds) -> Breaker:
    breaker = Breaker("alibaba", SETTINGS, clock)
    assert [breaker.failed() for _ in range(3)] == [False, False, True]
    return breaker


def test_failures_in_a_row_open_it() -> None:
    breaker = opened(Seconds())
    assert (breaker.state, breaker.admit(), breaker.opens_in) == (BreakerState.OPEN, False, 30)


def test_an_answer_in_between_keeps_it_closed() -> None:
    breaker = Breaker("alibaba", SETTINGS, Seconds())
    for _ in range(2):
        assert not breaker.failed()
        assert not breaker.failed()
        assert not breaker.succeeded()
    assert breaker.state is BreakerState.CLOSED


def test_too_large_a_part_of_a_full_window_opens_it() -> None:
    breaker = Breaker("alibaba", SETTINGS, Seconds())
    said = []
    for _ in range(5):
        breaker.succeeded()
        said.append(breaker.failed())
    assert said == [False] * 4 + [True]


def test_one_call_tries_whether_it_is_back() -> None:
    clock = Seconds()
    breaker = opened(clock)
    clock.now += 30
    assert breaker.state is BreakerState.HALF_OPEN
    assert [breaker.admit(), breaker.admit(), breaker.admit()] == [True, False, False]
    assert breaker.succeeded(), "it tells once that it has closed"
    assert [breaker.admit(), breaker.admit(), breaker.succeeded()] == [True, True, False]


def test_a_trial_that_fails_leaves_it_open_as_long_again() -> None:
    clock = Seconds()
    breaker = opened(clock)
    clock.now += 30
    assert breaker.admit()
    clock.now += 5
    assert not breaker.failed(), "it was open already"
    assert (breaker.state, breaker.opens_in) == (BreakerState.OPEN, 30)


def test_a_trial_of_which_nothing_is_heard_does_not_hold_up_the_next_for_ever() -> None:
    clock = Seconds()
    breaker = opened(clock)
    clock.now += 30
    assert breaker.admit()
    clock.now += 30
    assert breaker.admit()


def test_each_provider_has_its_own() -> None:
    breakers = Breakers(SETTINGS, Seconds())
    for _ in range(3):
        breakers.of("alibaba").failed()
    assert breakers.of("alibaba").state is BreakerState.OPEN
    assert breakers.of("tencent").state is BreakerState.CLOSED
