/* NumPy files, numbers only: an array of .npy bytes, and the arrays inside an .npz archive (stored
 * or deflated). Sizes are believed only as far as there are bytes for them: an array takes no more
 * memory than its bytes can fill, and of more than 64 MB no more than 256 times its packed ones. */
#ifndef LUMPSCOPE_NPY_H
#define LUMPSCOPE_NPY_H

#include "lumpscope/progress.h"
#include "lumpscope/tensor_type.h"

enum { NPY_DIMENSIONS = 4 };

struct npy_array {
    enum tensor_type type; /* of the elements in the file */
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

/* An archive whose arrays are read one by one. Sentences name the array, not the file. */
struct npz;

/* The archive in a file, or in memory that outlives it. Encrypted members, two of one name, other
 * methods than stored and deflated, and sizes the file has no room for are refused. */
struct npz *npz_open(const char *path, struct error *error);
struct npz *npz_open_bytes(const char *data, size_t size, struct error *error);
void npz_close(struct npz *archive); /* NULL is fine */

/* Members of an archive, in its order, whatever they hold. */
size_t npz_count(const struct npz *archive);
/* The whole name, "W0.npy"; owned by the archive. */
const char *npz_member(const struct npz *archive, size_t member);
/* The name of the array, "W0", to be freed; NULL without an error for a member that is none. */
char *npz_array_name(const struct npz *archive, size_t member, struct error *error);
/* The member that holds the array NAME; npz_count when there is none. */
size_t npz_find(const struct npz *archive, const char *name);

enum npy_content { NPY_NUMBERS, NPY_TEXT, NPY_OBJECTS };
/* Type and shape of a member without its values; NPY_OBJECTS are Python pickles, never read. */
bool npz_describe(const struct npz *archive, size_t member, enum npy_content *content,
                  struct npy_array *out, struct error *error);
bool npz_read(const struct npz *archive, size_t member, struct npy_array *out, struct error *error);
/* One string: an array of one element of NumPy's '<U' or '|S', or the bytes of a '|u1'. To be
 * freed. */
char *npz_read_text(const struct npz *archive, size_t member, struct error *error);

/* One member to be written: `rows` x `columns` doubles (`rows` 0: the one dimension `columns`), or
 * a string, which becomes an array without dimensions: numpy.load(file)["NAME"].item(). */
struct npz_source {
    const char *name;      /* without ".npy" */
    enum tensor_type type; /* F64, F32 or F16 */
    size_t rows, columns;
    const double *values;
    bool transposed; /* `values` are [columns x rows] */
    const char *text;
};
/* Writes an archive of stored members as numpy.savez does, the same bytes at any time, by temporary
 * file and rename; `progress` is that of file_write. A value beyond its type's range is an error.
 */
bool npz_write(const char *path, const struct npz_source *sources, size_t count,
               const struct progress *progress, struct error *error);
/* The size of that file; ERROR_REQUEST beyond the 4 GiB such an archive can have. */
bool npz_measure(const struct npz_source *sources, size_t count, size_t *bytes,
                 struct error *error);

#endif
