#include "lumpscope/naive.h"

#include "lumpscope/memory.h"

#include <math.h>
#include <string.h>

/* One layer under comparison, with the classes it is compared by. */
struct naive {
    const struct network *network;
    size_t l; /* hidden layer from 1 */
    const struct options *options;
    const struct classes *consumers; /* classes of layer l + 1; NULL: outputs, each its own */
    const struct classes *sources;   /* classes of layer l - 1; NULL: inputs, each its own */
};

static size_t class_count(const struct classes *classes, size_t neurons) {
    return classes ? classes->count : neurons;
}

static bool in_class(const struct classes *classes, size_t neuron, size_t class) {
    return classes ? classes->class_of[neuron] == class : neuron == class;
}

static double weight(const struct layer *layer, size_t row, size_t column) {
    return layer->weights[row * layer->inputs + column];
}

/* Sum over i in H of V[i,j]. */
static double class_sum(const struct naive *naive, size_t h, size_t j) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    double sum = 0;
    for (size_t i = 0; i < consumer->neurons; i++)
        if (in_class(naive->consumers, i, h))
            sum += weight(consumer, i, j);
    return sum;
}

/* Q_H[j,k]; k = n gives c_H[j]. Times the factor of a quadratic last layer. */
static double quadratic(const struct naive *naive, size_t h, size_t j, size_t k) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    struct consumer_form form = consumer_form(&consumer->activation);
    double sum = 0;
    for (size_t i = 0; i < consumer->neurons; i++)
        if (in_class(naive->consumers, i, h)) {
            double other =
                k < consumer->inputs ? weight(consumer, i, k) : consumer->bias[i] + form.shift;
            sum += weight(consumer, i, j) * other;
        }
    return form.factor * sum;
}

/* A running norm of coefficients. */
struct norm_sum {
    enum norm norm;
    double value;
};

static void norm_add(struct norm_sum *sum, double coefficient) {
    double size = fabs(coefficient);
    if (sum->norm == NORM_LINF)
        sum->value = fmax(sum->value, size);
    else
        sum->value += sum->norm == NORM_L2 ? size * size : size;
}

static double norm_value(const struct norm_sum *sum) {
    return sum->norm == NORM_L2 ? sqrt(sum->value) : sum->value;
}

/* phi_j - phi_k for the forward relation; k = n: phi_j itself. */
static void forward_square(const struct naive *naive, size_t j, size_t k, struct norm_sum *sum) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    size_t n = consumer->inputs;
    for (size_t h = 0; h < class_count(naive->consumers, consumer->neurons); h++)
        for (size_t other = 0; other <= n; other++)
            norm_add(sum, 2 * quadratic(naive, h, j, other) -
                              (k < n ? 2 * quadratic(naive, h, k, other) : 0));
}

static void forward_linear(const struct naive *naive, size_t j, size_t k, struct norm_sum *sum) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    double factor = consumer_form(&consumer->activation).factor;
    for (size_t h = 0; h < class_count(naive->consumers, consumer->neurons); h++)
        norm_add(sum, factor * (class_sum(naive, h, j) -
                                (k < consumer->inputs ? class_sum(naive, h, k) : 0)));
}

static void forward_other(const struct naive *naive, size_t j, size_t k, struct norm_sum *sum) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    for (size_t i = 0; i < consumer->neurons; i++)
        norm_add(sum, weight(consumer, i, j) - (k < consumer->inputs ? weight(consumer, i, k) : 0));
}

static double polynomial_squared(const struct naive *naive, size_t h, size_t j, size_t k) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    const struct activation *activation = &consumer->activation;
    size_t n = consumer->inputs;
    double total = 0, sum = 0;
    for (size_t i = 0; i < consumer->neurons; i++) {
        if (!in_class(naive->consumers, i, h))
            continue;
        double di = weight(consumer, i, j) - (k < n ? weight(consumer, i, k) : 0);
        sum += di;
        for (size_t q = 0; q < consumer->neurons; q++) {
            if (!in_class(naive->consumers, q, h))
                continue;
            double dq = weight(consumer, q, j) - (k < n ? weight(consumer, q, k) : 0);
            double gram = consumer->bias[i] * consumer->bias[q];
            for (size_t a = 0; a < n; a++)
                gram += weight(consumer, i, a) * weight(consumer, q, a);
            for (size_t d = 2; d <= activation->degree; d++)
                total += pow((double)d * activation->coefficients[d], 2) * di *
                         pow(gram, (double)d - 1) * dq;
        }
    }
    return total + pow(activation->coefficients[1] * sum, 2);
}

static double forward_polynomial(const struct naive *naive, size_t j, size_t k) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    double total = 0;
    for (size_t h = 0; h < class_count(naive->consumers, consumer->neurons); h++)
        total += fmax(0, polynomial_squared(naive, h, j, k));
    return sqrt(total);
}

/* ERODE's sum for square consumers, j < k, in monomial coefficients of f_H. */
static double erode_square(const struct naive *naive, size_t j, size_t k) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    size_t n = consumer->inputs;
    double total = 0;
    for (size_t h = 0; h < class_count(naive->consumers, consumer->neurons); h++) {
        for (size_t other = 0; other <= n; other++)
            if (other != j && other != k)
                total +=
                    3 * fabs(2 * quadratic(naive, h, j, other) - 2 * quadratic(naive, h, k, other));
        double jj = quadratic(naive, h, j, j), kk = quadratic(naive, h, k, k);
        double jk = 2 * quadratic(naive, h, j, k);
        total += fabs(jj - kk) + 5 * fabs(jk - 2 * kk) + 4 * fabs(jj - jk + kk);
    }
    return total;
}

/* || phi_j - phi_k ||, or || phi_j || for k = n. */
static double forward_distance(const struct naive *naive, size_t j, size_t k) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    enum consumer_kind kind = consumer_form(&consumer->activation).kind;
    bool erode = naive->options->norm == NORM_ERODE;
    struct norm_sum sum = {erode ? NORM_L1 : naive->options->norm, 0};
    switch (kind) {
    case CONSUMER_POLYNOMIAL:
        return forward_polynomial(naive, j, k);
    case CONSUMER_SQUARE:
        if (erode)
            return j < k ? erode_square(naive, j, k) : erode_square(naive, k, j);
        forward_square(naive, j, k, &sum);
        break;
    case CONSUMER_LINEAR:
        forward_linear(naive, j, k, &sum);
        break;
    case CONSUMER_OTHER:
        forward_other(naive, j, k, &sum);
        break;
    }
    return (erode ? 3 : 1) * norm_value(&sum);
}

/* A[i,B], the bias as one class more. */
static double backward_sum(const struct naive *naive, size_t i, size_t b) {
    const struct layer *layer = &naive->network->layers[naive->l - 1];
    if (b == class_count(naive->sources, layer->inputs))
        return layer->bias[i];
    double sum = 0;
    for (size_t j = 0; j < layer->inputs; j++)
        if (in_class(naive->sources, j, b))
            sum += weight(layer, i, j);
    return sum;
}

static double backward_distance(const struct naive *naive, size_t i, size_t k) {
    const struct layer *layer = &naive->network->layers[naive->l - 1];
    size_t count = class_count(naive->sources, layer->inputs) + 1;
    bool erode = naive->options->norm == NORM_ERODE, none = k == layer->neurons;
    bool square = erode && layer->activation.kind == ACTIVATION_SQUARE;
    struct norm_sum sum = {erode ? NORM_L1 : naive->options->norm, 0};
    for (size_t b = 0; b < count; b++) {
        double ib = backward_sum(naive, i, b), kb = none ? 0 : backward_sum(naive, k, b);
        if (!square)
            norm_add(&sum, ib - kb);
        for (size_t c = b; square && c < count; c++) {
            double ic = backward_sum(naive, i, c), kc = none ? 0 : backward_sum(naive, k, c);
            norm_add(&sum, (b == c ? 1 : 2) * (ib * ic - kb * kc));
        }
    }
    return norm_value(&sum);
}

static double mean_of(const double *x, size_t n) {
    double sum = 0;
    for (size_t r = 0; r < n; r++)
        sum += x[r];
    return sum / (double)n;
}

static double covariance(const double *x, const double *y, size_t n) {
    double mx = mean_of(x, n), my = mean_of(y, n), sum = 0;
    for (size_t r = 0; r < n; r++)
        sum += (x[r] - mx) * (y[r] - my);
    return sum / (double)n;
}

/* What x_c leaves of x, means removed. */
static void residual(const double *x, const double *xc, double *out, size_t n) {
    double variance = covariance(xc, xc, n), mx = mean_of(x, n), mc = mean_of(xc, n);
    double slope = variance > 0 ? covariance(x, xc, n) / variance : 0;
    for (size_t r = 0; r < n; r++)
        out[r] = x[r] - mx - slope * (xc[r] - mc);
}

/* A neuron of joint equivalence, or what several have become. */
struct cluster {
    double *u;     /* [rows] pre-activation */
    double *sent;  /* [consumers] g_m V[m,j] */
    double weight; /* a_j */
};

/* One per neuron of the layer; the caller frees. */
static struct cluster *clusters_new(const struct naive *naive,
                                    const struct calibration *calibration, struct error *error) {
    const struct layer *consumer = &naive->network->layers[naive->l];
    size_t n = consumer->inputs, rows = calibration->trace.rows, m = consumer->neurons;
    /* One block: the clusters, then their numbers. */
    struct cluster *clusters =
        memory_new(1, n * (sizeof *clusters + (rows + m) * sizeof(double)), error);
    double *values = clusters ? (double *)(clusters + n) : NULL;
    for (size_t j = 0; clusters && j < n; j++) {
        double energy = 0;
        clusters[j] = (struct cluster){.u = values, .sent = values + rows};
        values += rows + m;
        for (size_t r = 0; r < rows; r++)
            clusters[j].u[r] = calibration->trace.pre[naive->l - 1].data[r * n + j];
        for (size_t k = 0; k < m; k++) {
            clusters[j].sent[k] =
                calibration->sensitivity[naive->l - 1][k] * weight(consumer, k, j);
            energy += clusters[j].sent[k] * clusters[j].sent[k];
        }
        clusters[j].weight = sqrt(energy);
    }
    return clusters;
}

static double k_entry(const struct naive *naive, const struct cluster *a, const struct cluster *b) {
    double sum = 0;
    for (size_t m = 0; m < naive->network->layers[naive->l].neurons; m++)
        sum += a->sent[m] * b->sent[m];
    return sum;
}

/* Section 7: the activations of i, j and the neuron that would replace them. */
static void joint_activations(const struct naive *naive, const struct cluster *i,
                              const struct cluster *j, size_t n, double *xi, double *xj,
                              double *xc) {
    const struct layer *layer = &naive->network->layers[naive->l - 1];
    double p = i->weight + j->weight > 0 ? i->weight / (i->weight + j->weight) : 0.5;
    for (size_t r = 0; r < n; r++) {
        xi[r] = activation_value(&layer->activation, i->u[r]);
        xj[r] = activation_value(&layer->activation, j->u[r]);
        xc[r] = activation_value(&layer->activation, p * i->u[r] + (1 - p) * j->u[r]);
    }
}

/* `i` is the one of lower index; `space` [6 x rows]. */
static double joint_distance(const struct naive *naive, const struct calibration *calibration,
                             const struct cluster *i, const struct cluster *j, double *space) {
    if (k_entry(naive, j, j) > k_entry(naive, i, i))
        return joint_distance(naive, calibration, j, i, space);
    size_t n = calibration->trace.rows, consumers = naive->network->layers[naive->l].neurons;
    double *xi = space, *xj = xi + n, *xc = xj + n, *ri = xc + n, *rj = ri + n, *both = rj + n;
    double kii = k_entry(naive, i, i), rest = 0;
    double alpha = kii > 0 ? k_entry(naive, i, j) / kii : 0;
    joint_activations(naive, i, j, n, xi, xj, xc);
    residual(xi, xc, ri, n);
    residual(xj, xc, rj, n);
    for (size_t r = 0; r < n; r++)
        both[r] = ri[r] + alpha * rj[r];
    for (size_t m = 0; m < consumers; m++)
        rest += pow(j->sent[m] - alpha * i->sent[m], 2);
    return sqrt((kii * covariance(both, both, n) + rest * covariance(rj, rj, n)) /
                calibration->output_variance);
}

static bool joint_distances(const struct naive *naive, const struct calibration *calibration,
                            size_t n, double *out, struct error *error) {
    double *space = memory_new(6 * calibration->trace.rows, sizeof *space, error);
    struct cluster *clusters = clusters_new(naive, calibration, error);
    bool done = space && clusters;
    for (size_t i = 0; done && i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            out[i * n + j] = out[j * n + i] =
                joint_distance(naive, calibration, &clusters[i], &clusters[j], space);
    free(space);
    free(clusters);
    return done;
}

/* Cluster j becomes part of i: incoming p-weighted, outgoing the best vector for both. */
static void join(const struct naive *naive, size_t n, struct cluster *i, const struct cluster *j,
                 double *space) {
    double *xi = space, *xj = xi + n, *xc = xj + n;
    double p = i->weight + j->weight > 0 ? i->weight / (i->weight + j->weight) : 0.5;
    joint_activations(naive, i, j, n, xi, xj, xc);
    double variance = covariance(xc, xc, n);
    double bi = variance > 0 ? covariance(xi, xc, n) / variance : 0;
    double bj = variance > 0 ? covariance(xj, xc, n) / variance : 0;
    for (size_t r = 0; r < n; r++)
        i->u[r] = p * i->u[r] + (1 - p) * j->u[r];
    for (size_t m = 0; m < naive->network->layers[naive->l].neurons; m++)
        i->sent[m] = bi * i->sent[m] + bj * j->sent[m];
    i->weight += j->weight;
}

static double formal_distance(const struct naive *naive, size_t i, size_t j) {
    return naive->options->relation == RELATION_FORWARD ? forward_distance(naive, i, j)
                                                        : backward_distance(naive, i, j);
}

static void formal_distances(const struct naive *naive, size_t n, double *out, double *unit) {
    double mean = 0;
    *unit = 1;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            out[i * n + j] = i == j ? 0 : formal_distance(naive, i < j ? i : j, i < j ? j : i);
    if (naive->options->norm == NORM_ERODE)
        return;
    for (size_t i = 0; i < n; i++)
        mean += formal_distance(naive, i, n) / (double)n;
    if (!isfinite(mean))
        mean = 0;
    if (naive->options->scale == SCALE_ABSOLUTE)
        *unit = mean;
    else if (mean != 0)
        for (size_t k = 0; k < n * n; k++)
            out[k] /= mean;
}

/* A distance that overflowed is no distance at which anything is equal. */
static void overflow_is_infinite(double *values, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (isnan(values[k]))
            values[k] = INFINITY;
}

bool naive_distances(const struct prepared *prepared, const struct options *options,
                     const struct calibration *calibration, const struct partition *live, size_t l,
                     double *out, double *unit, struct error *error) {
    size_t n = prepared->network->layers[l - 1].neurons;
    struct naive naive = {
        .network = prepared->network,
        .l = l,
        .options = options,
        .consumers = l < prepared->hidden ? &live->layer[l] : NULL,
        .sources = l > 1 ? &live->layer[l - 2] : NULL,
    };
    *unit = 1;
    bool done = true;
    if (options->relation == RELATION_JOINT)
        done = joint_distances(&naive, calibration, n, out, error);
    else
        formal_distances(&naive, n, out, unit);
    overflow_is_infinite(out, done ? n * n : 0);
    return done;
}

static void relabel(uint32_t *label, size_t n, uint32_t from, uint32_t to) {
    for (size_t i = 0; i < n; i++)
        if (label[i] == from)
            label[i] = to;
}

/* The largest distance between two clusters, named by their smallest members. */
static double cluster_distance(const double *d, size_t n, const uint32_t *label, uint32_t a,
                               uint32_t b) {
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (label[i] == a && label[j] == b)
                largest = fmax(largest, d[i * n + j]);
    return largest;
}

/* Up to `equal`, what epsilon 0 merges, distances do not differ. */
static void complete_classes(const double *d, size_t n, double equal, double threshold,
                             uint32_t *label) {
    for (;;) {
        double best = INFINITY;
        uint32_t a = 0, b = 0;
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = i + 1; j < n; j++) {
                if (label[i] != i || label[j] != j)
                    continue;
                double distance = cluster_distance(d, n, label, i, j);
                if (best > equal && distance < best) {
                    best = distance;
                    a = i;
                    b = j;
                }
            }
        if (!(best <= threshold))
            return;
        relabel(label, n, b, a);
    }
}

static void chain_classes(const double *d, size_t n, double threshold, uint32_t *label) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (d[i * n + j] <= threshold && label[i] != label[j])
                relabel(label, n, label[i] > label[j] ? label[i] : label[j],
                        label[i] > label[j] ? label[j] : label[i]);
}

/* Classes from a distance matrix [n x n]. */
static bool classes_at(const double *distances, size_t n, enum linkage linkage, double epsilon,
                       double unit, struct classes *classes, struct error *error) {
    double threshold = epsilon + 1e-12 * fmax(epsilon, unit);
    uint32_t *label = memory_new(n, sizeof *label, error);
    if (!label)
        return false;
    for (uint32_t i = 0; i < n; i++)
        label[i] = i;
    if (linkage == LINKAGE_CHAIN)
        chain_classes(distances, n, threshold, label);
    else
        complete_classes(distances, n, 1e-12 * unit, threshold, label);
    bool made = classes_from_labels(classes, label, error);
    free(label);
    return made;
}

/* The cheapest pair, what epsilon 0 merges counting as 0; ties to the lowest smallest members. */
static double cheapest(const struct naive *naive, const struct calibration *calibration,
                       const struct cluster *clusters, const uint32_t *label, size_t n, uint32_t *a,
                       uint32_t *b, double *space) {
    double best = INFINITY;
    *a = *b = 0;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i + 1; j < n; j++) {
            if (label[i] != i || label[j] != j)
                continue;
            double d = joint_distance(naive, calibration, &clusters[i], &clusters[j], space);
            d = d <= 1e-12 ? 0 : d;
            if (d < best) {
                best = d;
                *a = i;
                *b = j;
            }
        }
    return best;
}

/* Linkage agglomerate (sections 7 and 8): the cheapest pair of clusters merges while it is within
 * epsilon, and is measured anew as what it has become. */
static bool agglomerate_classes(const struct naive *naive, const struct calibration *calibration,
                                double epsilon, struct classes *classes, struct error *error) {
    size_t n = classes->neurons, rows = calibration->trace.rows;
    double *space = memory_new(6 * rows, sizeof *space, error);
    uint32_t *label = memory_new(n, sizeof *label, error), a, b;
    struct cluster *clusters = clusters_new(naive, calibration, error);
    bool done = space && label && clusters;
    for (uint32_t i = 0; done && i < n; i++)
        label[i] = i;
    while (done && cheapest(naive, calibration, clusters, label, n, &a, &b, space) <=
                       epsilon + 1e-12 * fmax(epsilon, 1)) {
        join(naive, rows, &clusters[a], &clusters[b], space);
        relabel(label, n, b, a);
    }
    done = done && classes_from_labels(classes, label, error);
    free(space);
    free(label);
    free(clusters);
    return done;
}

static bool naive_layer(const struct prepared *prepared, const struct options *options,
                        const struct calibration *calibration, double epsilon,
                        struct partition *live, size_t l, struct error *error) {
    struct classes *classes = &live->layer[l - 1];
    size_t n = classes->neurons;
    double *distances = memory_new(n * n, sizeof *distances, error), unit;
    bool made = distances &&
                naive_distances(prepared, options, calibration, live, l, distances, &unit, error);
    if (made && options_locked(options, l))
        for (size_t i = 0; i < n; i++)
            classes->class_of[i] = (uint32_t)i;
    if (made && options_locked(options, l))
        classes->count = n;
    else if (made && options->linkage == LINKAGE_AGGLOMERATE)
        made = agglomerate_classes(&(struct naive){.network = prepared->network, .l = l},
                                   calibration, epsilon, classes, error);
    else if (made)
        made = classes_at(distances, n, options->linkage, epsilon, unit, classes, error);
    free(distances);
    return made;
}

bool naive_partition(const struct prepared *prepared, const struct options *options,
                     const struct calibration *calibration, double epsilon, struct partition *live,
                     struct error *error) {
    size_t hidden = prepared->hidden;
    size_t *neurons = memory_new(hidden, sizeof *neurons, error);
    if (!neurons)
        return false;
    for (size_t l = 0; l < hidden; l++)
        neurons[l] = prepared->network->layers[l].neurons;
    bool made = partition_init(live, neurons, hidden, error);
    free(neurons);
    bool up = options->relation == RELATION_BACKWARD;
    for (size_t k = 0; made && k < hidden; k++)
        made = naive_layer(prepared, options, calibration, epsilon, live, up ? k + 1 : hidden - k,
                           error);
    if (!made)
        partition_free(live);
    return made;
}
