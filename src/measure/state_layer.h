/* Internal: what is told of one hidden layer, and how a report is printed. */
#ifndef LUMPSCOPE_MEASURE_STATE_LAYER_H
#define LUMPSCOPE_MEASURE_STATE_LAYER_H

#include "lumpscope/state_report.h"

/* One hidden layer where the engine stands. Pointers without a word are the engine's. */
struct state_layer {
    size_t number; /* from 1 */
    const struct layer *original;
    const struct layer *reduced;   /* NULL: not made */
    const struct classes *classes; /* in the original's numbers */
    const struct classes *live_classes;
    const size_t *live; /* original number of each live neuron */
    const struct dendrogram *dendrogram;
    size_t dead;
    size_t merged; /* merges at this epsilon */
    double next;   /* height of the next one; NaN: none */
    bool locked;
    struct class_members members; /* original numbers, owned */
    double *height;               /* [classes->count] at which a class came together, 0 for a class
                                     of one neuron; owned */
};
bool state_layer_init(struct state_layer *layer, const struct state_report *state, size_t number,
                      struct error *error);
void state_layer_free(struct state_layer *layer); /* a zeroed one may be freed */
/* "layer 1: 64 neurons in 21 classes". */
void state_layer_title(const struct state_layer *layer, struct text *out);
/* Neurons of one class. */
size_t state_layer_size(const struct state_layer *layer, size_t class_id);
/* What the heights of a layer are measured in: "share of the output's standard deviation". */
const char *state_layer_unit(const struct state_report *state);

/* The printers, for layers `first` to `last`. */
bool state_csv(const struct state_report *state, enum report_kind kind, size_t first, size_t last,
               struct text *out, struct error *error);
bool state_json(const struct state_report *state, enum report_kind kind, size_t first, size_t last,
                struct text *out, struct error *error);
bool state_markdown(const struct state_report *state, enum report_kind kind, size_t first,
                    size_t last, struct text *out, struct error *error);
/* "net.json: joint, agglomerate": whose a picture is. */
void state_source(const struct state_report *state, struct text *out);

#endif
