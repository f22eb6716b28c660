/* What the views of one class share: equations and trajectories. */
#ifndef LUMPSCOPE_TUI_VIEW_CLASS_H
#define LUMPSCOPE_TUI_VIEW_CLASS_H

#include "tui/ui.h"

/* The detail, or NULL after a sentence was drawn that says why there is none. */
const struct detail *class_detail(const struct ui *ui, const struct area *area);
/* The cursor to the next (previous) neuron in the order of the classes. */
void class_step(struct ui *ui, int step);

#endif
