#!/usr/bin/env bash
# demo.sh [DIR]: builds repot, makes a closure with Nix, stages it, and runs the program in it.
# REPOT=FILE takes that executable instead of building one.
set -euo pipefail
REPOT=${REPOT:+$(realpath "$REPOT")}
dir=$(realpath -m "${1:-$(dirname "${BASH_SOURCE[0]}")/../.build/demo}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Tests/Scripts/common.sh
source Tests/Scripts/common.sh

need_root "it writes /nix/store and calls chroot"

build() {
  local command=(swift build -c release --product repot --static-swift-stdlib -Xswiftc -static-executable)
  local log
  need libacl1-dev libattr1-dev libdeflate-dev libzstd-dev zlib1g-dev libsqlite3-dev
  echo "Building repot (minutes, the first time)"
  if ! log=$("${command[@]}" 2>&1); then
    tail -n 40 <<<"$log" >&2
    echo "repot could not be built" >&2
    exit 1
  fi
  REPOT=$("${command[@]}" --show-bin-path)/repot
}

# Leaves its duration in $milliseconds.
stage() {
  local begin=${EPOCHREALTIME/[.,]/}
  "$REPOT" stage ./result ./rootfs --symlink /app=./result
  milliseconds=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

if [[ -z $REPOT ]]; then build; fi

echo "Building a program and its C library as store paths, with Nix"
Tests/Scripts/closure.sh "$dir"
cd "$dir"
rm -rf rootfs

echo "Staging its closure: repot stage ./result ./rootfs --symlink /app=./result"
stage
first=$milliseconds
echo "Staging it again: nothing is left to do"
stage

echo "Running /app/bin/hello with $dir/rootfs as the whole file system"
line=$(chroot rootfs /app/bin/hello)
echo "It says: $line"
echo "Done: $(nix-store -qR result | wc -l) store paths staged in $first ms, again in $milliseconds ms."
