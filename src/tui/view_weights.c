/* The weights of a layer, rows and columns grouped by class. */
#include "tui/ui.h"

#include <stdio.h>

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    (void)ui, (void)columns;
    snprintf(out, size, "Weights");
}

static void draw(const struct ui *ui, const struct area *area) {
    char text[256];
    if (!ui_detail(ui, text, sizeof text))
        screen_put(ui->screen, area, 0, 1, ROLE_ESTIMATE, text);
}

const struct view view_weights = {
    .help = "The weights by class.", .detail = DETAIL_WEIGHTS, .title = title, .draw = draw};
