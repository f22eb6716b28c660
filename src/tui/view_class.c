#include "tui/view_class.h"

#include "tui/columns.h"
#include "tui/sheet.h"

#include <stdio.h>
#include <string.h>

const struct detail *class_detail(const struct ui *ui, const struct area *area) {
    char text[256];
    const struct detail *detail = ui_detail(ui, text, sizeof text);
    struct sheet sheet = {.screen = ui->screen, .area = area};
    if (!detail)
        sheet_wrap(&sheet, 1, 0, ROLE_ESTIMATE, text);
    return detail;
}

void class_title_work(const struct ui *ui, int columns, char *out, size_t size) {
    size_t length = strlen(out);
    if (ui->snapshot->detail_current || !ui->snapshot->detail)
        return;
    const char *dots = screen_glyph(ui->screen, GLYPH_ELLIPSIS);
    bool room = columns_width(out) + (int)sizeof " (working...)" <= columns;
    snprintf(out + length, size - length, room ? " (working%s)" : " %s", dots);
}

void class_step(struct ui *ui, int step) {
    size_t at = cells_find(&ui->cells, ui->neuron);
    if (at < ui->cells.count && at + (size_t)step < ui->cells.count)
        ui_choose_neuron(ui, ui->cells.items[at + (size_t)step].neuron);
}

void class_enter(struct ui *ui) {
    if (ui->layer > 0)
        ui->pane = PANE_INSPECTOR;
}
