"""Texts of reviewing: who has a wish, the reasons of the catalogue, what was edited. A pair is (中文, English)."""

from wish_service.domain.reasons import CATALOGUE

REVIEW: dict[str, tuple[str, str]] = {
    **{
        f"reason.{decision}.{reason.code}": (reason.zh, reason.en)
        for decision, reasons in CATALOGUE.items()
        for reason in reasons
    },
    "problem.in_review": ("同事正在审核这个心愿", "Somebody else reviews this wish"),
    "problem.in_review.told": (
        "{reviewer}正在审核，{until} 前由 TA 处理；可以先看别的心愿。",
        "{reviewer} has it until {until}; please take another wish meanwhile.",
    ),
    "problem.changed_meanwhile": ("居民刚改过这个心愿", "The wish was changed meanwhile"),
    "problem.changed_meanwhile.detail": (
        "请重新打开，看过现在的内容再决定。",
        "Read it again as it is now, then decide.",
    ),
    "review.colleague": ("同事", "A colleague"),
    "field.reason_code": ("原因目录里没有这一项，见 /api/reasons", "No such reason here; see /api/reasons"),
    "do.review": ("审核", "review"),
    "desk.take_next": ("领取下一个", "Take the next one"),
    "desk.nothing_free": ("没有可以领取的心愿了，其余的同事正在审核。", "Nothing is free: colleagues have the rest."),
    "desk.take_this": ("由我来审核", "I review this one"),
    "desk.give_back": ("先放回去", "Put it back"),
    "desk.given_back": ("已放回待审核，别人可以领取。", "It is back in the queue for others."),
    "desk.mine_until": ("您正在审核，{until} 前归您处理", "You review it until {until}"),
    "desk.reviewed_by": ("{name}正在审核，到 {until}", "{name} reviews it until {until}"),
    "desk.not_yours": (
        "{name}正在审核，到 {until} 为止。您可以先看别的心愿。",
        "{name} reviews it until {until}. Please take another one.",
    ),
    "desk.compare": ("看看改了什么", "Show what changed"),
    "desk.difference": ("和原话比，改了这些", "Changed from the original words"),
    "desk.same_words": ("和原话一样。", "The same as the original words."),
    "desk.removed": ("删去", "removed"),
    "desk.added": ("加上", "added"),
    "desk.original_title": ("居民的原话", "The resident's words"),
    "desk.reason_code": ("选一个原因", "Choose a reason"),
    "desk.reason_words": ("想再说几句", "In your own words"),
    "desk.reason_either": ("选一个或自己写，也可以都填", "Choose one, write your own, or both"),
    "desk.batch": ("选中的一起发布", "Publish those chosen"),
    "desk.batch_hint": (
        "勾选的心愿按原话公开，请先逐个看过。",
        "Those you tick are shown in their own words: read each of them first.",
    ),
    "desk.batch_choose": ("选「{title}」", "Choose “{title}”"),
    "desk.batch_none": ("请先勾选要发布的心愿。", "Tick the wishes to publish first."),
    "desk.batch_done": ("已发布 {count} 个。", "{count} published."),
    "desk.batch_left": ("{count} 个没有发布，还在队列里：{codes}。", "{count} were not published: {codes}."),
    "desk.batch_code.in_review": ("同事正在审核", "a colleague reviews it"),
    "desk.batch_code.changed_meanwhile": ("居民刚改过", "changed meanwhile"),
    "desk.batch_code.wrong_state": ("已经处理过", "was decided already"),
    "desk.batch_code.other_community": ("不归您的社区", "of another community"),
    "desk.batch_code.invalid": ("文字里有电话或证件号", "a phone or identity number in its text"),
    "desk.batch_code.else": ("请打开看看", "please open it"),
    "line.difference": ("公开时改过文字", "edited for publishing"),
}
