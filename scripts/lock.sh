#!/usr/bin/env bash
# Resolves requirements.in and scripts/bootstrap.in into lock files with hashes, for every platform, naming no registry.
# Arguments go to uv: `scripts/lock.sh --upgrade`, or `--upgrade-package fastapi`.
set -euo pipefail
cd "$(dirname "$0")/.."

export UV_CUSTOM_COMPILE_COMMAND="make lock"
options=(--quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11)
for input in requirements scripts/bootstrap; do
  .venv/bin/uv pip compile "${options[@]}" "$@" "$input.in" --output-file "$input.lock" >/dev/null
done
