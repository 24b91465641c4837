"""Messages to residents about their wishes. Chinese first, English beside it."""

# ruff: noqa: E501  a message stands on one line, so that it can be read and searched as people get it

from notify_service.domain.further import MINE, SAFETY
from notify_service.domain.templates import Template

TO_RESIDENTS = (
    Template(
        "wish_posted.v1",
        (
            "您的心愿“{title}”审核通过，已经挂上心愿墙，编号 {number}。有人认领时会马上告诉您，不用再做什么。进度：[site]/mine",
            "Your wish “{title}” is on the wall now (number {number}). We tell you as soon as somebody claims it. See [site]/mine",
        ),
        ("您的心愿上墙了", "Your wish is on the wall"),
        ("title", "number"),
        ("有人认领时会马上告诉您", "We tell you as soon as somebody claims it"),
    ),
    Template(
        "wish_returned.v1",
        (
            "您提的心愿（编号 {number}）还差一点内容，补充后就能继续。请打开 [site]/mine 看看要补什么，不方便的话请社区工作人员帮您填。",
            "Your wish (number {number}) needs a little more. Please see [site]/mine for what to add, or let staff help you.",
        ),
        ("您的心愿请补充一下", "Please add to your wish"),
        ("number",),
        MINE,
    ),
    Template(
        "wish_rejected.v1",
        (
            "您提的心愿（编号 {number}）这次没能发布，原因和可以怎么办写在 [site]/mine 。有不明白的，请直接问社区工作人员。",
            "Your wish (number {number}) could not be posted this time. The reason is at [site]/mine; staff are glad to explain.",
        ),
        ("这次没能发布", "Not posted this time"),
        ("number",),
        MINE,
    ),
    Template(
        "wish_merged.v1",
        (
            "您的心愿（编号 {number}）和另一个相同的心愿合在一起办了，您不用再做什么。合到哪一个，请看 [site]/mine",
            "Your wish (number {number}) goes on together with one that asks for the same. Nothing to do; see [site]/mine",
        ),
        ("您的心愿合在一起办了", "Your wish was merged"),
        ("number",),
        MINE,
    ),
    Template(
        "wish_taken_down.v1",
        (
            "您的心愿（编号 {number}）已从心愿墙撤下，原因写在 [site]/mine 。如有疑问，请联系社区工作人员。",
            "Your wish (number {number}) was taken off the wall; the reason is at [site]/mine. Please ask staff if it is unclear.",
        ),
        ("您的心愿已下架", "Your wish was taken down"),
        ("number",),
        MINE,
    ),
    Template(
        "wish_closed.v1",
        (
            "很抱歉，您的心愿（编号 {number}）这次没能办成，已经结案。原因写在 [site]/mine ，您可以换个说法再提一次。",
            "We are sorry: your wish (number {number}) could not be met and is closed. The reason is at [site]/mine; you can ask again in another way.",
        ),
        ("您的心愿没能办成", "Your wish could not be met"),
        ("number",),
        MINE,
    ),
    Template(
        "wish_adopted.v1",
        (
            "好消息：“{title}”有人认领了。{organisation} 的 {handler} 会在 {due} 前上门，单位电话 {office_phone}。来人要先报出上门核验码 {door_code}，报不出请不要开门。不收任何费用，不问银行卡和验证码。进度：[site]/mine",
            "Good news: “{title}” was claimed. {handler} of {organisation} will come by {due}; office phone {office_phone}. They must first tell you the code {door_code}. No fees; nobody asks for bank cards or codes. See [site]/mine",
        ),
        ("有人认领了您的心愿", "Your wish was claimed"),
        ("title", "organisation", "handler", "office_phone", "due", "door_code"),
        SAFETY,
    ),
    Template(
        "holder_gone.v1",
        (
            "“{title}”原来的认领单位 {organisation} 不再来办了，请不要再给他们开门。心愿还在心愿墙上，有新的单位认领会马上告诉您。进度：[site]/mine",
            "{organisation} no longer handles “{title}”: please do not open the door to them. Your wish stays on the wall; we tell you of the next claim. See [site]/mine",
        ),
        ("认领单位有变化", "Who handles your wish changed"),
        ("title", "organisation"),
        ("心愿还在墙上，有新的认领会告诉您", "Your wish stays on the wall"),
    ),
    Template(
        "handler_named.v1",
        (
            "“{title}”换了上门的人：{organisation} 的 {handler}。新的上门核验码是 {door_code}，原来的不再有效，报不出请不要开门。不收任何费用，不问银行卡和验证码。进度：[site]/mine",
            "Somebody else comes for “{title}”: {handler} of {organisation}. The new code at the door is {door_code}; the old one is void. No fees; nobody asks for bank cards or codes. See [site]/mine",
        ),
        ("上门的人换了", "Somebody else comes"),
        ("title", "organisation", "handler", "door_code"),
        SAFETY,
    ),
    Template(
        "delivery_reported.v1",
        (
            "{organisation} 说“{title}”已经送到了。收到了吗？请打开 [site]/mine 点“收到了，谢谢”；没收到就点“还没收到”。不收任何费用。",
            "{organisation} says that “{title}” was delivered. Did it arrive? Please confirm at [site]/mine, or say there that it has not. No fees.",
        ),
        ("您的心愿送到了吗？", "Did your wish arrive?"),
        ("title", "organisation"),
        ("打开 [site]/mine 点“收到了，谢谢”", "Please confirm at [site]/mine"),
    ),
    Template(
        "confirmation_reminder.v1",
        (
            "想再问您一声：“{title}”收到了吗？请打开 [site]/mine 点一下；不方便用手机，等社区工作人员电话问您也可以。",
            "May we ask again: did “{title}” arrive? Please tell us at [site]/mine, or simply wait for a call from staff.",
        ),
        ("想再问您一声：收到了吗", "May we ask again"),
        ("title",),
        MINE,
    ),
    Template(
        "wish_fulfilled.v1",
        (
            "恭喜，您的心愿“{title}”圆梦了！谢谢您告诉我们。从提出到圆梦，一步一步都记在 [site]/mine",
            "Your wish “{title}” came true! Thank you for telling us. Every step of it is kept at [site]/mine",
        ),
        ("您的心愿圆梦了", "Your wish came true"),
        ("title",),
        MINE,
    ),
    Template(
        "wish_withdrawn.v1",
        (
            "您的心愿（编号 {number}）已经撤回，不会再有人上门。以后想提，随时打开 [site]/post",
            "Your wish (number {number}) was withdrawn; nobody will come. You can ask again any time at [site]/post",
        ),
        ("您的心愿已撤回", "Your wish was withdrawn"),
        ("number",),
        ("不会再有人上门", "Nobody will come"),
    ),
)
