/* The methods that bench compares, and the variants of its ablation. */
#include "lumpscope/bench.h"

/* With refit above the same without; the names and the variants come from this one list. */
#define BOTH(name, ...) X(name "+refit", __VA_ARGS__, true) X(name, __VA_ARGS__, false)
#define SCALES(name, ...)                                                                          \
    BOTH(name " relative", __VA_ARGS__, SCALE_RELATIVE)                                            \
    BOTH(name " absolute", __VA_ARGS__, SCALE_ABSOLUTE)
#define FORMAL(name, ...)                                                                          \
    SCALES(name " balance", __VA_ARGS__, true)                                                     \
    SCALES(name " raw", __VA_ARGS__, false)
#define JOINT(name, linkage) BOTH(name, RELATION_JOINT, linkage, true, SCALE_RELATIVE)
#define ABLATION                                                                                   \
    FORMAL("forward chain", RELATION_FORWARD, LINKAGE_CHAIN)                                       \
    FORMAL("forward complete", RELATION_FORWARD, LINKAGE_COMPLETE)                                 \
    FORMAL("backward chain", RELATION_BACKWARD, LINKAGE_CHAIN)                                     \
    FORMAL("backward complete", RELATION_BACKWARD, LINKAGE_COMPLETE)                               \
    JOINT("joint chain", LINKAGE_CHAIN)                                                            \
    JOINT("joint complete", LINKAGE_COMPLETE)                                                      \
    JOINT("joint agglomerate", LINKAGE_AGGLOMERATE)

/* Method BENCH_METHODS + k is number k. */
#define X(name, ...) {VARIANT(__VA_ARGS__)},
#define VARIANT(relation_, linkage_, balance_, scale_, refit_)                                     \
    .relation = relation_, .linkage = linkage_, .balance = balance_, .scale = scale_,              \
    .refit = refit_
const struct bench_variant bench_ablation[BENCH_ALL - BENCH_METHODS] = {ABLATION};
#undef X

const char *bench_method_name(enum bench_method method) {
#define X(name, ...) name,
    static const char *const names[BENCH_ALL] = {
        "forward",      "forward+refit", "backward+refit",
        "joint",        "joint+refit",   "joint+refit+polish",
        "magnitude",    "wanda",         "magnitude+polish",
        "wanda+polish", "neuron",        "id",
        "scratch",      ABLATION};
#undef X
    return names[method];
}

enum bench_method bench_ablation_default(void) {
    struct options options;
    size_t k = 0;
    options_defaults(&options, true);
    while (bench_ablation[k].relation != options.relation ||
           bench_ablation[k].linkage != options.linkage || bench_ablation[k].refit != options.refit)
        k++;
    return (enum bench_method)(BENCH_METHODS + k);
}
