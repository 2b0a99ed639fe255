# A closure of 320 store paths: folders, files and symlinks, some of which refer to themselves, one with two outputs, some that a
# build alone would need, and one large file. No nixpkgs and no network.
let
  build = name: attributes: script:
    derivation ({
      inherit name;
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-euc" script ];
      PATH = "/usr/bin:/bin";
    } // attributes);

  count = 310;
  number = place: builtins.toString place;
  package = place:
    let
      # Those before it, so that there are long and short ways.
      below = builtins.filter (other: other < place) [ (place - 1) (place / 2) (place / 3) (place - 7) ];
      references = map (other: builtins.elemAt packages other) (builtins.filter (other: other >= 0) below);
      kind = place - place / 5 * 5;
    in
    build "package${number place}-1.${number place}" { inherit references; } (
      if kind == 3 then ''echo "$references" > "$out"''
      else if kind == 4 && references != [ ] then ''ln -s "$(echo $references | cut -d " " -f 1)" "$out"''
      else ''
        mkdir -p "$out/bin" "$out/share/doc" "$out/lib"
        echo "$references" > "$out/lib/references"
        echo "documents" > "$out/share/doc/text"
        printf '#!/bin/sh\necho %s\n' "${if kind == 1 then "$out" else "nothing of its own"}" > "$out/bin/program${number place}"
        chmod 755 "$out/bin/program${number place}"
        ln -s ../lib "$out/bin/lib"
      ''
    );
  packages = builtins.genList package count;

  two = build "two-2.0" { outputs = [ "out" "dev" ]; } ''
    mkdir -p "$out/lib" "$dev/include"
    head -c 2000 /dev/zero > "$out/lib/libtwo.a"
    echo "$out" > "$dev/include/two.h"
  '';
  # Text in which nothing looks like a hash, in which all does, and bytes; a hash lies across 8 MiB.
  large = build "large-1.0" { last = builtins.elemAt packages (count - 1); } ''
    mkdir -p "$out"
    {
      head -c 3000000 /dev/zero
      head -c 3000000 /dev/zero | tr '\0' '0'
      head -c 2388581 /dev/zero | tr '\0' 'e'
      echo "$last"
      head -c 3000000 /dev/zero | tr '\0' 'z'
    } > "$out/large"
  '';
  text = builtins.toFile "settings.conf" "a file that refers to nothing\n";
in
build "many-1.0" { inherit large text; dev = two.dev; } ''
  mkdir -p "$out/etc"
  echo "$large $text $dev $out" > "$out/etc/all"
  ln -s "$large/large" "$out/large"
''
