#!/usr/bin/env bash
# docker.sh [--rounds N] [--repot FILE]: how long Docker takes from a closure to an image of it, by today's Dockerfile and by
# repot's ways, on a dockerd of its own below $TMPDIR. Exits 1 when one is slower than thresholds.txt asks.
# shellcheck source=Benchmarks/series.sh
source "$(dirname "${BASH_SOURCE[0]}")/series.sh"
read_options "$@"
need_root "it starts dockerd"
in_memory --rounds "$rounds" ${REPOT:+--repot "$REPOT"}
# shellcheck source=Tests/Scripts/docker.sh
source Tests/Scripts/docker.sh
[[ $REPOT ]] || build_repot
list=$(closure_list application tar-pipe)
mkdir -p "$work"/builder/tmp/build "$work"/{dockerfiles,empty}
tar -C "$work/builder" -xpf "${list%/*}/root.tar"
tail -n +3 "$list" >"$work/closure"
ln -s "$(head -n 1 "$list")" "$work/builder/tmp/build/result"

# What follows nix-build in the Dockerfiles of the tests.
for name in closure stage one-copy; do
  sed '/^COPY \. /d; /^RUN nix-build program.nix$/d; s/nix-build program.nix && //' "Tests/Fixtures/docker/$name.Dockerfile" \
    >"$work/dockerfiles/$name"
done

image() { echo "image-$count"; }
from() { docker build --network=none --no-cache -t "$(image)" -f "$work/dockerfiles/$1" "$work/empty"; }
today() { from closure; }
one_copy() { from one-copy; }
staged() { from stage; }
closure=(--store-root "$work/builder" --closure "$work/closure" --symlink "/app=$work/builder/tmp/build/result")
docker_build() { "$REPOT" docker-build --builder /usr/bin/docker "${closure[@]}" -- --network=none --no-cache -t "$(image)"; }
imported() { "$REPOT" tar "${closure[@]}" | docker import - "$(image)"; }

start_dockerd
make_builder >/dev/null
echo "$(wc -l <"$work/closure") store paths, $(find "$work/builder/nix/store" -type f | wc -l) files," \
  "$(du -sm "$work/builder/nix/store" | cut -f 1) MiB, $rounds rounds, docker $(docker version -f '{{.Server.Version}}')"
series "$rounds" today one_copy docker_build imported staged
ratios docker-one-copy=one_copy/today docker-build=docker_build/today docker-import=imported/today docker-stage=staged/today
