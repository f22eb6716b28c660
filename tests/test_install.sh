#!/usr/bin/env bash
# Installs to a directory of its own, uses what is there as a user would, uninstalls, and looks for
# what is left. Arguments: meson, the build directory, the source directory, the prefix, share.
set -u
meson=$1 build=$2 source=$3 prefix=$4 share=$5
scratch=$(mktemp -d "${TMPDIR:-/tmp}/lumpscope-install.XXXXXX")
log=$build/meson-logs/install-log.txt # of the user's own installation
[ -e "$log" ] && cp "$log" "$scratch/log"
finish() {
    if [ -e "$scratch/log" ]; then cp "$scratch/log" "$log"; else rm -f "$log"; fi
    rm -rf "$scratch"
}
trap finish EXIT

failures=0
# Runs a function of this file; its output is shown when it fails.
check() {
    local status
    "$1" >"$scratch/said" 2>&1
    status=$?
    if [ $status -eq 0 ]; then
        echo "[       OK ] $1"
    elif [ $status -eq 77 ]; then
        echo "[  SKIPPED ] $1"
        sed 's/^/    /' "$scratch/said"
    else
        echo "[  FAILED  ] $1"
        sed 's/^/    /' "$scratch/said"
        failures=$((failures + 1))
    fi
}

root=$scratch/root
installed=$root$prefix
# Nothing of the user's, nor of the machine's own lumpscope.
clean() {
    env -i PATH="$installed/bin:$PATH" HOME="$scratch" LC_ALL=C.UTF-8 XDG_DATA_DIRS=/nowhere \
        ASAN_OPTIONS="${ASAN_OPTIONS:-}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-}" "$@"
}

install_fills_destdir_alone() {
    DESTDIR=$root "$meson" install -C "$build" --no-rebuild --quiet || return 1
    local file
    for file in bin/lumpscope "$share/lumpscope/samples/rn.json" \
        "$share/lumpscope/samples/lessons/balance.lumpscope" "$share/lumpscope/themes/dark.json" \
        "$share/bash-completion/completions/lumpscope" "$share/zsh/site-functions/_lumpscope" \
        "$share/fish/vendor_completions.d/lumpscope.fish"; do
        [ -f "$installed/$file" ] || { echo "$file is missing"; return 1; }
    done
    ! find "$installed/$share/lumpscope" -name make.sh | grep .
}

# Files are looked for beside the program, not in the tree it was made in.
program_finds_what_was_installed_with_it() {
    local paths
    paths=$(clean lumpscope paths) || return 1
    echo "$paths"
    ! grep -F "$source/samples" <<<"$paths" &&
        grep -F "exists" <<<"$paths" | grep -qF "$installed/$share/lumpscope/samples" &&
        grep -F "exists" <<<"$paths" | grep -qF "$installed/$share/lumpscope/themes"
}

program_opens_an_installed_sample() {
    printf 'sample rn\nshow\n' >"$scratch/script"
    clean lumpscope run "$scratch/script" | tee /dev/stderr | grep -q "533 -> 478 parameters"
}

installed_in_a_build_tree_it_is_still_an_installation() {
    local inside=$build/test-install
    rm -rf "$inside"
    mkdir "$inside" && cp -r "$installed/." "$inside/" || return 1
    clean "$inside/bin/lumpscope" paths | tee /dev/stderr | grep -F "$inside/share/lumpscope/samples" |
        grep -q exists
    local status=$?
    rm -rf "$inside"
    return $status
}

manual_page_knows_every_command_and_option() {
    local page=$installed/$share/man/man1/lumpscope.1 text command option
    [ -f "$page" ] || { echo "no scdoc, no manual page"; return 77; }
    command -v man >/dev/null || { echo "no man to format it with"; return 77; }
    text=$(MANWIDTH=80 man --warnings -E UTF-8 -l "$page" 2>"$scratch/warnings" | sed 's/.\x08//g')
    [ -s "$scratch/warnings" ] && { cat "$scratch/warnings"; return 1; }
    for command in $(clean lumpscope help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
        grep -q "^ *lumpscope $command" <<<"$text" || { echo "nothing about $command"; return 1; }
        for option in $(clean lumpscope help "$command" | grep -o '^  \(-., \)\?--[a-z-]*'); do
            grep -qe "${option#  }" <<<"$text" || { echo "nothing about $option"; return 1; }
        done
    done
    [ -n "$command" ] && ! grep -n '@' <<<"$text"
}

manual_page_is_clean_to_mandoc() {
    command -v mandoc >/dev/null || { echo "no mandoc"; return 77; }
    [ -f "$installed/$share/man/man1/lumpscope.1" ] || { echo "no manual page"; return 77; }
    # scdoc's empty paragraphs harm nobody.
    ! mandoc -T lint -W warning "$installed/$share/man/man1/lumpscope.1" | grep -v 'paragraph macro'
}

# The words that bash offers for the last of the arguments, in the samples' directory.
offered() {
    clean bash -c 'cd "$1" && source "$2" || exit 1
        COMP_WORDS=("${@:3}") COMP_CWORD=$(($# - 3))
        _lumpscope && printf "%s\n" "${COMPREPLY[@]}"' bash "$installed/$share/lumpscope/samples" \
        "$installed/$share/bash-completion/completions/lumpscope" lumpscope "$@" | sort | tr '\n' ' '
}

# Arguments: the words that are expected, in one; the command line.
offers() {
    local expected=$1 got
    shift
    got=$(offered "$@")
    [ "$got" = "$expected " ] && return 0
    echo "lumpscope $*: offers \"$got\" instead of \"$expected \""
    return 1
}

bash_completes_commands_and_options() {
    offers "completion compress" comp &&
        offers "--linkage" compress --li &&
        offers "--color" --co &&
        offers "evaluate" help ev
}

bash_completes_values() {
    offers "chain complete" compress --linkage c &&
        offers "chain complete" compress --linkage = c &&
        offers "agglomerate chain complete" compress --linkage = &&
        offers "lump,magnitude" sweep rn.json --methods lump,m &&
        offers "relu,tanh" info --activation relu,t &&
        offers "glycolysis" generate g
}

bash_completes_files_by_kind() {
    offers "glycolysis-tanh.json glycolysis.json" info g &&
        offers "rn.csv" evaluate rn.json --data r &&
        offers "rn.csv rn.json" compress -o r &&
        offers "lessons/trade-off.lumpscope" run lessons/t &&
        offers "export" bench --data-dir e
}

bash_asks_the_program_for_names() {
    offers "balance" run --tour b && offers "dark" --theme d
}

zsh_reads_its_completion() {
    command -v zsh >/dev/null || { echo "no zsh"; return 77; }
    zsh -n "$installed/$share/zsh/site-functions/_lumpscope"
}

fish_reads_its_completion() {
    command -v fish >/dev/null || { echo "no fish"; return 77; }
    fish --no-execute "$installed/$share/fish/vendor_completions.d/lumpscope.fish" || return 1
    clean fish --no-config -c 'source $argv[1]; complete -C "lumpscope compress --linkage c"' \
        "$installed/$share/fish/vendor_completions.d/lumpscope.fish" | cut -f1 | tr '\n' ' ' |
        grep -x 'chain complete '
}

uninstall_leaves_nothing() {
    ninja -C "$build" uninstall || return 1
    # Directories that were there before us (here: the root alone) may stay.
    ! find "$root" -mindepth 1 | grep .
}

# meson remembers the directories that its last installation made: an earlier one's may stay, empty.
uninstall_after_two_installations_leaves_no_file() {
    local once
    for once in first second; do
        DESTDIR=$root "$meson" install -C "$build" --no-rebuild --quiet || return 1
    done
    ninja -C "$build" uninstall || return 1
    ! find "$root" ! -type d | grep .
}

check install_fills_destdir_alone
check program_finds_what_was_installed_with_it
check program_opens_an_installed_sample
check installed_in_a_build_tree_it_is_still_an_installation
check manual_page_knows_every_command_and_option
check manual_page_is_clean_to_mandoc
check bash_completes_commands_and_options
check bash_completes_values
check bash_completes_files_by_kind
check bash_asks_the_program_for_names
check zsh_reads_its_completion
check fish_reads_its_completion
check uninstall_leaves_nothing
check uninstall_after_two_installations_leaves_no_file
[ $failures -eq 0 ]
