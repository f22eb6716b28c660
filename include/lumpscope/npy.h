/* NumPy files, numbers only: an array of .npy bytes, and the arrays inside an .npz archive (stored
 * or deflated). Sizes are believed only as far as there are bytes for them. */
#ifndef LUMPSCOPE_NPY_H
#define LUMPSCOPE_NPY_H

#include "lumpscope/error.h"

enum { NPY_DIMENSIONS = 4 };

struct npy_array {
    size_t dimensions;
    size_t shape[NPY_DIMENSIONS]; /* 1 beyond `dimensions` */
    double *values;               /* [product of shape] row-major, owned */
};

void npy_array_free(struct npy_array *array);

/* By the first bytes. */
bool npy_is_array(const char *data, size_t size);
bool npy_is_archive(const char *data, size_t size);

/* Bytes of a .npy file: floats, integers and booleans of any width and byte order, C or Fortran
 * order, at most NPY_DIMENSIONS dimensions. The sentence names no file. */
bool npy_parse(const char *data, size_t size, struct npy_array *out, struct error *error);

/* The member NAME.npy of an archive. `*found` false and true returned when there is none. */
bool npz_parse(const char *data, size_t size, const char *name, struct npy_array *out, bool *found,
               struct error *error);

#endif
