/* Networks as ONNX: a Gemm for each layer, and the nodes of its activation. */
#include "config.h"
#include "frame.h"
#include "lumpscope/file.h"
#include "lumpscope/json.h"
#include "lumpscope/model_onnx.h"
#include "onnx_draft.h"
#include "onnx_tensor.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* For networks from other formats. */
enum { DEFAULT_OPSET = 17, DEFAULT_IR = 8 };
/* The least that say what is written: sums with broadcasting, Erf, 16-bit brain floats;
 * initialisers that are no inputs. */
enum { LEAST_OPSET = 7, ERF_OPSET = 9, BF16_OPSET = 16, LEAST_IR = 4 };
enum { OPTIONAL_BIAS_OPSET = 11, NEGATIVE_AXIS_OPSET = 13, GELU_OPSET = 20 };
enum { BF16_EVERYWHERE_OPSET = 22 };

static int64_t at_least(int64_t value, int64_t least) {
    return value > least ? value : least;
}

static int64_t choose_opset(const struct network *network, enum tensor_type type) {
    int64_t opset = network->origin.opset > 0 ? network->origin.opset : DEFAULT_OPSET;
    opset = at_least(opset, type == TENSOR_BF16 ? BF16_OPSET : LEAST_OPSET);
    for (size_t l = 0; l < network->depth; l++)
        if (network->layers[l].activation.kind == ACTIVATION_GELU)
            opset = at_least(opset, ERF_OPSET);
    return opset;
}

/* A number of its own, as the second input of a node. */
static char *constant(struct draft *draft, size_t layer, const char *what, double value) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "layer%zu.%s", layer, what);
    return draft_tensor(draft, draft_take_name(draft, wanted), 0, 0, &value);
}

/* A node whose output only the next one reads. */
static char *inner_node(struct draft *draft, const char *op, size_t layer, char *a, char *b) {
    char *output = draft_name(draft, "layer%zu_%zu", layer, draft->graph.n_node + 1);
    return draft_node(draft, op, layer, (char *[3]){a, b}, output);
}

static void write_silu(struct draft *draft, size_t layer, char *u, char *out) {
    char *sigmoid = inner_node(draft, "Sigmoid", layer, u, NULL);
    draft_node(draft, "Mul", layer, (char *[3]){u, sigmoid}, out);
}

/* gelu(u) = u (1 + erf(u / sqrt 2)) / 2 */
static void write_gelu(struct draft *draft, size_t layer, char *u, char *out) {
    if (draft->opset >= GELU_OPSET) {
        draft_node(draft, "Gelu", layer, (char *[3]){u}, out);
        return;
    }
    char *t = inner_node(draft, "Div", layer, u, constant(draft, layer, "sqrt2", M_SQRT2));
    t = inner_node(draft, "Erf", layer, t, NULL);
    t = inner_node(draft, "Add", layer, t, constant(draft, layer, "one", 1));
    t = inner_node(draft, "Mul", layer, u, t);
    draft_node(draft, "Mul", layer, (char *[3]){t, constant(draft, layer, "half", 0.5)}, out);
}

/* Horner: ((c_n u + c_{n-1}) u + ..) u + c_0. */
static void write_polynomial(struct draft *draft, size_t layer, const struct activation *activation,
                             char *u, char *out) {
    const double *c = activation->coefficients;
    size_t degree = activation->degree;
    char what[32], *t = u;
    for (size_t k = degree ? degree : 1; k-- > 0;) {
        snprintf(what, sizeof what, "c%zu", k + 1);
        char *factor = t == u ? constant(draft, layer, what, degree ? c[k + 1] : 0) : u;
        bool sum = c[k] != 0 || k == 0; /* the last sum makes the output */
        t = inner_node(draft, "Mul", layer, t, factor);
        snprintf(what, sizeof what, "c%zu", k);
        char *output = k ? draft_name(draft, "layer%zu_%s", layer, what) : out;
        if (sum)
            t = draft_node(draft, "Add", layer, (char *[3]){t, constant(draft, layer, what, c[k])},
                           output);
    }
}

/* An activation that is an operator of ONNX. */
static void write_operator(struct draft *draft, size_t layer, const struct activation *activation,
                           char *u, char *out) {
    static const char *const operators[ACTIVATION_KINDS] = {
        [ACTIVATION_TANH] = "Tanh",       [ACTIVATION_SIGMOID] = "Sigmoid",
        [ACTIVATION_RELU] = "Relu",       [ACTIVATION_LEAKY_RELU] = "LeakyRelu",
        [ACTIVATION_ELU] = "Elu",         [ACTIVATION_SOFTPLUS] = "Softplus",
        [ACTIVATION_SOFTMAX] = "Softmax",
    };
    draft_node(draft, operators[activation->kind], layer, (char *[3]){u}, out);
    if (activation->kind == ACTIVATION_LEAKY_RELU || activation->kind == ACTIVATION_ELU)
        draft_attribute_float(draft, "alpha", activation->parameter);
    if (activation->kind == ACTIVATION_SOFTMAX)
        draft_attribute_int(draft, "axis", draft->opset < NEGATIVE_AXIS_OPSET ? 1 : -1);
}

/* Two operators have not always taken brain floats: they work in single precision then. */
static bool needs_single(const struct draft *draft, enum activation_kind kind) {
    return draft->type == TENSOR_BF16 && draft->opset < BF16_EVERYWHERE_OPSET &&
           (kind == ACTIVATION_ELU || kind == ACTIVATION_SOFTPLUS);
}

static void write_single(struct draft *draft, size_t layer, const struct activation *activation,
                         char *u, char *out) {
    char *single = inner_node(draft, "Cast", layer, u, NULL);
    if (single)
        draft_attribute_int(draft, "to", onnx_type_to(TENSOR_F32));
    char *value = draft_name(draft, "layer%zu_%zu", layer, draft->graph.n_node + 1);
    write_operator(draft, layer, activation, single, value);
    if (draft_node(draft, "Cast", layer, (char *[3]){value}, out))
        draft_attribute_int(draft, "to", onnx_type_to(TENSOR_BF16));
}

static void write_activation(struct draft *draft, size_t layer, const struct activation *activation,
                             char *u, char *out) {
    switch (activation->kind) {
    case ACTIVATION_LINEAR:
        return;
    case ACTIVATION_SQUARE:
        draft_node(draft, "Mul", layer, (char *[3]){u, u}, out);
        return;
    case ACTIVATION_POLYNOMIAL:
        write_polynomial(draft, layer, activation, u, out);
        return;
    case ACTIVATION_SILU:
        write_silu(draft, layer, u, out);
        return;
    case ACTIVATION_GELU:
        write_gelu(draft, layer, u, out);
        return;
    default:
        break;
    }
    if (needs_single(draft, activation->kind))
        write_single(draft, layer, activation, u, out);
    else
        write_operator(draft, layer, activation, u, out);
}

/* The name a tensor of layer `l` had in its file; `fallback` where it had none. */
static char *tensor_name(struct draft *draft, const struct network *network, size_t l, bool bias,
                         const char *fallback) {
    const struct origin *origin = &network->origin;
    char **names = bias ? origin->bias_names : origin->weight_names;
    const char *name = origin->depth == network->depth && names ? names[l] : NULL;
    char made[64];
    snprintf(made, sizeof made, "layer%zu.%s", l + 1, fallback);
    return draft_take_name(draft, name && *name ? name : made);
}

/* A bias of zeros that the file never had is left out. */
static bool needs_bias(const struct draft *draft, const struct network *network, size_t l) {
    const struct origin *origin = &network->origin;
    const struct layer *layer = &network->layers[l];
    for (size_t i = 0; i < layer->neurons; i++)
        if (layer->bias[i] != 0)
            return true;
    return draft->opset < OPTIONAL_BIAS_OPSET || origin->depth != network->depth ||
           !origin->weight_names || !origin->weight_names[l] || origin->bias_names[l];
}

/* Names first, so that no other comes before those of the file. */
struct layer_names {
    char *weights, *bias;
};

static struct layer_names *take_names(struct draft *draft, const struct network *network) {
    struct layer_names *names = draft_take(draft, network->depth, sizeof *names);
    for (size_t l = 0; names && l < network->depth; l++) {
        names[l].weights = tensor_name(draft, network, l, false, "weight");
        if (needs_bias(draft, network, l))
            names[l].bias = tensor_name(draft, network, l, true, "bias");
    }
    return names;
}

/* Returns the name of the layer's output. */
static char *write_layer(struct draft *draft, const struct network *network, size_t l,
                         const struct layer_names *names, char *x, char *output) {
    const struct layer *layer = &network->layers[l];
    bool last = l + 1 == network->depth, linear = layer->activation.kind == ACTIVATION_LINEAR;
    char *out = last ? output : draft_name(draft, "layer%zu_x", l + 1);
    char *u = linear ? out : draft_name(draft, "layer%zu_u", l + 1);
    draft_tensor(draft, names->weights, layer->neurons, layer->inputs, layer->weights);
    if (names->bias)
        draft_tensor(draft, names->bias, layer->neurons, 0, layer->bias);
    if (draft_node(draft, "Gemm", l + 1, (char *[3]){x, names->weights, names->bias}, u))
        draft_attribute_int(draft, "transB", 1);
    if (!draft->failed)
        write_activation(draft, l + 1, &layer->activation, u, out);
    return out;
}

static void write_graph(struct draft *draft, const struct network *network) {
    const struct origin *origin = &network->origin;
    Onnx__GraphProto *graph = &draft->graph;
    Onnx__ValueInfoProto **ends = draft_take(draft, 2, sizeof *ends);
    char *x = draft_take_name(draft, origin->input_name ? origin->input_name : "input");
    char *out = draft_take_name(draft, origin->output_name ? origin->output_name : "output");
    struct layer_names *names = take_names(draft, network);
    const char *named = *network->name ? network->name : "network";
    graph->name =
        draft_string(draft, origin->graph_name && *origin->graph_name ? origin->graph_name : named);
    if (draft->failed)
        return;
    ends[0] = draft_value(draft, x, network_inputs(network));
    ends[1] = draft_value(draft, out, network_outputs(network));
    graph->input = &ends[0];
    graph->output = &ends[1];
    graph->n_input = graph->n_output = 1;
    for (size_t l = 0; !draft->failed && l < network->depth; l++)
        x = write_layer(draft, network, l, &names[l], x, out);
}

static void write_metadata(struct draft *draft, const struct network *network) {
    cJSON *strings = draft->failed ? NULL : frame_to_strings(network, draft->error);
    draft->failed = !strings;
    size_t count = strings ? (size_t)cJSON_GetArraySize(strings) : 0;
    const cJSON *pair;
    cJSON_ArrayForEach(pair, strings) {
        draft_metadata(draft, count, pair->string, cJSON_GetStringValue(pair));
    }
    cJSON_Delete(strings);
}

static void write_model(struct draft *draft, const struct network *network) {
    const struct origin *origin = &network->origin;
    Onnx__ModelProto *model = &draft->model;
    onnx__model_proto__init(model);
    onnx__graph_proto__init(&draft->graph);
    Onnx__OperatorSetIdProto *set = draft_take(draft, 1, sizeof *set);
    Onnx__OperatorSetIdProto **sets = draft_take(draft, 1, sizeof set);
    if (!sets)
        return;
    onnx__operator_set_id_proto__init(set);
    set->domain = draft_string(draft, "");
    set->has_version = true;
    set->version = draft->opset = choose_opset(network, draft->type);
    sets[0] = set;
    model->opset_import = sets;
    model->n_opset_import = 1;
    model->has_ir_version = true;
    model->ir_version =
        at_least(origin->ir_version > 0 ? origin->ir_version : DEFAULT_IR, LEAST_IR);
    bool known = origin->producer != NULL;
    model->producer_name = draft_string(draft, known ? origin->producer : "lumpscope");
    model->producer_version =
        draft_string(draft, known ? origin->producer_version : LUMPSCOPE_VERSION);
    model->graph = &draft->graph;
    write_graph(draft, network);
    write_metadata(draft, network);
}

/* Small pieces are gathered, large ones go by. */
struct sink {
    ProtobufCBuffer base;
    struct file_writer writer;
    size_t used;
    bool failed;
    struct error *error;
    uint8_t gathered[1 << 14];
};

static void sink_flush(struct sink *sink) {
    if (!sink->failed && sink->used)
        sink->failed = !file_writer_put(&sink->writer, sink->gathered, sink->used, sink->error);
    sink->used = 0;
}

static void sink_append(ProtobufCBuffer *base, size_t size, const uint8_t *data) {
    struct sink *sink = (struct sink *)base;
    if (size > sizeof sink->gathered - sink->used)
        sink_flush(sink);
    if (size > sizeof sink->gathered) {
        if (!sink->failed)
            sink->failed = !file_writer_put(&sink->writer, data, size, sink->error);
        return;
    }
    if (size)
        memcpy(sink->gathered + sink->used, data, size);
    sink->used += size;
}

static bool put_model(const struct draft *draft, const char *path, const struct progress *progress,
                      struct error *error) {
    struct sink sink = {.base.append = sink_append, .error = error};
    if (!file_writer_open(&sink.writer, path, progress, error))
        return false;
    onnx__model_proto__pack_to_buffer(&draft->model, &sink.base);
    sink_flush(&sink);
    if (!sink.failed)
        return file_writer_commit(&sink.writer, error);
    file_writer_abandon(&sink.writer);
    return false;
}

bool model_onnx_save(const struct network *network, const char *path, enum tensor_type type,
                     size_t *bytes, const struct progress *progress, struct error *error) {
    size_t size;
    if (!model_onnx_measure(network, type, &size, error))
        return false;
    if (size > ONNX_MAX_BYTES)
        return error_set(error, ERROR_REQUEST,
                         "%s: the network takes %.1f GB, and an ONNX file can have 2; write it as "
                         ".safetensors",
                         path, (double)size / 1e9);
    struct draft draft = {.type = type, .error = error};
    write_model(&draft, network);
    bool made = !draft.failed;
    if (!made)
        error_prefix(error, "%s", path);
    made = made && put_model(&draft, path, progress, error);
    draft_free(&draft);
    if (made && bytes)
        *bytes = size;
    return made;
}

bool model_onnx_measure(const struct network *network, enum tensor_type type, size_t *bytes,
                        struct error *error) {
    struct draft draft = {.type = type, .sizes_only = true, .error = error};
    write_model(&draft, network);
    bool made = !draft.failed;
    if (made)
        *bytes = onnx__model_proto__get_packed_size(&draft.model);
    draft_free(&draft);
    return made;
}
