#!/bin/sh
# What a release build is to be protected by, read from the program's own headers:
# test_hardening.sh PROGRAM.
set -u
program=$1
command -v readelf >/dev/null || exit 77
failed=0
expect() { # WHAT PATTERN: a line of the headers
  printf '%s\n' "$headers" | grep -Eq "$2" || { echo "$1 is missing"; failed=1; }
}
headers=$(readelf -W -h -l -d "$program") || exit 1
expect "a program that can lie anywhere (PIE)" 'Type: +DYN'
expect "tables made read-only (relro)" 'GNU_RELRO'
expect "functions bound at the start (now)" 'BIND_NOW|FLAGS_1.*NOW'
expect "a stack that holds no code" 'GNU_STACK.* RW +0x'
headers=$(readelf -W --dyn-syms "$program") || exit 1
expect "the stack protector" '__stack_chk_fail'
expect "checked buffers (_FORTIFY_SOURCE)" '__(memcpy|snprintf|vsnprintf|printf|fprintf)_chk'
exit $failed
