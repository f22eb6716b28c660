/* A session on a model and data of its own, for tests of what the session does. */
#ifndef LUMPSCOPE_SESSION_SUPPORT_H
#define LUMPSCOPE_SESSION_SUPPORT_H

#include "random_network.h"

#include "lumpscope/session.h"

/* A model and its data in a directory of their own. */
struct place {
    char directory[64], model[96], data[96], out[96];
};

/* Hidden layers of `width` and half as many tanh neurons. */
void write_model(const char *path, size_t width);
/* Inputs a, b, c and targets y, z. */
void write_data(const char *path, size_t rows);
struct place make_place(size_t width, size_t rows);
void remove_place(const struct place *place);
struct session *open_session(const struct place *place);

#endif
