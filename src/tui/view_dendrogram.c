/* Which neurons merge at which epsilon: the tree of all merges of the layer, cut at the current
 * epsilon. */
#include "tui/ui.h"

#include <stdio.h>

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    (void)ui, (void)columns;
    snprintf(out, size, "Dendrogram");
}

static void draw(const struct ui *ui, const struct area *area) {
    char text[256];
    if (!ui_detail(ui, text, sizeof text))
        screen_put(ui->screen, area, 0, 1, ROLE_ESTIMATE, text);
}

const struct view view_dendrogram = {.help = "The tree of all merges of the layer.",
                                     .detail = DETAIL_TREE,
                                     .title = title,
                                     .draw = draw};
