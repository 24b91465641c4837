#!/usr/bin/env bash
# What this machine must have besides Python packages; installs what is missing where it may, else prints the line to run.
#   scripts/system.sh base      venv and pip for Python, libcurl4 (mongod is linked against it)
#   scripts/system.sh browser   Chromium and a Chinese font, for the page tests
#   scripts/system.sh kafka     Java 17 and Maven, for Apache Kafka
set -euo pipefail

python=${MICROWISH_PYTHON:-python3}
missing=()

has() { command -v "$1" >/dev/null 2>&1; }
# Answers from a file, not from a pipe: grep -q would end the writer early, and pipefail would call that a failure.
listed() { local output; output=$("${@:2}" 2>/dev/null) && grep -q "$1" <<<"$output"; }

base() {
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    { echo "Python 3.11 or newer is needed; set MICROWISH_PYTHON to one." >&2; exit 1; }
  "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  listed 'libcurl\.so\.4' /sbin/ldconfig -p || missing+=(libcurl4)
}

browser() {
  has chromium || missing+=(chromium)
  listed 'libatomic\.so\.1' /sbin/ldconfig -p || missing+=(libatomic1)  # the node of Playwright is linked against it
  listed . fc-list :lang=zh || missing+=(fontconfig fonts-noto-cjk)
}

kafka() {
  listed . bash -c 'java -version 2>&1 | grep -E "version \"(1[7-9]|[2-9][0-9])"' || missing+=(openjdk-17-jre-headless)
  has mvn || missing+=(maven)
}

install_missing() {
  local line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if ! has apt-get; then
    echo "Missing on this machine: ${missing[*]} (the names are Debian's). Install them, then run this again." >&2
    exit 1
  elif [[ $(id -u) == 0 ]]; then
    run_as=()
  elif has sudo && sudo -n true 2>/dev/null; then
    run_as=(sudo)
  else
    echo "Missing on this machine: ${missing[*]}. Run this line as root, then run this again:" >&2
    echo "  $line" >&2
    exit 1
  fi
  echo "Installing ${missing[*]} …"
  "${run_as[@]}" apt-get update -q >/dev/null
  "${run_as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}

for part in "$@"; do
  case $part in
    base | browser | kafka) "$part" ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
  esac
done
[[ ${#missing[@]} -eq 0 ]] || install_missing
