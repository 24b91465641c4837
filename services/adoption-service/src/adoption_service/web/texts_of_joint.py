"""Texts of the pages for adoptions of several: joint claims, hand-overs, another handler, and what stalls."""

from microwish.web.texts import Catalogue

JOINT_TEXTS = Catalogue(
    {
        "adopt.full_name": ("单位全称", "its full name"),
        "adopt.question.partnership": ("邀请你们一起认领", "You are asked to join in"),
        "adopt.question.handover": ("社区请你们接手", "Staff ask you to take this over"),
        "adopt.question_hint.partnership": (
            "{name}牵头，想请你们一起办，约定 {day} 前办好。上门和联系居民由牵头单位的经办人来。",
            "{name} leads and asks you to join in; promised by {day}. Their handler visits and calls the resident.",
        ),
        "adopt.question_hint.handover": (
            "现在由{name}在办。你们答应后，心愿就转到你们名下，重新起算办理期限，居民会收到通知。",
            "{name} holds it now. If you agree it is yours with a full term, and the resident is told.",
        ),
        "adopt.question_yes.partnership": ("我们一起办", "We join in"),
        "adopt.question_yes.handover": ("我们来接手", "We take it over"),
        "adopt.question_no": ("这次不参加", "Not this time"),
        "adopt.led_by": ("由{name}牵头，我们一起办。", "{name} leads; we hold it together."),
        "adopt.together_with": ("一起办的单位：{names}", "Held together by: {names}"),
        "adopt.may_go_to": (
            "社区正在请{name}接手这个心愿；对方答应前，仍由你们来办。",
            "Staff ask {name} to take this over; until they agree it is yours.",
        ),
        "adopt.partners": ("和别的单位一起办", "Hold it together with others"),
        "adopt.partners_hint": (
            "对方答应后就是一起办的单位，能看进展、记进展。名额还是一个，由你们牵头。",
            "Once they agree they see and note progress. It stays one slot, and you lead.",
        ),
        "adopt.partner_ask": ("想请哪家单位", "Whom to ask"),
        "adopt.partner_ask_do": ("发出邀请", "Ask them"),
        "adopt.partner_asked": ("等对方答复", "not answered yet"),
        "adopt.partner_back": ("收回邀请", "Take it back"),
        "adopt.partner_go": ("不再一起办", "Go on without"),
        "adopt.leave_joint": ("退出一起办", "Leave it to the others"),
        "adopt.other_handler": ("换一位经办人", "Name another handler"),
        "adopt.other_handler_hint": (
            "联系方式只给新的经办人看，上门核验码会换新的，居民会收到通知。",
            "Only the new handler reads the contact; the door code changes and the resident is told.",
        ),
        "adopt.other_handler_do": ("换成这位", "Name them"),
        "adopt.done.partner_asked": ("已发出邀请，等对方答复。", "Asked; they will answer."),
        "adopt.done.partner_gone": ("好的，不再和这家单位一起办。", "Done: you go on without them."),
        "adopt.done.joined": ("谢谢！你们已加入，一起办这个心愿。", "Thank you! You hold it together now."),
        "adopt.done.not_joined": ("好的，已告诉牵头单位。", "Done; the organisation that leads sees it."),
        "adopt.done.handler": (
            "已换经办人。请新的经办人看联系方式和新的核验码。",
            "Done. The new handler reads the contact and the new door code.",
        ),
        "adopt.done.taken_over": (
            "已接手，谢谢！请经办人看联系方式，约好时间再上门。",
            "It is yours now, thank you! The handler can read the contact.",
        ),
        "adopt.done.not_taken_over": ("好的，社区会另想办法。", "Done; staff will look for another way."),
        "adopt.stalled": ("认领后没有动静的", "Claimed, and not moving"),
        "adopt.stalled_hint": (
            "办理期限已过一半，后半程还没有记过进展。先打电话问问，再决定收回还是换一家。",
            "Past half the term without a note since. Call first, then take it back or ask another organisation.",
        ),
        "adopt.stalled_for": ("过半程已 {days} 天。", "{days} days past half the term."),
        "adopt.no_note": ("从没记过进展。", "No progress was ever noted."),
        "adopt.last_note": ("上次进展：{day}。", "Last note: {day}."),
        "adopt.none_stalled": ("没有卡住的心愿", "Nothing stalls"),
        "adopt.none_stalled_hint": (
            "过了半程还没动静的会出现在这里。",
            "What is not moving past half its term appears here.",
        ),
        "adopt.handover": ("请别的单位接手", "Ask another organisation"),
        "adopt.handover_hint": (
            "对方答应才转过去；在那之前仍由原单位办，居民不会受影响。",
            "It moves only when they agree; until then it stays where it is.",
        ),
        "adopt.handover_to": ("请哪家单位", "Which one"),
        "adopt.handover_why": ("为什么要换（两家单位都会看到）", "Why (both organisations read it)"),
        "adopt.handover_do": ("发出请求", "Ask them"),
        "adopt.handover_asked": ("已请{name}接手，等对方答复。", "{name} was asked and has not answered."),
        "adopt.handover_back": ("收回请求", "Take it back"),
        "adopt.revoke": ("收回认领", "Take it back"),
        "adopt.revoke_hint": (
            "收回后心愿回到心愿墙，单位和居民都会收到通知，不能撤销。",
            "The wish is free again; both are told, and it can't be undone.",
        ),
        "adopt.revoke_why": ("为什么收回（单位会看到）", "Why (the organisation reads it)"),
        "adopt.revoke_do": ("确定收回", "Yes, take it back"),
        "adopt.done.revocation": ("已收回，单位和居民会收到通知。", "Taken back; both are told."),
        "adopt.done.handover": ("已发出请求，等对方答复。", "Asked; they will answer."),
        "adopt.done.handover_back": ("请求已收回。", "Taken back."),
    }
)
