/* Why a class is one: the coefficients that are compared, member beside member. */
#include "tui/ui.h"

#include <stdio.h>

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    (void)ui, (void)columns;
    snprintf(out, size, "Equations");
}

static void draw(const struct ui *ui, const struct area *area) {
    char text[256];
    if (!ui_detail(ui, text, sizeof text))
        screen_put(ui->screen, area, 0, 1, ROLE_ESTIMATE, text);
}

const struct view view_equations = {
    .help = "Why the class is one.", .detail = DETAIL_EXPLANATION, .title = title, .draw = draw};
