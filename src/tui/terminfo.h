/* A terminfo entry for 24-bit colours, made from the entry of the terminal in use. Terminals that
 * can show them say so in COLORTERM and have entries with 256 colours; entries with direct colours
 * are in a package few people have. */
#ifndef LUMPSCOPE_TUI_TERMINFO_H
#define LUMPSCOPE_TUI_TERMINFO_H

#define TERMINFO_DIRECT_NAME "lumpscope-direct"

/* The compiled entry in the form the variable TERMINFO takes ("hex:..."), caller frees; NULL when
 * out of memory. The lists of capability names end in NULL and are in terminfo's order, as are the
 * functions that look a capability up (boolnames, tigetflag and so on of term.h). */
char *terminfo_direct(const char *const *booleans, const char *const *numbers,
                      const char *const *strings, int (*flag)(const char *),
                      int (*number)(const char *), char *(*string)(const char *));

#endif
