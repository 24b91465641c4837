"""The messages themselves: warm, plain, and each with the next step. Chinese first, English beside it."""

# ruff: noqa: E501  a message stands on one line, so that it can be read and searched as people get it

from notify_service.domain.templates import Template

_SAFETY = ("不收任何费用，不问银行卡和验证码", "No fees; nobody asks for bank cards or codes")
_MINE = ("打开 [site]/mine 查看", "See [site]/mine")
_ADOPT = ("打开 [site]/adopt 查看", "See [site]/adopt")
_DESK = ("打开 [site]/desk 查看", "See [site]/desk")

TO_PHONES = (
    Template(
        "signin_code.v1",
        (
            "您的登录验证码是 {code}，{minutes} 分钟内有效。工作人员不会问您要验证码，请不要告诉任何人。",
            "Your sign-in code is {code}, valid for {minutes} minutes. Nobody of ours will ask for it: keep it to yourself.",
        ),
        ("登录验证码", "Sign-in code"),
    ),
)

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
        _MINE,
    ),
    Template(
        "wish_rejected.v1",
        (
            "您提的心愿（编号 {number}）这次没能发布，原因和可以怎么办写在 [site]/mine 。有不明白的，请直接问社区工作人员。",
            "Your wish (number {number}) could not be posted this time. The reason is at [site]/mine; staff are glad to explain.",
        ),
        ("这次没能发布", "Not posted this time"),
        ("number",),
        _MINE,
    ),
    Template(
        "wish_merged.v1",
        (
            "您的心愿（编号 {number}）和另一个相同的心愿合在一起办了，您不用再做什么。合到哪一个，请看 [site]/mine",
            "Your wish (number {number}) goes on together with one that asks for the same. Nothing to do; see [site]/mine",
        ),
        ("您的心愿合在一起办了", "Your wish was merged"),
        ("number",),
        _MINE,
    ),
    Template(
        "wish_taken_down.v1",
        (
            "您的心愿（编号 {number}）已从心愿墙撤下，原因写在 [site]/mine 。如有疑问，请联系社区工作人员。",
            "Your wish (number {number}) was taken off the wall; the reason is at [site]/mine. Please ask staff if it is unclear.",
        ),
        ("您的心愿已下架", "Your wish was taken down"),
        ("number",),
        _MINE,
    ),
    Template(
        "wish_closed.v1",
        (
            "很抱歉，您的心愿（编号 {number}）这次没能办成，已经结案。原因写在 [site]/mine ，您可以换个说法再提一次。",
            "We are sorry: your wish (number {number}) could not be met and is closed. The reason is at [site]/mine; you can ask again in another way.",
        ),
        ("您的心愿没能办成", "Your wish could not be met"),
        ("number",),
        _MINE,
    ),
    Template(
        "wish_adopted.v1",
        (
            "好消息：“{title}”有人认领了。{organisation} 的 {handler} 会在 {due} 前上门，单位电话 {office_phone}。来人要先报出上门核验码 {door_code}，报不出请不要开门。不收任何费用，不问银行卡和验证码。进度：[site]/mine",
            "Good news: “{title}” was claimed. {handler} of {organisation} will come by {due}; office phone {office_phone}. They must first tell you the code {door_code}. No fees; nobody asks for bank cards or codes. See [site]/mine",
        ),
        ("有人认领了您的心愿", "Your wish was claimed"),
        ("title", "organisation", "handler", "office_phone", "due", "door_code"),
        _SAFETY,
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
        _MINE,
    ),
    Template(
        "wish_fulfilled.v1",
        (
            "恭喜，您的心愿“{title}”圆梦了！谢谢您告诉我们。从提出到圆梦，一步一步都记在 [site]/mine",
            "Your wish “{title}” came true! Thank you for telling us. Every step of it is kept at [site]/mine",
        ),
        ("您的心愿圆梦了", "Your wish came true"),
        ("title",),
        _MINE,
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

TO_ORGANISATIONS = (
    Template(
        "wish_posted_follower.v1",
        (
            "您关注的社区有新心愿：“{title}”，编号 {number}。想认领请打开 [site]/adopt ，先到先得。",
            "A new wish where you follow: “{title}” (number {number}). To claim it, open [site]/adopt",
        ),
        ("关注的社区有新心愿", "A new wish where you follow"),
        ("title", "number"),
        _ADOPT,
    ),
    Template(
        "wish_adopted_handler.v1",
        (
            "谢谢您认领“{title}”，编号 {number}，约定 {due} 前办好。联系方式请在 [site]/adopt 查看（查看会有记录）。上门先报核验码，不收任何费用。",
            "Thank you for claiming “{title}” (number {number}), promised by {due}. The contact is at [site]/adopt (reading it is recorded). Tell the code at the door first; take no money.",
        ),
        ("您认领了一个心愿", "You claimed a wish"),
        ("title", "number", "due"),
        ("联系方式在 [site]/adopt", "The contact is at [site]/adopt"),
    ),
    Template(
        "lease_reminder.v1",
        (
            "提醒您：“{title}”约定 {due} 前办好，快到日子了。办好请到 [site]/adopt 报告送达；来不及可以申请延期一次。",
            "A reminder: “{title}” is due by {due}. Report delivery at [site]/adopt, or ask there for one extension.",
        ),
        ("心愿快到约定的日子了", "A wish is due soon"),
        ("title", "due"),
        _ADOPT,
    ),
    Template(
        "adoption_lapsed.v1",
        (
            "“{title}”过了约定的日子，认领已经自动释放，请不要再上门。还想帮忙可以到 [site]/adopt 重新认领。",
            "“{title}” is past its day, so your claim has ended; please do not visit any more. You may claim again at [site]/adopt",
        ),
        ("认领到期，已释放", "A claim has ended"),
        ("title",),
        ("请不要再上门", "Please do not visit any more"),
    ),
    Template(
        "adoption_revoked.v1",
        (
            "“{title}”的认领已经撤销，请不要再上门，联系方式也已收回。原因见 [site]/adopt 。谢谢您的心意。",
            "Your claim of “{title}” was revoked; please do not visit any more. The reason is at [site]/adopt. Thank you all the same.",
        ),
        ("一个认领已撤销", "A claim was revoked"),
        ("title",),
        ("请不要再上门", "Please do not visit any more"),
    ),
    Template(
        "slot_offered.v1",
        (
            "您候补的“{title}”空出一个名额，为贵单位保留到 {due}。想接请打开 [site]/adopt 认领，过时会让给下一家。",
            "A place came free for “{title}”, kept for you until {due}. Claim it at [site]/adopt, or it goes to the next.",
        ),
        ("候补的心愿轮到您了", "It is your turn"),
        ("title", "due"),
        _ADOPT,
    ),
    Template(
        "wish_recommended.v1",
        (
            "社区觉得“{title}”很适合贵单位，编号 {number}。愿意帮忙请打开 [site]/adopt 认领，不合适也没关系。",
            "The community thinks that “{title}” (number {number}) suits you well. Claim it at [site]/adopt if you like.",
        ),
        ("社区推荐给您一个心愿", "A wish recommended to you"),
        ("title", "number"),
        _ADOPT,
    ),
    Template(
        "delivery_disputed.v1",
        (
            "居民说“{title}”还没有收到，请再联系一下，看看差在哪里。详情见 [site]/adopt ，办好再报告一次。",
            "The resident says that “{title}” has not arrived. Please get in touch; details at [site]/adopt, then report again.",
        ),
        ("居民说还没收到", "It has not arrived yet"),
        ("title",),
        _ADOPT,
    ),
    Template(
        "adoption_flagged.v1",
        (
            "“{title}”的两个操作前后脚碰上了，社区工作人员会看一下。您已经做的都算数，请先不要再上门。详情：[site]/adopt",
            "Two acts about “{title}” crossed; staff will look at it. What you did counts; please wait before the next visit. See [site]/adopt",
        ),
        ("一个心愿需要核对", "A wish needs a look"),
        ("title",),
        _ADOPT,
    ),
    Template(
        "wish_fulfilled_handler.v1",
        (
            "谢谢您：“{title}”圆梦了，居民已经确认。居民的话写在 [site]/adopt 。有您真好。",
            "Thank you: “{title}” came true and was confirmed. The resident's words are at [site]/adopt",
        ),
        ("您帮的心愿圆梦了", "The wish came true"),
        ("title",),
        _ADOPT,
    ),
    Template(
        "wish_withdrawn_handler.v1",
        (
            "居民撤回了“{title}”，请不要再上门，联系方式也已收回。谢谢您的心意，别的心愿在 [site]/adopt",
            "The resident withdrew “{title}”; please do not visit any more. Thank you; other wishes are at [site]/adopt",
        ),
        ("居民撤回了心愿", "A wish was withdrawn"),
        ("title",),
        ("请不要再上门", "Please do not visit any more"),
    ),
    Template(
        "organisation_verified.v1",
        (
            "{organisation} 已通过核验，现在可以认领心愿了。请打开 [site]/adopt 看看附近有什么可以帮忙。",
            "{organisation} has been verified and may claim wishes now. See what is near you at [site]/adopt",
        ),
        ("单位核验通过", "Your organisation is verified"),
        ("organisation",),
        _ADOPT,
    ),
    Template(
        "organisation_refused.v1",
        (
            "{organisation} 这次没有通过核验，原因写在 [site]/adopt ，改好后可以再登记。有疑问请联系社区工作人员。",
            "{organisation} was not verified this time. The reason is at [site]/adopt; you may register again when it is mended.",
        ),
        ("单位没有通过核验", "Not verified this time"),
        ("organisation",),
        _ADOPT,
    ),
    Template(
        "member_joined.v1",
        (
            "您现在是 {organisation} 的{role}。请打开 [site]/adopt 登录，就能看到单位认领的心愿。",
            "You are now {role} of {organisation}. Sign in at [site]/adopt to see its wishes.",
        ),
        ("您加入了一个单位", "You joined an organisation"),
        ("organisation", "role"),
        _ADOPT,
    ),
    Template(
        "member_left.v1",
        (
            "您不再是 {organisation} 的成员，手上的心愿请交给同事。谢谢您做过的一切。详情：[site]/adopt",
            "You are no longer a member of {organisation}; please hand your wishes to a colleague. Thank you. See [site]/adopt",
        ),
        ("您离开了一个单位", "You left an organisation"),
        ("organisation",),
        _ADOPT,
    ),
    Template(
        "member_changed_manager.v1",
        (
            "{organisation} 的成员有变化，请打开 [site]/adopt 核对一下。如果不是您单位的人改的，请马上联系社区工作人员。",
            "The members of {organisation} have changed; please check at [site]/adopt, and call staff if nobody of yours did it.",
        ),
        ("单位成员有变化", "Members have changed"),
        ("organisation",),
        _ADOPT,
    ),
)

TO_STAFF = (
    Template(
        "delivery_disputed_staff.v1",
        (
            "居民说“{title}”（编号 {number}）还没有收到，请帮忙问问两边。打开 [site]/desk 查看。",
            "A resident says that “{title}” (number {number}) has not arrived; please ask both sides. See [site]/desk",
        ),
        ("居民说还没收到", "A delivery is disputed"),
        ("title", "number"),
        _DESK,
    ),
    Template(
        "adoption_flagged_staff.v1",
        (
            "“{title}”（编号 {number}）有两个操作前后脚碰上了，请看一下是否要联系双方。打开 [site]/desk",
            "Two acts about “{title}” (number {number}) crossed; please see whether to call both sides. See [site]/desk",
        ),
        ("一个心愿需要核对", "A wish needs a look"),
        ("title", "number"),
        _DESK,
    ),
    Template(
        "digest_staff.v1",
        (
            "早上好。您负责的社区新收到 {submitted} 个待审心愿，新认领 {adopted} 个。今天的事都在 [site]/desk",
            "Good morning. New in your community: {submitted} wishes to review, {adopted} claimed. Today's work is at [site]/desk",
        ),
        ("社区晨报", "Good morning"),
        ("submitted", "adopted"),
        _DESK,
    ),
)

DIGESTS = (
    Template(
        "digest_organisation.v1",
        (
            "早上好。您关注的社区新发布了 {posted} 个心愿，最新的是“{title}”。想帮忙请打开 [site]/adopt",
            "Good morning. {posted} new wishes where you follow, the latest “{title}”. To help, open [site]/adopt",
        ),
        ("关注社区的晨报", "Good morning"),
        ("posted", "title"),
        _ADOPT,
    ),
    Template(
        "digest_both.v1",
        (
            "早上好。您负责的社区新收到 {submitted} 个待审心愿，新认领 {adopted} 个，见 [site]/desk ；您关注的社区新发布 {posted} 个心愿，见 [site]/adopt",
            "Good morning. Your community: {submitted} to review, {adopted} claimed, see [site]/desk ; where you follow: {posted} new wishes, see [site]/adopt",
        ),
        ("今天的晨报", "Good morning"),
        ("submitted", "adopted", "posted"),
        ("打开 [site] 查看", "See [site]"),
    ),
)

TEMPLATES = (*TO_PHONES, *TO_RESIDENTS, *TO_ORGANISATIONS, *TO_STAFF, *DIGESTS)
"""All templates of this release."""
