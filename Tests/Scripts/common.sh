# Sourced by the scripts beside it and above it: packages, Nix's settings, and reports.
# shellcheck shell=bash

need_root() {
  if ((EUID != 0)); then
    echo "${0##*/} needs root: $1" >&2
    exit 1
  fi
}

# need PACKAGE...: installs those Debian packages that are missing.
need() {
  local package missing=()
  if ! command -v dpkg-query apt-get >/dev/null; then
    echo "This script installs Debian packages, and this is no Debian. It needs: $*" >&2
    exit 1
  fi
  for package; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -x installed >/dev/null || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  if ((EUID != 0)); then
    echo "Not root, so cannot install: ${missing[*]}. Run: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "Installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! {
    apt-get update -qq &&
      DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
  } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Could not install: ${missing[*]}" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

# Nix for root without a daemon: it builds as root, fetches nothing, lets builders see the host's programs,
# and gives files of equal content one inode, as in many people's stores.
export NIX_CONFIG='build-users-group =
sandbox = false
substitute = false
auto-optimise-store = true'

passed=0
failed=0

# check TITLE COMMAND...: one line that says PASS or FAIL; under a FAIL, what the command printed.
# The command runs outside any condition, because `set -e` has no effect inside one.
check() {
  local title=$1 output status
  shift
  set +e
  output=$(
    set -e
    "$@" 2>&1
  )
  status=$?
  set -e
  if ((status == 0)); then
    passed=$((passed + 1))
    echo "PASS $title"
  else
    failed=$((failed + 1))
    echo "FAIL $title"
    tail -n 10 <<<"${output:-exit status $status}" | sed 's/^/     /'
  fi
}

# The last line, and the exit status of the script.
summary() {
  echo "$passed passed, $failed failed"
  ((failed == 0))
}
