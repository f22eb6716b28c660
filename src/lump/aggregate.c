#include "lumpscope/aggregate.h"

#include "foundation/lapack.h"
#include "lumpscope/memory.h"
#include "lumpscope/refit.h"

#include "lump/polish.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

static const double square_cut = 1e-9; /* share of the squared singular values that is dropped */

/* Of the outputs' RMS on the calibration rows: so near no network without refit can be nearer. */
static const double near_enough = 1e-9;

/* The way from the input to the last hidden layer. */
struct walk {
    const struct options *options;
    const struct calibration *calibration; /* NULL: none */
    const struct progress *progress;
    struct network *work; /* reduced up to where the walk is */
    struct matrix before; /* [rows x m] reduced activations of the layer before; without calibration
                             nothing */
    struct merged *merged;       /* NULL: not wanted */
    const struct polish *polish; /* NULL: none */
    struct matrix polish_before; /* likewise for the polish's rows */
};

/* One hidden layer on its way: the rows as they have been rewritten for the reduced layer before,
 * and what becomes of them. */
struct lumping {
    const struct walk *walk;
    struct layer *layer;    /* [n x m_before] rewritten rows */
    struct layer *consumer; /* [n_next x n] columns of the starting network */
    const struct class_members *classes;
    size_t class_count;
    size_t number;                 /* of the hidden layer, from 1 */
    double *sent;                  /* [n] lengths of the columns */
    double *scale;                 /* [n] value before the row was rescaled over value after */
    struct merged_layer merged;    /* starts [class_count + 1] and weights [m] */
    struct layer reduced;          /* [m x m_before] */
    struct layer reduced_consumer; /* [n_next x m] */
};

/* Before neuron j of `count`; reports some of them. */
static bool step(const struct lumping *lumping, size_t j, size_t count, struct error *error) {
    return j % 64 || progress_step(lumping->walk->progress, "aggregating", j, count, error);
}

static size_t class_size(const struct lumping *lumping, size_t c) {
    return lumping->classes->starts[c + 1] - lumping->classes->starts[c];
}

static const size_t *class_list(const struct lumping *lumping, size_t c) {
    return lumping->classes->members + lumping->classes->starts[c];
}

/* lumping->sent: Euclidean norms of what the neurons send, weighted by the sensitivities for
 * joint. */
static bool sent_norms(struct lumping *lumping, struct error *error) {
    const struct layer *consumer = lumping->consumer;
    const double *g = lumping->walk->options->relation == RELATION_JOINT
                          ? lumping->walk->calibration->sensitivity[lumping->number - 1]
                          : NULL;
    double *column = memory_new(consumer->neurons, sizeof *column, error);
    lumping->sent = memory_new(consumer->inputs, sizeof *lumping->sent, error);
    bool made = column && lumping->sent;
    for (size_t j = 0; made && j < consumer->inputs; j++) {
        made = step(lumping, j, consumer->inputs, error);
        for (size_t i = 0; i < consumer->neurons; i++)
            column[i] = consumer->weights[i * consumer->inputs + j] * (g ? g[i] : 1);
        lumping->sent[j] = matrix_norm(column, consumer->neurons, 1);
    }
    free(column);
    return made;
}

/* Row and bias of reduced neuron `to` += factor times those of neuron j. */
static void add_row(const struct lumping *lumping, size_t to, size_t j, double factor) {
    const struct layer *layer = lumping->layer;
    double *out = lumping->reduced.weights + to * layer->inputs;
    for (size_t k = 0; k < layer->inputs; k++)
        out[k] += factor * layer->weights[j * layer->inputs + k];
    lumping->reduced.bias[to] += factor * layer->bias[j];
}

static void add_column(const struct lumping *lumping, size_t to, size_t j, double factor) {
    const struct layer *consumer = lumping->consumer, *out = &lumping->reduced_consumer;
    for (size_t i = 0; i < consumer->neurons; i++)
        out->weights[i * out->inputs + to] += factor * consumer->weights[i * consumer->inputs + j];
}

/* Mean of the class's rows and biases, weighted by what the members send; equal weights when they
 * send nothing. A class of one keeps its bits. */
static void mean_row(const struct lumping *lumping, size_t c) {
    const size_t *member = class_list(lumping, c);
    size_t size = class_size(lumping, c);
    double total = 0;
    for (size_t k = 0; k < size; k++)
        total += lumping->sent[member[k]];
    bool weighted = total > 0 && isfinite(total);
    for (size_t k = 0; k < size; k++) {
        double share = weighted ? lumping->sent[member[k]] / total : 1 / (double)size;
        add_row(lumping, c, member[k], size == 1 ? 1 : share);
    }
}

/* The sum of the class's members as multiples of neurons of canonical scale. */
static double class_scale(const struct lumping *lumping, size_t c) {
    double sum = 0;
    for (size_t k = 0; k < class_size(lumping, c); k++)
        sum += lumping->scale[class_list(lumping, c)[k]];
    return sum;
}

static bool reduced_init(struct lumping *lumping, size_t neurons, struct error *error) {
    lumping->merged.weights = memory_new(neurons, sizeof(double), error);
    if (!lumping->merged.weights)
        return false;
    lumping->reduced.activation = lumping->layer->activation;
    lumping->reduced_consumer.activation = lumping->consumer->activation;
    if (!layer_resize(&lumping->reduced, neurons, lumping->layer->inputs, error) ||
        !layer_resize(&lumping->reduced_consumer, lumping->consumer->neurons, neurons, error))
        return false;
    memcpy(lumping->reduced_consumer.bias, lumping->consumer->bias,
           lumping->consumer->neurons * sizeof(double));
    return true;
}

/* One neuron per class. */
static bool one_each_init(struct lumping *lumping, struct error *error) {
    for (size_t c = 0; c <= lumping->class_count; c++)
        lumping->merged.starts[c] = c;
    return reduced_init(lumping, lumping->class_count, error);
}

/* Forward, linear: summed rows, mean columns: the least change that makes the partition exact. */
static bool lump_linear(struct lumping *lumping, struct error *error) {
    if (!one_each_init(lumping, error))
        return false;
    for (size_t c = 0; c < lumping->class_count; c++) {
        lumping->merged.weights[c] = 1;
        for (size_t k = 0; k < class_size(lumping, c); k++) {
            add_row(lumping, c, class_list(lumping, c)[k], 1);
            add_column(lumping, c, class_list(lumping, c)[k], 1 / (double)class_size(lumping, c));
        }
    }
    return true;
}

/* Forward of other activations, and backward: mean rows, summed columns. */
static bool lump_mean(struct lumping *lumping, struct error *error) {
    if (!one_each_init(lumping, error))
        return false;
    for (size_t c = 0; c < lumping->class_count; c++) {
        mean_row(lumping, c);
        lumping->merged.weights[c] = class_scale(lumping, c);
        for (size_t k = 0; k < class_size(lumping, c); k++)
            add_column(lumping, c, class_list(lumping, c)[k], 1);
    }
    return true;
}

/* How many of the descending singular values count. They are taken as shares of their norm, whose
 * square may be out of range. */
static size_t singular_rank(const double *value, size_t count) {
    double norm = matrix_norm(value, count, 1);
    size_t kept = 0;
    while (kept < count && norm > 0 && (value[kept] / norm) * (value[kept] / norm) > square_cut)
        kept++;
    return kept;
}

/* Singular values and right vectors of the class's (row, bias) pairs: out [size x (inputs+1)] gets
 * the rows of S R^T, `kept` how many count. */
static bool class_squares(const struct lumping *lumping, size_t c, struct matrix *out, size_t *kept,
                          struct error *error) {
    const struct layer *layer = lumping->layer;
    size_t size = class_size(lumping, c), width = layer->inputs + 1;
    size_t rank = size < width ? size : width;
    struct matrix rows = {0}, left = {0};
    double *value = memory_new(rank, sizeof *value, error);
    bool done = value && matrix_init(&rows, size, width, error) &&
                matrix_init(&left, size, rank, error) && matrix_init(out, rank, width, error);
    for (size_t k = 0; done && k < size; k++) {
        size_t j = class_list(lumping, c)[k];
        memcpy(matrix_row(&rows, k), layer->weights + j * layer->inputs,
               layer->inputs * sizeof(double));
        matrix_row(&rows, k)[layer->inputs] = layer->bias[j];
    }
    matrix_one_thread();
    bool finite = done && matrix_finite(&rows);
    lapack_int answer = 0;
    if (finite)
        answer = LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'S', (lapack_int)size, (lapack_int)width,
                                rows.data, (lapack_int)width, value, left.data, (lapack_int)rank,
                                out->data, (lapack_int)width);
    if (lapack_no_memory(answer))
        done = error_memory(error, size * width * sizeof *value);
    else if (done && (!finite || answer != 0))
        done = error_set(error, ERROR_REQUEST,
                         "hidden layer %zu: the singular values of class %zu cannot be computed; "
                         "its weights are too large",
                         lumping->number, c);
    for (size_t k = 0; done && k < rank; k++)
        for (size_t j = 0; j < width; j++)
            out->data[k * width + j] *= value[k];
    *kept = done ? singular_rank(value, rank) : 0;
    size_t most = lumping->walk->options->rank;
    if (most && *kept > most)
        *kept = most;
    free(value);
    matrix_free(&rows);
    matrix_free(&left);
    if (!done)
        matrix_free(out);
    return done;
}

/* A class of one keeps its row; a zero row adds nothing. */
static bool single_square(const struct lumping *lumping, size_t c, struct matrix *out, size_t *kept,
                          struct error *error) {
    const struct layer *layer = lumping->layer;
    size_t j = class_list(lumping, c)[0];
    if (!matrix_init(out, 1, layer->inputs + 1, error))
        return false;
    memcpy(out->data, layer->weights + j * layer->inputs, layer->inputs * sizeof(double));
    out->data[layer->inputs] = layer->bias[j];
    *kept = 0;
    for (size_t k = 0; k <= layer->inputs; k++)
        if (out->data[k] != 0)
            *kept = 1;
    return true;
}

static void place_square(struct lumping *lumping, size_t to, size_t c, const double *row) {
    size_t inputs = lumping->layer->inputs;
    memcpy(lumping->reduced.weights + to * inputs, row, inputs * sizeof(double));
    lumping->reduced.bias[to] = row[inputs];
    lumping->merged.weights[to] = 1;
    for (size_t k = 0; k < class_size(lumping, c); k++)
        add_column(lumping, to, class_list(lumping, c)[k], 1 / (double)class_size(lumping, c));
}

/* Forward, square: the new neurons' squares sum to the class's own quadratic form. */
static bool lump_square(struct lumping *lumping, struct error *error) {
    size_t count = lumping->class_count, neurons = 0;
    struct matrix *form = memory_new(count, sizeof *form, error);
    size_t *kept = memory_new(count, sizeof *kept, error);
    bool done = form && kept;
    for (size_t c = 0; done && c < count; c++) {
        done = class_size(lumping, c) == 1 ? single_square(lumping, c, &form[c], &kept[c], error)
                                           : class_squares(lumping, c, &form[c], &kept[c], error);
        neurons += kept[c];
    }
    if (done && neurons == 0)
        kept[0] = neurons = 1; /* a layer keeps at least one neuron */
    done = done && reduced_init(lumping, neurons, error);
    size_t to = 0;
    for (size_t c = 0; done && c < count; c++) {
        for (size_t k = 0; k < kept[c]; k++)
            place_square(lumping, to++, c, matrix_row(&form[c], k));
        lumping->merged.starts[c + 1] = to;
    }
    for (size_t c = 0; form && c < count; c++)
        matrix_free(&form[c]);
    free(form);
    free(kept);
    return done;
}

/* x [rows x neurons]: a layer's activations on rows of the layer before. */
static bool activations(const struct layer *layer, const struct matrix *before, struct matrix *x,
                        const struct progress *progress, struct error *error) {
    if (!matrix_init(x, before->rows, layer->neurons, error) ||
        !layer_preactivations_steps(layer, before, x, progress, error) ||
        !progress_step(progress, "activations", before->rows, before->rows, error)) {
        matrix_free(x);
        return false;
    }
    activation_apply(&layer->activation, x->data, before->rows, layer->neurons);
    return true;
}

static double column_mean(const struct matrix *x, size_t j) {
    double sum = 0;
    for (size_t r = 0; r < x->rows; r++)
        sum += x->data[r * x->columns + j];
    return sum / (double)x->rows;
}

static double column_covariance(const struct matrix *x, size_t i, double mean_i,
                                const struct matrix *y, size_t j, double mean_j) {
    double sum = 0;
    for (size_t r = 0; r < x->rows; r++)
        sum += (x->data[r * x->columns + i] - mean_i) * (y->data[r * y->columns + j] - mean_j);
    return sum / (double)x->rows;
}

/* Column of class c: sum of V[:,j] cov(x_j,x_c)/var(x_c); what that misses in the mean goes to the
 * consumer's bias. */
static void joint_columns(struct lumping *lumping, const struct matrix *x, const struct matrix *xc,
                          size_t c) {
    const struct layer *consumer = lumping->consumer, *out = &lumping->reduced_consumer;
    double mean_c = column_mean(xc, c);
    double variance = column_covariance(xc, c, mean_c, xc, c, mean_c);
    for (size_t k = 0; k < class_size(lumping, c); k++) {
        size_t j = class_list(lumping, c)[k];
        double mean_j = column_mean(x, j);
        double slope = column_covariance(x, j, mean_j, xc, c, mean_c) / variance;
        slope = isfinite(slope) ? slope : 0; /* no variance, or one that overflows */
        add_column(lumping, c, j, slope);
        for (size_t i = 0; i < consumer->neurons; i++)
            out->bias[i] += consumer->weights[i * consumer->inputs + j] * (mean_j - slope * mean_c);
    }
}

/* Least squares through the origin: the members' sum against the merged neuron. */
static double joint_weight(const struct lumping *lumping, const struct matrix *x,
                           const struct matrix *xc, size_t c) {
    double product = 0, square = 0;
    for (size_t r = 0; r < x->rows; r++) {
        double sum = 0, merged = matrix_row(xc, r)[c];
        for (size_t k = 0; k < class_size(lumping, c); k++) {
            size_t j = class_list(lumping, c)[k];
            sum += lumping->scale[j] * matrix_row(x, r)[j];
        }
        product += sum * merged;
        square += merged * merged;
    }
    double weight = product / square;
    return isfinite(weight) ? weight : class_scale(lumping, c);
}

static bool lump_joint(struct lumping *lumping, struct error *error) {
    const struct matrix *before = &lumping->walk->before;
    const struct progress *progress = lumping->walk->progress;
    struct matrix x = {0}, xc = {0};
    bool done = one_each_init(lumping, error);
    for (size_t c = 0; done && c < lumping->class_count; c++) {
        mean_row(lumping, c);
        done = step(lumping, c, lumping->class_count, error);
    }
    done = done && activations(lumping->layer, before, &x, progress, error) &&
           activations(&lumping->reduced, before, &xc, progress, error);
    for (size_t c = 0; done && c < lumping->class_count; c++) {
        done = progress_step(progress, "aggregating", c, lumping->class_count, error);
        bool single = class_size(lumping, c) == 1;
        lumping->merged.weights[c] =
            single ? class_scale(lumping, c) : joint_weight(lumping, &x, &xc, c);
        if (single)
            add_column(lumping, c, class_list(lumping, c)[0], 1);
        else
            joint_columns(lumping, &x, &xc, c);
    }
    matrix_free(&x);
    matrix_free(&xc);
    return done;
}

static bool lump(struct lumping *lumping, struct error *error) {
    enum relation relation = lumping->walk->options->relation;
    if (relation == RELATION_JOINT)
        return lump_joint(lumping, error);
    if (relation == RELATION_BACKWARD)
        return lump_mean(lumping, error);
    switch (lumping->layer->activation.kind) {
    case ACTIVATION_LINEAR:
        return lump_linear(lumping, error);
    case ACTIVATION_SQUARE:
        return lump_square(lumping, error);
    default:
        return lump_mean(lumping, error);
    }
}

/* Puts the reduced shapes in place of the old ones; activation and unknown members stay. */
static void replace_layer(struct layer *layer, struct layer *reduced) {
    free(layer->weights);
    free(layer->bias);
    layer->weights = reduced->weights;
    layer->bias = reduced->bias;
    layer->neurons = reduced->neurons;
    layer->inputs = reduced->inputs;
    *reduced = (struct layer){0};
}

static bool canonical_rows(const struct options *options) {
    return options->relation == RELATION_JOINT ||
           (options->relation == RELATION_BACKWARD && options->balance);
}

/* Rows of the layer before become rows of hidden layer l (from 0). */
static bool advance(const struct walk *walk, size_t l, struct matrix *rows, struct error *error) {
    struct matrix x;
    if (!activations(&walk->work->layers[l], rows, &x, walk->progress, error))
        return false;
    matrix_free(rows);
    *rows = x;
    return true;
}

/* The rows go through hidden layer l (from 0), and its consumer is refitted to them. */
static bool refit_rows(struct walk *walk, size_t l, struct error *error) {
    bool refit = walk->options->refit && !options_locked(walk->options, l + 1);
    return advance(walk, l, &walk->before, error) &&
           (!refit || !matrix_finite(&walk->before) ||
            refit_layer(&walk->work->layers[l + 1], &walk->before,
                        &walk->calibration->trace.pre[l + 1], walk->progress, error));
}

/* The same with the layer itself moved: the rows before it are wanted once more. */
static bool polish_rows(struct walk *walk, size_t l, struct error *error) {
    struct layer *layer = &walk->work->layers[l];
    struct matrix before;
    if (!matrix_init_copy(&before, &walk->before, error))
        return false;
    bool done = refit_rows(walk, l, error) &&
                (options_locked(walk->options, l + 1) ||
                 polish_layer(walk->polish, l + 1, layer, layer + 1, &walk->polish_before, NULL,
                              walk->progress, error)) &&
                advance(walk, l, &walk->polish_before, error) && advance(walk, l, &before, error);
    matrix_free(&walk->before);
    walk->before = before;
    return done;
}

/* Rows to canonical scale where the relation asks for it; lumping->scale says what that did. */
static bool rescale_rows(struct lumping *lumping, struct error *error) {
    size_t neurons = lumping->layer->neurons;
    lumping->scale = memory_new(neurons, sizeof *lumping->scale, error);
    bool done = lumping->scale != NULL;
    for (size_t i = 0; done && i < neurons; i++) {
        lumping->scale[i] = canonical_rows(lumping->walk->options)
                                ? balance_rescale(lumping->layer, lumping->consumer, i)
                                : 1;
        done = step(lumping, i, neurons, error);
    }
    return done;
}

static void merged_layer_free(struct merged_layer *merged) {
    free(merged->starts);
    free(merged->weights);
    *merged = (struct merged_layer){0};
}

static void lumping_free(struct lumping *lumping) {
    free(lumping->reduced.weights);
    free(lumping->reduced.bias);
    free(lumping->reduced_consumer.weights);
    free(lumping->reduced_consumer.bias);
    free(lumping->sent);
    free(lumping->scale);
    merged_layer_free(&lumping->merged);
}

/* What was made takes the place of what there was. */
static void put_layer(struct walk *walk, size_t l, struct lumping *lumping) {
    replace_layer(&walk->work->layers[l], &lumping->reduced);
    replace_layer(&walk->work->layers[l + 1], &lumping->reduced_consumer);
    if (walk->merged) {
        walk->merged->layer[l] = lumping->merged;
        lumping->merged = (struct merged_layer){0};
    }
}

/* Hidden layer l (from 0). */
static bool lump_layer(struct walk *walk, size_t l, const struct classes *classes,
                       struct error *error) {
    struct class_members members;
    if (!classes_members(classes, &members, error))
        return false;
    struct lumping lumping = {.walk = walk,
                              .layer = &walk->work->layers[l],
                              .consumer = &walk->work->layers[l + 1],
                              .classes = &members,
                              .class_count = classes->count,
                              .number = l + 1};
    lumping.merged.classes = classes->count;
    lumping.merged.starts = memory_new(classes->count + 1, sizeof(size_t), error);
    bool done = lumping.merged.starts && rescale_rows(&lumping, error) &&
                sent_norms(&lumping, error) && lump(&lumping, error);
    if (done)
        put_layer(walk, l, &lumping);
    lumping_free(&lumping);
    class_members_free(&members);
    if (!done || !walk->calibration)
        return done;
    return walk->polish ? polish_rows(walk, l, error) : refit_rows(walk, l, error);
}

void merged_free(struct merged *merged) {
    for (size_t l = 0; merged->layer && l < merged->layers; l++)
        merged_layer_free(&merged->layer[l]);
    free(merged->layer);
    *merged = (struct merged){0};
}

void merged_weights(const struct merged *merged, const struct partition *live, size_t layer,
                    size_t class_number, double *members, double *reduced) {
    const struct classes *classes = &live->layer[layer - 1];
    const struct merged_layer *in = &merged->layer[layer - 1];
    for (size_t i = 0; i < classes->neurons; i++)
        members[i] = classes->class_of[i] == class_number ? 1 : 0;
    for (size_t k = 0; k < in->starts[in->classes]; k++)
        reduced[k] =
            k >= in->starts[class_number] && k < in->starts[class_number + 1] ? in->weights[k] : 0;
}

static bool merged_init(struct merged *merged, size_t layers, struct error *error) {
    *merged = (struct merged){.layer = memory_new(layers, sizeof *merged->layer, error)};
    merged->layers = merged->layer ? layers : 0;
    return merged->layer != NULL;
}

static bool all_finite(const struct layer *layer) {
    const struct matrix weights = {layer->neurons, layer->inputs, layer->weights};
    const struct matrix bias = {1, layer->neurons, layer->bias};
    return matrix_finite(&weights) && matrix_finite(&bias);
}

/* Sums of weights near the largest number there is are no numbers: no network to go on with. */
static bool check_sums(const struct network *network, size_t hidden, struct error *error) {
    if (all_finite(&network->layers[hidden]) && all_finite(&network->layers[hidden + 1]))
        return true;
    return error_set(error, ERROR_REQUEST,
                     "hidden layer %zu: weights of merged neurons overflow when they are added up; "
                     "leave the layer out with --lock %zu, or scale the weights down",
                     hidden + 1, hidden + 1);
}

/* From the input to the last hidden layer; walk->work is what becomes of the starting network. */
static bool walk_all(struct walk *walk, const struct prepared *prepared,
                     const struct partition *live, struct error *error) {
    walk->work = network_copy(prepared->network, error);
    bool done =
        walk->work &&
        (!walk->calibration || matrix_init_copy(&walk->before, &walk->calibration->x, error)) &&
        (!walk->polish ||
         matrix_init_copy(&walk->polish_before, polish_inputs(walk->polish), error));
    for (size_t l = 0; done && l < prepared->hidden; l++)
        done = progress_step(walk->progress, "aggregating", l, prepared->hidden, error) &&
               lump_layer(walk, l, &live->layer[l], error) && check_sums(walk->work, l, error);
    matrix_free(&walk->before);
    matrix_free(&walk->polish_before);
    if (!done)
        network_free(walk->work);
    return done;
}

/* NULL, `merged` empty: it failed. */
static struct network *walk_with(const struct prepared *prepared, const struct options *options,
                                 const struct calibration *calibration,
                                 const struct partition *live, struct merged *merged,
                                 const struct progress *progress, struct error *error) {
    if (merged && !merged_init(merged, prepared->hidden, error))
        return NULL;
    struct walk walk = {
        .options = options, .calibration = calibration, .progress = progress, .merged = merged};
    if (walk_all(&walk, prepared, live, error))
        return walk.work;
    if (merged)
        merged_free(merged);
    return NULL;
}

/* How far the outputs on the calibration rows are from the original's, in units of these; NaN or
 * infinite: an output overflows. */
static bool output_distance(const struct network *network, const struct calibration *calibration,
                            double *distance, const struct progress *progress,
                            struct error *error) {
    const struct matrix *x = &calibration->x;
    const struct matrix *target = &calibration->trace.post[calibration->trace.depth - 1];
    struct matrix out = {0};
    size_t count = target->rows * target->columns;
    bool done = matrix_init(&out, target->rows, target->columns, error) &&
                network_forward(network, x->data, x->rows, true, out.data, progress, error);
    for (size_t k = 0; done && k < count; k++)
        out.data[k] -= target->data[k];
    double unit = matrix_norm(target->data, count, 1);
    if (done)
        *distance = matrix_norm(out.data, count, 1) / (unit > 0 ? unit : 1);
    matrix_free(&out);
    return done;
}

/* What aggregate_classes starts from. */
struct reduction {
    const struct prepared *prepared;
    const struct options *options;
    const struct calibration *calibration;
    const struct partition *live;
    const struct progress *progress;
    bool merged_wanted;
};

struct candidate {
    struct network *network;
    struct merged merged; /* empty unless wanted */
    double distance;      /* output_distance; 0 without refit among the options */
};

static void candidate_free(struct candidate *candidate) {
    network_free(candidate->network);
    merged_free(&candidate->merged);
}

/* After a failure there is nothing to be freed. */
static bool candidate_make(struct candidate *candidate, const struct reduction *reduction,
                           bool refit, struct error *error) {
    struct options options = *reduction->options;
    options.refit = refit;
    /* Only joint and refit look at rows. */
    bool rows = refit || options.relation == RELATION_JOINT;
    *candidate = (struct candidate){0};
    candidate->network = walk_with(
        reduction->prepared, &options, rows ? reduction->calibration : NULL, reduction->live,
        reduction->merged_wanted ? &candidate->merged : NULL, reduction->progress, error);
    if (!candidate->network)
        return false;
    if (!reduction->options->refit || !reduction->calibration ||
        output_distance(candidate->network, reduction->calibration, &candidate->distance,
                        reduction->progress, error))
        return true;
    candidate_free(candidate);
    return false;
}

/* Every layer is fitted to what its own neurons should be, which need not be good for the output
 * where much was merged or the numbers are of very different sizes: then `fitted` becomes what
 * there is without refit. */
static bool take_nearer(struct candidate *fitted, const struct reduction *reduction,
                        struct error *error) {
    struct candidate plain;
    if (fitted->distance <= near_enough)
        return true;
    if (!candidate_make(&plain, reduction, false, error))
        return false;
    if (isfinite(plain.distance) && !(fitted->distance <= plain.distance)) {
        struct candidate farther = *fitted;
        *fitted = plain;
        plain = farther;
    }
    candidate_free(&plain);
    return true;
}

struct network *aggregate_classes(const struct prepared *prepared, const struct options *options,
                                  const struct calibration *calibration,
                                  const struct partition *live, struct merged *merged,
                                  const struct progress *progress, struct error *error) {
    const struct reduction reduction = {prepared, options,  calibration,
                                        live,     progress, merged != NULL};
    struct candidate candidate;
    if (!candidate_make(&candidate, &reduction, options->refit, error))
        return NULL;
    if (!take_nearer(&candidate, &reduction, error)) {
        candidate_free(&candidate);
        return NULL;
    }
    if (merged)
        *merged = candidate.merged;
    return candidate.network;
}

/* Takes `item`, NULL included, which is memory that could not be had. */
static bool add_member(cJSON *object, const char *name, cJSON *item) {
    if (item && cJSON_AddItemToObject(object, name, item))
        return true;
    cJSON_Delete(item);
    return false;
}

/* The "lumpscope" member: which old neurons went where, and by which options. */
static bool describe(struct network *network, const struct refine *refine, size_t original,
                     struct error *error) {
    cJSON *member = cJSON_CreateObject();
    bool made = member &&
                add_member(member, "epsilon", cJSON_CreateNumber(refine_epsilon(refine))) &&
                add_member(member, "options", options_json(refine_options(refine))) &&
                add_member(member, "original_parameters", cJSON_CreateNumber((double)original)) &&
                add_member(member, "classes", partition_json(refine_partition(refine), error));
    if (!made) {
        cJSON_Delete(member);
        return error_memory(error, sizeof(cJSON));
    }
    return network_set_member(network, "lumpscope", member, error);
}

/* Takes the network, and what it was merged from when it cannot be described. */
static struct network *described(struct network *network, const struct refine *refine,
                                 struct merged *merged, struct error *error) {
    if (!network || describe(network, refine, refine_original_parameters(refine), error))
        return network;
    if (merged)
        merged_free(merged);
    network_free(network);
    return NULL;
}

struct network *aggregate_network(const struct refine *refine, struct merged *merged,
                                  const struct progress *progress, struct error *error) {
    struct network *network = aggregate_classes(
        refine_prepared(refine), refine_options(refine), refine_calibration(refine),
        refine_live_partition(refine), merged, progress, error);
    return described(network, refine, merged, error);
}

struct network *aggregate_polished(const struct refine *refine, const struct polish *polish,
                                   const struct progress *progress, struct error *error) {
    struct walk walk = {.options = refine_options(refine),
                        .calibration = refine_calibration(refine),
                        .progress = progress,
                        .polish = polish};
    bool done = walk_all(&walk, refine_prepared(refine), refine_live_partition(refine), error);
    return done ? described(walk.work, refine, NULL, error) : NULL;
}

static bool classes_decide(const struct refine *refine) {
    const struct network *network = refine_prepared(refine)->network;
    if (refine_options(refine)->relation != RELATION_FORWARD)
        return true;
    for (size_t l = 0; l + 1 < network->depth; l++)
        if (network->layers[l].activation.kind == ACTIVATION_SQUARE)
            return false;
    return true;
}

bool aggregate_parameters(const struct refine *refine, size_t *parameters,
                          const struct progress *progress, struct error *error) {
    const struct network *network = refine_prepared(refine)->network;
    const struct partition *live = refine_live_partition(refine);
    if (classes_decide(refine)) {
        size_t inputs = network_inputs(network);
        *parameters = 0;
        for (size_t l = 0; l < network->depth; l++) {
            size_t neurons = l < live->layers ? live->layer[l].count : network_outputs(network);
            *parameters += neurons * (inputs + 1);
            inputs = neurons;
        }
        return true;
    }
    struct network *reduced =
        aggregate_classes(refine_prepared(refine), refine_options(refine),
                          refine_calibration(refine), live, NULL, progress, error);
    if (!reduced)
        return false;
    *parameters = network_parameters(reduced);
    network_free(reduced);
    return true;
}
