/* The explorer, from keys to drawing, on small networks: the loop without the terminal. Every line
 * of the input is one thing a user does; its first character says which:
 *     :COMMAND     typed into the command line
 *     =COMMAND     run as a key runs it
 *     kKEYS        keys one by one; ^A to ^Z are control keys, \ and a letter named ones
 *     pTEXT        pasted
 *     m A ROW COL  the mouse: A 0 press, 1 drag, 2 release, 3 and 4 the wheel
 *     r ROWS COLS  another size
 *     w            waits until the session rests, then undoes and does again
 *     o            writes the reduced network and reads it
 *     t            half a minute passes
 * Anything else sends its bytes as keys. The first line begins with 0, 1 or 2 for the network, then
 * letters: a ASCII, d without data, s with saved sessions. */
#include "fuzz.h"
#include "headless.h"
#include "small.h"

#include "tui/actions.h"
#include "tui/clock.h"
#include "tui/events.h"
#include "tui/frame.h"
#include "tui/script.h"
#include "tui/sessions.h"
#include "tui/start.h"

#include <stdio.h>
#include <string.h>

enum { LINE_MOST = 160, LINES_MOST = 80, HALF_MINUTE_MS = 30000 };

/* ---- One turn of the loop ---- */

static void turn(struct ui *ui) {
    events_handle(ui);
    ui_take_snapshot(ui);
    small_check(ui->snapshot);
    script_step(ui);
    fuzz_require(memchr(ui->notice, '\0', sizeof ui->notice), "a notice without an end");
    fuzz_require(!ui->snapshot->analysed || ui->layer <= ui->snapshot->hidden,
                 "layer %zu of %zu is chosen", ui->layer, ui->snapshot->hidden);
    if (!ui->dirty)
        return;
    ui_watch(ui);
    frame_draw(ui);
}

static void rest(struct ui *ui) {
    small_settle(ui->session);
    turn(ui);
}

/* ---- What a user does ---- */

/* A slash in the command line could lead out of the scratch directory. Readline cannot search a
 * history that was cleared by an earlier input, which in the program never happens. */
static bool is_kept_away(int32_t key) {
    return key == '/' || key == '~' || key == ('r' & 0x1f) || key == ('s' & 0x1f);
}

static void press(struct ui *ui, int32_t key, bool pasted) {
    bool open = prompt_is_open(ui->prompt), interrupt = key == ('c' & 0x1f);
    struct input input = {
        .kind = interrupt ? INPUT_INTERRUPT : INPUT_KEY, .key = key, .pasted = pasted};
    if (open ? is_kept_away(key) : interrupt) /* which would end it */
        return;
    headless_give(ui->screen, &input);
    turn(ui);
}

static int32_t key_of(const char **text) {
    const char *at = *text;
    *text += at[0] != '\0' && at[1] != '\0' && strchr("^\\", at[0]) ? 2 : 1;
    if (at[0] == '^' && at[1])
        return at[1] & 0x1f ? at[1] & 0x1f : INPUT_KEY_ESCAPE;
    if (at[0] == '\\' && at[1])
        return INPUT_KEY_NAMED + at[1] % (INPUT_KEY_NAMED_END - INPUT_KEY_NAMED);
    return (unsigned char)*at;
}

static void press_all(struct ui *ui, const char *text) {
    while (*text && !ui->quit)
        press(ui, key_of(&text), false);
}

static void paste(struct ui *ui, const char *text) {
    for (; *text && !ui->quit; text++)
        press(ui, (unsigned char)*text, true);
}

static void type(struct ui *ui, const char *line) {
    press(ui, ':', false);
    paste(ui, line);
    press(ui, INPUT_KEY_ENTER, false);
}

static void run(struct ui *ui, char *line) {
    for (char *c = line; *c; c++)
        if (*c == '/' || *c == '~')
            *c = '_';
    actions_run(ui, line);
    turn(ui);
}

static void use_mouse(struct ui *ui, const char *numbers) {
    unsigned action = 0, row = 0, column = 0;
    sscanf(numbers, "%9u %9u %9u", &action, &row, &column);
    struct input input = {.kind = INPUT_MOUSE,
                          .action = (enum mouse_action)(action % (MOUSE_WHEEL_DOWN + 1)),
                          .row = (int)(row % HEADLESS_ROWS_MOST),
                          .column = (int)(column % HEADLESS_COLUMNS_MOST)};
    headless_give(ui->screen, &input);
    turn(ui);
}

static void resize(struct ui *ui, const char *numbers) {
    unsigned rows = 0, columns = 0;
    sscanf(numbers, "%9u %9u", &rows, &columns);
    headless_resize(ui->screen, (int)rows, (int)columns);
    ui->dirty = true;
    turn(ui);
}

static void pass_time(struct ui *ui) {
    rest(ui);
    sessions_save_due(ui, clock_ms() + HALF_MINUTE_MS);
    turn(ui);
}

static void act(struct ui *ui, char *line) {
    switch (line[0]) {
    case ':':
        type(ui, line + 1);
        break;
    case '=':
        run(ui, line + 1);
        break;
    case 'k':
        press_all(ui, line + 1);
        break;
    case 'p':
        paste(ui, line + 1);
        break;
    case 'm':
        use_mouse(ui, line + 1);
        break;
    case 'r':
        resize(ui, line + 1);
        break;
    case 'w':
        small_check_rest(ui->session);
        break;
    case 'o':
        small_check_reduced(ui->session);
        break;
    case 't':
        pass_time(ui);
        break;
    default:
        press_all(ui, line);
    }
}

/* ---- The input ---- */

/* The next line without its end; false when there is none. */
static bool next_line(const uint8_t **data, size_t *size, char *line) {
    const uint8_t *end = memchr(*data, '\n', *size);
    size_t length = end ? (size_t)(end - *data) : *size, kept = length;
    if (*size == 0)
        return false;
    if (kept > LINE_MOST - 1)
        kept = LINE_MOST - 1;
    memcpy(line, *data, kept);
    line[kept] = '\0';
    length += end != NULL;
    *data += length;
    *size -= length;
    return true;
}

static void open_first(struct session *session, const char *line) {
    char model[16], data[16];
    int kind = line[0] ? line[0] % 3 : 0;
    snprintf(model, sizeof model, "m%d.json", kind);
    snprintf(data, sizeof data, "d%d.csv", kind);
    session_open(session, model, strchr(line, 'd') ? NULL : data, NULL, NULL);
    small_settle(session);
}

static void explore(struct ui *ui, const uint8_t *data, size_t size) {
    char line[LINE_MOST];
    for (int i = 0; i < LINES_MOST && !ui->quit && next_line(&data, &size, line); i++)
        act(ui, line);
    if (!ui->quit)
        rest(ui);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char line[LINE_MOST] = "";
    struct error error = {0};
    int before = small_enter();
    next_line(&data, &size, line);
    struct explorer_options options = {.mouse = true,
                                       .ascii = strchr(line, 'a'),
                                       .sessions = strchr(line, 's') ? "sessions" : NULL};
    struct ui ui = {.options = &options, .session = session_new(&error)};
    fuzz_require(ui.session, "%s", error.text);
    open_first(ui.session, line);
    fuzz_require(ui_start(&ui, &error), "%s", error.text);
    explore(&ui, data, size);
    ui_end(&ui);
    session_free(ui.session);
    small_leave(before);
    return 0;
}
