/* What the harnesses share. Each reads one input, whatever its bytes, and stops the process when
 * something is wrong that no sanitizer sees. With clang and tests/fuzz/run libFuzzer makes the
 * inputs (tests/fuzz/run); otherwise replay.c gives them those of tests/fuzz/corpus. */
#ifndef LUMPSCOPE_FUZZ_H
#define LUMPSCOPE_FUZZ_H

#include "lumpscope/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The harness; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Prints the sentence and aborts unless `holds`. */
#define fuzz_require(holds, ...) ((holds) ? (void)0 : fuzz_fail(__VA_ARGS__))
_Noreturn void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A directory of this process below $TMPDIR, made when first asked for and removed at the end. */
const char *fuzz_directory(void);
/* Its path with NAME in it, in `out` (FUZZ_PATH_SIZE bytes). */
enum { FUZZ_PATH_SIZE = 512 };
const char *fuzz_path(const char *name, char *out);
/* Writes a file there; false when the disk has no room. */
bool fuzz_write(const char *name, const void *data, size_t size);
/* Removes everything in it. */
void fuzz_clear(void);

/* Between these, more than `times` times the bytes of the input (and FUZZ_BUDGET_FREE) that are
 * held at once stop the process. Only with AddressSanitizer, which tells of allocations. */
enum { FUZZ_BUDGET_FREE = 4 << 20, FUZZ_TIMES = 50, FUZZ_TIMES_DEFLATED = 50 * 1032 };
void fuzz_budget(size_t input, size_t times);
void fuzz_budget_end(void);

/* Same shape, same activations, same weights to the bit. */
bool fuzz_same_network(const struct network *a, const struct network *b);
/* All that is true of a network that a reader has let pass; evaluates it on two rows. */
void fuzz_check_network(const struct network *network);

#endif
