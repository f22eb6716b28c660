#include "lumpscope/ode_file.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_name_start(char c) {
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_name_part(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* Variables by name, to look them up. */
struct named {
    const char *name;
    size_t variable;
};

static int named_compare(const void *left, const void *right) {
    const struct named *a = left, *b = right;
    return strcmp(a->name, b->name);
}

/* The variables in the order of their names; the first name that occurs twice into `*twice`. */
static struct named *names_sorted(char *const *names, size_t count, const char **twice,
                                  struct error *error) {
    struct named *sorted = memory_new(count, sizeof *sorted, error);
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct named){names[i], i};
    qsort(sorted, count, sizeof *sorted, named_compare);
    *twice = NULL;
    for (size_t i = 1; i < count && !*twice; i++)
        if (strcmp(sorted[i - 1].name, sorted[i].name) == 0)
            *twice = sorted[i].name;
    return sorted;
}

static bool check_names(const struct polynomial_system *system, struct error *error) {
    for (size_t i = 0; i < system->variables; i++) {
        const char *name = system->names[i] ? system->names[i] : "";
        bool valid = is_name_start(*name);
        for (const char *c = name; *c; c++)
            valid = valid && is_name_part(*c);
        if (!valid)
            return error_set(error, ERROR_REQUEST,
                             "the name \"%s\" of variable %zu is no identifier; use letters, "
                             "digits and underscores",
                             name, i);
    }
    const char *twice;
    struct named *sorted = names_sorted(system->names, system->variables, &twice, error);
    free(sorted);
    if (sorted && twice)
        return error_set(error, ERROR_REQUEST,
                         "two variables are named \"%s\"; give them different names", twice);
    return sorted != NULL;
}

/* Every line of `lines` as a comment; characters that could end one are made visible. */
static void append_comment(struct text *out, const char *lines) {
    while (*lines) {
        size_t length = strcspn(lines, "\r\n");
        text_append(out, "// ");
        size_t start = out->length;
        text_append_bytes(out, lines, length);
        if (!out->failed)
            text_make_visible(out->data + start);
        text_append(out, "\n");
        lines += length + (lines[length] != '\0');
    }
}

static void append_labels(struct text *out, const struct polynomial_system *system) {
    struct text line = {0};
    for (size_t i = 0; i < system->variables; i++) {
        if (!system->labels[i])
            continue;
        text_clear(&line);
        text_format(&line, "%s: ", system->names[i]);
        text_append_json_string(&line, system->labels[i]);
        if (line.failed)
            out->failed = true;
        else
            append_comment(out, line.data);
    }
    text_free(&line);
}

static void append_model_name(struct text *out, const char *name) {
    text_append(out, "begin model network_");
    for (const char *c = name; *c; c++)
        text_append_bytes(out, isalnum((unsigned char)*c) ? c : "_", 1);
    text_append(out, "\n");
}

static void append_init(struct text *out, const struct polynomial_system *system) {
    text_append(out, " begin init\n");
    for (size_t i = 0; i < system->variables; i++)
        text_format(out, "  %s\n", system->names[i]);
    text_append(out, " end init\n");
}

/* Blocks in the order of their smallest members; the members of each are a linked list. */
static bool append_partition(struct text *out, const struct polynomial_system *system,
                             struct error *error) {
    size_t variables = system->variables;
    size_t *next = memory_new(2 * variables, sizeof *next, error); /* next member of the block */
    if (!next)
        return false;
    size_t *last = next + variables; /* last member of each block so far */
    for (size_t i = 0; i < variables; i++)
        next[i] = last[i] = SIZE_MAX;
    text_append(out, " begin partition\n");
    for (size_t i = 0; i < variables; i++) {
        size_t *tail = &last[system->blocks[i]];
        if (*tail != SIZE_MAX)
            next[*tail] = i;
        *tail = i;
    }
    const char *separator = "  {";
    for (size_t i = 0, block = 0; i < variables; i++) {
        if (system->blocks[i] != block)
            continue; /* not the smallest member of the next block */
        for (size_t member = i; member != SIZE_MAX; member = next[member]) {
            text_append(out, member == i ? separator : ",");
            text_append(out, system->names[member]);
        }
        separator = "},\n  {";
        block++;
    }
    text_append(out, variables ? "}\n end partition\n" : " end partition\n");
    free(next);
    return true;
}

/* A number ERODE reads as a real one. */
static void append_real(struct text *out, double value) {
    char number[TEXT_NUMBER_SIZE];
    text_append(out, text_number(value, number));
    if (!strpbrk(number, ".e"))
        text_append(out, ".0");
}

static void append_polynomial(struct text *out, const struct polynomial_system *system,
                              const struct polynomial *polynomial) {
    if (polynomial->count == 0)
        text_append(out, "0");
    for (size_t i = 0; i < polynomial->count; i++) {
        const struct monomial *monomial = &polynomial->monomials[i];
        double size = fabs(monomial->coefficient);
        text_append(out, monomial->coefficient < 0 ? "-" : i > 0 ? "+" : "");
        const char *times = "";
        if (size != 1 || monomial->factors == 0) {
            append_real(out, size);
            times = "*";
        }
        for (size_t k = 0; k < monomial->factors; k++) {
            const struct factor *factor = &polynomial->factors[monomial->first + k];
            for (uint32_t e = 0; e < factor->exponent; e++, times = "*") {
                text_append(out, times);
                text_append(out, system->names[factor->variable]);
            }
        }
    }
}

bool ode_file_print(const struct polynomial_system *system, const char *name, const char *comment,
                    struct text *out, struct error *error) {
    if (!check_names(system, error))
        return false;
    if (comment)
        append_comment(out, comment);
    append_labels(out, system);
    append_model_name(out, name);
    append_init(out, system);
    if (!append_partition(out, system, error))
        return false;
    text_append(out, " begin ODE\n");
    for (size_t i = 0; i < system->variables; i++) {
        text_format(out, "  d(%s) = ", system->names[i]);
        append_polynomial(out, system, &system->derivatives[i]);
        text_append(out, "\n");
    }
    text_append(out, " end ODE\nend model\n");
    return !out->failed || error_memory(error, out->capacity);
}

enum { TOKEN_LIMIT = 256, FILE_LIMIT = 1 << 30 };

struct reader {
    const char *file, *at, *end;
    size_t line;
    struct polynomial_system *system;
    struct named *sorted; /* [system->variables] by name, once all are known */
    struct error *error;
    char token[TOKEN_LIMIT]; /* the last name or number read */
};

/* "FILE: line N: expected WHAT, not 'x'". Returns false. */
static bool unexpected(struct reader *reader, const char *expected) {
    char found[2 + 1 + 1] = "'x'";
    found[1] = (char)(reader->at < reader->end ? *reader->at : '\0');
    return error_set(reader->error, ERROR_REQUEST, "%s: line %zu: expected %s, not %s",
                     reader->file, reader->line, expected,
                     found[1] ? found : "the end of the file");
}

static void skip_line(struct reader *reader) {
    while (reader->at < reader->end && *reader->at != '\n')
        reader->at++;
}

/* Skips a comment of several lines, or what is left of the file when it does not end. */
static void skip_block_comment(struct reader *reader) {
    for (reader->at += 2; reader->at < reader->end; reader->at++) {
        if (*reader->at == '\n')
            reader->line++;
        if (strncmp(reader->at, "*/", 2) == 0) {
            reader->at += 2;
            return;
        }
    }
}

static void skip_space(struct reader *reader) {
    while (reader->at < reader->end) {
        if (strncmp(reader->at, "//", 2) == 0)
            skip_line(reader);
        else if (strncmp(reader->at, "/*", 2) == 0)
            skip_block_comment(reader);
        else if (isspace((unsigned char)*reader->at))
            reader->line += *reader->at++ == '\n';
        else
            return;
    }
}

/* Takes one character if it is next. */
static bool accept(struct reader *reader, char c) {
    skip_space(reader);
    if (reader->at >= reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool expect(struct reader *reader, char c) {
    const char quoted[] = {'\'', c, '\'', '\0'};
    return accept(reader, c) || unexpected(reader, quoted);
}

static bool token_from(struct reader *reader, const char *start, const char *what) {
    size_t length = (size_t)(reader->at - start);
    if (length >= TOKEN_LIMIT)
        return error_set(reader->error, ERROR_REQUEST,
                         "%s: line %zu: a %s of %zu characters; use "
                         "one of fewer than %d",
                         reader->file, reader->line, what, length, TOKEN_LIMIT);
    memcpy(reader->token, start, length);
    reader->token[length] = '\0';
    return true;
}

static bool read_name(struct reader *reader, const char *expected) {
    skip_space(reader);
    const char *start = reader->at;
    if (start >= reader->end || !is_name_start(*start))
        return unexpected(reader, expected);
    while (reader->at < reader->end && is_name_part(*reader->at))
        reader->at++;
    return token_from(reader, start, "name");
}

/* Takes the words "FIRST SECOND" if they are next. */
static bool accept_words(struct reader *reader, const char *first, const char *second) {
    const char *words[2] = {first, second}, *at = reader->at;
    size_t line = reader->line;
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(words[i]);
        skip_space(reader);
        if (strncmp(reader->at, words[i], length) != 0 || is_name_part(reader->at[length])) {
            reader->at = at;
            reader->line = line;
            return false;
        }
        reader->at += length;
    }
    return true;
}

static bool expect_words(struct reader *reader, const char *first, const char *second) {
    if (accept_words(reader, first, second))
        return true;
    char expected[64];
    snprintf(expected, sizeof expected, "\"%s %s\"", first, second);
    skip_space(reader);
    return unexpected(reader, expected);
}

static bool at_number(const struct reader *reader) {
    return reader->at < reader->end && isdigit((unsigned char)*reader->at);
}

static void skip_digits(struct reader *reader) {
    while (at_number(reader))
        reader->at++;
}

/* Digits, perhaps a fraction, perhaps an exponent; the sign is the expression's. */
static bool read_number(struct reader *reader, double *value) {
    const char *start = reader->at;
    skip_digits(reader);
    if (*reader->at == '.') {
        reader->at++;
        skip_digits(reader);
    }
    if (*reader->at == 'e' || *reader->at == 'E') {
        reader->at++;
        if (*reader->at == '+' || *reader->at == '-')
            reader->at++;
        skip_digits(reader);
    }
    if (!token_from(reader, start, "number"))
        return false;
    if (text_to_double(reader->token, value))
        return true;
    return error_set(reader->error, ERROR_REQUEST,
                     "%s: line %zu: \"%s\" is no number in the range of doubles", reader->file,
                     reader->line, reader->token);
}

static bool read_variable(struct reader *reader, const char *expected, size_t *variable) {
    if (!read_name(reader, expected))
        return false;
    struct named wanted = {reader->token, 0};
    const struct named *found =
        bsearch(&wanted, reader->sorted, reader->system->variables, sizeof wanted, named_compare);
    if (!found)
        return error_set(reader->error, ERROR_REQUEST,
                         "%s: line %zu: \"%s\" is not among the variables of \"begin init\"",
                         reader->file, reader->line, reader->token);
    *variable = found->variable;
    return true;
}

/* NAME or NAME = NUMBER, until "end init". `*names` [*count], room for `*capacity`. */
static bool read_init(struct reader *reader, char ***names, size_t *count, size_t *capacity) {
    if (!expect_words(reader, "begin", "init"))
        return false;
    while (!accept_words(reader, "end", "init")) {
        double ignored;
        if (!read_name(reader, "a variable or \"end init\"") ||
            !memory_reserve(names, capacity, *count + 1, sizeof **names, reader->error) ||
            !((*names)[*count] = memory_string(reader->token, reader->error)))
            return false;
        (*count)++;
        if (!accept(reader, '='))
            continue;
        accept(reader, '-');
        skip_space(reader);
        if (!at_number(reader))
            return unexpected(reader, "a number");
        if (!read_number(reader, &ignored))
            return false;
    }
    return *count > 0 || unexpected(reader, "at least one variable in \"begin init\"");
}

/* Reads "begin init" and makes the system of its variables. */
static bool read_variables(struct reader *reader) {
    char **names = NULL;
    const char *twice = NULL;
    size_t count = 0, capacity = 0;
    bool made = read_init(reader, &names, &count, &capacity) &&
                (reader->system = polynomial_system_new(count, reader->error));
    for (size_t i = 0; i < count; i++) {
        if (made)
            reader->system->names[i] = names[i];
        else
            free(names[i]);
    }
    free(names);
    if (!made ||
        !(reader->sorted = names_sorted(reader->system->names, count, &twice, reader->error)))
        return false;
    return !twice || error_set(reader->error, ERROR_REQUEST,
                               "%s: the variable \"%s\" is there twice in \"begin init\"; name "
                               "each once",
                               reader->file, twice);
}

static bool read_block(struct reader *reader, size_t block) {
    size_t variable = 0, *blocks = reader->system->blocks;
    if (!expect(reader, '{'))
        return false;
    do {
        if (!read_variable(reader, "a variable", &variable))
            return false;
        if (blocks[variable] != 0)
            return error_set(reader->error, ERROR_REQUEST,
                             "%s: line %zu: \"%s\" is in two blocks; leave it in one", reader->file,
                             reader->line, reader->token);
        blocks[variable] = block;
    } while (accept(reader, ','));
    return expect(reader, '}');
}

/* Blocks are numbered from 1 while they are read: 0 is in none. */
static bool read_partition(struct reader *reader) {
    size_t variables = reader->system->variables, block = 0;
    if (!accept_words(reader, "begin", "partition"))
        return true;
    if (!accept_words(reader, "end", "partition")) {
        do {
            if (!read_block(reader, ++block))
                return false;
        } while (accept(reader, ','));
        if (!expect_words(reader, "end", "partition"))
            return false;
    }
    /* With every variable in a block there are at most `variables` of them. */
    size_t *numbers = memory_new(variables + 1, sizeof *numbers, reader->error);
    if (!numbers)
        return false;
    for (size_t i = 0; i < variables; i++)
        numbers[reader->system->blocks[i]] = 1;
    bool all = numbers[0] == 0;
    for (size_t i = 0; all && i < variables; i++)
        reader->system->blocks[i]--;
    blocks_renumber(reader->system->blocks, variables, numbers);
    free(numbers);
    return true;
}

/* The factors of one product. */
struct product {
    double coefficient;
    struct factor *factors; /* [count] owned */
    size_t count, capacity;
};

static bool read_factor(struct reader *reader, struct product *product) {
    double number;
    size_t variable = 0;
    if (accept(reader, '-'))
        product->coefficient = -product->coefficient;
    skip_space(reader);
    if (at_number(reader)) {
        if (!read_number(reader, &number))
            return false;
        product->coefficient *= number;
        return true;
    }
    if (!read_variable(reader, "a number or a variable", &variable) ||
        !memory_reserve(&product->factors, &product->capacity, product->count + 1,
                        sizeof *product->factors, reader->error))
        return false;
    product->factors[product->count++] = (struct factor){(uint32_t)variable, 1};
    return true;
}

static bool say_place(struct reader *reader) {
    error_prefix(reader->error, "%s: line %zu", reader->file, reader->line);
    return false;
}

static bool read_product(struct reader *reader, struct product *product, double sign,
                         struct polynomial *out) {
    product->coefficient = sign;
    product->count = 0;
    do {
        if (!read_factor(reader, product))
            return false;
    } while (accept(reader, '*'));
    return polynomial_append(out, product->coefficient, product->factors, product->count,
                             reader->error) ||
           say_place(reader);
}

static bool read_sum(struct reader *reader, struct polynomial *out) {
    struct product product = {0};
    double sign = 1;
    bool read = true, more = true;
    while (read && more) {
        read = read_product(reader, &product, sign, out);
        more = read && ((sign = 1, accept(reader, '+')) || (sign = -1, accept(reader, '-')));
    }
    free(product.factors);
    return read && (polynomial_normalise(out, reader->error) || say_place(reader));
}

/* d(NAME) = SUM for every variable, each once. `seen` [variables]. */
static bool read_equations(struct reader *reader, bool *seen) {
    size_t equations = 0, variable = 0;
    while (!accept_words(reader, "end", "ODE")) {
        if (!read_name(reader, "\"d(\" or \"end ODE\""))
            return false;
        if (strcmp(reader->token, "d") != 0)
            return error_set(reader->error, ERROR_REQUEST,
                             "%s: line %zu: expected d(...) or the next part of a sum, not \"%s\"",
                             reader->file, reader->line, reader->token);
        if (!expect(reader, '(') || !read_variable(reader, "a variable", &variable) ||
            !expect(reader, ')') || !expect(reader, '='))
            return false;
        if (seen[variable])
            return error_set(reader->error, ERROR_REQUEST,
                             "%s: line %zu: a second equation for \"%s\"; leave one", reader->file,
                             reader->line, reader->system->names[variable]);
        seen[variable] = true;
        equations++;
        if (!read_sum(reader, &reader->system->derivatives[variable]))
            return false;
    }
    if (equations == reader->system->variables)
        return true;
    for (variable = 0; seen[variable];)
        variable++;
    return error_set(reader->error, ERROR_REQUEST, "%s: line %zu: no equation d(%s) = ...",
                     reader->file, reader->line, reader->system->names[variable]);
}

static bool read_model(struct reader *reader) {
    if (!expect_words(reader, "begin", "model") || !read_name(reader, "the model's name") ||
        !read_variables(reader) || !read_partition(reader) || !expect_words(reader, "begin", "ODE"))
        return false;
    bool *seen = memory_new(reader->system->variables, sizeof *seen, reader->error);
    bool read = seen && read_equations(reader, seen) && expect_words(reader, "end", "model");
    free(seen);
    skip_space(reader);
    return read && (reader->at == reader->end || unexpected(reader, "nothing after \"end model\""));
}

struct polynomial_system *ode_file_parse(const char *file, const char *text, size_t length,
                                         struct error *error) {
    struct reader reader = {
        .file = file, .at = text, .end = text + length, .line = 1, .error = error};
    bool read = read_model(&reader);
    free(reader.sorted);
    if (read)
        return reader.system;
    polynomial_system_free(reader.system);
    return NULL;
}

struct polynomial_system *ode_file_load(const char *path, struct error *error) {
    size_t length;
    char *text = file_read(path, FILE_LIMIT, &length, NULL, error);
    if (!text)
        return NULL;
    struct polynomial_system *system = ode_file_parse(path, text, length, error);
    free(text);
    return system;
}
