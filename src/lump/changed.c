#include "lump/changed.h"

#include "lumpscope/memory.h"

void changed_free(struct changed *changed) {
    free(changed->before.class_of);
    free(changed->after.class_of);
    *changed = (struct changed){0};
}

/* Which classes of `own` are not classes of `other`: two are the same when all members of the one
 * are in the other, and it has no more. `size` [own and other count] and `there` [own count] are
 * working space. */
static void find_missing(const struct classes *own, const struct classes *other, uint32_t *size,
                         uint32_t *there, bool *missing) {
    uint32_t *other_size = size + own->count;
    for (size_t c = 0; c < own->count + other->count; c++)
        size[c] = 0;
    for (size_t c = 0; c < own->count; c++) {
        there[c] = PARTITION_DEAD;
        missing[c] = false;
    }
    for (size_t i = 0; i < own->neurons; i++) {
        uint32_t c = own->class_of[i], o = other->class_of[i];
        size[c]++;
        other_size[o]++;
        if (there[c] == PARTITION_DEAD)
            there[c] = o;
        missing[c] = missing[c] || there[c] != o;
    }
    for (size_t c = 0; c < own->count; c++)
        missing[c] = missing[c] || size[c] != other_size[there[c]];
}

static bool keep_missing(const struct classes *own, const struct classes *other,
                         struct classes *out, struct error *error) {
    size_t n = own->neurons;
    uint32_t *size = memory_new(2 * n, sizeof *size, error);
    uint32_t *there = memory_new(n, sizeof *there, error);
    bool *missing = memory_new(n, sizeof *missing, error);
    *out = (struct classes){.neurons = n};
    out->class_of = memory_new(n, sizeof *out->class_of, error);
    bool made = size && there && missing && out->class_of;
    if (made) {
        find_missing(own, other, size, there, missing);
        for (size_t i = 0; i < n; i++)
            there[i] = missing[own->class_of[i]] ? own->class_of[i] : PARTITION_DEAD;
        made = classes_from_labels(out, there, error);
    }
    free(size);
    free(there);
    free(missing);
    return made;
}

bool changed_init(struct changed *changed, const struct classes *before,
                  const struct classes *after, struct error *error) {
    *changed = (struct changed){0};
    if (keep_missing(before, after, &changed->before, error) &&
        keep_missing(after, before, &changed->after, error))
        return true;
    changed_free(changed);
    return false;
}
