#!/usr/bin/env bash
# Builds repot as people install it, and the programs that measure it; then counts, compares, draws curves and times hot
# spots. With --quick: counts, small inputs and gated cases. With any other option but --repot: `compare` alone, which gets them all.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

repot= quick=() rest=()
while (($#)); do
  case $1 in
    --repot) repot=${2:?--repot PATH} && shift ;;
    --quick) quick=(--quick) ;;
    *) rest+=("$1") ;;
  esac
  shift
done

if ((EUID == 0)); then
  # shellcheck source=Tests/Scripts/common.sh
  source "$here/../Tests/Scripts/common.sh"
  # The peers themselves are fetched by `compare`, which says so in the table where one cannot be had.
  need e2fsprogs xfsprogs btrfs-progs libacl1-dev libattr1-dev libdeflate-dev libzstd-dev zlib1g-dev libsqlite3-dev nix-bin strace binutils
fi
if [[ -z $repot ]]; then
  static=(--package-path "$here/.." -c release --product repot --static-swift-stdlib -Xswiftc -static-executable)
  swift build --quiet "${static[@]}"
  repot=$(swift build "${static[@]}" --show-bin-path)/repot
fi
swift build --quiet --package-path "$here" -c release
compare=("$here/.build/release/compare" --repot "$repot" "${quick[@]}")
((${#rest[@]})) && exec "${compare[@]}" "${rest[@]}"

# measure COMMAND...: runs the command, and in a quick run repeats it once if it fails. If repot has become slower, both
# runs fail. If the machine was busy or had to fault in its memory, the second run usually succeeds.
failures=0
measure() {
  "$@" && return
  if ((${#quick[@]})); then
    echo "Repeating the measurement, since this machine may have been busy"
    "$@" && return
  fi
  failures=1
}

measure "$here/.build/release/count" --repot "$repot" --limits "$here/counts.txt" "${quick[@]}"
measure "$here/.build/release/small" --repot "$repot"
measure "${compare[@]}"
if ((${#quick[@]} == 0)); then
  "${compare[@]}" --sweeps || failures=1
  swift package --package-path "$here/HotSpots" benchmark || failures=1
  bash "$here/docker.sh" --repot "$repot" || failures=1
  bash "$here/image.sh" --repot "$repot" || failures=1
fi
exit "$failures"
