/* A class over time in the original network and in the reduced one. */
#include "tui/ui.h"

#include <stdio.h>

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    (void)ui, (void)columns;
    snprintf(out, size, "Trajectories");
}

static void draw(const struct ui *ui, const struct area *area) {
    char text[256];
    if (!ui_detail(ui, text, sizeof text))
        screen_put(ui->screen, area, 0, 1, ROLE_ESTIMATE, text);
}

const struct view view_trajectories = {
    .help = "The class over time.", .detail = DETAIL_TRAJECTORY, .title = title, .draw = draw};
