# A program and everything it needs at run time, as five store paths, from what Debian has installed.
# No nixpkgs and no network: the programs that build it are the host's, so Nix's sandbox must be off.
let
  build = name: attributes: script:
    derivation ({
      inherit name;
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-euc" script ];
      PATH = "/usr/bin:/bin";
      # The host's program. Its loader tells where the C library is, on every architecture.
      original = "/usr/bin/hello";
    } // attributes);

  libc = build "libc" { } ''
    loader=$(patchelf --print-interpreter "$original")
    mkdir -p "$out/lib"
    cp -L "$loader" "$out/lib/"
    "$loader" --list "$original" | while read -r name arrow path address; do
      case $arrow in "=>") cp -L "$path" "$out/lib/$name" ;; esac
    done
    ln -s libc.so.6 "$out/lib/libc.so"
    ln -s lib "$out/lib64"
  '';

  # What a copy gets wrong most easily. Nix makes every directory 0555 and every file 0444 or 0555.
  data = build "data" { } ''
    mkdir -p "$out/deep/deeper/deepest" "$out/empty"
    head -c 300000 /dev/zero | tr '\0' 'r' > "$out/deep/large"
    cp "$out/deep/large" "$out/deep/deeper/duplicate"
    echo 'a line' > "$out/deep/deeper/deepest/line"
    : > "$out/deep/nothing"
    printf '#!/bin/sh\necho script\n' > "$out/deep/script"
    chmod 755 "$out/deep/script"
    ln -s ../line "$out/deep/deeper/deepest/dangling"
    ln -s deep/deeper "$out/inside"
    echo 'not UTF-8' > "$out/$(printf 'caf\351')"
    echo 'spaces' > "$out/ two  words "
  '';

  # A store path need not be a directory.
  link = build "link" { inherit data; } ''ln -s "$data" "$out"'';
  file = builtins.toFile "settings.conf" "greeting = hello\n";

  program = build "hello" { inherit libc data link file; } ''
    mkdir -p "$out/bin" "$out/etc"
    cp "$original" "$out/bin/hello"
    chmod u+w "$out/bin/hello"
    loader=$(basename "$(patchelf --print-interpreter "$original")")
    patchelf --set-interpreter "$libc/lib/$loader" --set-rpath "$libc/lib" "$out/bin/hello"
    ln -s "$data/deep" "$out/share"
    ln -s "$link" "$out/current"
    echo "include $file" > "$out/etc/main.conf"
  '';
in
program // { inherit libc data; }
