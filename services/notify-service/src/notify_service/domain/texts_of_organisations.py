"""Messages about organisations themselves and their people. Chinese first, English beside it."""

# ruff: noqa: E501  a message stands on one line, so that it can be read and searched as people get it

from notify_service.domain.further import ADOPT
from notify_service.domain.templates import Template

ABOUT_ORGANISATIONS = (
    Template(
        "organisation_verified.v1",
        (
            "{organisation} 已通过核验，现在可以认领心愿了。请打开 [site]/adopt 看看附近有什么可以帮忙。",
            "{organisation} has been verified and may claim wishes now. See what is near you at [site]/adopt",
        ),
        ("单位核验通过", "Your organisation is verified"),
        ("organisation",),
        ADOPT,
    ),
    Template(
        "organisation_refused.v1",
        (
            "{organisation} 这次没有通过核验，原因写在 [site]/adopt ，改好后可以再登记。有疑问请联系社区工作人员。",
            "{organisation} was not verified this time. The reason is at [site]/adopt; you may register again when it is mended.",
        ),
        ("单位没有通过核验", "Not verified this time"),
        ("organisation",),
        ADOPT,
    ),
    Template(
        "member_joined.v1",
        (
            "您现在是 {organisation} 的{role}。请打开 [site]/adopt 登录，就能看到单位认领的心愿。",
            "You are now {role} of {organisation}. Sign in at [site]/adopt to see its wishes.",
        ),
        ("您加入了一个单位", "You joined an organisation"),
        ("organisation", "role"),
        ADOPT,
    ),
    Template(
        "member_left.v1",
        (
            "您不再是 {organisation} 的成员，手上的心愿请交给同事。谢谢您做过的一切。详情：[site]/adopt",
            "You are no longer a member of {organisation}; please hand your wishes to a colleague. Thank you. See [site]/adopt",
        ),
        ("您离开了一个单位", "You left an organisation"),
        ("organisation",),
        ADOPT,
    ),
    Template(
        "member_changed_manager.v1",
        (
            "{organisation} 的成员有变化，请打开 [site]/adopt 核对一下。如果不是您单位的人改的，请马上联系社区工作人员。",
            "The members of {organisation} have changed; please check at [site]/adopt, and call staff if nobody of yours did it.",
        ),
        ("单位成员有变化", "Members have changed"),
        ("organisation",),
        ADOPT,
    ),
    Template(
        "organisation_suspended.v1",
        (
            "{organisation} 已暂停认领，手上正在办的心愿也已收回，请不要再上门。原因写在 [site]/adopt ，有疑问请联系社区工作人员。",
            "{organisation} may not claim for now, and what it held was taken back: please visit nobody. The reason is at [site]/adopt; staff are glad to explain.",
        ),
        ("单位已暂停认领", "Your organisation is suspended"),
        ("organisation",),
        ADOPT,
    ),
    Template(
        "limit_lifted.v1",
        (
            "{organisation} 可以有 {allowed} 个过半程还在办的心愿，到 {due} 为止。打开 [site]/adopt 看看还能帮谁。",
            "{organisation} may have {allowed} wishes past half their term until {due}. See whom else to help at [site]/adopt",
        ),
        ("数量限制已放宽", "Your limit was lifted"),
        ("organisation", "allowed", "due"),
        ADOPT,
    ),
    Template(
        "member_invited.v1",
        (
            "{organisation} 请您加入，做{role}，一起帮邻里圆微心愿。愿意的话请用这个手机号登录 [site]/adopt ，登录就算加入；不认识这家单位请不用理会。",
            "{organisation} asks you to join as {role} and help with neighbours' wishes. To join, sign in with this number at [site]/adopt ; if you don't know them, do nothing.",
        ),
    ),
)
"""What organisations, their members and those whom they invite are told of it."""
