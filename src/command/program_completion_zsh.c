/* One specification for _arguments an option. */
#include "program_completion.h"

#include <string.h>

static const char head[] =
    "#compdef lumpscope\n"
    "# zsh completion of lumpscope, made by \"lumpscope completion zsh\"\n"
    "\n"
    "_lumpscope_names() {\n"
    "    compadd \"$expl[@]\" -- ${(f)\"$($program completion $1 2>/dev/null)\"}\n"
    "}\n"
    "\n"
    "_lumpscope() {\n"
    "    local program=$words[1] command=open\n"
    "    local -a commands expl\n"
    "    commands=(\n";

static const char middle[] = "    )\n"
                             "    if (( CURRENT == 2 )); then\n"
                             "        _describe -t commands command commands\n"
                             "    elif (( ${commands[(I)$words[2]:*]} )); then\n"
                             "        command=$words[2]\n"
                             "        shift words\n"
                             "        (( CURRENT-- ))\n"
                             "    fi\n"
                             "    case $command in\n";

static const char tail[] = "    esac\n"
                           "}\n"
                           "\n"
                           "if [[ $funcstack[1] == _lumpscope ]]; then\n"
                           "    _lumpscope \"$@\"\n"
                           "else\n"
                           "    compdef _lumpscope lumpscope\n"
                           "fi\n";

/* What _arguments would take for its own punctuation. */
static void append_escaped(const char *string, struct text *out) {
    for (const char *at = string; *at; at++)
        text_format(out, "%s%c", strchr("[]:", *at) ? "\\" : "", *at);
}

static void append_kind(enum completion_kind kind, struct text *out) {
    if (completion_names(kind)) {
        text_format(out, "_lumpscope_names %s; ", completion_names(kind));
    } else if (kind == COMPLETION_DIRECTORY) {
        text_append(out, "_files -/; ");
    } else if (kind == COMPLETION_FILE) {
        text_append(out, "_files; ");
    } else {
        text_append(out, "_files -g \"(");
        completion_append_suffixes(kind, "*", "|", out);
        text_append(out, ")(-.)\"; ");
    }
}

/* ":NAME:{what completes it}" */
static void append_action(const char *placeholder, struct text *out) {
    struct completion_values values = {0};
    completion_values_read(placeholder, &values);
    text_append(out, ":");
    append_escaped(placeholder, out);
    text_append(out, ":{");
    if (values.words.length)
        text_format(out, "%scompadd \"$expl[@]\" - %s; ", values.list ? "_sequence " : "",
                    values.words.data);
    for (int kind = 0; kind < COMPLETION_KINDS; kind++)
        if (values.kind[kind])
            append_kind((enum completion_kind)kind, out);
    text_append(out, "}");
    out->failed = out->failed || values.words.failed;
    completion_values_free(&values);
}

static void append_option(const struct program_entry *entry, const char *dashes, const char *name,
                          int length, struct text *out) {
    struct text spec = {0};
    text_format(&spec, "%s%.*s", dashes, length, name);
    if (*entry->values)
        text_append(&spec, length == 1 ? "+" : "=");
    text_append(&spec, "[");
    append_escaped(entry->help, &spec);
    text_append(&spec, "]");
    if (*entry->values)
        append_action(entry->values, &spec);
    text_append(out, " \\\n            ");
    completion_append_quoted(out, spec.data ? spec.data : "");
    out->failed = out->failed || spec.failed;
    text_free(&spec);
}

static void append_operand(const struct program_command *command, struct text *out) {
    struct text spec = {0};
    bool several = strchr(command->operand, ' ') || strstr(command->operand, "...");
    text_append(&spec, several ? "*" : "1");
    append_action(command->operand, &spec);
    text_append(out, " \\\n            ");
    completion_append_quoted(out, spec.data ? spec.data : "");
    out->failed = out->failed || spec.failed;
    text_free(&spec);
}

static void append_command(const struct program_command *command, struct text *out) {
    struct program_entry entry;
    text_format(out, "    %s)\n        _arguments -s -S", command->name);
    for (size_t k = 0; program_entry_at(command, k, &entry); k++) {
        append_option(&entry, "--", entry.name, 64, out);
        if (entry.letter && !entry.hidden)
            append_option(&entry, "-", &entry.letter, 1, out);
    }
    if (command->operand)
        append_operand(command, out);
    text_append(out, " ;;\n");
}

void completion_zsh(struct text *out) {
    text_append(out, head);
    for (size_t k = 0; k < program_command_count; k++) {
        struct text line = {0};
        text_format(&line, "%s:", program_commands[k].name);
        append_escaped(program_commands[k].help, &line);
        text_append(out, "        ");
        completion_append_quoted(out, line.data ? line.data : "");
        text_append(out, "\n");
        out->failed = out->failed || line.failed;
        text_free(&line);
    }
    text_append(out, middle);
    for (size_t k = 0; k < program_command_count; k++)
        append_command(&program_commands[k], out);
    text_append(out, tail);
}
