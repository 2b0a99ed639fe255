#!/usr/bin/env bash
# manual.sh [--write]: makes the manual page and the completions from the commands. Fails if Sources/repot/share
# has others; with --write puts them there.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kept=Sources/repot/share
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
made=$work/share

# completions SHELL SCRIPT: as the script of sed changes them.
completions() { "$programs/repot" --generate-completion-script "$1" | sed "$2"; }

# In the completions that ArgumentParser makes no command can be left out, and cp can: what is no other subcommand
# is a file or an option of cp.
make_all() {
  mkdir -p "$made"/{man/man1,bash-completion/completions,zsh/site-functions,fish/vendor_completions.d}
  "$programs/generate-manual" "$programs/repot" --output-directory - --date "$(date +%F)" >"$made/man/man1/repot.1"
  completions bash 's/^ *COMPREPLY.*stage .*/&\n        _repot_cp/' >"$made/bash-completion/completions/repot.bash"
  completions zsh 's/^ *_describe -V subcommand .*/&\n        _files \&\& ret=0/
    s/^ *"_repot_[^"]*" .*/&\n            ;;\n        *)\n            _repot_cp \&\& ret=0/' \
    >"$made/zsh/site-functions/_repot"
  completions fish "s/^complete -c 'repot' -f$/&\n\
complete -c 'repot' -n '__repot_should_offer_completions_for_positional \"repot\" -ge 1' -F/" \
    >"$made/fish/vendor_completions.d/repot.fish"
}

# completed WORD...: what bash would offer in the place of the last word.
completed() {
  bash -c 'source "$0" && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" && COMP_POINT=${#COMP_LINE}
    _repot repot "${@: -1}" "${@: -2:1}"
    echo "${COMPREPLY[*]}"' "$made/bash-completion/completions/repot.bash" repot "$@"
}

# expect WORDS WORD...: what bash would offer is those words.
expect() {
  local offered
  offered=$(completed "${@:2}")
  [[ $offered == "$1" ]] || {
    echo "error: completed 'repot ${*:2}' to '$offered'" >&2
    exit 1
  }
}

for product in repot generate-manual; do swift build --quiet --product "$product"; done
programs=$(swift build --show-bin-path)
make_all
expect stage st
expect --symlink stage --sym
expect canonical tar --hardlinks c
expect --reflink cp --ref
expect Package.swift stage Package.s
expect Package.swift -R Package.s
expect --reflink --ref

# A new date alone is no change.
if diff -ruN -I '^\.Dd ' "$kept" "$made" >"$work/changes"; then
  echo "$kept is current"
elif [[ ${1:-} == --write ]]; then
  rm -rf "$kept"
  cp -R "$made" "$kept"
  echo "$kept is written"
else
  cat "$work/changes"
  echo "error: $kept is not what the commands say now. Run: bash Tests/manual.sh --write" >&2
  exit 1
fi
