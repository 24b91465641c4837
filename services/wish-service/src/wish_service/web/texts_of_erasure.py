"""Texts about being forgotten: the page, the line in the timeline, what staff read. (中文, English)."""

ERASURE: dict[str, tuple[str, str]] = {
    "problem.contact_erased": ("居民已注销，联系方式已删除", "The resident was forgotten; the contact is gone"),
    "problem.contact_erased.detail": (
        "本人要求删除个人信息，不用再联系。",
        "They asked for it, so there is nobody to call any more.",
    ),
    "line.PersonErased": (
        "居民注销了账号，个人信息已删除",
        "The resident closed their account; personal data was removed",
    ),
    "line.PersonErased.staff": (
        "居民注销了账号，个人信息已删除",
        "The resident closed their account; personal data was removed",
    ),
    "desk.erased": (
        "居民已注销账号，姓名、电话和住址都已删除，不用再联系。",
        "The resident closed their account: name, phone and address are gone, and nobody is to be called.",
    ),
    "me.title": ("注销账号并删除我的信息", "Close my account and delete my data"),
    "me.lead": ("不想再用了，可以把账号注销掉。", "If you no longer want to use this, you can close your account."),
    "me.what": ("注销以后会这样：", "What happens then:"),
    "me.gone": (
        "您的姓名、电话、住址，还有您写的话和照片，都会删掉，找不回来。",
        "Your name, phone, address, what you wrote and your photos are deleted for good.",
    ),
    "me.wishes": (
        "还没办成的心愿会撤回，不会再有人上门。",
        "Wishes that have not come true are withdrawn; nobody will come to you for them.",
    ),
    "me.delivered": (
        "已经送到或办成的，只留下办过这件事，看不出是谁的。",
        "What was delivered or came true stays on record, without saying whose it was.",
    ),
    "me.again": (
        "以后想用，可以用手机号重新登录，从头开始。",
        "You can sign in again with your phone at any time, and start anew.",
    ),
    "me.sure": ("我看明白了，要注销账号", "I understand, and want to close my account"),
    "me.tick": ("请先勾选「我看明白了」，再注销", "Tick that you understand before you go on"),
    "me.do": ("注销账号，删除我的信息", "Close my account and delete my data"),
    "me.stay": ("不注销，返回我的心愿", "Keep my account, back to my wishes"),
    "me.done": (
        "账号已注销，您的信息删除了。谢谢您来过。",
        "Your account is closed and your data is being deleted. Thank you.",
    ),
}
