#include "program_output.h"
#include "program_subject.h"

#include "lumpscope/encoding.h"
#include "lumpscope/file.h"

static const char *name_of_system(const void *from, size_t index) {
    (void)from;
    return index < SYSTEM_KINDS ? system_name((enum system_kind)index) : NULL;
}

static bool find_system(const char *name, enum system_kind *kind, struct error *error) {
    *kind = system_find(name);
    if (*kind != SYSTEM_KINDS)
        return true;
    const char *nearest = program_nearest(name, name_of_system, NULL);
    return error_set(error, ERROR_USAGE,
                     "generate %.60s: there is no such system%s%s; there are rn, htree, polymer "
                     "and glycolysis",
                     name, nearest ? ", did you mean " : "", nearest ? nearest : "");
}

static bool read_spec(const struct program *program, struct system_spec *spec,
                      struct error *error) {
    enum system_kind kind;
    if (!find_system(program->operand[0], &kind, error))
        return false;
    *spec = system_spec_defaults(kind);
    for (int option = 0; option < SYSTEM_OPTIONS; option++)
        if (program->system_given[option] && !system_spec_set(spec, (enum system_option)option,
                                                              program->system_value[option], error))
            return false;
    return true;
}

bool program_run_generate(struct program *program, struct error *error) {
    struct system_spec spec;
    size_t rows = 4000;
    uint64_t seed = 1;
    struct text csv = {0};
    const char *path = program->given[PROGRAM_OUTPUT];
    bool done = read_spec(program, &spec, error) &&
                program_size(program, PROGRAM_ROWS, 1, SIZE_MAX, &rows, error) &&
                program_seed(program, &seed, error) && program_check_output(program, error) &&
                program_check_suffix(program, ".csv", error) &&
                systems_generate(&spec, rows, seed, &csv, error) &&
                (!csv.failed || error_memory(error, csv.capacity));
    program_signals_defer(true);
    done = done && file_write(path, csv.data, csv.length, &program->progress, error);
    if (done)
        program_say("%zu row%s of %s written to %s\n", rows, text_plural(rows),
                    system_name(spec.kind), path);
    text_free(&csv);
    return done;
}

bool program_run_encode(struct program *program, struct error *error) {
    struct subject subject = {0};
    struct text out = {0};
    const char *path = program->given[PROGRAM_OUTPUT];
    bool done = program_check_output(program, error) &&
                program_check_suffix(program, ".ode", error) &&
                subject_load(&subject, program, TARGET_IGNORED, error);
    if (done) {
        program_signals_defer(true);
        done = encoding_print(subject.network, &out, error);
        if (!done)
            error_prefix(error, "%s", subject.path);
        done = done && file_write(path, out.data, out.length, &program->progress, error);
        text_free(&out);
    }
    subject_free(&subject);
    return done;
}
