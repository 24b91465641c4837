"""Texts of answers that every service gives.

`problem.<code>` is a title, `problem.<code>.detail` what to do, `field.<error>` what is wrong with one field.
"""

from microwish.web.texts import Catalogue

COMMON_TEXTS = Catalogue(
    {
        # Problems (RFC 9457)
        "problem.invalid": ("有内容需要改一下", "Some fields need a correction"),
        "problem.invalid.detail": (
            "请按下面的提示修改后再提交。",
            "Correct the fields named in errors and send again.",
        ),
        "problem.unreadable": ("没能读懂提交的内容", "The request could not be read"),
        "problem.unreadable.detail": (
            "内容应为 UTF-8 编码、格式正确的 JSON 或表单。",
            "The body must be well-formed JSON or form data in UTF-8.",
        ),
        "problem.signed_out": ("请先登录", "Please sign in"),
        "problem.signed_out.detail": (
            "登录已过期或尚未登录，请重新登录。",
            "You are not signed in or the session has ended; sign in again.",
        ),
        "problem.forbidden": ("这里要由负责的人来办", "You may not do this"),
        "problem.forbidden.detail": (
            "您登录的号码不能打开这一页，也不能办这件事。需要的话，请联系社区工作人员。",
            "Someone with the right role has to do this.",
        ),
        "problem.csrf": ("页面已过期，请刷新后再试", "This page has expired"),
        "problem.csrf.detail": (
            "为了安全，请刷新页面后重新提交。",
            "For safety, reload the page and send the form again.",
        ),
        "problem.not_found": ("没有找到", "Not found"),
        "problem.not_found.detail": (
            "可能已经撤下，或者地址有误。",
            "It may have been removed, or the address is wrong.",
        ),
        "problem.method_not_allowed": ("这个地址不支持这种操作", "Method not allowed here"),
        "problem.method_not_allowed.detail": (
            "请回到刚才的页面再试；程序请看接口说明。",
            "The Allow header lists the methods of this address.",
        ),
        "problem.conflict": ("情况已经变化", "The situation has changed"),
        "problem.too_large": ("提交的内容太大", "The request is too large"),
        "problem.too_large.detail": ("最大 {limit_kb} KB，请精简后再试。", "The limit is {limit_kb} KB."),
        "problem.unsupported_media_type": ("不支持这种内容类型", "Unsupported content type"),
        "problem.too_many_requests": ("操作太频繁，请稍后再试", "Too many requests"),
        "problem.too_many_requests.detail": (
            "请稍等一会儿再试，不用着急。",
            "Wait the number of seconds given in Retry-After.",
        ),
        "problem.busy": ("现在有点忙，请稍后再试", "Busy at the moment"),
        "problem.busy.detail": ("您的操作没有生效，请过几秒再试。", "Nothing was changed; try again in some seconds."),
        "problem.unavailable": ("服务暂时不可用", "Temporarily unavailable"),
        "problem.unavailable.detail": (
            "我们正在恢复，请稍后再试。",
            "The service is recovering; try again in a moment.",
        ),
        "problem.internal": ("出了点问题", "Something went wrong"),
        "problem.internal.detail": (
            "不是您的问题。请稍后再试；如仍不行，请把编号 {request_id} 告诉工作人员。",
            "It is not your fault. Try again later; if it stays, quote {request_id}.",
        ),
        "problem.http": ("请求没有成功", "The request failed"),
        "problem.key_invalid": ("Idempotency-Key 格式不对", "Malformed Idempotency-Key"),
        "problem.key_invalid.detail": (
            "应为 1 到 200 个可见 ASCII 字符。",
            "It takes 1 to 200 printable ASCII characters.",
        ),
        "problem.as_of_refused": ("不能补录过去的时间", "Dating a command is refused"),
        "problem.as_of_refused.detail": (
            "只有管理员在允许补录的系统上才能指定时间。",
            "Only an admin may use Microwish-As-Of, and only where the setting allows it.",
        ),
        # Fields, by pydantic's error type or the code of our own checks
        "field.invalid": ("这一项填得不对", "This value is not valid"),
        "field.missing": ("请填写这一项", "This field is required"),
        "field.blank": ("请填写这一项", "This field must not be blank"),
        "field.string_too_short": ("至少 {min_length} 个字", "At least {min_length} characters"),
        "field.string_too_long": ("最多 {max_length} 个字", "At most {max_length} characters"),
        "field.string_pattern_mismatch": ("格式不对", "The format is not right"),
        "field.string_type": ("应为文字", "This must be text"),
        "field.string_unicode": ("含有无法识别的字符", "Contains characters that can't be read"),
        "field.int_type": ("应为整数", "This must be a whole number"),
        "field.int_parsing": ("应为整数", "This must be a whole number"),
        "field.int_from_float": ("应为整数", "This must be a whole number"),
        "field.int_parsing_size": ("数字太大", "The number is too large"),
        "field.float_type": ("应为数字", "This must be a number"),
        "field.float_parsing": ("应为数字", "This must be a number"),
        "field.finite_number": ("应为有限的数字", "This must be a finite number"),
        "field.bool_type": ("应为是或否", "This must be true or false"),
        "field.bool_parsing": ("应为是或否", "This must be true or false"),
        "field.greater_than": ("应大于 {gt}", "Must be greater than {gt}"),
        "field.greater_than_equal": ("不能小于 {ge}", "Must be at least {ge}"),
        "field.less_than": ("应小于 {lt}", "Must be less than {lt}"),
        "field.less_than_equal": ("不能大于 {le}", "Must be at most {le}"),
        "field.enum": ("请从这些里选：{expected}", "Choose one of {expected}"),
        "field.literal_error": ("请从这些里选：{expected}", "Choose one of {expected}"),
        "field.list_type": ("应为列表", "This must be a list"),
        "field.too_short": ("至少 {min_length} 项", "At least {min_length} items"),
        "field.too_long": ("最多 {max_length} 项", "At most {max_length} items"),
        "field.dict_type": ("应为对象", "This must be an object"),
        "field.model_type": ("应为对象", "This must be an object"),
        "field.model_attributes_type": ("应为 JSON 对象", "This must be a JSON object"),
        "field.extra_forbidden": ("没有这一项", "There is no such field"),
        "field.uuid_parsing": ("编号格式不对", "Not a valid id"),
        "field.uuid_type": ("编号格式不对", "Not a valid id"),
        "field.datetime_parsing": ("时间格式不对", "Not a valid time (RFC 3339)"),
        "field.datetime_from_date_parsing": ("时间格式不对", "Not a valid time (RFC 3339)"),
        "field.datetime_type": ("时间格式不对", "Not a valid time (RFC 3339)"),
        "field.timezone_aware": ("时间要带时区", "The time needs a time zone"),
        "field.date_parsing": ("日期格式不对", "Not a valid date"),
        "field.date_from_datetime_parsing": ("日期格式不对", "Not a valid date"),
        "field.date_type": ("日期格式不对", "Not a valid date"),
        "field.mobile_needed": ("请填 11 位手机号，短信要发到这里", "A mobile number is needed: an SMS goes there"),
        "field.invalid_phone": ("请填 11 位手机号，或带区号的座机号", "A mainland mobile or landline number is needed"),
        "field.invalid_uscc": (
            "统一社会信用代码应为 18 位，请对照证书核对",
            "Not a valid unified social credit code (18 characters)",
        ),
        "field.as_of_invalid": (
            "应为带时区的时间，例如 2026-06-12T09:30:00+08:00",
            "A time with its zone is needed, for example 2026-06-12T09:30:00+08:00",
        ),
        "field.as_of_future": ("不能是将来的时间", "The time must not lie in the future"),
    }
)
