#!/usr/bin/env bash
# REPOT=FILE image.sh: images that repot writes, in the hands of those who read them: skopeo, umoci, Docker, and podman and
# buildah where they are. Starts a dockerd of its own.
# shellcheck source=Tests/Scripts/start.sh
source "$(dirname "${BASH_SOURCE[0]}")/Scripts/start.sh"
need_root "it starts dockerd"
need skopeo umoci jq procps
# shellcheck source=Tests/Scripts/docker.sh
source Tests/Scripts/docker.sh

export XDG_CACHE_HOME=$work/cache TMPDIR=$work/tmp
mkdir "$work/tmp" "$work/cache"
# repot calls docker by that name.
mkdir "$work/bin"
ln -s /usr/bin/docker "$work/bin/docker"
export PATH=$work/bin:$PATH

Tests/Scripts/closure.sh "$work"
result=$(readlink -f "$work/result")
libc=$(nix-store -qR "$result" | grep -- '-libc$')
program=(--entrypoint "$result/bin/hello" --symlink /app="$result")
image() { "$REPOT" image -q "$@"; }
copy() { skopeo copy -q --insecure-policy "$@"; }
digest() { skopeo inspect "$1" | jq -r .Digest; }
runs() {
  local line
  line=$(docker run --rm --network=none "$1")
  [[ $line == 'Hello, world!' ]] || {
    echo "It says: $line"
    return 1
  }
}
forget() { docker image ls -q | sort -u | xargs -r /usr/bin/docker image rm -f >/dev/null; }

# How repot stages the closure, which is what an image of it has to be.
"$REPOT" stage -q --symlink /app="$result" "$result" "$work/staged"
listing() { (cd "$1" && find . -mindepth 1 -printf '%p %y %m %U:%G %T@ %l\n' | sort); }

# layout COMPRESSION
skopeo_copies_it() {
  image "$result" "${program[@]}" --compression "$1" -o "oci:$work/layout-$1:app"
  copy "oci:$work/layout-$1:app" "dir:$work/dir-$1"
  [[ $(skopeo inspect --config "oci:$work/layout-$1:app" | jq -r '.config.Entrypoint[0]') == "$result/bin/hello" ]]
}
umoci_unpacks_it() {
  umoci unpack --image "$work/layout-$1:app" "$work/bundle-$1"
  diff -r --no-dereference "$work/staged" "$work/bundle-$1/rootfs"
  diff <(listing "$work/staged") <(listing "$work/bundle-$1/rootfs")
}
two_tags_in_one_folder() {
  image "$result" "${program[@]}" -o "oci:$work/tags:one"
  image "$result" --cmd /app/bin/hello --symlink /app="$result" -o "oci:$work/tags:two"
  [[ $(digest "oci:$work/tags:one") != $(digest "oci:$work/tags:two") ]]
  umoci stat --image "$work/tags:two" >/dev/null
}

skopeo_reads_the_layout_archive() {
  image "$result" "${program[@]}" -o "oci-archive:$work/layout.tar:app"
  [[ $(digest "oci-archive:$work/layout.tar:app") == $(digest "oci:$work/layout-none:app") ]]
  copy "oci-archive:$work/layout.tar:app" "dir:$work/dir-archive"
  diff -r "$work/dir-none" "$work/dir-archive"
}
# One file for all: Docker's readers go by manifest.json, others by index.json.
everyone_reads_the_docker_archive() {
  image "$result" "${program[@]}" -o "docker-archive:$work/docker.tar:app:v1"
  [[ $(digest "oci-archive:$work/docker.tar:v1") == $(digest "oci:$work/layout-none:app") ]]
  copy "docker-archive:$work/docker.tar:app:v1" "dir:$work/dir-docker"
  copy "oci-archive:$work/docker.tar" "dir:$work/dir-oci"
  mkdir "$work/unpacked"
  tar -C "$work/unpacked" -xf "$work/docker.tar"
  umoci unpack --image "$work/unpacked:v1" "$work/bundle-docker"
  diff <(listing "$work/staged") <(listing "$work/bundle-docker/rootfs")
}
# docker_loads COMPRESSION
docker_loads() {
  forget
  image "$result" "${program[@]}" --compression "$1" -o "docker-archive:$work/$1.tar:app:$1"
  docker load -i "$work/$1.tar"
  runs "app:$1"
}
compressed_by_name() {
  local name
  forget
  for name in app.tar.gz app.tgz; do
    image "$result" "${program[@]}" -o "docker-archive:$work/$name:app:named"
    gzip -t "$work/$name"
    docker load -i "$work/$name"
    runs app:named
    image "$result" "${program[@]}" -o "oci-archive:$work/oci-$name:app"
    [[ $(digest "oci-archive:$work/oci-$name:app") == $(digest "oci:$work/layout-none:app") ]]
    copy "oci-archive:$work/oci-$name:app" "dir:$work/dir-$name"
    "$REPOT" verify -q "docker-archive:$work/$name" --closure <(nix-store -qR "$result")
  done
}
docker_loads_a_stream() {
  forget
  image "$result" "${program[@]}" -o docker-archive:-:app:stream | docker load
  runs app:stream
  image "$result" "${program[@]}" -o docker-archive:/dev/stdout:app:stream | cmp - <(image "$result" "${program[@]}" -o docker-archive:-:app:stream)
}
a_name_is_not_needed() {
  image "$result" "${program[@]}" -o "docker-archive:$work/nameless.tar"
  docker load -i "$work/nameless.tar" | sed 's/^Loaded image ID: //' >"$work/id"
  runs "$(<"$work/id")"
}
zstd_is_refused() {
  local status=0
  image "$result" --compression zstd -o "docker-archive:$work/zstd.tar" 2>"$work/said" || status=$?
  ((status == 64))
  grep -q -- '--compression gzip' "$work/said"
}

same_bytes() {
  local jobs
  for jobs in 1 2 7; do image "$result" "${program[@]}" -j "$jobs" --no-cache -o "docker-archive:$work/same-$jobs.tar:app:v1"; done
  cmp "$work/same-1.tar" "$work/same-2.tar"
  cmp "$work/same-1.tar" "$work/same-7.tar"
  cmp "$work/same-1.tar" "$work/docker.tar"
}

# The store here is optimised: equal files are one. The other one is not, and is read by its files, or by a document.
same_image_from_anywhere() {
  local path
  mkdir -p "$work/plain/nix/store"
  nix-store -qR "$result" | while read -r path; do
    cp -R --no-dereference --preserve=mode,timestamps "$path" "$work/plain/nix/store"
  done
  nix-store --dump-db $(nix-store -qR "$result") >"$work/registration"
  image "$result" "${program[@]}" --no-cache -o "oci:$work/anywhere:here"
  image "$result" "${program[@]}" --no-cache --closure-from scan -o "oci:$work/anywhere:scan"
  image "$work/plain$result" "${program[@]}" --no-cache --store-root "$work/plain" --closure-from scan -o "oci:$work/anywhere:there"
  image "${program[@]}" --no-cache --store-root "$work/plain" --closure "$work/registration" -o "oci:$work/anywhere:told"
  jq -r '.manifests[].digest' "$work/anywhere/index.json" | sort -u >"$work/digests"
  (($(wc -l <"$work/digests") == 1))
}
# Processes that make one folder: each tag is there in the end.
all_at_once_survive() {
  local round tag processes process
  for round in 1 2 3 4 5; do
    processes=()
    for tag in one two three four; do
      image "$libc" --label tag="$tag" -o "oci:$work/at-once-$round:$tag" &
      processes+=($!)
    done
    for process in "${processes[@]}"; do wait "$process"; done
    [[ $(jq -r '.manifests[].annotations["org.opencontainers.image.ref.name"]' "$work/at-once-$round/index.json" | sort | xargs) == 'four one three two' ]]
    for tag in one two three four; do skopeo inspect "oci:$work/at-once-$round:$tag" >/dev/null; done
  done
}

loads_into_the_daemon() {
  forget
  image "$result" "${program[@]}" -o docker-daemon:app:daemon
  runs app:daemon
}
# What the daemon has is neither written nor sent: it would have to be opened.
sends_what_is_missing() {
  image "$result" "${program[@]}" -o docker-daemon:app:one
  "$REPOT" image --json -q "$result" "${program[@]}" --label new=yes -o docker-daemon:app:two >"$work/json"
  jq -e '[.layers[] | select(.storePaths != []) | .written] | any | not' "$work/json"
  runs app:two
  [[ $(docker inspect -f '{{index .Config.Labels "new"}}' app:two) == yes ]]
}
# The image goes between the question and the load.
sends_all_when_layers_go() {
  forget
  image "$result" "${program[@]}" -o docker-daemon:app:going
  cat >"$work/bin/docker.new" <<SH
#!/bin/sh
if [ "\$1" = load ]; then /usr/bin/docker image rm -f app:going >/dev/null 2>&1; fi
exec /usr/bin/docker "\$@"
SH
  chmod +x "$work/bin/docker.new"
  mv "$work/bin/docker" "$work/bin/docker.old"
  mv "$work/bin/docker.new" "$work/bin/docker"
  image "$result" "${program[@]}" -o docker-daemon:app:gone
  mv "$work/bin/docker.old" "$work/bin/docker"
  runs app:gone
}
dead_daemon_says_so() {
  local said
  if said=$(DOCKER_HOST=unix:///nowhere image "$result" -o docker-daemon:app:dead 2>&1); then exit 1; fi
  grep -q 'Is its daemon running' <<<"$said" && grep -q 'docker-archive:FILE' <<<"$said"
}

# on_base WHERE: on top of a base with the C library in it, which is not in the image again.
on_base() {
  local name count
  name=based-$(tr -c 'a-z0-9\n' - <<<"${1##*/}")
  image "$result" "${program[@]}" --base "$1" --env TWO=2 -o "docker-archive:$work/$name.tar:$name:1"
  docker load -i "$work/$name.tar"
  runs "$name:1"
  [[ $(docker inspect -f '{{json .Config.Env}}' "$name:1") == '["ONE=1","TWO=2"]' ]]
  mkdir "$work/$name"
  tar -C "$work/$name" -xf "$work/$name.tar"
  umoci unpack --image "$work/$name:1" "$work/$name-bundle"
  diff <(listing "$work/staged") <(listing "$work/$name-bundle/rootfs")
  count=$(for blob in "$work/$name"/blobs/sha256/*; do tar -tf "$blob" 2>/dev/null || true; done | grep -c "^nix/store/${libc##*/}/\$")
  ((count == 1)) || {
    echo "the C library is there $count times"
    return 1
  }
}
make_bases() {
  image "$libc" --env ONE=1 -o "oci:$work/base:b"
  image "$libc" --env ONE=1 -o "oci-archive:$work/base.tar:b"
  image "$libc" --env ONE=1 -o "docker-archive:$work/base-docker.tar:base:b"
  docker load -i "$work/base-docker.tar"
  docker save -o "$work/saved.tar" base:b
  copy "oci:$work/base:b" "docker-archive:$work/skopeo.tar:base:b"
  copy "oci:$work/base:b" "oci-archive:$work/skopeo-oci.tar:b"
}
base_keeps_its_blobs() {
  local before
  before=$(cd "$work/base" && find . -type f -exec sha256sum {} + | sort)
  image "$result" --base "oci:$work/base:b" -o "oci:$work/base:top"
  diff <(skopeo inspect "oci:$work/base:b" | jq '.Layers[0]') <(skopeo inspect "oci:$work/base:top" | jq '.Layers[0]')
  (cd "$work/base" && grep -v index.json <<<"$before" | sha256sum -c --quiet)
}
# packed_base_is_known COMPRESSION: of a base as others pack it, whose layers say nothing of what is in them.
packed_base_is_known() {
  copy --dest-compress-format "$1" "oci:$work/base:b" "oci:$work/base-$1:b"
  skopeo inspect --raw "oci:$work/base-$1:b" >"$work/manifest"
  jq -e --arg type "+$1" 'all(.layers[]; .annotations == null and (.mediaType | endswith($type)))' "$work/manifest"
  "$REPOT" image --json "$result" --base "oci:$work/base-$1:b" -o "oci:$work/on-$1:b" >"$work/report"
  jq -e --arg libc "${libc##*/}" '[.layers[].storePaths[]] | length > 0 and index($libc) == null' "$work/report"
}
damaged_base_is_refused() {
  local status=0 blob
  cp -r "$work/base-gzip" "$work/damaged"
  blob=$(jq -r '.layers[0].digest' <(skopeo inspect --raw "oci:$work/damaged:b"))
  blob=$work/damaged/blobs/sha256/${blob#sha256:}
  head -c "$(($(stat -c %s "$blob") / 2))" "$blob" >"$work/half"
  truncate -r "$blob" "$work/half"
  cp "$work/half" "$blob"
  image "$result" --base "oci:$work/damaged:b" -o "oci:$work/on-damaged:b" 2>"$work/said" || status=$?
  ((status == 1))
  grep -q 'cannot list the layer sha256:.*; make or fetch it anew' "$work/said"
  [[ ! -e $work/on-damaged/index.json ]]
}
# changed_base_is_seen CHANGE ARGUMENT...: a base whose upper layer, packed, has changed a store path, or has removed it.
changed_base_is_seen() {
  rm -rf "$work/changed" "$work/on-changed" "$work/changed-bundle"
  image "$libc" -o "oci:$work/changed:b"
  umoci insert --image "$work/changed:b" "$@"
  image "$result" --base "oci:$work/changed:b" -o "oci:$work/on-changed:b"
  umoci unpack --image "$work/on-changed:b" "$work/changed-bundle"
  diff -r --no-dereference "$libc" "$work/changed-bundle/rootfs$libc"
}
# A mount point of the base, and a file that the store path does not have.
altered_base_is_replaced() {
  rm -rf "$work/altered" "$work/on-altered" "$work/altered-bundle" "$work/mount"
  mkdir -p "$work/mount${libc}" "$work/mount$result"
  echo more >"$work/mount${libc}/more"
  umoci init --layout "$work/altered"
  umoci new --image "$work/altered:b"
  umoci insert --image "$work/altered:b" "$work/mount/nix" /nix
  image "$result" --base "oci:$work/altered:b" -o "oci:$work/on-altered:b"
  umoci unpack --image "$work/on-altered:b" "$work/altered-bundle"
  diff -r --no-dereference "$libc" "$work/altered-bundle/rootfs$libc"
  diff -r --no-dereference "$result" "$work/altered-bundle/rootfs$result"
  "$REPOT" verify "oci:$work/on-altered:b"
}
# foreign_base NAME: the directory $work/NAME as an image of umoci.
foreign_base() {
  umoci init --layout "$work/$1-base"
  umoci new --image "$work/$1-base:b"
  umoci unpack --image "$work/$1-base:b" "$work/$1-bundle" >/dev/null
  cp -a "$work/$1/." "$work/$1-bundle/rootfs/"
  umoci repack --image "$work/$1-base:b" "$work/$1-bundle" >/dev/null
  rm -r "$work/$1-bundle"
  umoci unpack --image "$work/$1-base:b" "$work/$1-bundle" >/dev/null
}
# on_foreign_base NAME ADDITION...: the image has all entries of the base, unchanged, and these additions at their
# locations; Docker loads it and runs a program of the base and the one of the closure.
on_foreign_base() {
  local name=$1 options=() addition
  shift
  for addition; do options+=(--symlink "${addition%=*}=$result"); done
  image "$result" --entrypoint "$result/bin/hello" "${options[@]}" --base "oci:$work/$name-base:b" \
    -o "oci:$work/$name-out:t"
  umoci unpack --image "$work/$name-out:t" "$work/$name-out-bundle" >/dev/null
  (cd "$work/$name-out-bundle/rootfs" && find . -mindepth 1 -path ./nix/store/\* -prune -o -printf '%p %y %m %U:%G %T@ %l\n' | sort) >"$work/new"
  (cd "$work/$name-bundle/rootfs" && find . -mindepth 1 -printf '%p %y %m %U:%G %T@ %l\n' | sort) >"$work/old"
  [[ -z $(comm -23 "$work/old" "$work/new") ]] || {
    comm -23 "$work/old" "$work/new"
    return 1
  }
  diff <(comm -13 "$work/old" "$work/new" | cut -d ' ' -f 1 | grep -vE '^./nix(/store)?$') \
    <(for addition; do echo ".${addition#*=}"; done | sort)
  image "$result" --entrypoint "$result/bin/hello" "${options[@]}" --base "oci:$work/$name-base:b" \
    -o "docker-archive:$work/$name.tar:$name:t"
  docker load -i "$work/$name.tar"
  runs "$name:t"
  docker run --rm --network=none --entrypoint /bin/sh "$name:t" -c 'stat -c "%a %u:%g %n" /nix /nix/store /root /tmp' >"$work/said"
  diff <(cd "$work/$name-out-bundle/rootfs" && stat -c "%a %u:%g /%n" nix nix/store root tmp) "$work/said"
}
make_foreign_bases() {
  local mirror
  need debootstrap busybox-static
  # Directories with modes and owners of their own, and a store of a user.
  mkdir -p "$work/busybox/usr/bin" "$work/busybox/data"
  cp /bin/busybox "$work/busybox/usr/bin"
  ln "$work/busybox/usr/bin/busybox" "$work/busybox/usr/bin/sh"
  ln "$work/busybox/usr/bin/busybox" "$work/busybox/usr/bin/stat"
  ln -s usr/bin "$work/busybox/bin"
  install -d -m 1777 "$work/busybox/srv" "$work/busybox/tmp"
  install -d -m 700 -o 5 "$work/busybox/root"
  install -d -m 1775 -o 1000 -g 1000 "$work/busybox/nix" "$work/busybox/nix/store"
  foreign_base busybox
  # A store behind a symlink.
  cp -a "$work/busybox" "$work/linked"
  mv "$work/linked/nix" "$work/linked/data/nix"
  ln -s data/nix "$work/linked/nix"
  foreign_base linked
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sed -n 1p)
  debootstrap --variant=minbase --foreign "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$work/debian" "$mirror"
  rm "$work/debian/proc"
  mkdir "$work/debian/proc"
  # The script of base-files creates this symlink after the packages are unpacked.
  rmdir "$work/debian/var/run"
  ln -s /run "$work/debian/var/run"
  foreign_base debian
}
# The store of the base is in another directory, to which the symlink /nix leads.
on_linked_base() {
  image "$result" --entrypoint "$result/bin/hello" --base "oci:$work/linked-base:b" \
    -o "docker-archive:$work/linked.tar:linked:t"
  docker load -i "$work/linked.tar"
  runs linked:t
  "$REPOT" verify -q "docker-archive:$work/linked.tar:linked:t" --closure <(nix-store -qR "$result")
  [[ $(docker run --rm --network=none --entrypoint /bin/sh linked:t -c 'stat -c "%a %u:%g" /data/nix /nix/store/') == $'1775 1000:1000\n1775 1000:1000' ]]
}
# What lies below is in the same store: the registration tells of it, and files beside the store are the upper ones.
base_is_registered() {
  local beside=(--skeleton --registration)
  image "$result" "${beside[@]}" --symlink "/app=$result" -o "oci:$work/registered:b"
  image "$libc" "${beside[@]}" --symlink "/app=$libc" --base "oci:$work/registered:b" -o "oci:$work/registered:t"
  "$REPOT" verify "oci:$work/registered:t"
  umoci unpack --image "$work/registered:t" "$work/registered-bundle"
  [[ $(readlink "$work/registered-bundle/rootfs/app") == "$libc" ]]
  grep -qx "$result" "$work/registered-bundle/rootfs/nix-path-registration"
  image "$libc" --base "oci:$work/registered:b" -o "oci:$work/registered:unasked"
  "$REPOT" verify "oci:$work/registered:unasked"
}
# Of a pruned base the image would lack what was left out, or have it twice.
pruned_base_is_refused() {
  local status=0
  image "$libc" --prune '*-libc/lib64' -o "oci:$work/pruned:b"
  image "$result" --base "oci:$work/pruned:b" -o "oci:$work/on-pruned:b" 2>"$work/refusal" || status=$?
  ((status == 1))
  grep -q "was made with --prune and has only a part of '$libc'" "$work/refusal"
}
# umoci's layers lack the mark of an archive's end.
verify_reads_umoci() {
  cp -r "$work/base" "$work/inserted"
  umoci insert --image "$work/inserted:b" "$work/said" /etc/said
  "$REPOT" verify "oci:$work/inserted:b"
  umoci insert --image "$work/inserted:b" "$work/said" "$libc/said"
  ! "$REPOT" verify "oci:$work/inserted:b" 2>"$work/errors" || return 1
  ! grep -v "$libc" "$work/errors" | grep '^repot' || return 1
}
# What cannot be kept here is no damage of the image.
# What is remembered of a damaged store is replaced.
no_cache_lasts() {
  local path=/nix/store/00000000000000000000000000000000-page
  mkdir -p "$work/page${path%/*}"
  echo good >"$work/page$path"
  chmod 444 "$work/page$path"
  echo "$path" >"$work/page/list"
  "$REPOT" closure --json --store-root "$work/page" --closure "$work/page/list" >/dev/null
  "$REPOT" stage -q --registration --store-root "$work/page" --closure "$work/page/list" "$work/page-out"
  make() { image --store-root "$work/page" --closure "$work/page-out/nix-path-registration" -o "oci:$work/paged:t" "$@"; }
  verified() { "$REPOT" verify -q --closure "$work/page-out/nix-path-registration" "oci:$work/paged:t"; }
  echo evil >"$work/page$path"
  make
  ! verified || return 1
  echo good >"$work/page$path"
  make
  ! verified || return 1
  make --no-cache
  verified
  make
  verified
}
verify_needs_room() {
  local status=0
  TMPDIR=/nowhere "$REPOT" verify "oci:$work/base-gzip:b" 2>"$work/said" || status=$?
  ((status == 1))
  grep -q "cannot keep a layer's content in '/nowhere'.*name a directory with room in TMPDIR" "$work/said"
  ! grep -q 'rebuild the image' "$work/said"
}
layers_have_a_limit() {
  local status=0 i=0
  image "$libc" -o "oci:$work/many:many"
  while ((++i <= 126)); do
    mkdir -p "$work/layer"
    echo "$i" >"$work/layer/file-$i"
    umoci insert --image "$work/many:many" "$work/layer/file-$i" "/file-$i" >/dev/null
  done
  image "$result" --base "oci:$work/many:many" -o "oci:$work/too-many" 2>"$work/said" || status=$?
  ((status == 64))
  grep -q 'the base has 127 layers' "$work/said"
}

# Docker has room for 125, of which none is lost: small store paths, each in its own layer.
docker_takes_as_many_layers_as_there_are() {
  local i
  mkdir -p "$work/wide/nix/store"
  for ((i = 100; i < 300; ++i)); do
    echo "$i" >"$work/wide/nix/store/00000000000000000000000000000$i-p"
    echo "/nix/store/00000000000000000000000000000$i-p"
  done >"$work/wide/list"
  image --store-root "$work/wide" --closure "$work/wide/list" --layers path --max-layers 127 -o "docker-archive:$work/wide.tar:wide:1"
  docker load -i "$work/wide.tar"
  [[ $(docker inspect -f '{{len .RootFS.Layers}}' wide:1) == 125 ]]
}
# The first colon ends the folder.
skopeo_reads_any_name() {
  image "$result" "${program[@]}" -o "oci:$work/named:docker.io/me/app:v1"
  copy "oci:$work/named:docker.io/me/app:v1" "oci:$work/named:app:v2"
  image "$result" --base "oci:$work/named:app:v2" -o "oci:$work/named:top"
}

# ended SIGNAL WHERE: an image of a huge file that is being written when the signal comes; prints the exit status.
ended() {
  local path=/nix/store/00000000000000000000000000000000-huge process status=0
  mkdir -p "$work/huge${path%/*}"
  truncate -s 100G "$work/huge$path"
  # The hash is not null, since the file would otherwise be read first to compute it.
  printf '%s\nsha256:%064d\n%d\n\n0\n' "$path" 1 107374182400 >"$work/huge/list"
  env --default-signal=INT "$REPOT" image --store-root "$work/huge" --closure "$work/huge/list" \
    -o "$2" >"$work/ended.log" 2>&1 &
  process=$!
  for _ in {1..600}; do
    if (($(awk '/^wchar/ { print $2 }' "/proc/$process/io") > 1000000)); then break; fi
    sleep 0.1
  done
  kill "-$1" "$process"
  wait "$process" || status=$?
  echo "$status"
}
# A SIGINT while layers are written leaves neither the file nor anything beside it.
interrupted_leaves_nothing() {
  mkdir "$work/target"
  (($(ended INT "oci-archive:$work/target/a.tar") == 130))
  [[ -z $(ls -A "$work/target") ]]
}
next_run_sweeps() {
  mkdir "$work/killed"
  (($(ended KILL "oci-archive:$work/killed/a.tar") == 137))
  [[ -n $(ls -A "$work/killed") ]]
  image "$libc" -o "docker-archive:$work/killed/b.tar"
  [[ $(ls -A "$work/killed") == b.tar ]]
}
first_run_is_valid() {
  (($(ended KILL "oci:$work/first:a") == 137))
  umoci ls --layout "$work/first"
  image "$libc" -o "oci:$work/first:b"
  umoci stat --image "$work/first:b" >/dev/null
}

with_podman() {
  unset DOCKER_CONFIG
  export CONTAINERS_STORAGE_CONF=$work/storage.conf
  printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/containers" "$work/containers-run" >"$work/storage.conf"
  podman load -i "$work/docker.tar"
  podman image inspect localhost/app:v1 >/dev/null || podman image inspect app:v1 >/dev/null
}
with_buildah() {
  unset DOCKER_CONFIG
  export CONTAINERS_STORAGE_CONF=$work/storage.conf
  printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/containers" "$work/containers-run" >"$work/storage.conf"
  buildah from --name image "docker-archive:$work/docker.tar:app:v1"
  diff <(listing "$work/staged") <(listing "$(buildah mount image)")
}
nothing_is_left() { [[ -z $(ls -A "$TMPDIR") ]]; }

start_dockerd
for compression in none gzip zstd; do
  check "oci:, $compression: skopeo inspects and copies it" skopeo_copies_it "$compression"
done
for compression in none gzip; do
  check "oci:, $compression: umoci unpacks what repot stage writes" umoci_unpacks_it "$compression"
done
check "oci: has several tags in one folder" two_tags_in_one_folder
check "oci-archive: has the same image" skopeo_reads_the_layout_archive
check "docker-archive: is for Docker's readers and OCI's" everyone_reads_the_docker_archive
for compression in none gzip; do
  check "docker-archive:, $compression: docker load takes it, and it runs" docker_loads "$compression"
done
check "a name such as app.tar.gz compresses the archive, which Docker, skopeo and verify read" compressed_by_name
check "docker-archive:- is a stream for docker load" docker_loads_a_stream
check "docker-archive: needs no name" a_name_is_not_needed
check "docker-archive: with zstd is refused, with a remedy" zstd_is_refused
check "the same bytes with 1, 2 and 7 workers, and without the cache" same_bytes
check "the same image from an optimised store, from another root, and whoever tells the closure" same_image_from_anywhere
check "oci: four runs at once into a new folder" all_at_once_survive
check "docker-daemon: loads it, and it runs" loads_into_the_daemon
check "docker-daemon: sends only what is missing" sends_what_is_missing
check "docker-daemon: sends all when layers go meanwhile" sends_all_when_layers_go
check "docker-daemon: a daemon that does not answer is told of" dead_daemon_says_so
make_bases >/dev/null
check "--base oci:" on_base "oci:$work/base:b"
check "--base oci-archive:" on_base "oci-archive:$work/base.tar:b"
check "--base docker-archive:" on_base "docker-archive:$work/base-docker.tar"
check "--base docker-archive: of docker save" on_base "docker-archive:$work/saved.tar:base:b"
check "--base docker-archive: of skopeo" on_base "docker-archive:$work/skopeo.tar:base:b"
check "--base oci-archive: of skopeo, compressed" on_base "oci-archive:$work/skopeo-oci.tar:b"
for compression in gzip zstd; do
  check "--base oci: of skopeo, $compression: its store paths are known" packed_base_is_known "$compression"
done
check "--base with a damaged layer is refused, with a remedy" damaged_base_is_refused
check "--base in the same folder: its blobs stay" base_keeps_its_blobs
check "--base with a store path removed by another layer" changed_base_is_seen --whiteout "$libc"
check "--base with a store path changed by another layer" changed_base_is_seen "$work/said" "$libc/lib/libc.so.6"
check "--base with other content in store paths: the image replaces them" altered_base_is_replaced
check "--base: its store paths stay registered" base_is_registered
make_foreign_bases >/dev/null
check "--base of Debian: its directories and symlinks stay" on_foreign_base debian /bin/app=/usr/bin/app \
  /root/app=/root/app /var/run/app=/run/app /tmp/app=/tmp/app
check "--base of busybox with a store of a user: its directories and symlinks stay" on_foreign_base busybox \
  /bin/app=/usr/bin/app /srv/app=/srv/app /root/app=/root/app
check "--base with a store behind a symlink: the image runs" on_linked_base
check "--base that is pruned is refused" pruned_base_is_refused
check "verify reads umoci's layers" verify_reads_umoci
check "--no-cache mends an image of a damaged store for good" no_cache_lasts
check "verify without room says so" verify_needs_room
check "--base with too many layers is refused" layers_have_a_limit
check "docker load takes as many layers as an image for it has" docker_takes_as_many_layers_as_there_are
check "oci: has names with colons and slashes, which skopeo reads and writes" skopeo_reads_any_name
check "SIGINT leaves nothing" interrupted_leaves_nothing
check "SIGKILL leaves what the next run removes" next_run_sweeps
check "a folder that is killed in its first run is valid for umoci" first_run_is_valid
for program in podman buildah; do
  if command -v "$program" >/dev/null; then
    check "$program reads it" "with_$program"
  else
    echo "SKIP $program: it is not installed"
  fi
done
check "no temporary folder is left" nothing_is_left
summary
