#include "command/player.h"

#include "lumpscope/file.h"
#include "lumpscope/lesson.h"
#include "lumpscope/memory.h"

#include <string.h>

struct player *player_new(FILE *out, struct error *error) {
    struct player *player = memory_new(1, sizeof *player, error);
    if (player)
        player->out = out;
    return player;
}

static void card_free(struct player *player) {
    struct player_card *card = &player->card;
    free(card->text);
    free(card->shown);
    *card = (struct player_card){.serial = card->serial};
    player->carded = false;
}

static void script_free(struct script *script) {
    free(script->path);
    free(script->content);
    free(script->title);
    *script = (struct script){0};
}

static struct script *innermost(struct player *player) {
    return player->depth > 0 ? &player->script[player->depth - 1] : NULL;
}

void player_stop(struct player *player) {
    while (player->depth > 0)
        script_free(&player->script[--player->depth]);
    player->showing = false;
    player->held = NULL;
    card_free(player);
}

void player_hold(struct player *player, const struct command_held *held) {
    player->held = held;
}

void player_free(struct player *player) {
    if (!player)
        return;
    player_stop(player);
    player_record_end(player, NULL);
    text_free(&player->line);
    free(player);
}

enum player_state player_state(const struct player *player) {
    return player->carded && !player->showing ? PLAYER_PAUSED
           : player->depth > 0                ? PLAYER_READY
                                              : PLAYER_IDLE;
}

const char *player_title(const struct player *player) {
    return player->depth > 0 ? player->script[0].title : NULL;
}

bool player_in_script(const struct player *player) {
    return player && player->running;
}

const struct player_card *player_card(const struct player *player) {
    return player && player->carded ? &player->card : NULL;
}

struct player_place *player_place(struct player *player) {
    struct player_place *place = &player->place;
    if (place->layer == 0)
        *place = (struct player_place){.layer = 1, .view = "classes", .pane = "layers"};
    return place;
}

/* ---- Lines ---- */

/* Reads the next line that means something to `line` (NULL: nowhere), joined with those it goes on
 * in; `*next` and `*number` move behind it. Where it begins in the script; NULL at the end. */
static const char *read_line(const char **next, size_t *number, struct text *line) {
    const char *first = NULL;
    for (bool more = false; **next; *next += **next == '\n') {
        const char *begin = *next + strspn(*next, " \t"), *end = *next + strcspn(*next, "\n");
        size_t length = (size_t)(end - (begin < end ? begin : end));
        *next = end;
        ++*number;
        length -= length > 0 && begin[length - 1] == '\r';
        if (!more && (length == 0 || *begin == '#'))
            continue;
        more = length > 0 && begin[length - 1] == '\\';
        if (line)
            text_append_bytes(line, begin, length - more);
        if (!first && length > more)
            first = begin;
        if (!more)
            break;
    }
    *next += **next == '\n';
    return first;
}

static const struct explorer_command *line_command(const char *line) {
    char word[24];
    size_t length = strcspn(line, " \t\r\n");
    if (length >= sizeof word)
        return NULL;
    memcpy(word, line, length);
    word[length] = '\0';
    return command_find(word, NULL);
}

static bool line_is(const char *line, const char *name) {
    const struct explorer_command *command = line_command(line);
    return command && !strcmp(command->name, name);
}

/* Whether the innermost script goes on with an answer; steps over it when told so. */
static bool next_answer(struct player *player, bool skip) {
    struct script *script = innermost(player);
    if (!script)
        return false;
    const char *next = script->next;
    size_t number = script->line;
    const char *line = read_line(&next, &number, NULL);
    bool answer = line && line_is(line, "answer");
    if (answer && skip) {
        script->next = next;
        script->line = number;
    }
    return answer;
}

static size_t count_cards(const char *content) {
    size_t number = 0, cards = 0;
    for (const char *line; (line = read_line(&content, &number, NULL));)
        cards += line_is(line, "say") || line_is(line, "try");
    return cards;
}

/* ---- Beginning ---- */

/* A name in a script means a file beside it, if there is one. */
static char *find_script(struct player *player, const char *path, struct error *error) {
    const struct script *outer = player->running ? innermost(player) : NULL;
    const char *slash = outer ? strrchr(outer->path, '/') : NULL;
    struct text beside = {0};
    if (slash && *path != '/') {
        text_append_bytes(&beside, outer->path, (size_t)(slash - outer->path) + 1);
        text_append(&beside, path);
        if (!beside.failed && file_exists(beside.data))
            return beside.data;
    }
    text_free(&beside);
    return memory_string(path, error);
}

static bool check_source(const struct player *player, const char *path, struct error *error) {
    /* On the screen there is nobody to wait for what comes through a pipe. */
    if (!player->out && file_is_stream(path))
        return error_set(error, ERROR_REQUEST, "%s: not a file; name a script", path);
    if (!player->running)
        return true;
    if (player->depth == PLAYER_DEPTH)
        return error_set(error, ERROR_REQUEST,
                         "%s: scripts lie in each other %d deep at most; write it into one of them",
                         path, PLAYER_DEPTH);
    for (size_t i = 0; i < player->depth; i++)
        if (file_same(player->script[i].path, path))
            return error_set(error, ERROR_REQUEST,
                             "%s: the script would play itself without end; take the line out",
                             path);
    return true;
}

static bool load(struct script *script, struct error *error) {
    size_t size;
    script->content = file_read(script->path, PLAYER_BYTES, &size, NULL, error);
    if (!script->content)
        return false;
    if (strlen(script->content) < size)
        return error_set(error, ERROR_REQUEST, "%s: not a script; name a text file", script->path);
    script->next = text_behind_mark(script->content);
    script->card_count = count_cards(script->next);
    script->title = lesson_header(script->next, "title");
    return true;
}

bool player_source(struct player *player, const char *path, struct error *error) {
    struct script script = {.path = find_script(player, path, error)};
    if (!script.path)
        return false;
    if (!check_source(player, script.path, error) || !load(&script, error)) {
        script_free(&script);
        return false;
    }
    if (!player->running) {
        player_stop(player);
        player->fresh = true;
        player->place = (struct player_place){0};
    }
    player->script[player->depth++] = script;
    return true;
}

/* ---- Cards ---- */

/* Character by character: what is said is said even where there is no memory for a copy. */
static void print_visible(FILE *out, const char *line) {
    uint32_t character;
    for (size_t bytes; (bytes = text_decode(line, &character)) > 0; line += bytes) {
        bool visible = character == '\n' || character == '\t' || text_is_visible(character);
        for (size_t k = 0; k < bytes; k++)
            (void)putc(visible ? line[k] : '?', out);
    }
}

void player_print(struct player *player, const char *line) {
    if (!player->out)
        return;
    print_visible(player->out, line);
    (void)putc('\n', player->out);
}

static void print_card(struct player *player) {
    if (player->out && player->card.task)
        (void)fputs("to do: ", player->out);
    player_print(player, player->card.text);
}

static bool fill_card(struct player *player, const char *text, struct error *error) {
    struct player_card *card = &player->card;
    struct script *script = player->running ? innermost(player) : NULL;
    card->text = memory_string(text, error);
    if (!card->text)
        return false;
    text_make_visible(card->text);
    card->serial++;
    if (script) {
        card->number = ++script->cards;
        card->count = script->card_count;
        player->task_line = script->line;
    }
    return true;
}

bool player_lay(struct player *player, struct command_context *context, const char *condition,
                const char *text, struct error *error) {
    card_free(player);
    player->condition = (struct condition){0};
    if ((condition && !condition_parse(condition, &player->condition, error)) ||
        !fill_card(player, text, error)) {
        card_free(player);
        return false;
    }
    player->carded = context->ui || condition;
    player->card.task = condition != NULL;
    player->card.answers = condition && player->running && next_answer(player, false);
    if (!context->ui)
        print_card(player);
    return true;
}

bool player_watch(struct player *player, struct command_context *context,
                  const struct snapshot *snapshot) {
    struct player_card *card = &player->card;
    if (!player->carded || !card->task || card->done ||
        !condition_holds(&player->condition, context, snapshot))
        return false;
    return card->done = true;
}

void player_continue(struct player *player) {
    if (!player->carded)
        return;
    player->showing = player->card.task && !player->card.done && player->card.answers;
    if (player->showing)
        return;
    card_free(player);
    player->fresh = true; /* what the reader did meanwhile is no fault of the script */
    while (next_answer(player, true))
        continue;
}

/* ---- Playing ---- */

/* What the session could not do of the line before is that line's error. */
static bool check_session(struct player *player, struct command_context *context,
                          struct error *error) {
    struct snapshot *snapshot = session_latest(context->session);
    bool failed = !player->fresh && snapshot->message_is_error &&
                  snapshot->message_serial != player->message_seen;
    if (failed)
        error_set(error, ERROR_REQUEST, "%s", snapshot->message);
    player->message_seen = snapshot->message_serial;
    player->fresh = false;
    snapshot_release(snapshot);
    return !failed;
}

/* Without a screen the answers stand for the reader: what was asked for must be there behind them.
 */
static bool check_task(struct player *player, struct command_context *context,
                       struct error *error) {
    if (context->ui || !player->carded || next_answer(player, false))
        return true;
    struct snapshot *snapshot = session_latest(context->session);
    bool holds = condition_holds(&player->condition, context, snapshot);
    snapshot_release(snapshot);
    innermost(player)->line = holds ? innermost(player)->line : player->task_line;
    card_free(player);
    return holds || error_set(error, ERROR_REQUEST,
                              "the answer does not do what the task asks for; mend one of them");
}

/* The answer's command is said with what it does. */
static bool tell_answer(struct player *player, struct error *error) {
    const char *command = player->line.data + strcspn(player->line.data, " \t");
    free(player->card.shown);
    player->card.shown = memory_string(command + strspn(command, " \t"), error);
    player->card.answers = next_answer(player, false);
    player->showing = false;
    return player->card.shown;
}

static enum command_outcome run_line(struct player *player, struct command_context *context,
                                     struct error *error) {
    if (player->line.failed || (player->showing && !tell_answer(player, error))) {
        error_memory(error, player->line.capacity);
        text_free(&player->line); /* the next line may have memory again */
        return COMMAND_FAILED;
    }
    struct command_context own = *context;
    own.held = player->held;
    player->running = true;
    enum command_outcome outcome = command_run(&own, player->line.data, error);
    player->running = false;
    return outcome;
}

static enum command_outcome step(struct player *player, struct command_context *context,
                                 struct error *error) {
    struct script *script = innermost(player);
    if (!check_session(player, context, error) || !check_task(player, context, error))
        return COMMAND_FAILED;
    text_clear(&player->line);
    if (read_line(&script->next, &script->line, &player->line))
        return run_line(player, context, error);
    script_free(script);
    player->depth--;
    return COMMAND_DONE;
}

enum command_outcome player_step(struct player *player, struct command_context *context,
                                 struct error *error) {
    if (player->depth == 0)
        return COMMAND_DONE;
    size_t depth = player->depth;
    struct error reason = {0};
    enum command_outcome outcome = step(player, context, &reason);
    if (outcome != COMMAND_FAILED)
        return outcome;
    const struct script *script = &player->script[depth - 1];
    error_prefix(&reason, "%s:%zu", script->path, script->line);
    if (error)
        *error = reason;
    player_stop(player);
    return COMMAND_FAILED;
}
