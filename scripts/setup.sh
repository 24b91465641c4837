#!/usr/bin/env bash
# Makes .venv with everything locked and the five packages of this repository, editable. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

members=(shared services/wish-service services/adoption-service services/notify-service deploy/local)

scripts/system.sh base
if [[ ! -x .venv/bin/python ]]; then
  "${MICROWISH_PYTHON:-python3}" -m venv .venv
fi
if ! .venv/bin/uv --version >/dev/null 2>&1; then
  .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r scripts/bootstrap.lock
fi
uv=(.venv/bin/uv pip install --quiet --python .venv/bin/python)
"${uv[@]}" --require-hashes -r requirements.lock
"${uv[@]}" --no-deps --no-build-isolation "${members[@]/#/--editable=}"
