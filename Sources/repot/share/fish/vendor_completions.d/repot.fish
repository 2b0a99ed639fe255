function __repot_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __repot_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __repot_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __repot_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __repot_parse_tokens -S
    set -l unparsed_tokens (__repot_tokens -pc)
    switch $unparsed_tokens[1]
    case 'repot'
        __repot_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'cp'
            __repot_parse_subcommand -r 1 'a/archive' 'd' 'R/recursive' 'P/no-dereference' 'L/dereference' 'H' 'p' 'preserve' 'no-preserve=' 'l/link' 's/symbolic-link' 'f/force' 'i/interactive' 'n/no-clobber' 'update' 'u' 'backup' 'b' 'S/suffix=' 'remove-destination' 'attributes-only' 'copy-contents' 'strip-trailing-slashes' 'keep-directory-symlink' 'Z' 'context' 'debug' 'v/verbose' 'x/one-file-system' 't/target-directory=' 'T/no-target-directory' 'parents' 'reflink' 'sparse=' 'strategy=' 'strict' 'sync' 'explain' 'j/jobs=' 'progress=' 'q/quiet' 'json' 'version' 'help'
        case 'closure'
            __repot_parse_subcommand -r 1 'closure=+' 'closure-from=' 'store=' 'store-root=' 'tree' 'sizes' 'why=' 'diff=' 'json' 'max-size=' 'max-paths=' 'deny=+' 'explain' 'version' 'h/help'
        case 'stage'
            __repot_parse_subcommand -r 1 'closure=+' 'closure-from=' 'store=' 'store-root=' 'strategy=' 'strict' 'owner=' 'mtime=' 'j/jobs=' 'move' 'symlink=+' 'profile=+' 'ignore-collisions' 'skeleton' 'registration' 'prune=+' 'check' 'sync' 'dry-run' 'progress=' 'q/quiet' 'v/verbose' 'json' 'explain' 'version' 'h/help'
        case 'tar'
            __repot_parse_subcommand -r 1 'o/output=' 'rootfs=' 'closure=+' 'closure-from=' 'store=' 'store-root=' 'symlink=+' 'profile=+' 'ignore-collisions' 'skeleton' 'registration' 'prune=+' 'compression=' 'owner=' 'mtime=' 'hardlinks=' 'align' 'j/jobs=' 'sync' 'dry-run' 'progress=' 'q/quiet' 'v/verbose' 'json' 'explain' 'version' 'h/help'
        case 'image'
            __repot_parse_subcommand -r 1 'o/output=' 'sync' 'closure=+' 'closure-from=' 'store=' 'store-root=' 'entrypoint=' 'cmd=' 'env=+' 'user=' 'workdir=' 'label=+' 'expose=+' 'volume=+' 'stop-signal=' 'base=' 'config=' 'created=' 'arch=' 'layers=' 'max-layers=' 'min-layer=' 'pin=+' 'previous=' 'compression=' 'owner=' 'mtime=' 'hardlinks=' 'cache=' 'no-cache' 'j/jobs=' 'symlink=+' 'profile=+' 'ignore-collisions' 'skeleton' 'registration' 'prune=+' 'sbom=' 'sbom-file=' 'dry-run' 'progress=' 'q/quiet' 'v/verbose' 'json' 'explain' 'version' 'h/help'
        case 'docker-build'
            __repot_parse_subcommand -r 1 'f/file=' 'builder=' 'closure=+' 'closure-from=' 'store=' 'store-root=' 'entrypoint=' 'cmd=' 'env=+' 'user=' 'workdir=' 'label=+' 'expose=+' 'volume=+' 'stop-signal=' 'symlink=+' 'profile=+' 'ignore-collisions' 'skeleton' 'registration' 'prune=+' 'j/jobs=' 'version' 'h/help'
        case 'verify'
            __repot_parse_subcommand 1 'closure=+' 'closure-from=' 'store=' 'store-root=' 'image=' 'owner=' 'mtime=' 'j/jobs=' 'repair' 'progress=' 'q/quiet' 'v/verbose' 'json' 'explain' 'version' 'h/help'
        case 'help'
            __repot_parse_subcommand -r 1 'version'
        end
    end
end

function __repot_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __repot_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __repot_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __repot_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__repot_tokens -p)
    if test -z "$(__repot_tokens -t)"
        set -l index (count (__repot_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'repot' -f
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -ge 1' -F
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'cp' -d 'Copies files and directories on all processors, with the options of GNU cp.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'closure' -d 'Lists the store paths of a closure, their sizes, or why they belong to it.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'stage' -d 'Writes a closure as a root file system: DEST/nix/store/...'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'tar' -d 'Writes a closure as a tar archive, straight from the store: nix/store/...'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'image' -d 'Writes a closure as a layered image, without a daemon.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'docker-build' -d 'Builds an image of a closure with docker, straight from the store.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'verify' -d 'Says whether a root file system or an image holds its closure, complete and unaltered.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" a archive' -s 'a' -l 'archive' -d 'same as -dR --preserve=all'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" d' -s 'd' -d 'same as --no-dereference --preserve=links'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" R r recursive' -s 'R' -s 'r' -l 'recursive' -d 'copy directories recursively'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" P no-dereference' -s 'P' -l 'no-dereference' -d 'never follow symlinks in SOURCE'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" L dereference' -s 'L' -l 'dereference' -d 'always follow symlinks in SOURCE'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" H' -s 'H' -d 'follow symlinks that are named as SOURCE'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" p' -s 'p' -d 'same as --preserve=mode,ownership,timestamps'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" preserve' -l 'preserve' -d 'keep mode, ownership, timestamps, links, xattr, context or all'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" no-preserve' -l 'no-preserve' -d 'do not keep these' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" l link' -s 'l' -l 'link' -d 'hard link files instead of copying'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" s symbolic-link' -s 's' -l 'symbolic-link' -d 'make symlinks to SOURCE instead of copying'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" f force' -s 'f' -l 'force' -d 'replace a destination file that cannot be opened'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" i interactive' -s 'i' -l 'interactive' -d 'ask before overwriting; the last of -i and -n counts'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" n no-clobber' -s 'n' -l 'no-clobber' -d 'skip existing files; same as --update=none'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" update' -l 'update' -d 'overwrite all, none, none-fail, or older, as without WHEN'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" u' -s 'u' -d 'same as --update=older'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" backup' -l 'backup' -d 'rename what would be overwritten: none, numbered, existing, simple'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" b' -s 'b' -d 'same as --backup'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" S suffix' -s 'S' -l 'suffix' -d 'end names of simple backups with SUFFIX, not with ~' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" remove-destination' -l 'remove-destination' -d 'remove what would be overwritten first'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" attributes-only' -l 'attributes-only' -d 'copy attributes, and no content'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" copy-contents' -l 'copy-contents' -d 'with -R, read FIFOs and devices instead of making them'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" strip-trailing-slashes' -l 'strip-trailing-slashes' -d 'leave out slashes at the end of each SOURCE'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" keep-directory-symlink' -l 'keep-directory-symlink' -d 'follow symlinks to directories at the destination'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" Z' -s 'Z' -d 'give the destination its default SELinux context'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" context' -l 'context' -d 'as -Z, or with this context'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" debug' -l 'debug' -d 'print how each file is copied; implies -v'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" v verbose' -s 'v' -l 'verbose' -d 'print what is done'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" one-file-system x' -s 'x' -l 'one-file-system' -d 'stay on this file system'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" t target-directory' -s 't' -l 'target-directory' -d 'copy all SOURCE into DIRECTORY' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" T no-target-directory' -s 'T' -l 'no-target-directory' -d 'treat DEST as the copy itself'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" parents' -l 'parents' -d 'use the full source name under DIRECTORY'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" reflink' -l 'reflink' -d 'share extents: always, auto or never'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" sparse' -l 'sparse' -d 'make holes: auto, always or never' -rfka 'auto always never'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" strategy' -l 'strategy' -d 'auto, reflink, copy or hardlink' -rfka 'auto copy hardlink reflink'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" strict' -l 'strict' -d 'fail where the strategy cannot be used, instead of falling back'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" sync' -l 'sync' -d 'write everything to disk before exiting, and content before names'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" explain' -l 'explain' -d 'print why each strategy was used or not'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" j jobs' -s 'j' -l 'jobs' -d 'use N workers' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" progress' -l 'progress' -d 'show a bar: auto, always or never' -rfka 'auto always never'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" q quiet' -s 'q' -l 'quiet' -d 'print only errors'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" json' -l 'json' -d 'report as JSON on standard output'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot cp" -ge 1' -F
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot cp" help' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot closure" -ge 1' -F
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure"' -l 'closure' -d 'A file with the closure: store paths, one a line, a registration, or path-info\'s JSON; - for standard input. Several files are joined.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" closure-from' -l 'closure-from' -d 'Source of the closure: auto, database, nix or scan.' -rfka 'auto nix database scan'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" store' -l 'store' -d 'The store\'s directory.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" store-root' -l 'store-root' -d 'The directory that holds the store, as in Nix\'s local?root=.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" tree' -l 'tree' -d 'Print a tree: below each path its references.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" sizes' -l 'sizes' -d 'Print a table: each path\'s own size, the size of its closure, and the size that the closure would lose without it. Paths that seem to be needed by builds only are marked.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" why' -l 'why' -d 'Print the shortest chain from a root to a path, or to the package of this name, and the file with each reference.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" diff' -l 'diff' -d 'Print the changes since another closure: a root, or a file as for --closure.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" json' -l 'json' -d 'Print JSON; also with --why and --diff.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" max-size' -l 'max-size' -d 'Maximum size of the closure, such as 500M or 1.5GiB.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" max-paths' -l 'max-paths' -d 'Maximum number of store paths.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure"' -l 'deny' -d 'Deny paths whose name, without the hash, contains a match of this POSIX extended regular expression.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" explain' -l 'explain' -d 'Print which source provided the closure, and why others were skipped.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot closure" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot stage" -ge 1' -F
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage"' -l 'closure' -d 'A file with the closure: store paths, one a line, a registration, or path-info\'s JSON; - for standard input. Several files are joined.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" closure-from' -l 'closure-from' -d 'Source of the closure: auto, database, nix or scan.' -rfka 'auto nix database scan'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" store' -l 'store' -d 'The store\'s directory.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" store-root' -l 'store-root' -d 'The directory that holds the store, as in Nix\'s local?root=.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" strategy' -l 'strategy' -d 'How files get there: auto, reflink, copy or hardlink.' -rfka 'auto copy hardlink reflink'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" strict' -l 'strict' -d 'Fail where the strategy cannot be used, instead of stepping down.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" owner' -l 'owner' -d 'The owner of all that is written.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" mtime' -l 'mtime' -d 'The modification time of all that is written, since 1970.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" j jobs' -l 'jobs' -s 'j' -d 'The number of workers.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" move' -l 'move' -d 'Rename store paths instead of copying them, where DEST is on the store\'s mount. The store loses them: only for a build stage that is thrown away with its store.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage"' -l 'symlink' -d 'A symlink; TARGET may lead through ./result.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage"' -l 'profile' -d 'A directory in the closure, whose entries appear in the root as trees of symlinks: /bin, /etc, ...' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" ignore-collisions' -l 'ignore-collisions' -d 'Resolve conflicts of profiles by precedence, --symlink first, then profiles in the order of the options.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" skeleton' -l 'skeleton' -d 'Add /tmp, /etc/passwd, group, nsswitch.conf, hosts and the closure\'s certificates, unless another option adds them.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" registration' -l 'registration' -d 'Add or extend /nix-path-registration, which nix-store --load-db reads.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage"' -l 'prune' -d 'Leave out what matches, from the store\'s directory: \'*/share/doc\'; ** is any number of folders.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" check' -l 'check' -d 'Before anything is written, see whether the closure is complete.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" sync' -l 'sync' -d 'Write everything to disk before exiting, and the content of each entry before its name.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" dry-run' -l 'dry-run' -d 'Say what would be written, and write nothing.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" progress' -l 'progress' -d 'A bar with files, bytes, rate and time left: auto, always or never.' -rfka 'auto always never'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" q quiet' -l 'quiet' -s 'q' -d 'Say nothing but errors.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" v verbose' -l 'verbose' -s 'v' -d 'Name each entry.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" json' -l 'json' -d 'Report as JSON on standard output, or on standard error where an archive goes there.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" explain' -l 'explain' -d 'Say how content got there, and why not otherwise.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot stage" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot tar" -ge 1' -F
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" o output' -l 'output' -s 'o' -d 'The archive; otherwise standard output.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" rootfs' -l 'rootfs' -d 'A folder that becomes the root, instead of a closure.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar"' -l 'closure' -d 'A file with the closure: store paths, one a line, a registration, or path-info\'s JSON; - for standard input. Several files are joined.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" closure-from' -l 'closure-from' -d 'Source of the closure: auto, database, nix or scan.' -rfka 'auto nix database scan'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" store' -l 'store' -d 'The store\'s directory.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" store-root' -l 'store-root' -d 'The directory that holds the store, as in Nix\'s local?root=.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar"' -l 'symlink' -d 'A symlink; TARGET may lead through ./result.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar"' -l 'profile' -d 'A directory in the closure, whose entries appear in the root as trees of symlinks: /bin, /etc, ...' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" ignore-collisions' -l 'ignore-collisions' -d 'Resolve conflicts of profiles by precedence, --symlink first, then profiles in the order of the options.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" skeleton' -l 'skeleton' -d 'Add /tmp, /etc/passwd, group, nsswitch.conf, hosts and the closure\'s certificates, unless another option adds them.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" registration' -l 'registration' -d 'Add or extend /nix-path-registration, which nix-store --load-db reads.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar"' -l 'prune' -d 'Leave out what matches, from the store\'s directory: \'*/share/doc\'; ** is any number of folders.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" compress compression' -l 'compression' -l 'compress' -d 'none, gzip[:1-12] or zstd[:1-19]; otherwise by the suffix of FILE, such as .tar.gz or .tar.zst.' -rfka 'none gzip zstd'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" owner' -l 'owner' -d 'The owner of everything: UID:GID, or source.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" mtime' -l 'mtime' -d 'The time of everything, in seconds since 1970, or source.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" hardlinks' -l 'hardlinks' -d 'Which names share an inode: canonical, preserve or break.' -rfka 'break canonical preserve'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" align' -l 'align' -d 'Begin large files on block boundaries, so that reflinks can share them.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" j jobs' -l 'jobs' -s 'j' -d 'The number of workers.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" sync' -l 'sync' -d 'Write the archive to disk before it gets its name, and wait until its name is on disk, too.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" dry-run' -l 'dry-run' -d 'Say what would be written, and write nothing.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" progress' -l 'progress' -d 'A bar with files, bytes, rate and time left: auto, always or never.' -rfka 'auto always never'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" q quiet' -l 'quiet' -s 'q' -d 'Say nothing but errors.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" v verbose' -l 'verbose' -s 'v' -d 'Name each entry.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" json' -l 'json' -d 'Report as JSON on standard output, or on standard error where an archive goes there.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" explain' -l 'explain' -d 'Say how content got there, and why not otherwise.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot tar" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot image" -ge 1' -F
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" o output' -l 'output' -s 'o' -d 'Where the image goes.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" sync' -l 'sync' -d 'Write the image to disk before it gets its tag or name, and wait until that is on disk, too.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'closure' -d 'A file with the closure: store paths, one a line, a registration, or path-info\'s JSON; - for standard input. Several files are joined.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" closure-from' -l 'closure-from' -d 'Source of the closure: auto, database, nix or scan.' -rfka 'auto nix database scan'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" store' -l 'store' -d 'The store\'s directory.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" store-root' -l 'store-root' -d 'The directory that holds the store, as in Nix\'s local?root=.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" entrypoint' -l 'entrypoint' -d 'The program: a path, or a JSON array of words. ./result/... leads into the closure.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" cmd' -l 'cmd' -d 'Its arguments, or the program where there is no entrypoint.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'env' -d 'A variable of its environment.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" user' -l 'user' -d 'Whom it runs as: USER[:GROUP].' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" workdir' -l 'workdir' -d 'Where it starts: an absolute path.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'label' -d 'A label of the image.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'expose' -d 'A port it listens on: NUMBER[/tcp, /udp or /sctp].' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'volume' -d 'A folder with data of its own.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" stop-signal' -l 'stop-signal' -d 'The signal that asks it to end, such as SIGINT.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" base' -l 'base' -d 'An image that this one is on top of: oci:DIR[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG].' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" config' -l 'config' -d 'A configuration as JSON: an image\'s, or its config object; - for standard input. Options take the place of what it says.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" created' -l 'created' -d 'When it says that it was made: now, RFC 3339, or seconds since 1970; otherwise SOURCE_DATE_EPOCH, or 1.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" arch' -l 'arch' -d 'Architecture of the image, such as amd64 or arm/v7; otherwise that of the closure\'s programs.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" layers' -l 'layers' -d 'Which store paths share a layer: cohort, path or single; otherwise cohort.' -rfka 'single path cohort'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" max-layers' -l 'max-layers' -d 'Maximum number of layers to add to those of a base. An image has at most 127, and 125 for Docker.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" min-layer' -l 'min-layer' -d 'Layers that are smaller share one; otherwise 1M.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'pin' -d 'Paths whose names, without hashes, match have layers of their own: a POSIX extended regular expression.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" previous' -l 'previous' -d 'The image whose layers are kept as far as they still hold, or none; otherwise the one in WHERE.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" compression' -l 'compression' -d 'The compression of layers: none, gzip[:1-12] or zstd[:1-19]. A FILE with a suffix such as .tar.gz or .tar.zst is compressed instead of its layers.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" owner' -l 'owner' -d 'The owner of everything: UID:GID, or source.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" mtime' -l 'mtime' -d 'The time of everything, in seconds since 1970, or source.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" hardlinks' -l 'hardlinks' -d 'Which names share an inode: canonical, preserve or break.' -rfka 'break canonical preserve'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" cache' -l 'cache' -d 'The directory of the layer cache, or none; otherwise \'repot\' in $XDG_CACHE_HOME or ~/.cache, if that exists.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" no-cache' -l 'no-cache' -d 'Rebuild all layers of store paths, whatever the cache and DIR have, and update the cache.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" j jobs' -l 'jobs' -s 'j' -d 'The number of workers.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'symlink' -d 'A symlink; TARGET may lead through ./result.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'profile' -d 'A directory in the closure, whose entries appear in the root as trees of symlinks: /bin, /etc, ...' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" ignore-collisions' -l 'ignore-collisions' -d 'Resolve conflicts of profiles by precedence, --symlink first, then profiles in the order of the options.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" skeleton' -l 'skeleton' -d 'Add /tmp, /etc/passwd, group, nsswitch.conf, hosts and the closure\'s certificates, unless another option adds them.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" registration' -l 'registration' -d 'Add or extend /nix-path-registration, which nix-store --load-db reads.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image"' -l 'prune' -d 'Leave out what matches, from the store\'s directory: \'*/share/doc\'; ** is any number of folders.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" sbom' -l 'sbom' -d 'Attach a bill of materials: spdx or cyclonedx.' -rfka 'spdx cyclonedx'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" sbom-file' -l 'sbom-file' -d 'Write the bill of materials to a file as well; - for standard output.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" dry-run' -l 'dry-run' -d 'Say which layers would be written, and write nothing.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" progress' -l 'progress' -d 'A bar with files, bytes, rate and time left: auto, always or never.' -rfka 'auto always never'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" q quiet' -l 'quiet' -s 'q' -d 'Say nothing but errors.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" v verbose' -l 'verbose' -s 'v' -d 'Name each entry.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" json' -l 'json' -d 'Report as JSON on standard output, or on standard error where an archive goes there.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" explain' -l 'explain' -d 'Say how content got there, and why not otherwise.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot image" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot docker-build" -ge 1' -F
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" f file' -l 'file' -s 'f' -d 'A Dockerfile of your own.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" builder' -l 'builder' -d 'The program that builds: docker, podman or buildah.' -rfka 'docker podman buildah'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'closure' -d 'A file with the closure: store paths, one a line, a registration, or path-info\'s JSON; - for standard input. Several files are joined.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" closure-from' -l 'closure-from' -d 'Source of the closure: auto, database, nix or scan.' -rfka 'auto nix database scan'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" store' -l 'store' -d 'The store\'s directory.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" store-root' -l 'store-root' -d 'The directory that holds the store, as in Nix\'s local?root=.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" entrypoint' -l 'entrypoint' -d 'The program: a path, or a JSON array of words. ./result/... leads into the closure.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" cmd' -l 'cmd' -d 'Its arguments, or the program where there is no entrypoint.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'env' -d 'A variable of its environment.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" user' -l 'user' -d 'Whom it runs as: USER[:GROUP].' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" workdir' -l 'workdir' -d 'Where it starts: an absolute path.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'label' -d 'A label of the image.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'expose' -d 'A port it listens on: NUMBER[/tcp, /udp or /sctp].' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'volume' -d 'A folder with data of its own.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" stop-signal' -l 'stop-signal' -d 'The signal that asks it to end, such as SIGINT.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'symlink' -d 'A symlink; TARGET may lead through ./result.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'profile' -d 'A directory in the closure, whose entries appear in the root as trees of symlinks: /bin, /etc, ...' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" ignore-collisions' -l 'ignore-collisions' -d 'Resolve conflicts of profiles by precedence, --symlink first, then profiles in the order of the options.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" skeleton' -l 'skeleton' -d 'Add /tmp, /etc/passwd, group, nsswitch.conf, hosts and the closure\'s certificates, unless another option adds them.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" registration' -l 'registration' -d 'Add or extend /nix-path-registration, which nix-store --load-db reads.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build"' -l 'prune' -d 'Leave out what matches, from the store\'s directory: \'*/share/doc\'; ** is any number of folders.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" j jobs' -l 'jobs' -s 'j' -d 'The number of workers.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot docker-build" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_positional "repot verify" -eq 1' -fa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify"' -l 'closure' -d 'A file with the closure: store paths, one a line, a registration, or path-info\'s JSON; - for standard input. Several files are joined.' -rF
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" closure-from' -l 'closure-from' -d 'Source of the closure: auto, database, nix or scan.' -rfka 'auto nix database scan'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" store' -l 'store' -d 'The store\'s directory.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" store-root' -l 'store-root' -d 'The directory that holds the store, as in Nix\'s local?root=.' -rfa '(__repot_complete_directories)'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" image' -l 'image' -d 'Compare all entries outside the store with the image that DEST was made from, such as a container\'s.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" owner' -l 'owner' -d 'The owner that all should have; otherwise that of most store paths.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" mtime' -l 'mtime' -d 'The modification time that all should have.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" j jobs' -l 'jobs' -s 'j' -d 'The number of workers.' -rfka ''
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" repair' -l 'repair' -d 'Take what is missing or damaged anew from the store, and verify again.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" progress' -l 'progress' -d 'A bar with files, bytes, rate and time left: auto, always or never.' -rfka 'auto always never'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" q quiet' -l 'quiet' -s 'q' -d 'Say nothing but errors.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" v verbose' -l 'verbose' -s 'v' -d 'Name each entry.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" json' -l 'json' -d 'Report as JSON on standard output, or on standard error where an archive goes there.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" explain' -l 'explain' -d 'Say how content got there, and why not otherwise.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" version' -l 'version' -d 'Show the version.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'repot' -n '__repot_should_offer_completions_for_flags_or_options "repot help" version' -l 'version' -d 'Show the version.'
