/* Saved sessions: what was open and where the user was, as a JSON file per model in the state
 * directory's `sessions`. Files are written beside, checked and renamed. */
#ifndef LUMPSCOPE_SAVED_H
#define LUMPSCOPE_SAVED_H

#include "lumpscope/dataset.h"
#include "lumpscope/model_file.h"
#include "lumpscope/options.h"
#include "lumpscope/snapshot.h"

#include <time.h>

struct saved_mark {
    char name[MARK_NAME_SIZE];
    double epsilon;
    struct option_choices choices;
    size_t parameters; /* as in mark_view */
    double grp, figure;
};

struct saved_session {
    char *model, *data; /* absolute paths, owned; data NULL: none */
    struct data_recipe recipe;
    struct model_recipe model_recipe;
    struct option_choices choices;
    double epsilon;
    struct saved_mark *marks; /* [mark_count] owned */
    size_t mark_count;
    size_t layer, neuron; /* selected */
    char view[24];        /* of the middle pane; "" the usual one */
    char title[128];      /* the network's, for the offer */
    time_t when;          /* of saving */
};

void saved_session_free(struct saved_session *saved); /* a zeroed struct may be freed */
/* Into `directory` (made when needed), over the model's older session. At most 64 are kept: the
 * oldest go. */
bool saved_session_write(const struct saved_session *saved, const char *directory,
                         struct error *error);
/* The newest session of `model` (any path to it), or of any model for NULL. `found` false: there is
 * none whose files exist. A file that cannot be read is an error that names it; so is data of
 * `model`'s session that is gone. */
bool saved_session_find(const char *directory, const char *model, struct saved_session *saved,
                        bool *found, struct error *error);

#endif
