"""The messages themselves: warm, plain, and each with the next step. Chinese first, English beside it."""

# ruff: noqa: E501  a message stands on one line, so that it can be read and searched as people get it

from notify_service.domain.further import ADOPT, DESK
from notify_service.domain.templates import Template
from notify_service.domain.texts_of_news import TOGETHER
from notify_service.domain.texts_of_organisations import ABOUT_ORGANISATIONS
from notify_service.domain.texts_of_residents import TO_RESIDENTS

# Carriers approve texts of codes with one variable only, the code (Alibaba Cloud SMS, rules of verification templates).
TO_PHONES = (
    Template(
        "signin_code.v1",
        (
            "您的登录验证码是 {code}，请尽快填写，过期请重新获取。工作人员不会问您要验证码，请不要告诉任何人。",
            "Your sign-in code is {code}. Please enter it soon, or ask for another. Nobody of ours will ask for it: keep it to yourself.",
        ),
        ("登录验证码", "Sign-in code"),
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
        ADOPT,
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
        "handler_named_handler.v1",
        (
            "“{title}”现在由您上门办理，编号 {number}。联系方式和新的上门核验码请在 [site]/adopt 查看（查看会有记录）。上门先报核验码，不收任何费用。",
            "You handle “{title}” (number {number}) now. The contact and the new door code are at [site]/adopt (reading is recorded). Tell the code at the door first; take no money.",
        ),
        ("一个心愿转给您经办", "A wish is yours to handle"),
        ("title", "number"),
        ("联系方式在 [site]/adopt", "The contact is at [site]/adopt"),
    ),
    Template(
        "handover_proposed.v1",
        (
            "社区想请贵单位接手“{title}”，编号 {number}。愿意请打开 [site]/adopt/ours 答复，不方便也请说一声。",
            "Community staff ask your organisation to take over “{title}” (number {number}). Please answer at [site]/adopt/ours, also if you can't.",
        ),
        ("社区请贵单位接手", "You are asked to take over"),
        ("title", "number"),
        ADOPT,
    ),
    Template(
        "lease_reminder.v1",
        (
            "提醒您：“{title}”约定 {due} 前办好，快到日子了。办好请到 [site]/adopt 报告送达；来不及可以申请延期一次。",
            "A reminder: “{title}” is due by {due}. Report delivery at [site]/adopt, or ask there for one extension.",
        ),
        ("心愿快到约定的日子了", "A wish is due soon"),
        ("title", "due"),
        ADOPT,
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
        ADOPT,
    ),
    Template(
        "offer_expired.v1",
        (
            "为您保留的“{title}”名额到时间了，已让给下一家。还想帮忙可以到 [site]/adopt 再排候补。",
            "The place kept for you at “{title}” has gone to the next. To wait again, see [site]/adopt",
        ),
        ("保留的名额已到时间", "A place kept for you has gone"),
        ("title",),
        ADOPT,
    ),
    Template(
        "partner_asked.v1",
        (
            "{organisation} 想和贵单位一起办“{title}”，编号 {number}。愿意请打开 [site]/adopt 答复，不方便也没关系。",
            "{organisation} would like to do “{title}” (number {number}) together with you. Please answer at [site]/adopt",
        ),
        ("邀请一起认领心愿", "Asked to join a claim"),
        ("organisation", "title", "number"),
        ADOPT,
    ),
    Template(
        "wish_recommended.v1",
        (
            "社区觉得“{title}”很适合贵单位，编号 {number}。愿意帮忙请打开 [site]/adopt 认领，不合适也没关系。",
            "The community thinks that “{title}” (number {number}) suits you well. Claim it at [site]/adopt if you like.",
        ),
        ("社区推荐给您一个心愿", "A wish recommended to you"),
        ("title", "number"),
        ADOPT,
    ),
    Template(
        "delivery_disputed.v1",
        (
            "居民说“{title}”还没有收到，请再联系一下，看看差在哪里。详情见 [site]/adopt ，办好再报告一次。",
            "The resident says that “{title}” has not arrived. Please get in touch; details at [site]/adopt, then report again.",
        ),
        ("居民说还没收到", "It has not arrived yet"),
        ("title",),
        ADOPT,
    ),
    Template(
        "adoption_flagged.v1",
        (
            "“{title}”的两个操作前后脚碰上了，社区工作人员会看一下。您已经做的都算数，请先不要再上门。详情：[site]/adopt",
            "Two acts about “{title}” crossed; staff will look at it. What you did counts; please wait before the next visit. See [site]/adopt",
        ),
        ("一个心愿需要核对", "A wish needs a look"),
        ("title",),
        ADOPT,
    ),
    Template(
        "wish_fulfilled_handler.v1",
        (
            "谢谢您：“{title}”圆梦了，居民已经确认。居民的话写在 [site]/adopt 。有您真好。",
            "Thank you: “{title}” came true and was confirmed. The resident's words are at [site]/adopt",
        ),
        ("您帮的心愿圆梦了", "The wish came true"),
        ("title",),
        ADOPT,
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
        DESK,
    ),
    Template(
        "adoption_flagged_staff.v1",
        (
            "“{title}”（编号 {number}）有两个操作前后脚碰上了，请看一下是否要联系双方。打开 [site]/desk",
            "Two acts about “{title}” (number {number}) crossed; please see whether to call both sides. See [site]/desk",
        ),
        ("一个心愿需要核对", "A wish needs a look"),
        ("title", "number"),
        DESK,
    ),
    Template(
        "recommendation_declined_staff.v1",
        (
            "{organisation} 这次接不了推荐的“{title}”（编号 {number}），请再看看别的单位。打开 [site]/desk",
            "{organisation} can't take “{title}” (number {number}) that was recommended; please look for another. See [site]/desk",
        ),
        ("推荐的心愿没能接下", "A recommendation was declined"),
        ("organisation", "title", "number"),
        DESK,
    ),
    Template(
        "digest_staff.v1",
        (
            "早上好。您负责的社区新收到 {submitted} 个待审心愿，新认领 {adopted} 个。今天的事都在 [site]/desk",
            "Good morning. New in your community: {submitted} wishes to review, {adopted} claimed. Today's work is at [site]/desk",
        ),
        ("社区晨报", "Good morning"),
        ("submitted", "adopted"),
        DESK,
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
        ADOPT,
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

TEMPLATES = (*TO_PHONES, *TO_RESIDENTS, *TO_ORGANISATIONS, *ABOUT_ORGANISATIONS, *TO_STAFF, *DIGESTS, *TOGETHER)
"""All templates of this release."""
