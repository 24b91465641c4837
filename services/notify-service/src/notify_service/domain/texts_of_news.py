"""Several pieces of news in one message: of one wish, or of a morning. Chinese first, English beside it."""

# ruff: noqa: E501  a message stands on one line, so that it can be read and searched as people get it

from notify_service.domain.further import ADOPT, DESK, MINE
from notify_service.domain.templates import Template

TOGETHER = (
    Template(
        "wish_news.v1",
        (
            "您的心愿“{title}”（编号 {number}）有 {count} 条新消息，最新：{newest}。请打开 [site]/mine 查看，也可以问社区工作人员。",
            "{count} pieces of news about your wish “{title}” (number {number}), the latest: {newest}. See [site]/mine or ask staff.",
        ),
        ("您的心愿有新消息", "News of your wish"),
        ("title", "number", "count", "newest"),
        MINE,
    ),
    Template(
        "wish_news_handler.v1",
        (
            "您经办的“{title}”（编号 {number}）有 {count} 条新消息，最新：{newest}。请打开 [site]/adopt 查看。",
            "{count} pieces of news about “{title}” (number {number}), which you handle, the latest: {newest}. See [site]/adopt",
        ),
        ("您经办的心愿有新消息", "News of a wish you handle"),
        ("title", "number", "count", "newest"),
        ADOPT,
    ),
    Template(
        "wish_news_staff.v1",
        (
            "“{title}”（编号 {number}）有 {count} 条新消息，最新：{newest}。请打开 [site]/desk 看看。",
            "{count} pieces of news about “{title}” (number {number}), the latest: {newest}. See [site]/desk",
        ),
        ("一个心愿有新消息", "News of a wish"),
        ("title", "number", "count", "newest"),
        DESK,
    ),
    Template(
        "morning_news.v1",
        (
            "早上好。有 {count} 条与您有关的新消息，最新：{newest}。请打开 [site] 登录查看，也可以问社区工作人员。",
            "Good morning. {count} pieces of news for you, the latest: {newest}. Sign in at [site] or ask staff.",
        ),
        ("早上好，您有新消息", "Good morning"),
        ("count", "newest"),
        ("打开 [site] 查看", "See [site]"),
    ),
    Template(
        "morning_staff.v1",
        (
            "早上好。您负责的社区新收到 {submitted} 个待审心愿，新认领 {adopted} 个，另有 {count} 条新消息，最新：{newest}。今天的事都在 [site]/desk",
            "Good morning. New in your community: {submitted} wishes to review, {adopted} claimed; {count} more, the latest: {newest}. See [site]/desk",
        ),
        ("社区晨报", "Good morning"),
        ("submitted", "adopted", "count", "newest"),
        DESK,
    ),
    Template(
        "morning_organisation.v1",
        (
            "早上好。您关注的社区新发布了 {posted} 个心愿，另有 {count} 条新消息，最新：{newest}。请打开 [site]/adopt 查看。",
            "Good morning. {posted} new wishes where you follow; {count} more pieces of news, the latest: {newest}. See [site]/adopt",
        ),
        ("关注社区的晨报", "Good morning"),
        ("posted", "count", "newest"),
        ADOPT,
    ),
)
"""What tells more than one piece of news."""

PHRASES: dict[str, tuple[str, str]] = {
    "wish_posted.v1": ("已经挂上心愿墙", "it is on the wall"),
    "wish_returned.v1": ("请补充一下内容", "please add to it"),
    "wish_rejected.v1": ("这次没能发布", "not posted this time"),
    "wish_merged.v1": ("和相同的心愿合在一起", "it was merged"),
    "wish_taken_down.v1": ("已从心愿墙撤下", "it was taken down"),
    "wish_closed.v1": ("这次没能办成", "it could not be met"),
    "wish_fulfilled.v1": ("圆梦了", "it came true"),
    "wish_withdrawn.v1": ("已经撤回", "it was withdrawn"),
    "delivery_reported.v1": ("说已经送到，请确认", "please confirm it"),
    "confirmation_reminder.v1": ("收到了吗，请确认", "did it arrive?"),
    "wish_adopted_handler.v1": ("您认领了心愿", "you claimed it"),
    "lease_reminder.v1": ("快到约定的日子", "it is due soon"),
    "offer_expired.v1": ("保留的名额已让出", "the place has gone"),
    "delivery_disputed.v1": ("居民说还没收到", "it has not arrived"),
    "wish_fulfilled_handler.v1": ("圆梦了，谢谢您", "it came true"),
    "delivery_disputed_staff.v1": ("居民说还没收到", "it has not arrived"),
    "adoption_flagged_staff.v1": ("需要核对一下", "it needs a look"),
    "recommendation_declined_staff.v1": ("推荐的单位接不了", "it was declined"),
    "organisation_verified.v1": ("单位通过核验", "you are verified"),
    "organisation_refused.v1": ("单位没有通过核验", "not verified"),
    "limit_lifted.v1": ("数量限制已放宽", "your limit is lifted"),
    "member_joined.v1": ("您加入了一个单位", "you joined"),
    "member_left.v1": ("您离开了一个单位", "you left"),
}
"""Each piece of news that may be told together with others, in a few words."""
