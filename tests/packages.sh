# Sourced by the two README commands: installs Debian packages when root, else says which to install.

# want PACKAGE PROGRAM...: the package is needed where one of its programs is missing.
MISSING=
want() {
  local package=$1 program
  shift
  for program in "$@"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null 2>&1 || MISSING="$MISSING $package"
  done
}

# Installs what is missing. Never fails: what then is still missing is passed over, and said so.
install_missing() {
  [ -n "$MISSING" ] || return 0
  # shellcheck disable=SC2086
  set -- $MISSING
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed:$MISSING. On Debian: sudo apt-get install $*" >&2
    return 0
  fi
  echo "Installing:$MISSING" >&2
  # The machine's own Postfix stays unconfigured and is not started: ours is a private one.
  export DEBIAN_FRONTEND=noninteractive
  echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections 2>/dev/null
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } ||
    echo "apt-get could not install$MISSING" >&2
}

# need_cargo: Rust is not installed for you.
need_cargo() {
  command -v cargo >/dev/null 2>&1 || {
    echo "cargo is not installed; see https://rustup.rs (Rust 1.95 or newer)" >&2
    exit 1
  }
}
