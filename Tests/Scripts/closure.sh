#!/usr/bin/env bash
# closure.sh DIR: builds Tests/Fixtures/program.nix with Nix, offline; DIR/result points at it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=Tests/Scripts/common.sh
source "$here/common.sh"

dir=${1:?usage: closure.sh DIR}
need nix-bin patchelf hello

mkdir -p "$dir"
if ! log=$(nix-build --out-link "$dir/result" "$here/../Fixtures/program.nix" 2>&1); then
  printf '%s\nnix-build could not build the closure\n' "$log" >&2
  exit 1
fi
