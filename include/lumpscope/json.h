/* JSON documents as the program writes them: numbers that read back as they were. */
#ifndef LUMPSCOPE_JSON_H
#define LUMPSCOPE_JSON_H

#include "lumpscope/text.h"

struct cJSON;

/* Additions to a JSON object or array (`name` NULL); false when there is no memory. */
bool json_add(struct cJSON *to, const char *name,
              struct cJSON *item); /* takes `item`; NULL: false */
bool json_add_number(struct cJSON *to, const char *name, double value); /* null if not finite */
bool json_add_string(struct cJSON *to, const char *name, const char *value);

/* Parses a document at the beginning of `text` [length]; `*end` (may be NULL) gets where it ends,
 * or where it is none. NULL with errno ENOMEM when there was no memory for it, else EINVAL. */
struct cJSON *json_parse(const char *text, size_t length, const char **end);

/* Prints a document and frees it. `made` false: it could not be built for want of memory. */
bool json_print(struct cJSON *document, bool made, struct text *out, struct error *error);
/* The same for files that only lumpscope reads: bytes that are not UTF-8, which names of files may
 * hold, stay as they are. */
bool json_print_bytes(struct cJSON *document, bool made, struct text *out, struct error *error);

#endif
