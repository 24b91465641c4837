"""Every text of this service's pages and problems, Chinese first."""

from microwish.web.texts import Catalogue
from notify_service.web.texts_of_choices import CHOICES
from notify_service.web.texts_of_ops import OPS

_PROBLEMS = {
    "problem.not_resendable": ("这条消息不能重发", "This message can't be sent again"),
    "problem.not_resendable.detail": (
        "只有发送失败的消息可以重发；登录验证码请本人重新获取。",
        "Only failed messages can be sent again; a sign-in code has to be asked for anew.",
    ),
    "problem.already_sent": ("这条消息已经发出去了", "It was sent after all"),
    "problem.already_sent.detail": (
        "服务商确认已经接收，不用重发。",
        "The provider has accepted it: there is nothing to send again.",
    ),
    "problem.still_unknown": ("还不能确定有没有发出去", "It can't be known yet"),
    "problem.still_unknown.detail": (
        "为了不让人收到两遍，请等服务商答复后再试。",
        "So that nobody gets it twice, wait for the provider's answer and try again.",
    ),
}

_PHONE = {
    "phone.title": ("体验手机", "The trial phone"),
    "phone.about": (
        "现在是体验环境，短信和微信不会真的发出去，都在这里看。",
        "You are trying it out: text messages and WeChat go nowhere but here.",
    ),
    "phone.number": ("看哪个手机号收到的消息？", "Whose messages?"),
    "phone.open": ("打开这部手机", "Open this phone"),
    "phone.other": ("换一个手机号", "Another phone"),
    "phone.recent": ("最近收到消息的手机", "Phones that got something lately"),
    "phone.none_yet": (
        "还没有手机收到消息。去登录页要一个验证码试试。",
        "No phone has got anything yet. Ask for a sign-in code to begin.",
    ),
    "phone.empty": ("这部手机还没有收到消息", "Nothing has arrived on this phone yet"),
    "phone.empty_hint": ("收到后会自动出现在这里。", "It will show up here by itself."),
    "phone.conversation": ("{phone} 收到的消息", "Messages to {phone}"),
    "phone.fresh": ("新消息会自动出现", "New messages show up by themselves"),
    "phone.sms": ("短信", "SMS"),
    "phone.wechat": ("微信服务通知", "WeChat"),
    "phone.code": ("登录验证码", "Sign-in code"),
    "phone.copy": ("复制验证码", "Copy the code"),
    "phone.copied": ("已复制", "Copied"),
    "phone.signin": ("回到登录页填写", "Back to sign in"),
    "phone.to_signin": ("去登录", "Sign in"),
    "phone.use_wechat": ("用微信接收", "Get them by WeChat"),
    "phone.use_wechat_hint": (
        "打开后，除登录验证码外的消息都发到微信。",
        "Everything but sign-in codes then comes by WeChat.",
    ),
    "phone.use_wechat_signin": (
        "用这个手机号登录后，可以在这里打开。",
        "Sign in with this number to switch it on here.",
    ),
    "phone.turn_on": ("打开", "Switch on"),
    "phone.turn_off": ("关闭，改回短信", "Switch off, back to SMS"),
    "phone.wechat_is_on": ("已经用微信接收", "WeChat is on"),
    "phone.wechat_on": ("好了，以后的消息发到微信。", "Done: messages come by WeChat from now on."),
    "phone.wechat_off": ("好了，以后的消息发短信。", "Done: messages come by SMS from now on."),
}

_DESK = {
    "desk.title": ("消息台", "Messages"),
    "desk.about": (
        "每条消息只说它到了哪一步，不显示内容；号码只显示一部分。",
        "How far each message is; never its text, and phones only in part.",
    ),
    "desk.calls": ("请打电话告知", "Please call"),
    "desk.calls_about": (
        "这些人没有手机也没有微信，请按心愿编号找到联系方式，打电话说一声。",
        "These people have neither a mobile nor WeChat: find the contact by the wish's number and call.",
    ),
    "desk.called": ("已经打过电话", "I have called"),
    "desk.call_done": ("记下了，谢谢您打这个电话。", "Noted. Thank you for calling."),
    "desk.no_calls": ("没有要打的电话。", "Nobody to call."),
    "desk.open_wish": ("打开这个心愿", "Open the wish"),
    "desk.trouble": ("没有送到的", "What did not arrive"),
    "desk.no_trouble": ("都送到了。", "Everything has arrived."),
    "desk.newest": ("最近的消息", "Newest"),
    "desk.no_messages": ("还没有消息。", "No messages yet."),
    "desk.untold": ("没有告知的事", "Not told"),
    "desk.resend": ("重发", "Send again"),
    "desk.resent": ("已经排队重发。", "It is queued again."),
    "desk.time": ("时间", "Time"),
    "desk.what": ("内容类型", "Kind"),
    "desk.to": ("发给", "To"),
    "desk.how": ("方式", "By"),
    "desk.state": ("状态", "State"),
    "desk.wish": ("心愿编号", "Wish"),
    "desk.unaddressed": ("未定", "not yet"),
    "desk.no_wish": ("无", "none"),
    "channel.sms": ("短信", "SMS"),
    "channel.wechat": ("微信", "WeChat"),
    "state.awaiting": ("等联系方式", "Awaiting"),
    "state.queued": ("待发", "Queued"),
    "state.sending": ("发送中", "Sending"),
    "state.sent": ("已发出", "Sent"),
    "state.delivered": ("已送达", "Delivered"),
    "state.unknown": ("待核实", "Unknown"),
    "state.failed": ("没发成", "Failed"),
    "state.suppressed": ("不发", "Suppressed"),
    "cause.no_contact": ("一直没有联系方式", "no contact within a day"),
    "cause.telephone": ("改为电话告知", "by telephone instead"),
    "cause.no_audience": ("一直不知道该告诉谁", "nobody known to tell"),
    "cause.unreadable": ("内容无法解开", "content can't be opened"),
    "cause.late": ("事情已过时，不再打扰", "too late to be of use"),
    "cause.expired": ("验证码已过期", "the code has expired"),
    "cause.overtaken": ("已有更新的消息，不再发", "later news has replaced it"),
    "cause.erased": ("本人已注销", "the person was forgotten"),
    "cause.preference": ("本人选择不收", "not wanted"),
    "cause.refused": ("服务商拒收", "refused by the provider"),
}

TEXTS = Catalogue({**_PROBLEMS, **_PHONE, **_DESK, **CHOICES, **OPS})
