#!/bin/bash

__repot_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__repot_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__repot_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__repot_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_repot() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __repot_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    cp|closure|stage|tar|image|docker-build|verify|help)
        # Offer subcommand argument completions
        "_repot_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'cp closure stage tar image docker-build verify help' -- "${cur}"))
        _repot_cp
        ;;
    esac
}

_repot_cp() {
    repeating_flags=()
    non_repeating_flags=(-a --archive -d -R -r --recursive -P --no-dereference -L --dereference -H -p --preserve -l --link -s --symbolic-link -f --force -i --interactive -n --no-clobber --update -u --backup -b --remove-destination --attributes-only --copy-contents --strip-trailing-slashes --keep-directory-symlink -Z --context --debug -v --verbose -x --one-file-system -T --no-target-directory --parents --reflink --strict --sync --explain -q --quiet --json --version --help)
    repeating_options=()
    non_repeating_options=(--no-preserve -S --suffix -t --target-directory --sparse --strategy -j --jobs --progress)
    __repot_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--no-preserve')
        return
        ;;
    '-S'|'--suffix')
        return
        ;;
    '-t'|'--target-directory')
        __repot_add_completions -d
        return
        ;;
    '--sparse')
        __repot_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    '--strategy')
        __repot_add_completions -W 'auto'$'\n''copy'$'\n''hardlink'$'\n''reflink'
        return
        ;;
    '-j'|'--jobs')
        return
        ;;
    '--progress')
        __repot_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __repot_add_completions -f
        return
        ;;
    esac
}

_repot_closure() {
    repeating_flags=()
    non_repeating_flags=(--tree --sizes --json --explain --version -h --help)
    repeating_options=(--closure --deny)
    non_repeating_options=(--closure-from --store --store-root --why --diff --max-size --max-paths)
    __repot_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--closure')
        __repot_add_completions -f
        return
        ;;
    '--closure-from')
        __repot_add_completions -W 'auto'$'\n''nix'$'\n''database'$'\n''scan'
        return
        ;;
    '--store')
        __repot_add_completions -d
        return
        ;;
    '--store-root')
        __repot_add_completions -d
        return
        ;;
    '--why')
        __repot_add_completions -f
        return
        ;;
    '--diff')
        __repot_add_completions -f
        return
        ;;
    '--max-size')
        return
        ;;
    '--max-paths')
        return
        ;;
    '--deny')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __repot_add_completions -f
        return
        ;;
    esac
}

_repot_stage() {
    repeating_flags=()
    non_repeating_flags=(--strict --move --ignore-collisions --skeleton --registration --check --sync --dry-run --quiet -q --verbose -v --json --explain --version -h --help)
    repeating_options=(--closure --symlink --profile --prune)
    non_repeating_options=(--closure-from --store --store-root --strategy --owner --mtime --jobs -j --progress)
    __repot_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--closure')
        __repot_add_completions -f
        return
        ;;
    '--closure-from')
        __repot_add_completions -W 'auto'$'\n''nix'$'\n''database'$'\n''scan'
        return
        ;;
    '--store')
        __repot_add_completions -d
        return
        ;;
    '--store-root')
        __repot_add_completions -d
        return
        ;;
    '--strategy')
        __repot_add_completions -W 'auto'$'\n''copy'$'\n''hardlink'$'\n''reflink'
        return
        ;;
    '--owner')
        return
        ;;
    '--mtime')
        return
        ;;
    '--jobs'|'-j')
        return
        ;;
    '--symlink')
        return
        ;;
    '--profile')
        __repot_add_completions -d
        return
        ;;
    '--prune')
        return
        ;;
    '--progress')
        __repot_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __repot_add_completions -f
        return
        ;;
    esac
}

_repot_tar() {
    repeating_flags=()
    non_repeating_flags=(--ignore-collisions --skeleton --registration --align --sync --dry-run --quiet -q --verbose -v --json --explain --version -h --help)
    repeating_options=(--closure --symlink --profile --prune)
    non_repeating_options=(--output -o --rootfs --closure-from --store --store-root --compression --compress --owner --mtime --hardlinks --jobs -j --progress)
    __repot_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __repot_add_completions -f
        return
        ;;
    '--rootfs')
        __repot_add_completions -d
        return
        ;;
    '--closure')
        __repot_add_completions -f
        return
        ;;
    '--closure-from')
        __repot_add_completions -W 'auto'$'\n''nix'$'\n''database'$'\n''scan'
        return
        ;;
    '--store')
        __repot_add_completions -d
        return
        ;;
    '--store-root')
        __repot_add_completions -d
        return
        ;;
    '--symlink')
        return
        ;;
    '--profile')
        __repot_add_completions -d
        return
        ;;
    '--prune')
        return
        ;;
    '--compression'|'--compress')
        __repot_add_completions -W 'none'$'\n''gzip'$'\n''zstd'
        return
        ;;
    '--owner')
        return
        ;;
    '--mtime')
        return
        ;;
    '--hardlinks')
        __repot_add_completions -W 'break'$'\n''canonical'$'\n''preserve'
        return
        ;;
    '--jobs'|'-j')
        return
        ;;
    '--progress')
        __repot_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __repot_add_completions -f
        return
        ;;
    esac
}

_repot_image() {
    repeating_flags=()
    non_repeating_flags=(--sync --no-cache --ignore-collisions --skeleton --registration --dry-run --quiet -q --verbose -v --json --explain --version -h --help)
    repeating_options=(--closure --env --label --expose --volume --pin --symlink --profile --prune)
    non_repeating_options=(--output -o --closure-from --store --store-root --entrypoint --cmd --user --workdir --stop-signal --base --config --created --arch --layers --max-layers --min-layer --previous --compression --owner --mtime --hardlinks --cache --jobs -j --sbom --sbom-file --progress)
    __repot_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        return
        ;;
    '--closure')
        __repot_add_completions -f
        return
        ;;
    '--closure-from')
        __repot_add_completions -W 'auto'$'\n''nix'$'\n''database'$'\n''scan'
        return
        ;;
    '--store')
        __repot_add_completions -d
        return
        ;;
    '--store-root')
        __repot_add_completions -d
        return
        ;;
    '--entrypoint')
        return
        ;;
    '--cmd')
        return
        ;;
    '--env')
        return
        ;;
    '--user')
        return
        ;;
    '--workdir')
        return
        ;;
    '--label')
        return
        ;;
    '--expose')
        return
        ;;
    '--volume')
        return
        ;;
    '--stop-signal')
        return
        ;;
    '--base')
        return
        ;;
    '--config')
        __repot_add_completions -f
        return
        ;;
    '--created')
        return
        ;;
    '--arch')
        return
        ;;
    '--layers')
        __repot_add_completions -W 'single'$'\n''path'$'\n''cohort'
        return
        ;;
    '--max-layers')
        return
        ;;
    '--min-layer')
        return
        ;;
    '--pin')
        return
        ;;
    '--previous')
        return
        ;;
    '--compression')
        return
        ;;
    '--owner')
        return
        ;;
    '--mtime')
        return
        ;;
    '--hardlinks')
        __repot_add_completions -W 'break'$'\n''canonical'$'\n''preserve'
        return
        ;;
    '--cache')
        __repot_add_completions -d
        return
        ;;
    '--jobs'|'-j')
        return
        ;;
    '--symlink')
        return
        ;;
    '--profile')
        __repot_add_completions -d
        return
        ;;
    '--prune')
        return
        ;;
    '--sbom')
        __repot_add_completions -W 'spdx'$'\n''cyclonedx'
        return
        ;;
    '--sbom-file')
        __repot_add_completions -f
        return
        ;;
    '--progress')
        __repot_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __repot_add_completions -f
        return
        ;;
    esac
}

_repot_docker-build() {
    repeating_flags=()
    non_repeating_flags=(--ignore-collisions --skeleton --registration --version -h --help)
    repeating_options=(--closure --env --label --expose --volume --symlink --profile --prune)
    non_repeating_options=(--file -f --builder --closure-from --store --store-root --entrypoint --cmd --user --workdir --stop-signal --jobs -j)
    __repot_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--file'|'-f')
        __repot_add_completions -f
        return
        ;;
    '--builder')
        __repot_add_completions -W 'docker'$'\n''podman'$'\n''buildah'
        return
        ;;
    '--closure')
        __repot_add_completions -f
        return
        ;;
    '--closure-from')
        __repot_add_completions -W 'auto'$'\n''nix'$'\n''database'$'\n''scan'
        return
        ;;
    '--store')
        __repot_add_completions -d
        return
        ;;
    '--store-root')
        __repot_add_completions -d
        return
        ;;
    '--entrypoint')
        return
        ;;
    '--cmd')
        return
        ;;
    '--env')
        return
        ;;
    '--user')
        return
        ;;
    '--workdir')
        return
        ;;
    '--label')
        return
        ;;
    '--expose')
        return
        ;;
    '--volume')
        return
        ;;
    '--stop-signal')
        return
        ;;
    '--symlink')
        return
        ;;
    '--profile')
        __repot_add_completions -d
        return
        ;;
    '--prune')
        return
        ;;
    '--jobs'|'-j')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __repot_add_completions -f
        return
        ;;
    esac
}

_repot_verify() {
    repeating_flags=()
    non_repeating_flags=(--repair --quiet -q --verbose -v --json --explain --version -h --help)
    repeating_options=(--closure)
    non_repeating_options=(--closure-from --store --store-root --image --owner --mtime --jobs -j --progress)
    __repot_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--closure')
        __repot_add_completions -f
        return
        ;;
    '--closure-from')
        __repot_add_completions -W 'auto'$'\n''nix'$'\n''database'$'\n''scan'
        return
        ;;
    '--store')
        __repot_add_completions -d
        return
        ;;
    '--store-root')
        __repot_add_completions -d
        return
        ;;
    '--image')
        return
        ;;
    '--owner')
        return
        ;;
    '--mtime')
        return
        ;;
    '--jobs'|'-j')
        return
        ;;
    '--progress')
        __repot_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __repot_add_completions -d
        return
        ;;
    esac
}

_repot_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __repot_offer_flags_options -1
}

complete -o filenames -F _repot repot
