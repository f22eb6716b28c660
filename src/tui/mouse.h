/* The mouse: whatever it does is a command, so that it can be recorded and played back. */
#ifndef LUMPSCOPE_TUI_MOUSE_H
#define LUMPSCOPE_TUI_MOUSE_H

#include "tui/ui.h"

/* The wheel moves, or steps on the slider; a press moves the slider's knob, which follows until the
 * release, or goes to a pane and what is at that place of it. */
void mouse_handle(struct ui *ui, const struct input *input);
/* The knob is let go: no release will come when the mouse itself is released. */
void mouse_drop(struct ui *ui);

#endif
