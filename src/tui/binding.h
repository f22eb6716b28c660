/* Keys of one's own: what bind and unbind do to the live key table. `user` is the ui; the words are
 * those of the command ("classes", "Enter", "enter"). ERROR_USAGE says which keys and panes there
 * are, and what is wrong with the command. */
#ifndef LUMPSCOPE_TUI_BINDING_H
#define LUMPSCOPE_TUI_BINDING_H

#include "lumpscope/error.h"

bool binding_add(void *user, size_t count, const char *const *words, struct error *error);
bool binding_remove(void *user, size_t count, const char *const *words, struct error *error);

#endif
