/* The readable model format: JSON (cli.md, "Model files"). Reading back what was written gives the
 * same bits: doubles, or numbers of the origin's type, which the member "dtype" then names. */
#ifndef LUMPSCOPE_MODEL_JSON_H
#define LUMPSCOPE_MODEL_JSON_H

#include "lumpscope/network.h"
#include "lumpscope/progress.h"

struct text;

/* Reads a model file; the sentence names the file, the member or line, and the remedy.
 * While a pipe keeps one waiting `progress` (may be NULL) is asked whether to go on. */
struct network *model_json_load(const char *path, const struct progress *progress,
                                struct error *error);
/* The same from memory; `name` stands for the file in sentences. */
struct network *model_json_parse(const char *name, const char *text, size_t length,
                                 struct error *error);
/* Appends the document to `out`. */
bool model_json_print(const struct network *network, struct text *out, struct error *error);
/* How long the document is, without keeping it. */
bool model_json_measure(const struct network *network, size_t *bytes,
                        const struct progress *progress, struct error *error);
/* Writes by temporary file and rename; `bytes` (may be NULL) gets the size. */
bool model_json_save(const struct network *network, const char *path, size_t *bytes,
                     const struct progress *progress, struct error *error);

#endif
