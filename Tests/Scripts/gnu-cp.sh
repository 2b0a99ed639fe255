#!/usr/bin/env bash
# gnu-cp.sh DIRECTORY: unpacks GNU cp of newer Debian releases into DIRECTORY, and the source of the newest one.
# DIRECTORY/VERSION/cp runs that version with its own C library; DIRECTORY/testing/source has the tests.
# Nothing is installed, and the packages come from the mirror that apt uses on this machine.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need dpkg-dev

target=$(realpath "$1")
releases=(trixie testing)
packages=(coreutils libc6 libacl1 libattr1 libselinux1 libgmp10 libpcre2-8-0)
keys=/usr/share/keyrings/debian-archive-keyring.gpg

mirror() {
  local codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get update --print-uris | sed -n "s|^'\(.*\)/dists/$codename/InRelease'.*|\1|p" | sed -n 1p
}

# Apt's lists and cache for this script alone: the machine's own sources stay as they are.
configure() {
  local uri release signed=
  uri=$(mirror)
  [[ $uri ]] || { echo "no apt source for this release" >&2; return 1; }
  mkdir -p "$apt"/{lists,cache}/partial "$apt"/cache/archives/partial
  if [[ -e $keys ]]; then signed="Signed-By: $keys"; fi
  for release in "${releases[@]}"; do
    printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\n%s\n\n' \
      "$([[ $release == testing ]] && echo deb deb-src || echo deb)" "$uri" "$release" "$signed"
  done >"$apt/debian.sources"
  cat >"$apt/apt.conf" <<END
Dir::Etc::SourceList "$apt/debian.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt/cache";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
APT::Sandbox::User "root";
END
}

# The words that run the unpacked cp under the name cp, and a program that does.
wrap() {
  local root=$1 libraries
  libraries=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
  printf '%s --library-path %s --argv0 cp %s' \
    "$(find "$libraries" -name 'ld-linux*')" "$libraries" "$root/usr/bin/cp" >"$root/command"
  printf '#!/bin/sh\nexec %s "$@"\n' "$(<"$root/command")" >"$root/cp"
  chmod 755 "$root/cp"
}

unpack() {
  local release=$1 root version package
  root=$target/$release
  mkdir -p "$root/packages"
  (cd "$root/packages" && apt-get download -qq "${packages[@]/%//$release}")
  for package in "$root"/packages/*.deb; do dpkg-deb -x "$package" "$root"; done
  wrap "$root"
  version=$("$root/cp" --version | sed -n '1s/.* //p')
  ln -sfn "$release" "$target/$version"
  echo "$version" >"$root/version"
  echo "GNU cp $version of $release"
}

apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$target"
chmod 755 "$target"
configure
export APT_CONFIG=$apt/apt.conf
apt-get update -qq
rm -rf "$target/testing/source"
for release in "${releases[@]}"; do unpack "$release"; done
(cd "$target/testing/packages" && apt-get source -qq --download-only coreutils/testing &&
  dpkg-source --no-check -x coreutils_*.dsc ../source >/dev/null)
