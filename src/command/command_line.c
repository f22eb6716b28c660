/* A line of the user's grammar: split into words, looked up, run. */
#include "lumpscope/command.h"
#include "lumpscope/memory.h"
#include "lumpscope/player.h"
#include "lumpscope/text.h"

#include <string.h>

void command_words_free(struct command_words *words) {
    free(words->text);
    *words = (struct command_words){0};
}

/* Reads one word from `*from`, unquoted, to `*to`, and ends it. False for an open quote. */
static bool read_word(const char **from, char **to) {
    char quote = '\0';
    for (; **from && (quote || !strchr(" \t", **from)); (*from)++) {
        if (**from == '\\' && (*from)[1] && quote != '\'')
            *(*to)++ = *++*from;
        else if (quote ? **from == quote : **from == '"' || **from == '\'')
            quote = (char)(quote ? '\0' : **from);
        else
            *(*to)++ = **from;
    }
    *(*to)++ = '\0';
    return !quote;
}

/* The rest of a line as one word, without the spaces around it. */
static void take_rest(const char *from, char *to) {
    size_t length = strlen(from);
    while (length > 0 && strchr(" \t", from[length - 1]))
        length--;
    memcpy(to, from, length);
    to[length] = '\0';
}

/* After `plain` words the rest of the line is one word, whatever is in it. */
static bool split(const char *line, size_t plain, struct command_words *words,
                  struct error *error) {
    *words = (struct command_words){0};
    words->text = memory_new(strlen(line) + COMMAND_MAX_WORDS + 1, 1, error);
    if (!words->text)
        return false;
    char *to = words->text;
    for (const char *from = line + strspn(line, " \t"); *from; from += strspn(from, " \t")) {
        if (words->count == plain) {
            words->word[words->count++] = to;
            take_rest(from, to);
            return true;
        }
        if (words->count == COMMAND_MAX_WORDS) {
            command_words_free(words);
            return error_set(error, ERROR_USAGE, "more than %d words: quote names with spaces",
                             COMMAND_MAX_WORDS);
        }
        words->word[words->count++] = to;
        if (!read_word(&from, &to)) {
            command_words_free(words);
            return error_set(
                error, ERROR_USAGE,
                "a quotation mark is not closed: end the word with another one, or write \\ "
                "before it");
        }
    }
    return true;
}

bool command_split(const char *line, struct command_words *words, struct error *error) {
    return split(line, SIZE_MAX, words, error);
}

void command_append_quoted(struct text *out, const char *word) {
    bool plain = *word && !strpbrk(word, " \t\"'\\") && *word != '#';
    text_append(out, plain ? "" : "\"");
    for (const char *c = word; *c; c++)
        text_format(out, "%s%c", *c == '"' || *c == '\\' ? "\\" : "", *c);
    text_append(out, plain ? "" : "\"");
}

bool command_takes_word(const struct explorer_command *command, const char *word) {
    size_t length = strlen(word);
    for (const char *at = command->arguments; *at; at += *at != '\0') {
        size_t next = strcspn(at, "|[] ");
        if (length > 0 && next == length && !strncmp(at, word, length))
            return true;
        at += next;
    }
    return false;
}

static bool takes_rest(const struct explorer_command *command) {
    size_t length = strlen(command->arguments);
    return length > 3 && !strcmp(command->arguments + length - 3, "...");
}

const struct explorer_command *command_find(const char *name, struct error *error) {
    const struct explorer_command *found = NULL;
    size_t length = strlen(name), matches = 0;
    for (size_t i = 0; i < explorer_command_count; i++) {
        const struct explorer_command *command = &explorer_commands[i];
        if (!strcmp(command->name, name))
            return command;
        if (length > 0 && command->listed && !strncmp(command->name, name, length)) {
            found = command;
            matches++;
        }
    }
    if (matches == 1)
        return found;
    error_set(error, ERROR_USAGE,
              matches ? "\"%s\" could be more than one command: write more of it"
                      : "there is no command \"%s\": help lists them",
              name);
    return NULL;
}

/* The command of the first word, when it takes as many arguments as there are. */
static const struct explorer_command *command_of(const struct command_words *words,
                                                 struct error *error) {
    const struct explorer_command *command = command_find(words->word[0], error);
    size_t count = words->count - 1;
    if (command && (count < command->least || count > command->most)) {
        error_set(error, ERROR_USAGE, "usage: %s%s%s", command->name,
                  *command->arguments ? " " : "", command->arguments);
        return NULL;
    }
    return command;
}

/* Splits a line for the command it names; an empty one has no words. */
static bool split_for_command(const char *line, struct command_words *words, struct error *error) {
    struct command_words name;
    const char *first = line + strspn(line, " \t");
    size_t length = strcspn(first, " \t");
    char *word = memory_copy(first, length + 1, 1, error);
    if (!word)
        return false;
    word[length] = '\0';
    struct error reason = {0};
    bool named = split(word, SIZE_MAX, &name, &reason) && name.count == 1;
    const struct explorer_command *command = named ? command_find(name.word[0], NULL) : NULL;
    size_t plain = command && takes_rest(command) ? command->most : SIZE_MAX;
    command_words_free(&name);
    free(word);
    if (reason.no_memory)
        return error_memory(error, length);
    return split(line, plain, words, error);
}

bool command_check(const char *line, struct error *error) {
    struct command_words words = {0};
    if (!split_for_command(line, &words, error))
        return false;
    bool fits = words.count > 0 ? command_of(&words, error) != NULL
                                : error_set(error, ERROR_USAGE, "no command was given");
    command_words_free(&words);
    return fits;
}

static enum command_outcome run_words(struct command_context *context,
                                      const struct command_words *words, struct error *error) {
    const struct explorer_command *command = command_of(words, error);
    unsigned held = command && context->held ? context->held->what & command_touches(command) : 0;
    if (held & HOLD_START) {
        error_set(error, ERROR_USAGE,
                  "%s has no place in the settings, which are run at every start: take the line "
                  "out, or bind a key to it",
                  command->name);
        return COMMAND_FAILED;
    }
    if (held)
        return COMMAND_DONE;
    return command ? command->run(context, words->count - 1, words->word + 1, error)
                   : COMMAND_FAILED;
}

static enum command_outcome run_recorded(struct command_context *context, const char *line,
                                         const struct command_words *words, struct error *error) {
    player_note(context->player, line);
    enum command_outcome outcome = run_words(context, words, error);
    if (outcome != COMMAND_FAILED && !player_note_keep(context->player, error))
        return COMMAND_FAILED;
    return outcome;
}

enum command_outcome command_run(struct command_context *context, const char *line,
                                 struct error *error) {
    struct command_words words = {0};
    if (!split_for_command(line, &words, error))
        return COMMAND_FAILED;
    enum command_outcome outcome = COMMAND_DONE;
    if (words.count > 0 && context->player && !player_in_script(context->player))
        outcome = run_recorded(context, line, &words, error);
    else if (words.count > 0)
        outcome = run_words(context, &words, error);
    command_words_free(&words);
    return outcome;
}

void command_join(size_t count, const char *const *words, struct text *line) {
    text_clear(line);
    if (count == 1)
        text_append(line, words[0]);
    for (size_t i = 0; count > 1 && i < count; i++) {
        text_append(line, i ? " " : "");
        command_append_quoted(line, words[i]);
    }
}
