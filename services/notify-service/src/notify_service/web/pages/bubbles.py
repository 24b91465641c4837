"""From what a sandbox phone was sent to what it shows: bubbles of SMS, cards of WeChat, a code easy to copy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microwish.events.notify import Channel
from microwish.web.pages.kit import local_url
from notify_service.channels.sandbox import ShownMessage

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_SIGNIN_TEMPLATE = "signin_code."


@dataclass(frozen=True)
class Piece:
    """A part of a text; with `href` a link to a page of this site."""

    text: str
    href: str | None = None


@dataclass(frozen=True)
class Bubble:
    """One message on a phone. A WeChat card has a title, fields (label, value) and a note; an SMS has only its text."""

    id: str
    channel: Channel
    sent_at: datetime
    text: Sequence[Piece] = ()
    title: str = ""
    fields: Sequence[tuple[str, str]] = ()
    code: str | None = None


def bubble_of(message: ShownMessage, *, site: str) -> Bubble:
    """The message as its phone shows it; addresses of this site become links."""
    if message.channel is Channel.WECHAT:
        return _card(message, site)
    code = _CODE.search(message.text) if message.template.startswith(_SIGNIN_TEMPLATE) else None
    return Bubble(
        message.id,
        message.channel,
        message.sent_at,
        text=pieces(message.text, site=site),
        code=code.group() if code else None,
    )


def pieces(text: str, *, site: str) -> list[Piece]:
    """The text cut where addresses of this site begin and end."""
    address = re.compile(re.escape(site.rstrip("/")) + r"((?:/[A-Za-z0-9/_-]*)?)")
    cut: list[Piece] = []
    end = 0
    for found in address.finditer(text):
        cut += [Piece(text[end : found.start()]), Piece(found.group(), local_url(found.group(1) or "/"))]
        end = found.end()
    return [piece for piece in [*cut, Piece(text[end:])] if piece.text]


def _card(message: ShownMessage, site: str) -> Bubble:
    title, *lines = message.text.split("\n")
    fields, note = [], ""
    for line in lines:
        label, colon, value = line.partition("：" if "：" in line else ": ")
        if colon:
            fields.append((label, value))
        else:
            note = line
    return Bubble(
        message.id, message.channel, message.sent_at, text=pieces(note, site=site), title=title, fields=fields
    )
