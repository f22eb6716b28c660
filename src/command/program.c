#include "lumpscope/program.h"

#include "program_command.h"
#include "program_output.h"

#include "config.h"
#include "lumpscope/file.h"
#include "lumpscope/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *command_name(const void *from, size_t index) {
    (void)from;
    return index < program_command_count ? program_commands[index].name : NULL;
}

/* A word that is neither a command nor could be meant as a file is a mistyped command. */
static bool refuse_command(const char *word, struct error *error) {
    const char *nearest = program_nearest(word, command_name, NULL);
    if (nearest)
        return error_set(error, ERROR_USAGE,
                         "%.60s: neither a command nor a file; did you mean \"lumpscope %s\"?",
                         word, nearest);
    return error_set(error, ERROR_USAGE,
                     "%.60s: neither a command nor a file; \"lumpscope help\" lists the commands",
                     word);
}

bool program_run_help(struct program *program, struct error *error) {
    if (program->given[PROGRAM_MAN]) {
        program_manual(&program->output);
        return true;
    }
    if (program->operands == 0) {
        program_help_overview(&program->output);
        return true;
    }
    const struct program_command *command = program_command_find(program->operand[0]);
    if (!command)
        return refuse_command(program->operand[0], error);
    program_help_command(command, &program->output);
    return true;
}

/* Parses the words after the command and does what they say. */
static bool run_command(struct program *program, int count, char **words, struct error *error) {
    if (!program_parse(program, count, words, error))
        return false;
    if (program->given[PROGRAM_HELP]) {
        program_help_command(program->command, &program->output);
        return true;
    }
    if (!parallel_check(error))
        return false;
    program_progress_begin(&program->progress_state, &program->progress);
    bool done = program->command->run(program, error);
    program_progress_end(&program->progress_state);
    return done;
}

static bool is_one_of(const char *word, const char *a, const char *b) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* Without a command the words are the explorer's. */
static bool choose_and_run(struct program *program, int count, char **words, struct error *error) {
    const char *first = count > 0 ? words[0] : "";
    if (is_one_of(first, "--version", "-V")) {
        text_append(&program->output, "lumpscope " LUMPSCOPE_VERSION "\n");
        return true;
    }
    if (is_one_of(first, "--help", "-h")) {
        program_help_overview(&program->output);
        return true;
    }
    program->command = program_command_find(first);
    if (program->command)
        return run_command(program, count - 1, words + 1, error);
    if (*first && *first != '-' && !strpbrk(first, "./") && !file_exists(first))
        return refuse_command(first, error);
    program->command = program_command_default();
    return run_command(program, count, words, error);
}

/* Where -o is standard output, what is said about it must not stand in it. */
static FILE *report_stream(const struct program *program) {
    const char *path = program->given[PROGRAM_OUTPUT];
    return path && file_is_output(path) ? stderr : stdout;
}

bool program_refuse_print(struct program *program, int reason, struct error *error) {
    if (reason == EPIPE) {
        program->status = 128 + SIGPIPE;
        return true;
    }
    return error_set(error, ERROR_REQUEST,
                     "standard output: cannot be written (%s); send it elsewhere",
                     strerror(reason));
}

static bool print_output(struct program *program, struct error *error) {
    const struct text *output = &program->output;
    FILE *stream = report_stream(program);
    if (output->failed)
        return error_memory(error, output->capacity);
    if (output->data)
        text_make_lines_visible(output->data);
    bool printed =
        output->length == 0 || fwrite(output->data, 1, output->length, stream) == output->length;
    if (printed && fflush(stream) == 0)
        return true;
    return program_refuse_print(program, errno, error);
}

/* Files that are opened later must not become a standard stream that was closed. Each is opened the
 * wrong way round, so that using it is still an error. */
static void occupy_standard_streams(void) {
    for (int descriptor = 0; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
            (void)!open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* A model of another library that is refused comes with the lines that export it. */
static void print_export_lines(const struct program *program) {
    bool models = program->command && program->command->model;
    for (size_t k = 0; models && k < program->operands; k++) {
        const char *lines = model_export_lines(program->operand[k]);
        if (lines && *lines) {
            program_say("%s%s", lines, lines[strlen(lines) - 1] == '\n' ? "" : "\n");
            return;
        }
    }
}

static int exit_status(const struct program *program, const struct error *error) {
    if (program_signal())
        return 128 + program_signal();
    program_say("lumpscope: %s\n", error->text);
    if (error->kind == ERROR_REQUEST)
        print_export_lines(program);
    return error->kind >= ERROR_REQUEST && error->kind <= ERROR_INTERNAL ? (int)error->kind
                                                                         : ERROR_INTERNAL;
}

int program_main(int argc, char **argv) {
    struct program program = {0};
    struct error error = {0};
    occupy_standard_streams();
    program_signals_install();
    data_recipe_defaults(&program.recipe);
    bool done = choose_and_run(&program, argc - 1, argv + 1, &error);
    program_signals_defer(false); /* what is printed may have no reader */
    done = done && !program_signal() && print_output(&program, &error);
    int status = done ? program.status : exit_status(&program, &error);
    data_recipe_free(&program.recipe);
    model_recipe_free(&program.model_recipe);
    text_free(&program.output);
    return status;
}
