/* The first line: what is open and how it is compared. */
#include "tui/ui.h"

#include "lumpscope/text.h"
#include "tui/columns.h"

#include <stdio.h>
#include <string.h>

/* "joint·complete·refit"; options that do not apply are left out. */
static void relation_text(const struct ui *ui, struct text *out) {
    const struct options *options = &ui->snapshot->options;
    const char *dot = screen_glyph(ui->screen, GLYPH_DOT);
    text_format(out, "%s%s%s", relation_name(options->relation), dot,
                linkage_name(options->linkage));
    if (options->relation != RELATION_JOINT) {
        text_format(out, "%s%s%s%s", dot, norm_name(options->norm), dot,
                    scale_name(options->scale));
        if (options->balance)
            text_format(out, "%sbalance", dot);
    }
    if (options->refit)
        text_format(out, "%srefit", dot);
    if (ui->snapshot->sufficient_only)
        text_append(out, " (sufficient condition)");
}

/* A name from a file, safe to show and shortened in the middle; returns the column after it. */
static int put_name(const struct ui *ui, const struct area *area, int column, int columns,
                    const char *name) {
    char safe[512], shown[512];
    snprintf(safe, sizeof safe, "%s", name);
    text_make_visible(safe);
    columns_shorten(shown, sizeof shown, safe, columns, screen_glyph(ui->screen, GLYPH_MARK_CUT));
    return screen_put(ui->screen, area, 0, column, ROLE_HEADER, shown);
}

/* The data's name is shortened first, and left out before the network's is. */
static void draw_names(const struct ui *ui, const struct area *area, int column, int end) {
    const struct snapshot *snapshot = ui->snapshot;
    const char *title = snapshot->title ? snapshot->title : "";
    const char *data = snapshot->data_title ? snapshot->data_title : "none";
    int least = columns_width(data) < 10 ? columns_width(data) : 10;
    int room = end - column - 2;
    bool both = columns_width(title) + 8 + least <= room;
    column = put_name(ui, area, column, room, title);
    if (!both)
        return;
    column = screen_put(ui->screen, area, 0, column + 3, ROLE_HEADER, "data ");
    put_name(ui, area, column, end - column - 2, data);
}

void header_draw(const struct ui *ui, const struct area *area) {
    struct text relation = {0};
    screen_fill(ui->screen, area, ROLE_HEADER);
    int column = screen_put(ui->screen, area, 0, 1, ROLE_HEADER_NAME, "lumpscope") + 2;
    int end = area->columns - 7;
    screen_put(ui->screen, area, 0, end, ROLE_HEADER, "? help");
    if (ui->snapshot->model_path) {
        relation_text(ui, &relation);
        const char *how = relation.data ? relation.data : "";
        end -= columns_width(how) + 2;
        screen_put(ui->screen, area, 0, end, ROLE_HEADER_NAME, how);
        draw_names(ui, area, column, end);
    } else
        screen_put(ui->screen, area, 0, column, ROLE_HEADER, "no network open");
    text_free(&relation);
}
