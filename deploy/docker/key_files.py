"""The keys of an installation as env files (`NAME=value` lines), made once and kept.

    python deploy/docker/key_files.py SIGNING_FOLDER SHARED_FOLDER

`signing.env` is for wish-service alone, `shared.env` for all three. Both can be read by
`kubectl create secret generic --from-env-file` as well as by the entry point of the images.
"""

import json
import os
import sys
from pathlib import Path

from microwish_local.keys import load_or_make


def main(signing: Path, shared: Path) -> None:
    """Make the keys unless they are there, and write both files, readable by their owner only."""
    for folder in (signing, shared):
        folder.mkdir(parents=True, exist_ok=True)
    keys = load_or_make(signing / "keys.json")
    compact = json.dumps(keys["signing"], separators=(",", ":"))
    _write(signing / "signing.env", {"MICROWISH_SIGNING_KEYS": compact})
    _write(shared / "shared.env", {"MICROWISH_SEALING_KEYS": keys["sealing"], "MICROWISH_BLIND_KEY": keys["blind"]})


def _write(file: Path, variables: dict[str, str]) -> None:
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.writelines(f"{name}={value}\n" for name, value in variables.items())
    part.rename(file)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
