"""Texts of the tasks of staff. A pair is (中文, English)."""

TASKS: dict[str, tuple[str, str]] = {
    "problem.task_done": ("这件事已经办了", "It is done already"),
    "problem.task_done.detail": (
        "同事已经办好，或者情况变了不用再办。请刷新页面。",
        "A colleague has seen to it, or it is no longer needed. Reload the page.",
    ),
    "do.call": ("打电话告知", "call the resident of"),
    "do.recommend": ("推荐", "recommend"),
    "line.ConfirmationReminderDue": ("提醒居民：收到了请说一声", "The resident was asked whether it has come"),
    "line.WishRecommended": ("社区推荐给了合适的单位", "Staff recommended it to an organisation"),
    "tasks.title": ("要办的事", "To do"),
    "tasks.lead": (
        "要打的电话，和停下来的心愿。办好一件，点一次“已办”；情况变了的会自己消失。",
        "Calls to make, and wishes that stall. Say when one is done; what is no longer needed goes by itself.",
    ),
    "tasks.all": ("全部", "All"),
    "tasks.filter": ("按事情看", "By kind"),
    "tasks.kind.telephone": ("电话告知", "Please call"),
    "tasks.kind.unconfirmed": ("问问收到没有", "Ask whether it has come"),
    "tasks.kind.unclaimed": ("还没人认领", "Nobody claims it"),
    "tasks.kind.review_half_way": ("快到答复时间", "Answer soon"),
    "tasks.kind.review_overdue": ("答复超期", "Answer overdue"),
    "tasks.say.WishReturned": ("告诉本人：请补充一下，说说补充什么", "Tell them what staff ask them to add"),
    "tasks.say.WishRejected": ("告诉本人：这次没能发布，为什么", "Tell them that it was not published, and why"),
    "tasks.say.WishPosted": ("告诉本人：心愿已经发布", "Tell them that the wish is on the wall"),
    "tasks.say.WishMerged": (
        "告诉本人：和相同的心愿一起办",
        "Tell them that it goes on with one that asks for the same",
    ),
    "tasks.say.WishTakenDown": ("告诉本人：心愿已经下架，为什么", "Tell them that it was taken down, and why"),
    "tasks.say.WishClosed": ("告诉本人：这次没能办成，为什么", "Tell them that it could not be met, and why"),
    "tasks.say.WishFulfilled": ("告诉本人：心愿圆满了", "Tell them that the wish is fulfilled"),
    "tasks.say.WishAdopted": (
        "告诉本人：{organisation}认领了，谁上门、单位电话和上门核验码",
        "Tell them that {organisation} has claimed it: who comes, the office phone and the door code",
    ),
    "tasks.say.AdoptionReleased": (
        "告诉本人：{organisation}办不了了，会再等别的单位",
        "Tell them that {organisation} can't do it and that others may",
    ),
    "tasks.say.AdoptionLapsed": (
        "告诉本人：{organisation}到期没办成，会再等别的单位",
        "Tell them that the time of {organisation} ran out and that others may",
    ),
    "tasks.say.AdoptionRevoked": (
        "告诉本人：{organisation}不来了，会再等别的单位",
        "Tell them that {organisation} doesn't come and that others may",
    ),
    "tasks.say.DeliveryReported": (
        "问问本人：{organisation}说已经送到，收到了吗",
        "{organisation} says that it has come: ask them whether it has",
    ),
    "tasks.say.ConfirmationReminderDue": (
        "再问问本人：{organisation}送的，收到了吗",
        "Ask them once more whether what {organisation} brought has come",
    ),
    "tasks.say.unconfirmed": (
        "{organisation}说送到了，居民一直没回话。打个电话问问，收到了可以代为确认。",
        "{organisation} reported delivery and nobody has answered. Call; if it has come, confirm for them.",
    ),
    "tasks.say.unclaimed": (
        "挂在墙上还没有单位认领。问问辖区里合适的单位，或者社区自己想办法。",
        "No organisation takes it up. Ask one of the area, or find another way.",
    ),
    "tasks.say.review_half_way": ("答应 {when} 前答复居民。", "An answer is promised by {when}."),
    "tasks.say.review_overdue": (
        "{community}答应 {when} 前答复，还没有。请街道过问。",
        "{community} promised an answer by {when}. Please look into it.",
    ),
    "tasks.some_organisation": ("认领单位", "the organisation"),
    "tasks.since": ("{day} {clock} 起", "since {day} {clock}"),
    "tasks.show": ("查看电话（会留下记录）", "Show the phone (is recorded)"),
    "tasks.door": (
        "上门的是 {handler}，单位电话 {phone}，核验码 {code}",
        "{handler}, office {phone}, door code {code}",
    ),
    "tasks.open_desk": ("去审核", "Review it"),
    "tasks.open_confirm": ("去代为确认", "Confirm for them"),
    "tasks.open_wish": ("看看这个心愿", "Open the wish"),
    "tasks.done": ("已办", "Done"),
    "tasks.note": ("想记一句", "Add a note"),
    "tasks.note_label": ("办得怎么样", "What came of it"),
    "tasks.note_hint": ("同事看得到。比如：本人知道了；和风邮政所愿意来", "For colleagues, such as: told them"),
    "tasks.done_told": ("记下了，这件事办好了。", "Noted: it is done."),
    "tasks.none": ("没有要办的事", "Nothing to do"),
    "tasks.none_next": (
        "有要打的电话，或者心愿停下来了，会出现在这里。",
        "Calls to make and wishes that stall show up here.",
    ),
    "tasks.more": ("看更多", "More"),
    "tasks.first_page": ("回到最早的", "Back to the oldest"),
}
