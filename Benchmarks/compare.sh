#!/usr/bin/env bash
# Builds repot as people install it, and the comparison; then compares. Options go through to `compare`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

options=()
if [[ " $* " != *" --repot "* ]]; then
  static=(--package-path "$here/.." -c release --product repot --static-swift-stdlib -Xswiftc -static-executable)
  swift build --quiet "${static[@]}"
  options=(--repot "$(swift build "${static[@]}" --show-bin-path)/repot")
fi
swift build --quiet --package-path "$here" -c release --product compare
exec "$here/.build/release/compare" "${options[@]}" "$@"
