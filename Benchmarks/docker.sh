#!/usr/bin/env bash
# docker.sh [--rounds N] [--repot FILE]: how long Docker takes from a closure to an image of it, by today's Dockerfile and by
# repot's ways, on a dockerd of its own below $TMPDIR. Exits 1 when one is slower than thresholds.txt asks.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/.."
rounds=5 REPOT=
while (($#)); do
  case $1 in
    --rounds) rounds=${2:?--rounds N} && shift ;;
    --repot) REPOT=$(realpath "${2:?--repot FILE}") && shift ;;
    *) sed -n '2,3s/^# //p' "$0" >&2 && exit 64 ;;
  esac
  shift
done
# shellcheck source=Tests/Scripts/common.sh
source Tests/Scripts/common.sh
need_root "it starts dockerd"
# In memory where there is room, as in compare's cases: what a disk writes back shows in whatever runs next. The mount is in a
# namespace of its own, which ends with this script.
available=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
if [[ -z ${TMPDIR:-} && -z ${REPOT_IN_MEMORY:-} ]] && ((available >= 12)); then
  REPOT_IN_MEMORY=1 exec unshare --mount --propagation private bash "$0" --rounds "$rounds" ${REPOT:+--repot "$REPOT"}
fi
export TMPDIR=${TMPDIR:-/var/tmp}
if [[ ${REPOT_IN_MEMORY:-} ]]; then mount -t tmpfs -o size=75% none "$TMPDIR"; fi
# shellcheck source=Tests/Scripts/docker.sh
source Tests/Scripts/docker.sh
if [[ -z $REPOT ]]; then
  static=(-c release --product repot --static-swift-stdlib -Xswiftc -static-executable)
  swift build --quiet "${static[@]}"
  REPOT=$(swift build "${static[@]}" --show-bin-path)/repot
fi

# `compare` builds the closure when it is not there.
stored() { compgen -G "${REPOT_BENCHMARK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/repot-benchmarks}/application-*/closure.txt"; }
stored >/dev/null || Benchmarks/compare.sh --repot "$REPOT" --only tar-pipe --rounds 1 >/dev/null
list=$(stored)
mkdir -p "$work"/builder/tmp/build "$work"/{dockerfiles,empty}
tar -C "$work/builder" -xpf "${list%/*}/root.tar"
tail -n +3 "$list" >"$work/closure"
ln -s "$(head -n 1 "$list")" "$work/builder/tmp/build/result"

# What follows nix-build in the Dockerfiles of the tests.
for name in closure stage one-copy; do
  sed '/^COPY \. /d; /^RUN nix-build program.nix$/d; s/nix-build program.nix && //' "Tests/Fixtures/docker/$name.Dockerfile" \
    >"$work/dockerfiles/$name"
done

count=0
image() { echo "image-$count"; }
from() { docker build --network=none --no-cache -t "$(image)" -f "$work/dockerfiles/$1" "$work/empty"; }
today() { from closure; }
one_copy() { from one-copy; }
staged() { from stage; }
closure=(--store-root "$work/builder" --closure "$work/closure" --symlink "/app=$work/builder/tmp/build/result")
docker_build() { "$REPOT" docker-build --builder /usr/bin/docker "${closure[@]}" -- --network=none --no-cache -t "$(image)"; }
imported() { "$REPOT" tar "${closure[@]}" | docker import - "$(image)"; }

# Nothing is deleted in between: a disk that is told of each freed block is slow afterwards.
timed() {
  local begin
  count=$((count + 1))
  sync
  begin=${EPOCHREALTIME/[.,]/}
  if ! "$1" >"$work/said" 2>&1; then
    tail -n 20 "$work/said" >&2
    exit 1
  fi
  echo "$2 $1 $((${EPOCHREALTIME/[.,]/} - begin))" >>"$work/times"
}

start_dockerd
make_builder >/dev/null
echo "$(wc -l <"$work/closure") store paths, $(find "$work/builder/nix/store" -type f | wc -l) files," \
  "$(du -sm "$work/builder/nix/store" | cut -f 1) MiB, $rounds rounds, docker $(docker version -f '{{.Server.Version}}')"
ways=(today one_copy docker_build imported staged)
timed today 0
for ((round = 1; round <= rounds; round++)); do
  while read -r way; do timed "$way" "$round"; done < <(shuf -e "${ways[@]}")
done

# Medians; ratios are taken within a round. Round 0 warmed everything.
awk -v thresholds="$here/thresholds.txt" '
  function median(list, n,    i, j, t) {
    for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
  }
  $1 > 0 { time[$1, $2] = $3 / 1e6; if ($1 > rounds) rounds = $1 }
  END {
    while ((getline line < thresholds) > 0) {
      split(line, word)
      if (word[3] ~ /^docker-/) asked[word[3]] = word[1]
    }
    n = split("today one_copy docker_build imported staged", ways)
    split("cp-R docker-one-copy docker-build docker-import docker-stage", names)
    printf "%-16s %8s %6s %-11s %5s\n", "", "seconds", "ratio", "", "asked"
    for (w = 1; w <= n; w++) {
      for (r = 1; r <= rounds; r++) { seconds[r] = time[r, ways[w]]; ratios[r] = time[r, "today"] / seconds[r] }
      middle = median(ratios, rounds); name = names[w]; verdict = ""
      if (name in asked) { verdict = middle >= asked[name] ? "met" : "MISSED"; if (verdict == "MISSED") missed = 1 }
      printf "%-16s %8.2f %6.2f %5.2f-%.2f %6s %s\n", name, median(seconds, rounds), middle, ratios[1], ratios[rounds], asked[name], verdict
    }
    exit missed
  }' "$work/times"
