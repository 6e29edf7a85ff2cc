# What every script here shares: how it speaks, its --help, and becoming root for a moment.
# shellcheck shell=bash

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
me="$(basename "$0")"
started_at=$SECONDS

say() { printf '%s: %s\n' "$me" "$*"; }
fail() {
  printf '%s: %s\n' "$me" "$*" >&2
  exit 1
}
took() { printf '%d s' $((SECONDS - started_at)); }

# The comment at a script's top is its --help, so that there is only one description to keep true.
help_if_asked() {
  local word
  for word in "$@"; do
    [ "$word" = --help ] || [ "$word" = -h ] || continue
    awk 'NR == 1 { next } !/^#/ { exit } { sub(/^# ?/, ""); print }' "$0"
    exit 0
  done
}

# as_root COMMAND...: sudo only when it is needed, and without a question unless somebody is there
# to answer it.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    fail "this needs root and there is no sudo: run 'scripts/setup' once as root"
  elif sudo -n true 2>/dev/null; then
    sudo -n "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    fail "sudo wants a password and nobody is here to type it: run 'scripts/setup' once in a terminal"
  fi
}

# build_folder SANITIZER: where a kind of build lives. SWITCHYARD_BUILD_DIR names another place.
build_folder() {
  local folder="${SWITCHYARD_BUILD_DIR:-build/${1:-release}}"
  case "$folder" in
    /*) printf '%s' "$folder" ;;
    *) printf '%s' "$root/$folder" ;;
  esac
}
