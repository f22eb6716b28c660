/* The table as two arrays; the function that reads them is the same for every command. */
#include "program_completion.h"

static const char function[] =
    "# Words that complete $word for one entry of the table. Its items: words, patterns of files,\n"
    "# \"@names\" that the program tells, \"?\" for what cannot be guessed. A comma in front: a "
    "list.\n"
    "_lumpscope_complete() {\n"
    "    local item items names= patterns=() head=\n"
    "    read -ra items <<<\"${1#,}\"\n"
    "    if [[ $1 == ,* && $word == *,* ]]; then\n"
    "        head=${word%,*},\n"
    "        word=${word##*,}\n"
    "    fi\n"
    "    for item in \"${items[@]}\"; do\n"
    "        case $item in\n"
    "        @*) names+=\" $(\"$program\" completion \"${item#@}\" 2>/dev/null)\" ;;\n"
    "        '*'*) patterns+=(\"$item\") ;;\n"
    "        '?') ;;\n"
    "        *) names+=\" $item\" ;;\n"
    "        esac\n"
    "    done\n"
    "    mapfile -t COMPREPLY < <(\n"
    "        compgen -P \"$head\" -W \"$names\" -- \"$word\"\n"
    "        for item in \"${patterns[@]}\"; do\n"
    "            [[ $item == '*/' ]] || compgen -f -X \"!$item\" -- \"$word\"\n"
    "        done\n"
    "        [[ ${#patterns[@]} -eq 0 ]] || compgen -d -- \"$word\"\n"
    "    )\n"
    "    [[ ${#patterns[@]} -eq 0 ]] && return\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    [[ ${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
    "}\n"
    "\n"
    "_lumpscope() {\n"
    "    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1))\n"
    "    local command=${COMP_WORDS[1]} values commands=\n"
    "    COMPREPLY=()\n"
    "    if [[ $COMP_CWORD -eq 1 || -z ${_lumpscope_options[\"$command\"]+is} ]]; then\n"
    "        command=open\n"
    "    fi\n"
    "    # \"--option=value\" comes as three words.\n"
    "    [[ $word == = ]] && word= at=$COMP_CWORD\n"
    "    [[ ${COMP_WORDS[at]} == = ]] && at=$((at - 1))\n"
    "    values=${_lumpscope_values[\"$command ${COMP_WORDS[at]}\"]}\n"
    "    word=${word#[\\\"\\']}\n"
    "    if [[ ${COMP_WORDS[at]} == -* && -n $values ]]; then\n"
    "        _lumpscope_complete \"$values\"\n"
    "    elif [[ $word == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"${_lumpscope_options[\"$command\"]}\" -- "
    "\"$word\")\n"
    "    else\n"
    "        [[ $COMP_CWORD -eq 1 ]] && commands=${!_lumpscope_options[*]}\n"
    "        _lumpscope_complete \"${_lumpscope_values[\"$command\"]} $commands\"\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _lumpscope lumpscope\n";

static void append_kind(enum completion_kind kind, struct text *items) {
    const char *names = completion_names(kind);
    text_append(items, items->length ? " " : "");
    if (names)
        text_format(items, "@%s", names);
    else if (kind == COMPLETION_DIRECTORY)
        text_append(items, "*/");
    else if (kind == COMPLETION_FILE)
        text_append(items, "*");
    else
        completion_append_suffixes(kind, "*", " ", items);
}

static void append_values(const char *placeholder, struct text *out) {
    struct completion_values values = {0};
    struct text items = {0};
    completion_values_read(placeholder, &values);
    if (values.words.length)
        text_format(&items, "%s%s", values.list ? "," : "", values.words.data);
    for (int kind = 0; kind < COMPLETION_KINDS; kind++)
        if (values.kind[kind])
            append_kind((enum completion_kind)kind, &items);
    completion_append_quoted(out, items.length ? items.data : "?");
    out->failed = out->failed || items.failed || values.words.failed;
    text_free(&items);
    completion_values_free(&values);
}

static void append_entry(const struct program_command *command, const char *dashes,
                         const char *name, int length, const char *values, struct text *out) {
    text_format(out, "    ['%s %s%.*s']=", command->name, dashes, length, name);
    append_values(values, out);
    text_append(out, "\n");
}

static void append_command_values(const struct program_command *command, struct text *out) {
    struct program_entry entry;
    if (command->operand) {
        text_format(out, "    [%s]=", command->name);
        append_values(command->operand, out);
        text_append(out, "\n");
    }
    for (size_t k = 0; program_entry_at(command, k, &entry); k++) {
        if (!*entry.values)
            continue;
        append_entry(command, "--", entry.name, 64, entry.values, out);
        if (entry.letter)
            append_entry(command, "-", &entry.letter, 1, entry.values, out);
    }
}

static void append_command_options(const struct program_command *command, struct text *out) {
    struct program_entry entry;
    text_format(out, "    [%s]='", command->name);
    for (size_t k = 0; program_entry_at(command, k, &entry); k++) {
        if (entry.letter && !entry.hidden)
            text_format(out, "-%c ", entry.letter);
        text_format(out, "--%s ", entry.name);
    }
    text_append(out, "'\n");
}

void completion_bash(struct text *out) {
    text_append(out, "# bash completion of lumpscope, made by \"lumpscope completion bash\"\n\n"
                     "declare -gA _lumpscope_options=(\n");
    for (size_t k = 0; k < program_command_count; k++)
        append_command_options(&program_commands[k], out);
    text_append(out, ")\n\ndeclare -gA _lumpscope_values=(\n");
    for (size_t k = 0; k < program_command_count; k++)
        append_command_values(&program_commands[k], out);
    text_append(out, ")\n\n");
    text_append(out, function);
}
