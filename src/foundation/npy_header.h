/* What the arrays of files and those of archives share: the header, and decoding from a stream. */
#ifndef LUMPSCOPE_FOUNDATION_NPY_HEADER_H
#define LUMPSCOPE_FOUNDATION_NPY_HEADER_H

#include "lumpscope/npy.h"

/* Where the bytes of an array come from, front to back. */
struct npy_stream {
    void *from;
    size_t size; /* bytes of the array with its header */
    /* `count` bytes to `to`; false with a sentence when there are fewer. */
    bool (*read)(void *from, void *to, size_t count, struct error *error);
};

/* How the array lies in the stream. */
struct npy_layout {
    struct npy_array array; /* type and shape; without values */
    char kind;              /* 'f' 'i' 'u' 'b' numbers; 'S' 'U' text; 'O' Python objects */
    size_t width;           /* bytes of an element; 'U': four for each character */
    bool big, fortran;
    size_t header; /* bytes before the elements */
};

/* Reads the header from the beginning of a stream. Every kind of element is fine. */
bool npy_layout_read(const struct npy_stream *stream, struct npy_layout *out, struct error *error);
/* Whether the elements it tells of are in the stream, and, when `exact`, nothing else. */
bool npy_layout_check(const struct npy_layout *layout, const struct npy_stream *stream, bool exact,
                      struct error *error);
/* The product of the shape, which npy_layout_check has checked. */
size_t npy_layout_count(const struct npy_layout *layout);
/* Whether the elements are numbers; else a sentence. */
bool npy_layout_need_numbers(const struct npy_layout *layout, struct error *error);
/* The elements behind the header as doubles. */
bool npy_layout_values(const struct npy_stream *stream, const struct npy_layout *layout,
                       struct npy_array *out, struct error *error);

#endif
