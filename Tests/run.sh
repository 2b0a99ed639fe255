#!/usr/bin/env bash
# run.sh: installs what the tests need, builds, and runs all tests. Ends with a line a suite.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=Tests/Scripts/common.sh
source Tests/Scripts/common.sh

need_root "it mounts file systems, writes /nix/store and starts dockerd"
need libacl1-dev libattr1-dev libdeflate-dev libzstd-dev zlib1g-dev libsqlite3-dev libarchive-tools busybox-static zstd acl attr rsync strace util-linux binutils python3 \
  bindfs e2fsprogs fuse3 ntfs-3g python3-fusepy xfsprogs btrfs-progs nix-bin patchelf hello docker.io podman skopeo umoci jq

# tar tells times in the local zone.
export TZ=UTC
log=$(mktemp)
workspace=$(mktemp -d)
chmod 755 "$workspace"
trap 'rm -rf "$log" "$workspace"' EXIT
gnu=$workspace/gnu

# Of a log, each complaint with the lines that explain it, which end where the next test speaks.
complaints() {
  awk '/^(◇|✔)/ { tells = 0 } /error:|✘|FAIL|Fatal|failed/ { tells = 25 } tells-- > 0 && shown++ < 80' "$1"
}

# step TITLE COMMAND...: silent when it succeeds; otherwise its errors, or its last lines.
step() {
  local title=$1 begin=$SECONDS
  shift
  if "$@" >"$log" 2>&1; then
    echo "$title: done in $((SECONDS - begin)) s"
  else
    echo "$title failed:"
    complaints "$log"
    tail -n 15 "$log"
    exit 1
  fi
}

# On CI a missing version fails the tests that need it; elsewhere it is reported.
newer_versions() {
  mkdir "$gnu"
  Tests/Scripts/gnu-cp.sh "$gnu" || [[ -z ${CI-} ]]
}

static=(-c release --product repot --static-swift-stdlib -Xswiftc -static-executable)

step "Building with dependencies checked" \
  swift build --build-tests --explicit-target-dependency-import-check error
step "Building the static executable" swift build "${static[@]}"
REPOT=$(swift build "${static[@]}" --show-bin-path)/repot
export REPOT

step "Newer versions of GNU cp, not installed" newer_versions
export REPOT_GNU_CP=$gnu

# Fault injection and descriptor counts belong to the whole process, so each process runs one test at a time.
unit_tests() {
  local status=0 half option process processes=()
  for half in commands libraries; do
    [[ $half == commands ]] && option=--filter || option=--skip
    mkdir "$workspace/$half"
    TMPDIR=$workspace/$half "$(swift build --show-bin-path)/repotPackageTests.xctest" --testing-library swift-testing \
      --no-parallel "$option" '^CommandsTests\.' >"$workspace/$half.log" 2>&1 &
    processes+=($!)
  done
  for process in "${processes[@]}"; do wait "$process" || status=1; done
  cat "$workspace/commands.log" "$workspace/libraries.log"
  return "$status"
}
step "Unit, property, differential and fault tests, in two processes" unit_tests
grep -E 'Test run with' "$log"
step "The manual page and the completions" Tests/manual.sh
if [[ -e $gnu/testing/source ]]; then
  step "coreutils' own tests of cp" Tests/coreutils.sh "$gnu"
  tail -n 1 "$log"
else
  echo "coreutils' own tests of cp: skipped without their source"
fi
step "Hostile environments" Tests/hostile.sh
tail -n 1 "$log"
step "Power cuts" Tests/power-cuts.sh
tail -n 1 "$log"
step "Nix: the main job" Tests/nix.sh
tail -n 1 "$log"
step "Nix: verification" Tests/verify.sh
tail -n 1 "$log"
step "Layers that programs read differently" Tests/tar-readers.sh
tail -n 1 "$log"
step "Verification: a thousand faults" Tests/faults.sh
tail -n 1 "$log"
step "Nix: closures from every source" Tests/closure.sh
tail -n 1 "$log"
step "Nix: what stage adds, leaves out and moves" Tests/stage.sh
tail -n 1 "$log"
step "Docker: the Dockerfile that people use" Tests/docker.sh
tail -n 1 "$log"
step "Containers: verification" Tests/containers.sh
tail -n 1 "$log"
step "Images: their readers" Tests/image.sh
tail -n 1 "$log"
