# Sourced by docker.sh and image.sh: ways to the same thing, timed in turn, and their ratios.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C
script=$(realpath "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Tests/Scripts/common.sh
source Tests/Scripts/common.sh

# read_options [--rounds N] [--repot FILE]: anything else is answered with the script's own first lines.
read_options() {
  rounds=5 REPOT=
  while (($#)); do
    case $1 in
      --rounds) rounds=${2:?--rounds N} && shift ;;
      --repot) REPOT=$(realpath "${2:?--repot FILE}") && shift ;;
      *) sed -n '2,3s/^# //p' "$script" >&2 && exit 64 ;;
    esac
    shift
  done
}

# In memory where there is room, as in compare's cases: what a disk writes back shows in whatever runs next. The mount is in a
# namespace of its own, which ends with the script.
# in_memory ARGUMENT...: the script's own.
in_memory() {
  local available
  available=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  if [[ -z ${TMPDIR:-} && -z ${REPOT_IN_MEMORY:-} ]] && ((available >= 12)); then
    REPOT_IN_MEMORY=1 exec unshare --mount --propagation private bash "$script" "$@"
  fi
  export TMPDIR=${TMPDIR:-/var/tmp}
  if [[ ${REPOT_IN_MEMORY:-} ]]; then mount -t tmpfs -o size=75% none "$TMPDIR"; fi
}

# The program as people install it.
build_repot() {
  local static=(-c release --product repot --static-swift-stdlib -Xswiftc -static-executable)
  swift build --quiet "${static[@]}"
  REPOT=$(swift build "${static[@]}" --show-bin-path)/repot
}

# closure_list NAME CASE: the list of a closure of `compare`'s, which the case builds when it is not there.
closure_list() {
  local name=$1
  stored() { compgen -G "${REPOT_BENCHMARK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/repot-benchmarks}/$name-*/closure.txt"; }
  stored >/dev/null || Benchmarks/compare.sh --repot "$REPOT" --only "$2" --rounds 1 >/dev/null
  stored
}

count=0
# timed ROUND WAY: nothing is deleted in between: a disk that is told of each freed block is slow afterwards.
timed() {
  local begin
  count=$((count + 1))
  sync
  begin=${EPOCHREALTIME/[.,]/}
  if ! "$2" >"$work/said" 2>&1; then
    tail -n 20 "$work/said" >&2
    exit 1
  fi
  echo "$1 $2 $((${EPOCHREALTIME/[.,]/} - begin))" >>"$work/times"
}

# series ROUNDS WAY...: round 0 warms everything.
series() {
  local rounds=$1 round way
  shift
  for way; do timed 0 "$way"; done
  for ((round = 1; round <= rounds; round++)); do
    while read -r way; do timed "$round" "$way"; done < <(shuf -e "$@")
  done
}

# ratios NAME=WAY/PEER...: medians of ratios within rounds: the peer's time by the way's. Fails when one is below what
# thresholds.txt asks of its name.
ratios() {
  awk -v thresholds="Benchmarks/thresholds.txt" -v wanted="$*" '
    function median(list, n,    i, j, t) {
      for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t }
      return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
    }
    $1 > 0 { time[$1, $2] = $3 / 1e6; if ($1 > rounds) rounds = $1 }
    END {
      while ((getline line < thresholds) > 0) { split(line, word); if (word[1] + 0 > 0) asked[word[3]] = word[1] }
      printf "%-20s %8s %8s %6s %-11s %5s\n", "", "seconds", "peer", "ratio", "", "asked"
      n = split(wanted, pairs, " ")
      for (p = 1; p <= n; p++) {
        split(pairs[p], part, /[=\/]/)
        for (r = 1; r <= rounds; r++) {
          own[r] = time[r, part[2]]; peers[r] = time[r, part[3]]; ratio[r] = peers[r] / own[r]
        }
        middle = median(ratio, rounds); name = part[1]; verdict = ""
        if (name in asked) { verdict = middle >= asked[name] ? "met" : "MISSED"; if (verdict == "MISSED") missed = 1 }
        printf "%-20s %8.2f %8.2f %6.2f %5.2f-%.2f %6s %s\n", name, median(own, rounds), median(peers, rounds), middle, ratio[1], ratio[rounds], asked[name], verdict
      }
      exit missed
    }' "$work/times"
}
