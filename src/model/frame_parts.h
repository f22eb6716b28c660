/* Pieces of JSON that the model formats share: numbers, activations, scaling, unknown members. */
#ifndef LUMPSCOPE_MODEL_FRAME_PARTS_H
#define LUMPSCOPE_MODEL_FRAME_PARTS_H

#include "lumpscope/network.h"
#include "lumpscope/text.h"

#include <cjson/cJSON.h>

/* `names` is a NULL-terminated list. */
bool frame_is_known(const char *name, const char *const *names);
/* Detaches the members of `object` that are not known into `*extra`, which is made when there are
 * any. */
bool frame_keep_unknown(cJSON *object, const char *const *known, cJSON **extra,
                        struct error *error);

/* `place` names the item in the sentence ("layer 1, bias"). */
bool frame_need_array(const cJSON *item, const char *place, struct error *error);
/* Exactly `count` finite numbers. */
bool frame_read_numbers(const cJSON *array, size_t count, double *out, const char *place,
                        struct error *error);
/* "relu", {"polynomial": [..]}, {"leaky_relu": slope}, {"elu": alpha}, of layer 1 .. depth. */
bool frame_read_activation(const cJSON *item, size_t layer, size_t depth,
                           struct activation *activation, struct error *error);
/* `side` is "input" or "output"; `scaling` a unit one. Unknown members move out of `object`; a
 * missing or null one leaves `scaling` as it is. */
bool frame_read_scaling(cJSON *object, const char *side, struct scaling *scaling,
                        struct error *error);
/* Missing: a softmax makes classification. */
bool frame_read_task(const cJSON *task, struct network *network, struct error *error);

/* [1, 2.5]: the shortest decimals that read back to the same doubles. */
void frame_print_numbers(struct text *out, const double *numbers, size_t count);
/* The same for numbers that are read back rounded to a floating type, with as few digits as that
 * takes. */
void frame_print_typed(struct text *out, const double *numbers, size_t count,
                       enum tensor_type type);
void frame_print_activation(struct text *out, const struct activation *activation);
const char *frame_task_name(enum task task);
/* Whether there is anything to print. */
bool frame_has_scaling(const struct scaling *scaling);
/* {"names": .., "mean": .., ..}; false for want of memory. */
bool frame_print_scaling(struct text *out, const struct scaling *scaling);
/* `separator` "name": value, for every member of an object (NULL: none); false for want of memory.
 */
bool frame_print_extra(struct text *out, const cJSON *extra, const char *separator);

#endif
