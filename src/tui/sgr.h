/* Shorter output: what curses writes, with only those changes of colour, attribute and character
 * set that make a difference. curses switches everything off and on again whenever one of them
 * changes; here a change is written once something is printed in it, and then no more of it than
 * the terminal does not know yet. Everything else goes through as it is and in its place. */
#ifndef LUMPSCOPE_TUI_SGR_H
#define LUMPSCOPE_TUI_SGR_H

#include "lumpscope/text.h"

#include <stdint.h>

/* How the terminal draws what is printed next. */
struct sgr_state {
    /* 0: the terminal's own; SGR_INDEXED + 0..255; SGR_DIRECT + 0xrrggbb */
    uint32_t foreground, background;
    unsigned attributes; /* bit k: SGR k is on, k from 1 to 9 */
};
enum { SGR_INDEXED = 1 << 24, SGR_DIRECT = 2 << 24 };

/* Zero-initialise, free with sgr_free. */
struct sgr_filter {
    bool selective;                    /* the terminal can switch attributes off one by one */
    bool known;                        /* false: everything passes, until the next reset */
    struct sgr_state terminal, wanted; /* equal while not known */
    char charset, wanted_charset;      /* final byte of "ESC ("; 0: not known */
    char shift, wanted_shift;          /* SO or SI; 0: not known */
    struct text held;                  /* the beginning of a sequence whose end is to come */
};

/* Appends what `bytes` become; `out->failed` when there is no memory. */
void sgr_feed(struct sgr_filter *filter, const char *bytes, size_t length, struct text *out);
/* What the terminal does next is not known any more: somebody else has written to it. */
void sgr_forget(struct sgr_filter *filter);
void sgr_free(struct sgr_filter *filter);

#endif
