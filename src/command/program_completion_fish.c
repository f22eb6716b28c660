/* One `complete` line an option. */
#include "program_completion.h"

static const char head[] =
    "# fish completion of lumpscope, made by \"lumpscope completion fish\"\n"
    "\n"
    "# The command on the line; open when none is named.\n"
    "function __lumpscope_command\n"
    "    set -l words (commandline -opc)\n"
    "    if set -q words[2]; and contains -- $words[2] $__lumpscope_commands\n"
    "        echo $words[2]\n"
    "    else\n"
    "        echo open\n"
    "    end\n"
    "end\n"
    "\n"
    "function __lumpscope_is\n"
    "    test (__lumpscope_command) = $argv[1]\n"
    "end\n"
    "\n"
    "# Files and directories; when some end in one of the suffixes, these and directories alone.\n"
    "function __lumpscope_files\n"
    "    set -l word (commandline -ct | string replace -r '^--[^=]*=' '')\n"
    "    set -l names (__fish_complete_path \"$word\" | string replace -r '\\t.*' '')\n"
    "    set -l ends (string join '|' / (string escape --style=regex -- $argv))\n"
    "    if not set -q argv[1]; or not string match -r -- '.*(?:'$ends')$' $names\n"
    "        string split -- \\n $names\n"
    "    end\n"
    "end\n"
    "\n"
    "complete -c lumpscope -f\n";

static void append_kind(enum completion_kind kind, struct text *out) {
    if (completion_names(kind)) {
        text_format(out, " (lumpscope completion %s 2>/dev/null)", completion_names(kind));
    } else if (kind == COMPLETION_DIRECTORY) {
        text_append(out, " (__fish_complete_directories)");
    } else {
        text_append(out, kind == COMPLETION_FILE ? " (__lumpscope_files" : " (__lumpscope_files ");
        completion_append_suffixes(kind, "", " ", out);
        text_append(out, ")");
    }
}

/* " -a '...'": nothing when nothing can be guessed. */
static void append_candidates(const char *placeholder, struct text *out) {
    struct completion_values values = {0};
    struct text list = {0};
    completion_values_read(placeholder, &values);
    if (values.words.length && values.list)
        text_format(&list, " (__fish_append , %s)", values.words.data);
    else if (values.words.length)
        text_format(&list, " %s", values.words.data);
    for (int kind = 0; kind < COMPLETION_KINDS; kind++)
        if (values.kind[kind])
            append_kind((enum completion_kind)kind, &list);
    if (list.data) {
        text_append(out, " -a ");
        completion_append_quoted(out, list.data + 1);
    }
    out->failed = out->failed || list.failed || values.words.failed;
    text_free(&list);
    completion_values_free(&values);
}

static void append_option(const struct program_command *command, const struct program_entry *entry,
                          struct text *out) {
    text_format(out, "complete -c lumpscope -n '__lumpscope_is %s' -l %s", command->name,
                entry->name);
    if (entry->letter)
        text_format(out, " -s %c", entry->letter);
    if (*entry->values) {
        text_append(out, " -x");
        append_candidates(entry->values, out);
    }
    text_append(out, " -d ");
    completion_append_quoted(out, entry->help);
    text_append(out, "\n");
}

static void append_command(const struct program_command *command, struct text *out) {
    struct program_entry entry;
    text_format(out, "\ncomplete -c lumpscope -n 'test (count (commandline -opc)) = 1' -a %s -d ",
                command->name);
    completion_append_quoted(out, command->help);
    text_append(out, "\n");
    if (command->operand) {
        text_format(out, "complete -c lumpscope -n '__lumpscope_is %s'", command->name);
        append_candidates(command->operand, out);
        text_append(out, "\n");
    }
    for (size_t k = 0; program_entry_at(command, k, &entry); k++)
        append_option(command, &entry, out);
}

void completion_fish(struct text *out) {
    text_append(out, "set -g __lumpscope_commands");
    for (size_t k = 0; k < program_command_count; k++)
        text_format(out, " %s", program_commands[k].name);
    text_append(out, "\n");
    text_append(out, head);
    for (size_t k = 0; k < program_command_count; k++)
        append_command(&program_commands[k], out);
}
