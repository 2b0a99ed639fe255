#!/usr/bin/env bash
# Builds repot as people install it, and the comparison; then compares. Options go through to `compare`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

options=()
if ((EUID == 0)); then
  # shellcheck source=Tests/Scripts/common.sh
  source "$here/../Tests/Scripts/common.sh"
  # The peers themselves are fetched by `compare`, which says so in the table where one cannot be had.
  need e2fsprogs xfsprogs btrfs-progs libacl1-dev libattr1-dev nix-bin
fi
if [[ " $* " != *" --repot "* ]]; then
  static=(--package-path "$here/.." -c release --product repot --static-swift-stdlib -Xswiftc -static-executable)
  swift build --quiet "${static[@]}"
  options=(--repot "$(swift build "${static[@]}" --show-bin-path)/repot")
fi
swift build --quiet --package-path "$here" -c release
exec "$here/.build/release/compare" "${options[@]}" "$@"
