"""Files of the repository that the command needs at run time (it is installed editable, next to them)."""

from __future__ import annotations

import os
from pathlib import Path

LOCAL = Path(__file__).resolve().parents[2]
"""deploy/local of the checkout."""

REPOSITORY = LOCAL.parents[1]

KAFKA_POM = LOCAL / "pom.xml"

DATA = Path(os.environ.get("MICROWISH_DATA_DIR") or REPOSITORY / "data")
"""The sample district and the community tree."""

COMMUNITIES_CSV = DATA / "communities-310117.csv"
