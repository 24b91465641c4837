"""What staff are asked to look at in public words, and what they are not bothered with."""

import pytest

from wish_service.domain.hints import Hint, Reason, hints_in


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("独居老人想要收音机", Reason.LIVING_ALONE),
        ("我一个人住，怕摔", Reason.LIVING_ALONE),
        ("儿女都在外地，想有人说说话", Reason.LIVING_ALONE),
        ("老伴走了三年", Reason.LIVING_ALONE),
        ("刚做完化疗", Reason.ILLNESS),
        ("有糖尿病，想学做饭", Reason.ILLNESS),
        ("记性不好老忘关火", Reason.ILLNESS),
        ("残疾人，出不了门", Reason.DISABILITY),
        ("坐轮椅想去公园", Reason.DISABILITY),
        ("腿脚不便，下不了楼", Reason.DISABILITY),
        ("白天家里没人", Reason.ABSENCE),
        ("爸妈都上班，孩子晚上才回家", Reason.ABSENCE),
        ("备用钥匙在门口地垫下", Reason.ABSENCE),
        ("每天早上8点出门买菜", Reason.TIMETABLE),
        ("晚上九点到十点睡觉", Reason.TIMETABLE),
        ("三弄5号301室", Reason.PLACE),
        ("孩子在松江小学读三年级", Reason.PLACE),
        ("我叫王秀英", Reason.PERSON),
        ("陈阿婆想要一台收音机", Reason.PERSON),
        ("存折放在抽屉里", Reason.VALUABLES),
    ],
)
def test_phrases_are_pointed_out_with_their_reason(text: str, reason: Reason) -> None:
    assert reason in {hint.reason for hint in hints_in(public_title=text)}


@pytest.mark.parametrize(
    "text",
    [
        "想要一辆轮椅",
        "想要一台能收戏曲的收音机",
        "孩子学围棋，家里没人会",
        "练习用的哑鼓垫",
        "门上的猫眼看不清了",
        "想学用手机付公交",
        "三年级英语从零补起",
    ],
)
def test_ordinary_wishes_give_none(text: str) -> None:
    assert hints_in(public_title=text) == []


def test_each_phrase_is_named_once_with_its_field() -> None:
    found = hints_in(public_title="独居", public_detail="独居，独居", nothing=None)
    assert found == [
        Hint("public_title", Reason.LIVING_ALONE, "独居"),
        Hint("public_detail", Reason.LIVING_ALONE, "独居"),
    ]
