"""The story of one wish over HTTP, as the command acts it out: every step is seen at its destination."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from microwish_local.story import act
from microwish_local.story.play import SCENES
from microwish_local.testing_stack import RunningStack

pytestmark = pytest.mark.e2e

RunCommand = Callable[..., Awaitable[tuple[int, str]]]


async def test_the_command_acts_it_out_again_and_again(stack: RunningStack, microwish: RunCommand) -> None:
    options = ("story", "--base-url", stack.base_url, "--state-dir", str(stack.state_dir))
    for _ in range(2):
        status, said = await microwish(*options)
        assert status == 0, said
        assert all(scene.title in said for scene in SCENES)
        for event in ("WishPosted v2", "WishAdopted v1", "DeliveryReported v3", "WishFulfilled v4", "MessageDelivered"):
            assert event in said
        assert "验证码" in said
        assert "seen at their destination" in said


async def test_without_a_stack_it_says_so_in_one_line(microwish: RunCommand, tmp_path: Path) -> None:
    status, said = await microwish("story", "--state-dir", str(tmp_path))
    assert status == 1
    assert len(said.splitlines()) == 1
    assert "microwish up" in said


async def test_an_event_that_nobody_sees_fails_it(
    stack: RunningStack, kafka_bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Negative control: everything works, but Kafka is another one, on which nothing is seen."""
    assert await act(stack.base_url, kafka_bootstrap=kafka_bootstrap, seconds=5) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("✗")
