#include "tui/prompt.h"

#include "lumpscope/file.h"
#include "lumpscope/memory.h"
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/history_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { HISTORY_LINES = 1000, QUEUE_SIZE = 64, MATCH_ROWS = 6, PASTE_LIMIT = 4096 };

struct prompt {
    char *history;                 /* path; NULL: not kept */
    FILE *nowhere;                 /* Readline's streams: it must never touch the terminal */
    struct text unkept;            /* lines that were entered and are not in the file yet */
    struct prompt_choices choices; /* for completion; the snapshot is held */
    bool open, finished;
    char *line;                      /* what was entered, until prompt_key hands it over */
    unsigned char queue[QUEUE_SIZE]; /* bytes on their way to Readline */
    size_t queue_start, queue_end;
    struct text matches; /* what Tab found, one per line */
};

/* Readline's callbacks are given no user pointer. */
static struct prompt *the_prompt;

/* ---- Readline's side ---- */

static int give_byte(FILE *stream) {
    (void)stream;
    struct prompt *prompt = the_prompt;
    return prompt->queue_start < prompt->queue_end ? prompt->queue[prompt->queue_start++] : EOF;
}

static int bytes_waiting(void) {
    return the_prompt->queue_start < the_prompt->queue_end;
}

static void draw_nothing(void) {
}

static void take_line(char *line) {
    the_prompt->line = line;
    the_prompt->finished = true;
    rl_callback_handler_remove();
}

/* For a path only what comes after its last slash but one is shown. */
static const char *last_part(const char *path) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 2] != '/')
        length--;
    return length > 1 ? path + length - 1 : path;
}

static void keep_matches(char **matches, int count, int longest) {
    (void)longest;
    struct text *kept = &the_prompt->matches;
    text_clear(kept);
    for (int i = 1; i <= count; i++)
        text_format(kept, "%s\n",
                    rl_filename_completion_desired ? last_part(matches[i]) : matches[i]);
}

static char **complete(const char *text, int start, int end) {
    (void)end;
    return complete_word(&the_prompt->choices, text, start);
}

/* ---- History ---- */

/* Puts what was entered where it outlives the program, or keeps it for the next attempt. */
static void history_keep(struct prompt *prompt, bool wait) {
    struct text *lines = &prompt->unkept;
    if (prompt->history &&
        history_file_append(prompt->history, lines->data ? lines->data : "", lines->length, wait))
        text_free(lines);
}

/* The lines of earlier runs. Readline forgets the first of more than it is to keep, and so does
 * their file. */
static void history_read(const char *path) {
    using_history();
    stifle_history(HISTORY_LINES);
    if (!path || !file_check_regular(path, NULL))
        return;
    read_history(path);
    if (history_base > 1)
        history_file_trim(path, HISTORY_LINES);
}

/* True when the line is new. */
static bool history_remember(const char *line) {
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    bool fresh = line && *line && !(last && !strcmp(last->line, line));
    if (fresh)
        add_history(line);
    return fresh;
}

/* ---- The prompt ---- */

/* What Readline 8.2 uses memory in after it has freed it: M-p and M-n, and vi's commands, which are
 * behind the Escape key, that gives the line up here. */
static void leave_out_commands(void) {
    static const char *const maps[] = {"emacs", "emacs-meta", "emacs-ctlx"};
    static const char *const commands[] = {"non-incremental-forward-search-history",
                                           "non-incremental-forward-search-history-again",
                                           "non-incremental-reverse-search-history",
                                           "non-incremental-reverse-search-history-again",
                                           "re-read-init-file",
                                           "vi-editing-mode"};
    rl_variable_bind("editing-mode", "emacs");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        for (size_t k = 0; k < sizeof maps / sizeof *maps; k++)
            rl_unbind_function_in_map(rl_named_function(commands[i]),
                                      rl_get_keymap_by_name(maps[k]));
}

static void set_up_readline(struct prompt *prompt) {
    rl_readline_name = "lumpscope";
    rl_instream = rl_outstream = prompt->nowhere;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_getc_function = give_byte;
    rl_input_available_hook = bytes_waiting;
    rl_redisplay_function = draw_nothing;
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = keep_matches;
    rl_completer_word_break_characters = " \t\"'";
    rl_completer_quote_characters = "\"'";
    rl_filename_quote_characters = " \t\"'\\";
    rl_filename_quoting_function = complete_quote;
    rl_initialize();
    rl_variable_bind("bell-style", "none");
    rl_variable_bind("show-all-if-ambiguous", "on");
    rl_variable_bind("enable-bracketed-paste", "off");
    leave_out_commands();
}

struct prompt *prompt_new(const char *history, struct error *error) {
    struct prompt *prompt = memory_new(1, sizeof *prompt, error);
    if (!prompt)
        return NULL;
    prompt->history = memory_string(history, error);
    prompt->nowhere = fopen("/dev/null", "r+");
    if (!prompt->nowhere || (history && !prompt->history)) {
        if (!prompt->nowhere)
            error_set(error, ERROR_REQUEST,
                      "/dev/null cannot be opened: the command line needs it");
        prompt_free(prompt);
        return NULL;
    }
    the_prompt = prompt;
    set_up_readline(prompt);
    history_read(history);
    return prompt;
}

void prompt_save(struct prompt *prompt) {
    if (prompt->history && (prompt->unkept.length > 0 || !file_exists(prompt->history)))
        history_keep(prompt, true);
}

void prompt_free(struct prompt *prompt) {
    if (!prompt)
        return;
    if (the_prompt == prompt) {
        prompt_cancel(prompt);
        rl_clear_history(); /* clear_history() would leave the edits of its lines */
        the_prompt = NULL;
        rl_instream = rl_outstream = NULL;
    }
    if (prompt->nowhere)
        fclose(prompt->nowhere);
    snapshot_release(prompt->choices.snapshot);
    free(prompt->history);
    text_free(&prompt->matches);
    text_free(&prompt->unkept);
    free(prompt);
}

bool prompt_is_open(const struct prompt *prompt) {
    return prompt->open;
}

void prompt_start(struct prompt *prompt, const char *text, const struct prompt_choices *choices) {
    snapshot_hold(choices->snapshot);
    snapshot_release(prompt->choices.snapshot);
    prompt->choices = *choices;
    prompt->open = true;
    prompt->finished = false;
    prompt->line = NULL;
    text_clear(&prompt->matches);
    rl_callback_handler_install(":", take_line);
    rl_insert_text(text);
}

static void queue_bytes(struct prompt *prompt, const char *bytes, size_t count) {
    if (prompt->queue_start == prompt->queue_end)
        prompt->queue_start = prompt->queue_end = 0;
    for (size_t i = 0; i < count && prompt->queue_end < QUEUE_SIZE; i++)
        prompt->queue[prompt->queue_end++] = (unsigned char)bytes[i];
}

static void feed(struct prompt *prompt) {
    while (bytes_waiting() && !prompt->finished)
        rl_callback_read_char();
}

/* Commands that wait for a character, a search for one or a quoted one, keep memory until it comes:
 * they get one that all others give up at. */
static void give_up_waiting(struct prompt *prompt) {
    prompt->queue_start = prompt->queue_end = 0;
    bool begun = RL_ISSTATE(RL_STATE_MULTIKEY); /* a sequence, which nothing ends with ^_ */
    queue_bytes(prompt, begun ? "\037" : "\a", 1);
    feed(prompt);
}

/* As if Enter were pressed: where nothing is left in the queue Readline is given the end of its
 * input. It alone can tell which edits belong to the line and which to a line of the history. */
static void finish_line(struct prompt *prompt) {
    enum { TRIES = 4 }; /* the first may end a search */
    prompt->queue_start = prompt->queue_end = 0;
    for (int i = 0; i < TRIES && !prompt->finished; i++)
        rl_callback_read_char();
}

void prompt_cancel(struct prompt *prompt) {
    if (!prompt->open)
        return;
    give_up_waiting(prompt);
    rl_callback_sigcleanup(); /* ends a search in the history, too */
    finish_line(prompt);
    if (!prompt->finished) {
        rl_free_line_state();
        rl_callback_handler_remove();
    }
    free(prompt->line);
    prompt->line = NULL;
    prompt->open = false;
}

/* Named keys as the sequences every Readline configuration knows. */
static void queue_key(struct prompt *prompt, int32_t key) {
    static const struct {
        int32_t key;
        const char *bytes;
    } sequences[] = {
        {INPUT_KEY_LEFT, "\033[D"},       {INPUT_KEY_RIGHT, "\033[C"},
        {INPUT_KEY_UP, "\033[A"},         {INPUT_KEY_DOWN, "\033[B"},
        {INPUT_KEY_HOME, "\033[H"},       {INPUT_KEY_END, "\033[F"},
        {INPUT_KEY_DELETE, "\033[3~"},    {INPUT_KEY_PAGE_UP, "\033[5~"},
        {INPUT_KEY_PAGE_DOWN, "\033[6~"},
    };
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (sequences[i].key == key)
            queue_bytes(prompt, sequences[i].bytes, strlen(sequences[i].bytes));
    if (key < INPUT_KEY_NAMED) {
        char bytes[MB_LEN_MAX];
        mbstate_t state = {0};
        size_t count = wcrtomb(bytes, (wchar_t)key, &state);
        if (count != (size_t)-1)
            queue_bytes(prompt, bytes, count);
    }
}

static bool gives_up(const struct input *input) {
    return (input->key == INPUT_KEY_ESCAPE && !input->more_pending) ||
           (input->key == INPUT_KEY_BACKSPACE && rl_end == 0 && !RL_ISSTATE(RL_STATE_ISEARCH));
}

/* Readline crashes where a sequence such as ^X V begins in a search of the history: the search ends
 * before it, as it does before any other command. */
static void leave_search(struct prompt *prompt, int32_t key) {
    static const char *const ends[] = {"\033", "\a"}; /* the first may be bound otherwise */
    bool begins =
        key > 0 && key < 127 && key != INPUT_KEY_ESCAPE && rl_get_keymap()[key].type == ISKMAP;
    for (size_t i = 0; begins && i < 2 && RL_ISSTATE(RL_STATE_ISEARCH); i++) {
        queue_bytes(prompt, ends[i], 1);
        feed(prompt);
    }
}

bool prompt_key(struct prompt *prompt, const struct input *input, char **line) {
    *line = NULL;
    if (gives_up(input)) {
        prompt_cancel(prompt);
        return true;
    }
    text_clear(&prompt->matches);
    leave_search(prompt, input->key);
    queue_key(prompt, input->key);
    feed(prompt);
    if (!prompt->finished)
        return false;
    prompt->open = false;
    if (history_remember(prompt->line)) {
        /* What was entered: Readline's own lines may be edited while they are there. */
        text_format(&prompt->unkept, "%s\n", prompt->line);
        history_keep(prompt, false);
    }
    *line = prompt->line;
    prompt->line = NULL;
    return true;
}

void prompt_paste(struct prompt *prompt, int32_t character) {
    char bytes[MB_LEN_MAX + 1];
    mbstate_t state = {0};
    bool space = character == '\n' || character == '\r' || character == '\t';
    if (!space && (character < 32 || (character >= 127 && character < 160)))
        return;
    if (rl_end >= PASTE_LIMIT) {
        text_clear(&prompt->matches);
        text_format(&prompt->matches,
                    "the line holds %d bytes: the rest of the paste is left out\n"
                    "a file of commands plays with :source FILE\n",
                    PASTE_LIMIT);
        return;
    }
    size_t count = wcrtomb(bytes, space ? L' ' : (wchar_t)character, &state);
    if (count == (size_t)-1)
        return;
    bytes[count] = '\0';
    text_clear(&prompt->matches);
    rl_insert_text(bytes);
}

/* ---- Drawing ---- */

/* Bytes to leave out at the left so that the cursor is inside `columns`. */
static int scroll_bytes(int columns) {
    char *line = rl_line_buffer;
    char kept = line[rl_point];
    wchar_t character;
    int skipped = 0;
    line[rl_point] = '\0';
    for (int width = columns_width(line); width >= columns;) {
        skipped += (int)columns_decode(line + skipped, &character);
        width -= columns_of(character);
    }
    line[rl_point] = kept;
    return skipped;
}

static int point_column(int skipped) {
    char kept = rl_line_buffer[rl_point];
    rl_line_buffer[rl_point] = '\0';
    int column = columns_width(rl_line_buffer + skipped);
    rl_line_buffer[rl_point] = kept;
    return column;
}

static int widest_line(const char *lines) {
    int widest = 1, used;
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        char *line = strndup(lines, length);
        used = line ? columns_width(line) : 0;
        widest = used > widest ? used : widest;
        free(line);
        lines += length + (lines[length] == '\n');
    }
    return widest;
}

static void draw_matches(const struct prompt *prompt, struct screen *screen,
                         const struct area *status) {
    const char *lines = prompt->matches.data;
    int wide = widest_line(lines) + 2, across = status->columns / wide, count = 0;
    across = across < 1 ? 1 : across;
    for (const char *c = lines; *c; c++)
        count += *c == '\n';
    int rows = (count + across - 1) / across, shown = rows > MATCH_ROWS ? MATCH_ROWS : rows;
    struct area area = {status->row - shown, status->column, shown, status->columns};
    screen_fill(screen, &area, ROLE_OVERLAY);
    for (int i = 0; i < count && i < shown * across; i++) {
        size_t length = strcspn(lines, "\n");
        bool cut = i == shown * across - 1 && i < count - 1;
        if (cut)
            screen_format(screen, &area, i / across, i % across * wide + 1, ROLE_OVERLAY,
                          "%s %d more", screen_glyph(screen, GLYPH_MARK_CUT), count - i);
        else
            screen_format(screen, &area, i / across, i % across * wide + 1, ROLE_OVERLAY, "%.*s",
                          (int)length, lines);
        lines += length + 1;
    }
}

void prompt_draw(const struct prompt *prompt, struct screen *screen, const struct area *status) {
    /* ":", or what Readline asks meanwhile: "(reverse-i-search)`eps': ". */
    const char *ask = rl_display_prompt ? rl_display_prompt : ":";
    screen_fill(screen, status, ROLE_PROMPT);
    int start = screen_put(screen, status, 0, 0, ROLE_KEY, ask), most = status->columns / 2;
    start = start < most ? start : most;
    struct area line = {status->row, status->column + start, 1, status->columns - start};
    int skipped = scroll_bytes(line.columns - 1);
    screen_put(screen, &line, 0, 0, ROLE_PROMPT, rl_line_buffer + skipped);
    screen_show_cursor(screen, &line, 0, point_column(skipped));
    if (prompt->matches.length > 0)
        draw_matches(prompt, screen, status);
}
