"""Structured logs in which personal data can't appear (invariant 7).

Every line, of structlog and of the standard library alike (uvicorn, aiokafka, pymongo), passes the same
masking: values under telling keys are replaced, and phones, 18-digit ids, openids, tokens and codes are
masked wherever they stand in a text, tracebacks included.
"""

import asyncio
import atexit
import logging
import re
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from json.encoder import encode_basestring as _quoted
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

MASKED = "***"
_SECRET_KEYS = frozenset(
    {
        "phone",
        "name",
        "address",
        "openid",
        "token",
        "code",
        "password",
        "secret",
        "authorization",
        "cookie",
        "contact_name",
        "contact_phone",
    }
)
# Texts of exceptions are English; what isn't ASCII in them, or its escapes, is something a person wrote.
_EXCEPTION_KEYS = frozenset({"exception", "stack", "exc_info"})
_WRITTEN_BY_PEOPLE = re.compile(r"[^\x00-\x7f]+|(?:\\x[89a-f][0-9a-f])+|(?:\\u[0-9a-f]{4})+", re.IGNORECASE)
_NOT_IN_NUMBER = r"(?<![0-9A-Za-z])(?<!\d\.)"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # (?a): a Chinese character next to a secret is no part of it.
    (re.compile(r"(?ai)\b(bearer)\s+[^\s\"',]+"), r"\1 ***"),
    (re.compile(r"(?a)\beyJ[\w-]+\.[\w-]+\.[\w-]*"), MASKED),
    (re.compile(r"(?ai)(?<![\w-])((?:code|csrf|token|secret)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}\])]+"), r"\1***"),
    (re.compile(_NOT_IN_NUMBER + r"\d{17}[\dXx](?![0-9A-Za-z])"), MASKED),
    (re.compile(_NOT_IN_NUMBER + r"(?:(?:\+|00)?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])"), MASKED),
    (re.compile(r"(?<![0-9A-Za-z.-])0\d{2,3}[- ]?\d{7,8}(?![0-9A-Za-z-])"), MASKED),
    (re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])"), MASKED),
)


# What every text has that one of the patterns matches: most texts have none of it, and there are many per line.
_SUSPECT = re.compile(r"\d{3}[- ]?\d{4}|eyj|bearer|code|csrf|token|secret|o[0-9a-z_-]{27}", re.IGNORECASE)


def mask_text(text: str) -> str:
    """The text with everything that looks like personal data or a secret replaced."""
    return _masked_by_patterns(text) if _SUSPECT.search(text) else text


def _masked_by_patterns(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def masked(value: object) -> object:
    """A value of a log line, masked through mappings and sequences."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, bool | int | float) or value is None:
        return _masked_number(value)
    if isinstance(value, Mapping):
        return {key: MASKED if _telling(key) else masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(inner) for inner in value]
    return mask_text(str(value))


def mask_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The structlog processor that masks a whole line."""
    return {key: _masked_under(key, value) for key, value in event.items()}


def configure(service: str, level: str = "INFO", json: bool = True) -> None:
    """Send all logs of this process to stderr, one line each: JSON, or text for a person at a terminal.

    Calling it again replaces what was configured before.
    """
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _with_service(service),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _InOrder(sys.stderr)
    handler.setFormatter(_formatter(before, json))
    _route_everything_to(handler, level)
    global _plain  # one configuration per process, as the root logger's own
    if _plain is not None:
        _plain.flush()
        atexit.unregister(_plain.flush)
    _plain = _PlainSink(handler, service) if json else None
    if _plain is not None:
        atexit.register(_plain.flush)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose first argument names what happened (`wish_posted`), everything else as keys."""
    return structlog.stdlib.get_logger(name)


class PlainLines:
    """Lines at INFO whose values no person wrote, in the form of all others but written without passing structlog.

    That takes a tenth of the time, which counts where it would be longer than the work that it tells of. Lines of the
    same hundredth of a second share a write, which any other line of the log brings forward. Nothing is masked here:
    the caller knows every value. Text for a terminal, and logs that aren't configured, go the usual way.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._logger = logging.getLogger(name)

    def say(self, event: str, **values: str | float) -> None:
        """One line, as `get_logger(name).info(event, **values)` would write it."""
        if not self._logger.isEnabledFor(logging.INFO):
            return
        if _plain is None:
            get_logger(self._name).info(event, **values)
            return
        told = [
            f'"{key}": {_quoted(value) if isinstance(value, str) else repr(value)}, ' for key, value in values.items()
        ]
        _plain.write(
            f'{{{"".join(told)}"event": {_quoted(event)}, "level": "info", "logger": "{self._name}", '
            f'"timestamp": "{_plain.now()}", "service": "{_plain.service}"}}'
        )


class _PlainSink:
    """Where plain lines go, and the service that they name. What comes within `_TOGETHER_SECONDS` shares a write."""

    def __init__(self, handler: logging.StreamHandler[TextIO], service: str) -> None:
        self.service = service
        self._handler = handler
        self._lines: deque[str] = deque()
        self._promised = False
        self._second = (0, "")

    def now(self) -> str:
        """The present moment, RFC 3339 in UTC. Most of it holds for a whole second."""
        second, microsecond = divmod(time.time_ns() // 1000, 1_000_000)
        known, text = self._second
        if second != known:
            text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._second = (second, text)
        return f"{text}.{microsecond:06d}Z"

    def write(self, line: str) -> None:
        """With those that come at the same time; now, where no event loop runs."""
        self._lines.append(line)
        if len(self._lines) >= _LINES_AT_ONCE:
            self.flush()
        elif not self._promised:
            try:
                asyncio.get_running_loop().call_later(_TOGETHER_SECONDS, self.flush)
                self._promised = True
            except RuntimeError:
                self.flush()

    def flush(self) -> None:
        """Write what waits. A log that can't be written stops nothing."""
        self._promised = False
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if not lines:
            return
        end = self._handler.terminator
        with self._handler.lock or nullcontext(), suppress(OSError, ValueError):
            self._handler.stream.write(end.join(lines) + end)
            self._handler.flush()


class _InOrder(logging.StreamHandler[TextIO]):
    """Writes a line after the plain lines that were said before it."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if _plain is not None:
            _plain.flush()
        super().emit(record)


_LINES_AT_ONCE = 100
_TOGETHER_SECONDS = 0.01
_plain: _PlainSink | None = None
"""Set by `configure`."""


def _formatter(before: list[Processor], json: bool) -> logging.Formatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask_event, renderer],
    )


def _route_everything_to(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # web.access writes one masked line per request; uvicorn's own would show query strings.
    logging.getLogger("uvicorn.access").disabled = True
    for chatty in ("aiokafka", "pymongo", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def _with_service(service: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return add


def _masked_under(key: str, value: object) -> object:
    if _telling(key):
        return MASKED
    if key in _EXCEPTION_KEYS:
        return mask_text(_WRITTEN_BY_PEOPLE.sub(MASKED, str(value)))
    return masked(value)


def _telling(key: Any) -> bool:
    return str(key).lower() in _SECRET_KEYS


def _masked_number(value: bool | int | float | None) -> object:
    # A phone may come as a number too.
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return value if mask_text(str(value)) == str(value) else MASKED
