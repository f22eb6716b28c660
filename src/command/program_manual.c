/* Commands and options as sections of the manual page, in scdoc's markup. */
#include "program_command.h"

#include "lumpscope/command.h"

#include <stdio.h>
#include <string.h>

/* What scdoc takes for its own wherever it stands, or at the beginning of a line. */
static void append_plain(struct text *out, const char *string) {
    for (const char *at = string; *at; at++)
        text_format(out, "%s%c", strchr("\\*_#[]|<.'+-", *at) ? "\\" : "", *at);
}

static void append_term(struct text *out, const char *indent, const char *term,
                        const char *values) {
    text_format(out, "%s*", indent);
    append_plain(out, term);
    text_append(out, "*");
    if (*values) {
        text_append(out, " _");
        append_plain(out, values);
        text_append(out, "_");
    }
    text_append(out, "\n");
}

static void append_option(const struct program_entry *entry, const char *indent, struct text *out) {
    char term[80];
    if (entry->letter)
        snprintf(term, sizeof term, "-%c, --%s", entry->letter, entry->name);
    else
        snprintf(term, sizeof term, "--%s", entry->name);
    append_term(out, indent, term, entry->values);
    text_format(out, "%s\t", indent);
    append_plain(out, entry->help);
    if (entry->required)
        text_append(out, " (required)");
    if (entry->group == GROUP_SYSTEM)
        text_format(out, " (%s)", system_name(system_options[entry->id].system));
    text_append(out, "\n\n");
}

static void append_group(const struct program_command *command, enum program_group group,
                         const char *indent, struct text *out) {
    struct program_entry entry;
    for (size_t k = 0; program_entry_at(command, k, &entry); k++)
        if (entry.group == group && !entry.hidden)
            append_option(&entry, indent, out);
}

static bool takes(const struct program_command *command, enum program_group group) {
    struct program_entry entry;
    for (size_t k = 0; program_entry_at(command, k, &entry); k++)
        if (entry.group == group)
            return true;
    return false;
}

/* "Takes also: equivalence, how the data is read." */
static void append_other_groups(const struct program_command *command, struct text *out) {
    const char *separator = "\tTakes also what is below under ";
    for (int group = GROUP_OWN + 1; group < PROGRAM_GROUPS; group++)
        if (takes(command, (enum program_group)group)) {
            text_format(out, "%s_%s_", separator, program_group_titles[group]);
            separator = ", ";
        }
    if (*separator == ',')
        text_append(out, ".\n\n");
}

static void append_command(const struct program_command *command, struct text *out) {
    struct text line = {0};
    text_append(&line, "lumpscope ");
    program_synopsis(command, &line);
    if (line.data)
        append_term(out, "", line.data, "");
    out->failed = out->failed || line.failed;
    text_free(&line);
    text_append(out, "\t");
    append_plain(out, command->help);
    text_append(out, ".");
    if (command->more) {
        text_append(out, " ");
        append_plain(out, command->more);
    }
    text_append(out, "\n\n");
    append_group(command, GROUP_OWN, "\t", out);
    append_other_groups(command, out);
}

/* The options of a table, which several commands take, once. */
static void append_table(enum program_group group, struct text *out) {
    size_t k = 0;
    while (k < program_command_count && !takes(&program_commands[k], group))
        k++;
    text_format(out, "## %s\n\n", program_group_titles[group]);
    if (k < program_command_count)
        append_group(&program_commands[k], group, "", out);
}

/* ---- The explorer ---- */

static const struct explorer_command *listed_command(const char *name) {
    for (size_t i = 0; i < explorer_command_count; i++)
        if (explorer_commands[i].listed && strcmp(explorer_commands[i].name, name) == 0)
            return &explorer_commands[i];
    return NULL;
}

static void append_explorer_command(const struct explorer_command *command,
                                    const struct command_topic *topic, struct text *out) {
    text_append(out, "*:");
    append_plain(out, command->name);
    text_append(out, "*");
    if (*command->arguments) {
        text_append(out, " _");
        append_plain(out, command->arguments);
        text_append(out, "_");
    }
    text_append(out, "\n\t");
    append_plain(out, command->help);
    if (*topic->takes) {
        text_append(out, ". ");
        append_plain(out, topic->takes);
    }
    text_append(out, ".\n\n");
}

static void append_explorer(struct text *out) {
    for (int group = 0; group < COMMAND_GROUP_COUNT; group++) {
        text_format(out, "## %s\n\n", command_group_titles[group]);
        for (size_t i = 0; i < command_topic_count; i++) {
            const struct explorer_command *command = listed_command(command_topics[i].name);
            if (command && command_topics[i].group == (enum command_group)group)
                append_explorer_command(command, &command_topics[i], out);
        }
    }
}

void program_manual(struct text *out) {
    text_append(out, "# COMMANDS\n\n");
    for (size_t k = 0; k < program_command_count; k++)
        append_command(&program_commands[k], out);
    text_append(out, "# OPTIONS OF SEVERAL COMMANDS\n\n");
    for (int group = GROUP_OWN + 1; group < PROGRAM_GROUPS; group++)
        append_table((enum program_group)group, out);
    text_append(out, "# EXPLORER COMMANDS\n\n");
    text_append(out, "Typed behind the colon, or one on a line of a script.\n\n");
    append_explorer(out);
}
