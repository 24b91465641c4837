"""Every text of adoption-service that a person reads: Chinese first, English beside it. Here: answers and kinds."""

from adoption_service.web.texts_of_joint import JOINT_TEXTS
from adoption_service.web.texts_of_organisations import ORGANISATION_TEXTS
from adoption_service.web.texts_of_pages import PAGE_TEXTS
from microwish.web.texts import Catalogue

TEXTS = (
    Catalogue(
        {
            # Problems of the claim
            "problem.taken": ("这个心愿刚刚被认领满了", "Every slot of this wish is taken"),
            "problem.taken.detail": (
                "谢谢你们的心意，看看别的心愿吧。",
                "Thank you. Other wishes on the board are waiting.",
            ),
            "problem.already_held": ("你们已经认领了这个心愿", "Your organisation holds this wish already"),
            "problem.already_held.detail": ("请到“我们的认领”里查看。", "See it under our adoptions."),
            "problem.closed": ("这个心愿已经结束", "This wish has ended"),
            "problem.closed.detail": ("已圆梦、撤回或结案，不再需要认领。", "It came true, was withdrawn or closed."),
            "problem.reserved": ("空出的名额先给候补的单位", "The free slot is for those who wait for it"),
            "problem.reserved.detail": (
                "可以排队候补；轮到你们时会通知。",
                "You can join the waiting list, and are told when it is your turn.",
            ),
            "problem.slot_free": ("现在就能认领，不用候补", "It can be claimed now"),
            "problem.slot_free.detail": (
                "还有空出的名额，请直接认领。",
                "A slot is free: claim it instead of waiting.",
            ),
            "problem.queue_full": ("候补的单位已经很多了", "The waiting list is full"),
            "problem.queue_full.detail": (
                "已有 100 家在候补，看看别的心愿吧。",
                "A hundred organisations wait already. Other wishes on the board need someone.",
            ),
            "problem.not_recommended": ("没有等你们答复的推荐", "Nobody waits for your answer"),
            "problem.not_recommended.detail": (
                "可能已经答复过，或者心愿已经结束。",
                "It was answered before, or the wish has ended.",
            ),
            "problem.not_yet_claimable": ("这个心愿现在还不能认领", "This wish can't be claimed yet"),
            "problem.not_yet_claimable.detail": (
                "可能刚刚发布，请过几秒再试。",
                "It may be just posted; try again in some seconds.",
            ),
            "problem.limit_reached": ("请先办好手上的心愿", "Too many adoptions are past half their term"),
            "problem.limit_reached.detail": (
                "你们有 5 个以上的认领已过半程，办好或让出几个后再认领。",
                "Deliver or release some of them first.",
            ),
            "problem.not_verified": ("单位还没有通过核验", "The organisation is not verified"),
            "problem.not_verified.detail": (
                "社区核验通过后就可以认领。",
                "It may claim as soon as staff have approved it.",
            ),
            "problem.not_member": ("您不是这家单位的成员", "You are not a member of this organisation"),
            "problem.not_member.detail": (
                "请联系单位的负责人添加您。",
                "Ask a manager of the organisation to add you.",
            ),
            "problem.not_manager": ("需要单位负责人来办", "Only a manager may do this"),
            "problem.not_manager.detail": ("请联系单位的负责人。", "Ask a manager of the organisation."),
            "problem.not_handler": ("只有经办人能查看联系方式", "Only the named handler reads the contact"),
            "problem.not_handler.detail": ("请由这次认领的经办人查看。", "The handler of this adoption has to ask."),
            "problem.contact_closed": ("联系方式已经收起", "The contact is masked again"),
            "problem.contact_closed.detail": (
                "只有办理中的认领才能查看联系方式。",
                "It is shown while the adoption is active.",
            ),
            "problem.contact_not_here": ("联系方式还在路上", "The contact has not arrived yet"),
            "problem.contact_not_here.detail": ("请过几秒再试。", "Try again in some seconds."),
            "problem.contact_erased": ("联系方式已按本人要求删除", "The contact was erased at the resident's request"),
            "problem.contact_erased.detail": ("请联系社区。", "Please ask the community's staff."),
            "problem.not_active": ("这个认领已经不在办理中", "The adoption is not active"),
            "problem.not_active.detail": ("请刷新页面看看现在的情况。", "Look at its present state."),
            "problem.already_extended": ("已经延期过一次", "The lease was extended before"),
            "problem.already_extended.detail": ("每个认领只能延期一次。", "A lease is extended once."),
            "problem.not_asked": ("这件事不用再答复了", "There is nothing to answer any more"),
            "problem.not_asked.detail": (
                "对方已经收回，或者已经答复过了。",
                "The question was taken back, or is answered already.",
            ),
            "problem.already_registered": ("这家单位已经登记过", "The organisation is registered already"),
            "problem.already_registered.detail": (
                "请联系已登记的负责人添加您，或与社区核对代码。",
                "Ask its manager to add you, or check the code with the community.",
            ),
            "problem.wrong_state": ("现在不能这样处理", "Not possible in its present state"),
            "problem.wrong_state.detail": ("单位现在是“{state}”状态。", "The organisation is {state}."),
            "problem.last_manager": ("至少要留一位负责人", "An organisation keeps one manager"),
            "problem.last_manager.detail": ("请先添加另一位负责人。", "Add another manager first."),
            "problem.key_reused": ("这个请求编号已用于别的内容", "The Idempotency-Key was used for another request"),
            "problem.key_reused.detail": ("请换一个 Idempotency-Key。", "Use a new Idempotency-Key."),
            # Fields
            "field.uscc_or_branch": (
                "统一社会信用代码和党组织编号请填一个",
                "Give either the credit code (uscc) or the branch identifier (branch_id)",
            ),
            "field.scope_needed": (
                "请填所在区划的代码，例如 310117001",
                "Give the division code of your area as scope",
            ),
            "field.person_unknown": (
                "没有找到这个手机号，请对方先登录一次",
                "Nobody has signed in with this phone; they have to sign in once first",
            ),
            "field.name_needed": ("请填姓名，上门时居民要看到", "A name is needed: the resident will read it"),
            "field.organisation_unverified": (
                "没有找到这家已核验的单位，请填单位全称或编号",
                "No verified organisation of this name or id",
            ),
            "field.partners_distinct": (
                "一起认领的单位不能重复，也不能是自己",
                "Each of the partners once, and none of them the organisation itself",
            ),
            "field.too_many_partners": ("一起认领的单位最多 10 家", "Ten partners at most"),
            "field.holds_already": ("这家单位已经在办这个心愿", "This organisation holds the wish already"),
            "field.handler_not_member": ("经办人须是本单位成员", "The handler must be a member of the organisation"),
            "field.cursor": ("翻页位置无效，请从第一页开始", "Not a cursor of this list"),
            # Kinds
            "kind.party_organisation": ("党组织", "Party organisation"),
            "kind.resident_unit": ("驻区单位", "Resident unit"),
            "kind.social_organisation": ("社会组织", "Social organisation"),
            "kind.company": ("区外企业", "Company from outside"),
            "kind.volunteer_team": ("志愿服务队", "Volunteer team"),
        }
    )
    .with_base(PAGE_TEXTS)
    .with_base(ORGANISATION_TEXTS)
    .with_base(JOINT_TEXTS)
)
