/* Sessions on files of their own, and the same computed by hand. */
#ifndef LUMPSCOPE_TESTS_SESSION_TWIN_H
#define LUMPSCOPE_TESTS_SESSION_TWIN_H

#include "lumpscope/session.h"
#include "lumpscope/study.h"

/* A model and, maybe, its data in a directory of their own. */
struct twin_place {
    char directory[64], model[96], data[96];
    bool has_data;
};
/* Saves the network and frees it; `rows` of normal inputs and what it makes of them, roughly; 0: no
 * data. */
struct twin_place twin_place_make(struct network *network, size_t rows);
/* With all that lies in it. */
void twin_place_remove(const struct twin_place *place);
struct session *twin_place_open(const struct twin_place *place);

/* Everything asked for is done; the caller releases it. */
struct snapshot *settled(struct session *session);

/* What the session works on, made by the library directly. */
struct twin {
    struct network *network;
    struct study study; /* judged where there is data */
};
struct twin twin_make(const struct twin_place *place, const struct options *options);
void twin_free(struct twin *twin);

#endif
