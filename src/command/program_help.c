#include "program_command.h"

#include <string.h>

const char *const program_group_titles[PROGRAM_GROUPS] = {
    [GROUP_OWN] = "Options",
    [GROUP_MODEL] = "How the model is read",
    [GROUP_EQUIVALENCE] = "Equivalence",
    [GROUP_DATA] = "How the data is read",
    [GROUP_SYSTEM] = "Parameters of the systems",
};

enum { HELP_COLUMNS = 78, HELP_INDENT = 24, COMMAND_INDENT = 13 };

/* Appends words, broken before HELP_COLUMNS; the first line is `column` long already. */
static void append_wrapped(struct text *out, const char *words, size_t column, size_t indent) {
    bool fresh = true; /* nothing on the line but the indentation */
    while (*words) {
        size_t length = strcspn(words, " ");
        if (!fresh && column + 1 + length > HELP_COLUMNS) {
            text_format(out, "\n%*s", (int)indent, "");
            column = indent;
            fresh = true;
        }
        text_format(out, "%s%.*s", fresh ? "" : " ", (int)length, words);
        column += length + !fresh;
        fresh = false;
        words += length + strspn(words + length, " ");
    }
    text_append(out, "\n");
}

/* TERM at column 2, its explanation from `indent` on, below it when the term is long. */
static void append_term(struct text *out, const char *term, const char *help, size_t indent) {
    size_t column = strlen(term) + 2;
    text_format(out, "  %s", term);
    if (column + 2 > indent) {
        text_append(out, "\n");
        column = 0;
    }
    text_format(out, "%*s", (int)(indent - column), "");
    append_wrapped(out, help, indent, indent);
}

static void option_term(const struct program_entry *entry, struct text *out) {
    if (entry->letter)
        text_format(out, "-%c, ", entry->letter);
    text_format(out, "--%s%s%s", entry->name, *entry->values ? " " : "", entry->values);
}

static void append_option(const struct program_entry *entry, struct text *out) {
    struct text term = {0}, help = {0};
    option_term(entry, &term);
    text_append(&help, entry->help);
    if (entry->required)
        text_append(&help, " (required)");
    if (entry->group == GROUP_SYSTEM)
        text_format(&help, " (%s)", system_name(system_options[entry->id].system));
    if (term.data && help.data)
        append_term(out, term.data, help.data, HELP_INDENT);
    out->failed = out->failed || term.failed || help.failed;
    text_free(&term);
    text_free(&help);
}

void program_synopsis(const struct program_command *command, struct text *out) {
    struct program_entry entry;
    bool more = false;
    const char *separator = " (";
    text_format(out, "%s%s%s", command->name, command->operand ? " " : "",
                command->operand ? command->operand : "");
    for (size_t k = 0; program_entry_at(command, k, &entry); k++) {
        bool choice = entry.group == GROUP_OWN && command->one_of & PROGRAM_BIT(entry.id);
        if (entry.required && entry.letter)
            text_format(out, " -%c %s", entry.letter, entry.values);
        else if (entry.required)
            text_format(out, " --%s %s", entry.name, entry.values);
        more = more || (!choice && !entry.required && !entry.hidden);
    }
    for (size_t k = 0; command->one_of && program_entry_at(command, k, &entry); k++)
        if (entry.group == GROUP_OWN && command->one_of & PROGRAM_BIT(entry.id)) {
            text_format(out, "%s--%s%s%s", separator, entry.name, *entry.values ? " " : "",
                        entry.values);
            separator = " | ";
        }
    text_format(out, "%s%s", command->one_of ? ")" : "", more ? " [options]" : "");
}

static void append_synopsis(const struct program_command *command, struct text *out) {
    struct text line = {0};
    text_append(&line, "lumpscope ");
    program_synopsis(command, &line);
    if (line.data)
        append_wrapped(out, line.data, 0, 4);
    out->failed = out->failed || line.failed;
    text_free(&line);
}

static void append_systems(struct text *out) {
    text_append(out, "\nSystems\n");
    for (int kind = 0; kind < SYSTEM_KINDS; kind++)
        append_term(out, system_name((enum system_kind)kind), system_help((enum system_kind)kind),
                    HELP_INDENT);
}

/* The options of one table under a heading. */
static void append_group(const struct program_command *command, enum program_group group,
                         struct text *out) {
    struct program_entry entry;
    bool any = false;
    for (size_t k = 0; program_entry_at(command, k, &entry); k++) {
        if (entry.group != group || entry.hidden)
            continue;
        if (!any)
            text_format(out, "\n%s\n", program_group_titles[group]);
        append_option(&entry, out);
        any = true;
    }
}

void program_help_command(const struct program_command *command, struct text *out) {
    append_synopsis(command, out);
    text_append(out, "\n");
    struct text sentences = {0};
    text_format(&sentences, "%s: %s.%s%s", command->name, command->help, command->more ? " " : "",
                command->more ? command->more : "");
    if (sentences.data)
        append_wrapped(out, sentences.data, 0, 0);
    out->failed = out->failed || sentences.failed;
    text_free(&sentences);
    if (command->systems)
        append_systems(out);
    for (int group = 0; group < PROGRAM_GROUPS; group++)
        append_group(command, (enum program_group)group, out);
    text_format(out, "\nExample\n  %s\n", command->example);
}

void program_help_overview(struct text *out) {
    text_append(out, "lumpscope: neural networks made smaller by merging equivalent neurons\n\n"
                     "lumpscope [open] [MODEL] [--data FILE]   explores a network\n"
                     "lumpscope COMMAND [options]              does one thing, no terminal needed\n"
                     "\nCommands\n");
    for (size_t k = 0; k < program_command_count; k++)
        append_term(out, program_commands[k].name, program_commands[k].help, COMMAND_INDENT);
    text_append(out, "\n`lumpscope help COMMAND` lists the options of a command with their values "
                     "and\ndefaults; `lumpscope --version` says which version this is.\n"
                     "\nExample\n"
                     "  lumpscope train --data data.csv --layers 64:relu,64:relu -o model.json\n"
                     "  lumpscope model.json --data data.csv\n"
                     "  lumpscope compress model.json -o small.json --budget 30 --data data.csv\n");
}
