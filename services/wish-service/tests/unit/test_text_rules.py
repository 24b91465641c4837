"""What a wish may not ask for, and what may not stand where everybody reads."""

import pytest

from wish_service.domain.money_rules import asks_for_money
from wish_service.domain.text_rules import gives_away_a_number, in_yuan, value_faults


@pytest.mark.parametrize(
    "text",
    [
        "想要两千元现金",
        "能不能借我点钱",
        "给我一些钱交房租",
        "请打钱到我账户",
        "帮忙还债",
        "想贷款买车",
        "一张超市卡",
        "想要购物卡过年",
        "发个红包吧",
        "为孩子筹款看病",
        "缺生活费",
    ],
)
def test_cash_cards_and_loans_are_refused(text: str) -> None:
    assert asks_for_money(text)


@pytest.mark.parametrize(
    "text",
    [
        "想要一台能收戏曲的收音机",
        "想学会用手机银行，自己查余额",
        "请讲讲怎样防范贷款诈骗",
        "陪我去银行换存折",
        "想要一个零钱包",
        "孩子想学画红包上的图案",
        "想学用手机转账付款",
        "修一下公交卡套",
    ],
)
def test_other_wishes_are_not(text: str) -> None:
    assert not asks_for_money(text)


@pytest.mark.parametrize(
    "text", ["打 139 1234 5678", "电话021-57812345", "身份证11010519491231002X", "１３９１２３４５６７８"]
)
def test_numbers_are_found(text: str) -> None:
    assert gives_away_a_number(text)


@pytest.mark.parametrize("text", ["想要 2026 年的挂历", "轮椅 1 台，宽 45 厘米", "三年级 12 班"])
def test_ordinary_figures_are_not(text: str) -> None:
    assert not gives_away_a_number(text)


def test_the_ceiling_itself_is_allowed() -> None:
    assert value_faults(50_000, 50_000) == []
    assert value_faults(None, 50_000) == []
    assert value_faults(50_001, 50_000)[0].values == {"ceiling_yuan": "500"}


@pytest.mark.parametrize(("fen", "yuan"), [(50_000, "500"), (1_250, "12.50"), (123_456_789, "1234567.89"), (0, "0")])
def test_amounts_are_told_in_yuan(fen: int, yuan: str) -> None:
    assert in_yuan(fen) == yuan
