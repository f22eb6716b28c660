/* What a network is besides the numbers in its layers, as JSON that any container can carry:
 * {"name", "task", "input", "output", "activations", "layers" (their unknown members), "lumpscope",
 * "data" and other members}. */
#ifndef LUMPSCOPE_MODEL_FRAME_H
#define LUMPSCOPE_MODEL_FRAME_H

#include "lumpscope/network.h"

struct cJSON;

/* One object; the caller deletes it. Members whose names the frame itself has stand under
 * "members". Numbers are raw text that reads back to the same bits: print it, do not look into it.
 */
struct cJSON *frame_to_json(const struct network *network, struct error *error);
/* Sets what `frame` has in a network of network_new, and leaves the rest; without "task" a softmax
 * makes classification. Members move out of `frame`. Sentences name the member ("input.mean"). */
bool frame_from_json(struct cJSON *frame, struct network *network, struct error *error);

/* The activations the user names (NULL: none) in place of those of a frame that is read next, and
 * of its task where they are of another. False where nobody says those of a network with hidden
 * layers. */
bool frame_prefer(struct cJSON *frame, const char *activations, struct network *network,
                  struct error *error);

/* The same as an object of strings, for containers whose metadata are pairs of strings
 * (safetensors, ONNX): "name" and "task" as they are, the others as JSON text. Pairs that are not
 * ours are the network's member "metadata", an object of strings, and stand beside them. */
struct cJSON *frame_to_strings(const struct network *network, struct error *error);
/* Reads it; `strings` (may be NULL) is not changed. "activations" or "activation" may also be a
 * list such as `--activation` takes. Pairs under our names that are not ours are kept like any
 * other. */
bool frame_from_strings(const struct cJSON *strings, struct network *network, struct error *error);
/* Whether such an object says the activations. */
bool frame_names_activations(const struct cJSON *strings);

#endif
