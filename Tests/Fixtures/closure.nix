# A closure with one of each: a path that names itself, outputs that name each other, a file, a symlink, a text, a
# name of an entry, and a family of many. `stranger` belongs to none.
let
  build = name: attributes: script: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-euc" script ];
    PATH = "/usr/bin:/bin";
  } // attributes);

  numbers = builtins.genList (number: "o${toString number}") 300;
  text = builtins.toFile "text" "nothing is named here\n";
  selfish = build "selfish" { inherit text; } ''
    mkdir -p "$out/bin" && echo "$out/bin and $text" > "$out/bin/self"
  '';
  both = build "both" { outputs = [ "out" "dev" ]; inherit selfish; } ''
    mkdir "$out" "$dev"
    printf 'x%sx' "$selfish" > "$out/lib"
    ln -s "$out/lib" "$dev/lib"
  '';
  link = build "link" { target = both.dev; } ''ln -s "$target/lib" "$out"'';
  file = build "file" { inherit link; } ''basename "$link" | cut -c1-32 > "$out"'';
  named = build "named" { inherit file; } ''mkdir -p "$out/share" && : > "$out/share/with-$(basename "$file")"'';
  large = build "large" { inherit named; } ''
    { head -c 262128 /dev/zero; printf %s "$named"; head -c 600000 /dev/zero | tr '\0' 0; } > "$out"
  '';
  family = build "family" { outputs = [ "out" ] ++ numbers; inherit numbers large; } ''
    before=$large
    for number in $numbers; do
      eval "path=\$$number"
      mkdir "$path"
      echo "$before" > "$path/before"
      before=$path
    done
    mkdir "$out"
    for number in $numbers; do eval "echo \$$number"; done > "$out/all"
  '';

  stranger = build "stranger" { inherit selfish; } ''
    { basename "$selfish" | cut -c1-31; basename "$selfish" | cut -c2-32; basename "$selfish" | tr a-z A-Z; } > "$out"
  '';
in
{ inherit family large both stranger; }
