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

static void title_text(const struct snapshot *snapshot, struct text *out) {
    text_append(out, snapshot->title ? snapshot->title : "no network open");
    if (snapshot->model_path)
        text_format(out, "   data %s", snapshot->data_title ? snapshot->data_title : "none");
    if (out->data)
        text_make_visible(out->data);
}

void header_draw(const struct ui *ui, const struct area *area) {
    struct text title = {0}, relation = {0};
    char shown[512];
    screen_fill(ui->screen, area, ROLE_HEADER);
    int column = screen_put(ui->screen, area, 0, 1, ROLE_HEADER_NAME, "lumpscope") + 2;
    if (ui->snapshot->model_path)
        relation_text(ui, &relation);
    title_text(ui->snapshot, &title);
    if (!title.failed && !relation.failed) {
        const char *how = relation.data ? relation.data : "";
        int at = area->columns - columns_width(how) - 9;
        columns_shorten(shown, sizeof shown, title.data, at - column - 2,
                        screen_glyph(ui->screen, GLYPH_MARK_CUT));
        screen_put(ui->screen, area, 0, column, ROLE_HEADER, shown);
        screen_put(ui->screen, area, 0, at, ROLE_HEADER_NAME, how);
    }
    screen_put(ui->screen, area, 0, area->columns - 7, ROLE_HEADER, "? help");
    text_free(&title);
    text_free(&relation);
}
