/* The state of a study at one epsilon as a file: for spreadsheets (CSV), for programs (JSON), for
 * notebooks and pull requests (Markdown), and as pictures (SVG). */
#ifndef LUMPSCOPE_STATE_REPORT_H
#define LUMPSCOPE_STATE_REPORT_H

#include "lumpscope/model_file.h"
#include "lumpscope/sweep_report.h"

enum report_kind {
    REPORT_STATE,      /* what it is, what merged, what it cost */
    REPORT_CURVE,      /* size against error, as sweep_report */
    REPORT_DENDROGRAM, /* the merges of hidden layers */
    REPORT_CLASSES,    /* which neurons are one class; as a picture their distances */
    REPORT_KINDS
};

/* "state", "curve", "dendrogram", "classes". */
const char *report_kind_name(enum report_kind kind);
/* By name; REPORT_KINDS when unknown. */
enum report_kind report_kind_find(const char *name);
/* What is written where nobody says: the curve as a picture, the state as anything else. */
enum report_kind report_kind_default(enum report_format format);
/* Whether it is told layer by layer, so that one layer can be asked for. */
bool report_kind_has_layers(enum report_kind kind);
/* ERROR_USAGE for a kind without this format: the state as a picture. `path` begins the sentence.
 */
bool report_kind_check(enum report_kind kind, enum report_format format, const char *path,
                       struct error *error);

/* What is reported; everything is borrowed. */
struct state_report {
    const char *model_path;                  /* as it was opened */
    const char *data_path, *calibrate_on;    /* NULL: none */
    const struct model_recipe *model_recipe; /* how both were read; NULL: nothing was said */
    const struct data_recipe *data_recipe;
    const struct study *study;     /* its engine stands at the epsilon that is reported */
    const struct network *reduced; /* there; NULL will do for all but the state */
    size_t polished;      /* `reduced` was polished with so many iterations at most; 0: not */
    struct metrics after; /* of `reduced` on the test rows; rows 0: not measured */
    size_t original_bytes, bytes; /* of both as files; 0: not known */
    const struct sweep *sweep;    /* NULL, or the points measured; the curve has to have some */
};

/* Appends the report. `layer`: a hidden layer from 1, for a kind that has layers; 0: all of them.
 * ERROR_REQUEST for a layer that does not exist, ERROR_USAGE for a kind that has no such format.
 * CSV is one table: state, a row per layer and one of the network; dendrogram, a row per merge
 * (`left`, `right`: the smallest neuron of either branch); classes, a row per neuron. JSON: one
 * document, numbers read back as they were. Neurons are numbered from 0 as in the model. Pictures
 * measure distances, which can be stopped. */
bool state_report(const struct state_report *state, enum report_kind kind, size_t layer,
                  enum report_format format, struct text *out, const struct progress *progress,
                  struct error *error);

/* The command that makes the reduced network again, quoted for a shell. */
void state_command(const struct state_report *state, struct text *out);

#endif
