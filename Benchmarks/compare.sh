#!/usr/bin/env bash
# Builds repot as people install it, and the comparison; then compares. Options go through to `compare`.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if ((EUID == 0)); then
    source "$here/../Tests/Scripts/packages.sh"
    need e2fsprogs xfsprogs btrfs-progs libacl1-dev libattr1-dev
fi
if [[ " $* " != *" --repot "* ]]; then
    swift build --package-path "$here/.." --scratch-path "$here/../.build-static" \
        -c release --product repot --static-swift-stdlib -Xswiftc -static-executable
fi
swift build --package-path "$here" -c release --product compare
exec "$here/.build/release/compare" "$@"
