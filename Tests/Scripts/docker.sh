# Sourced by scripts that build images, after common.sh: a dockerd of their own, in the folder $work, which goes at the
# end, and a builder image.
# shellcheck shell=bash

need docker.io nix-bin patchelf hello
# From Debian 13 on, the client and its BuildKit part are packages of their own.
for package in docker-cli docker-buildx; do
  if apt-cache show "$package" >/dev/null 2>&1; then need "$package"; fi
done

work=$(mktemp -d)
dockerd_pid=
end() {
  if [[ $dockerd_pid ]]; then
    kill "$dockerd_pid" 2>/dev/null || true
    wait "$dockerd_pid" 2>/dev/null || true
  fi
  # dockerd can leave its data folder mounted on itself.
  awk -v work="$work/" 'index($2, work) == 1 { print $2 }' /proc/mounts | tac | xargs -r umount || true
  # A program that is still ending there is no failed check.
  rm -rf "$work" || true
}
trap end EXIT

export DOCKER_HOST=unix://$work/socket DOCKER_CONFIG=$work/config DOCKER_BUILDKIT=1
# Debian's: another docker on PATH may lack BuildKit.
docker() { /usr/bin/docker "$@"; }

# overlay2 is what people have; vfs works where the temporary directory is itself an overlay.
start_dockerd() {
  local driver
  for driver in overlay2 vfs; do
    /usr/sbin/dockerd --data-root "$work/data" --exec-root "$work/exec" -p "$work/pid" -H "$DOCKER_HOST" \
      --iptables=false --ip6tables=false --bridge=none --storage-driver "$driver" >"$work/dockerd.log" 2>&1 &
    dockerd_pid=$!
    while kill -0 "$dockerd_pid" 2>/dev/null; do
      if docker info >/dev/null 2>&1; then
        echo "dockerd runs with $driver"
        return
      fi
      sleep 0.2
    done
    dockerd_pid=
  done
  tail -n 10 "$work/dockerd.log" >&2
  echo "dockerd does not start here" >&2
  exit 1
}

# The builder image: Nix, a shell and what the build calls, with their libraries, from this machine; and repot, which
# REPOT names. What is in $work/builder before comes with it.
make_builder() {
  local tree=$work/builder link programs libraries
  mkdir -p "$tree"/etc/nix "$tree"/usr/{bin,sbin,lib,lib64}
  mkdir -p "$tree/tmp"
  chmod 1777 "$tree/tmp"
  for link in /bin /sbin /lib /lib64; do
    if [[ -L $link ]]; then cp -a "$link" "$tree$link"; fi
  done
  mapfile -t programs < <(dpkg -L bash dash coreutils patchelf nix-bin hello | grep -E '^(/usr)?/(bin|libexec/nix)/.')
  mapfile -t libraries < <(ldd "${programs[@]}" 2>/dev/null | grep -oE '/[^ )]+\.so[^ )]*' | sort -u)
  tar -C / -c "${programs[@]#/}" | tar -C "$tree" -x
  tar -C / -ch "${libraries[@]#/}" | tar -C "$tree" -x
  echo 'root:x:0:0:root:/root:/bin/sh' >"$tree/etc/passwd"
  echo "$NIX_CONFIG" >"$tree/etc/nix/nix.conf"
  cp "$REPOT" "$tree/usr/bin/repot"
  tar -C "$tree" -c . | docker import - nix
}
