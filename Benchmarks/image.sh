#!/usr/bin/env bash
# image.sh [--large] [--rounds N] [--repot FILE]: from a closure to an image layout, by repot, by buildah, and by Docker from a
# staged folder. Exits 1 when repot is slower than thresholds.txt asks. --large: of 2.4 GiB, on disk, 17 GiB a round.
# shellcheck source=Benchmarks/series.sh
source "$(dirname "${BASH_SOURCE[0]}")/series.sh"
large=
if [[ ${1:-} == --large ]]; then
  large=yes
  export TMPDIR=${TMPDIR:-/var/tmp}
  shift
fi
read_options "$@"
need_root "it starts dockerd, and buildah mounts"
need buildah python3
in_memory --rounds "$rounds" ${REPOT:+--repot "$REPOT"}
# shellcheck source=Tests/Scripts/docker.sh
source Tests/Scripts/docker.sh
[[ $REPOT ]] || build_repot
if [[ $large ]]; then list=$(closure_list large ext4-large); else list=$(closure_list application tar-pipe); fi
mkdir -p "$work/builder" "$work/images"
tar -C "$work/builder" -xpf "${list%/*}/root.tar"
tail -n +3 "$list" >"$work/closure"
nix-store --store "$work/builder" --dump-db $(<"$work/closure") >"$work/registration" 2>/dev/null ||
  cp "$work/closure" "$work/registration"
closure=(--store-root "$work/builder" --closure "$work/registration")
"$REPOT" stage -q "${closure[@]}" "$work/staged"
printf 'FROM scratch\nCOPY . /\n' >"$work/Dockerfile"

to() { "$REPOT" image -q "${closure[@]}" --no-cache -o "oci:$work/images/$count" "$@"; }
image() { to; }
image_zstd() { to --compression zstd; }
image_gzip() { to --compression gzip; }
# The same again, with nothing changed, and the time that it may take: 50 ms, and 20 microseconds a store path.
again() { "$REPOT" image -q "${closure[@]}" -o "oci:$work/images/kept"; }
budget() { sleep "$(awk -v paths="$(wc -l <"$work/closure")" 'BEGIN { print 0.05 + paths * 2e-5 }')"; }
# The most that any of repot's ways has needed, in MiB.
memory() {
  local way
  for way in none gzip zstd; do
    python3 -c 'import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)' \
      "$REPOT" image -q "${closure[@]}" --no-cache --compression "$way" -o "oci:$work/images/memory-$way"
  done | sort -n | tail -n 1
}

# buildah reads Docker's settings, and wants them to be there.
mkdir -p "$DOCKER_CONFIG"
echo '{}' >"$DOCKER_CONFIG/config.json"
storage=(--root "$work/buildah" --runroot "$work/buildah-run" --storage-driver overlay)
bud() {
  local container
  container=$(buildah "${storage[@]}" from scratch)
  buildah "${storage[@]}" copy -q "$container" "$work/staged" / >/dev/null
  buildah "${storage[@]}" commit -q --format oci "$container" "$@"
}
buildah_plain() { bud "oci:$work/images/$count"; }
buildah_zstd() {
  bud "image-$count"
  buildah "${storage[@]}" push -q --compression-format zstd "image-$count" "oci:$work/images/$count"
}
docker_folder() { docker build --network=none --no-cache -t "image-$count" -f "$work/Dockerfile" "$work/staged"; }

start_dockerd
echo "$(wc -l <"$work/closure") store paths, $(find "$work/staged/nix/store" -type f | wc -l) files," \
  "$(du -sm "$work/staged/nix/store" | cut -f 1) MiB, $rounds rounds, docker $(docker version -f '{{.Server.Version}}')," \
  "$(buildah --version | cut -d ' ' -f 1-3)"
export XDG_CACHE_HOME=$work/cache
series "$rounds" image image_zstd image_gzip again budget buildah_plain buildah_zstd docker_folder
status=0
ratios image-buildah=image/buildah_plain image-zstd-buildah=image_zstd/buildah_zstd image-docker=image/docker_folder \
  image-gzip-docker=image_gzip/docker_folder image-again=again/image image-again-budget=again/budget || status=1
most=$(memory)
echo "$most MiB of memory at the most, and 256 are asked"
((most < 256)) || status=1
exit "$status"
