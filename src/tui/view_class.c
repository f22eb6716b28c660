#include "tui/view_class.h"

#include "tui/sheet.h"

const struct detail *class_detail(const struct ui *ui, const struct area *area) {
    char text[256];
    const struct detail *detail = ui_detail(ui, text, sizeof text);
    struct sheet sheet = {.screen = ui->screen, .area = area};
    if (!detail)
        sheet_wrap(&sheet, 1, 0, ROLE_ESTIMATE, text);
    return detail;
}

void class_step(struct ui *ui, int step) {
    size_t at = cells_find(&ui->cells, ui->neuron);
    if (at < ui->cells.count)
        ui_choose_neuron(ui, ui->cells.items[cells_step(&ui->cells, at, step)].neuron);
}
