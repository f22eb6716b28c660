/* The first line, and a second one where there is room: what is open and how it is compared. */
#include "tui/ui.h"

#include "lumpscope/model_file.h"
#include "lumpscope/text.h"
#include "tui/columns.h"

#include <stdio.h>

enum {
    NAMES = 12,       /* column behind "lumpscope" */
    HELP_COLUMNS = 7, /* "? help" and the edge */
    DATA_LABEL = 8,   /* "   data " */
    LEAST_TITLE = 20,
    LEAST_DATA = 10,
};

/* The options' words, from whole to brief; numbers are the letters kept of a value. */
static const struct wording {
    int linkage, scale;
    const char *balance, *sufficient;
} wordings[] = {{16, 16, "balance", " (sufficient condition)"},
                {16, 16, "balance", " (sufficient)"},
                {16, 3, "bal", " (sufficient)"},
                {5, 3, "bal", " (suff.)"}};
enum { WORDINGS = sizeof wordings / sizeof *wordings };

/* "joint·complete·refit"; options that do not apply are left out. */
static void options_text(const struct ui *ui, const struct wording *wording, struct text *out) {
    const struct options *options = &ui->snapshot->options;
    const char *dot = screen_glyph(ui->screen, GLYPH_DOT);
    text_clear(out);
    if (!ui->snapshot->analysed && ui->snapshot->work == WORK_OPENING)
        return; /* data that are still being read decide them */
    text_format(out, "%s%s%.*s", relation_name(options->relation), dot, wording->linkage,
                linkage_name(options->linkage));
    if (options->relation != RELATION_JOINT) {
        text_format(out, "%s%s%s%.*s", dot, norm_name(options->norm), dot, wording->scale,
                    scale_name(options->scale));
        if (options->balance)
            text_format(out, "%s%s", dot, wording->balance);
    }
    if (options->refit)
        text_format(out, "%srefit", dot);
    if (ui->snapshot->sufficient_only)
        text_append(out, wording->sufficient);
}

/* "safetensors F32"; nothing for our own files of doubles, which go without saying. */
static void format_text(const struct snapshot *snapshot, struct text *out) {
    const struct origin *origin = snapshot->network ? &snapshot->network->origin : NULL;
    if (origin && (origin->format != MODEL_JSON || origin->type != TENSOR_F64))
        text_format(out, "%s %s", model_format_name(origin->format),
                    tensor_type_name(origin->type));
}

static int text_columns(const struct text *text) {
    return text->data ? columns_width(text->data) : 0;
}

/* With the blanks before it; 0 when there is nothing to say. */
static int format_columns(const struct text *format) {
    return format->length ? text_columns(format) + 2 : 0;
}

/* The longest words that leave the network's name its least room. */
static void fitting_options(const struct ui *ui, int room, struct text *out) {
    int title = columns_width(ui->snapshot->title ? ui->snapshot->title : "");
    int least = title < LEAST_TITLE ? title : LEAST_TITLE;
    for (int i = 0; i < WORDINGS; i++) {
        options_text(ui, &wordings[i], out);
        if (least + 2 + text_columns(out) <= room)
            return;
    }
}

static const char *data_name(const struct snapshot *snapshot) {
    return snapshot->data_title ? snapshot->data_title : "none";
}

int header_rows(const struct ui *ui, int columns) {
    const struct snapshot *snapshot = ui->snapshot;
    struct text options = {0}, format = {0};
    if (!snapshot->model_path)
        return 1;
    options_text(ui, &wordings[0], &options);
    format_text(snapshot, &format);
    int names = columns_width(snapshot->title ? snapshot->title : "") + DATA_LABEL +
                columns_width(data_name(snapshot)) + format_columns(&format);
    int wide = NAMES + names + 2 + text_columns(&options) + 2 + HELP_COLUMNS;
    text_free(&options);
    text_free(&format);
    return wide > columns ? 2 : 1;
}

/* Safe to show, and shortened in the middle when it is wider than `columns`; returns the column
 * after it. */
static int put_short(const struct ui *ui, const struct area *area, int row, int column, int columns,
                     unsigned ink, const char *text) {
    char safe[512], shown[512];
    snprintf(safe, sizeof safe, "%s", text);
    text_make_visible(safe);
    columns_shorten(shown, sizeof shown, safe, columns, screen_glyph(ui->screen, GLYPH_MARK_CUT));
    return screen_put(ui->screen, area, row, column, ink, shown);
}

/* Between both names, whole; else it has room behind the options, in a second row. */
static bool format_fits(const struct ui *ui, int end, const struct text *format) {
    const struct snapshot *snapshot = ui->snapshot;
    int names = columns_width(snapshot->title ? snapshot->title : "") + DATA_LABEL +
                columns_width(data_name(snapshot));
    return format->length > 0 && NAMES + names + format_columns(format) <= end;
}

/* The format is left out first, the data's name is shortened, and left out before the network's is:
 * false then. */
static bool draw_names(const struct ui *ui, const struct area *area, int end,
                       const struct text *format) {
    const struct snapshot *snapshot = ui->snapshot;
    const char *title = snapshot->title ? snapshot->title : "", *data = data_name(snapshot);
    int least = columns_width(data) < LEAST_DATA ? columns_width(data) : LEAST_DATA;
    int room = end - NAMES;
    bool both = columns_width(title) + DATA_LABEL + least <= room;
    int column = put_short(ui, area, 0, NAMES, room, ROLE_HEADER, title);
    if (!both)
        return false;
    if (format_fits(ui, end, format))
        column = screen_put(ui->screen, area, 0, column + 2, ROLE_HEADER, format->data);
    column = screen_put(ui->screen, area, 0, column + 3, ROLE_HEADER, "data ");
    put_short(ui, area, 0, column, end - column, ROLE_HEADER, data);
    return true;
}

/* Behind the options in a second row: what had no room in the first. */
static void draw_rest(const struct ui *ui, const struct area *area, int column, int end,
                      const struct text *format, bool data) {
    int row = area->rows - 1;
    if (format->length > 0)
        column = put_short(ui, area, row, column + 3, end - column - 3, ROLE_HEADER, format->data);
    if (!data || end - column < DATA_LABEL + LEAST_DATA)
        return;
    column = screen_put(ui->screen, area, row, column + 3, ROLE_HEADER, "data ");
    put_short(ui, area, row, column, end - column, ROLE_HEADER, data_name(ui->snapshot));
}

static void draw_open(const struct ui *ui, const struct area *area) {
    struct text options = {0}, format = {0}, none = {0};
    int end = area->columns - HELP_COLUMNS - 2, row = area->rows - 1, column = NAMES;
    format_text(ui->snapshot, &format);
    if (row == 0) {
        fitting_options(ui, end - NAMES, &options);
        column = end - text_columns(&options);
        column = column < NAMES ? NAMES : column;
    } else
        options_text(ui, &wordings[0], &options);
    bool named = draw_names(ui, area, row == 0 ? column - 2 : end, &format);
    column = put_short(ui, area, row, column, end - column, ROLE_HEADER_NAME,
                       options.data ? options.data : "");
    if (row > 0)
        draw_rest(ui, area, column, end, named && format_fits(ui, end, &format) ? &none : &format,
                  !named);
    text_free(&options);
    text_free(&format);
}

bool header_has_help(const struct area *area, int row, int column) {
    return row == area->row && column >= area->column + area->columns - HELP_COLUMNS;
}

void header_draw(const struct ui *ui, const struct area *area) {
    screen_fill(ui->screen, area, ROLE_HEADER);
    screen_put(ui->screen, area, 0, 1, ROLE_HEADER_NAME, "lumpscope");
    screen_put(ui->screen, area, 0, area->columns - HELP_COLUMNS, ROLE_HEADER, "? help");
    if (ui->snapshot->model_path)
        draw_open(ui, area);
    else
        screen_format(ui->screen, area, 0, NAMES, ROLE_HEADER, "%s",
                      ui_is_opening(ui) ? "" : "no network open");
}
