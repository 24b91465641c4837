"""The file of approved templates (`domain/approved.py`), from where the settings say it is."""

import json
from pathlib import Path

from notify_service.domain.templates import TemplateFaults


def read_approved(path: Path | None) -> object:
    """What the file says; nothing where no file is named. Raises: TemplateFaults if it can't be read."""
    if path is None:
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TemplateFaults([f"approved templates: {path} can't be read: {error}"]) from error
