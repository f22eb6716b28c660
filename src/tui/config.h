/* The user's settings: a file of commands, run before the first frame. */
#ifndef LUMPSCOPE_TUI_CONFIG_H
#define LUMPSCOPE_TUI_CONFIG_H

#include "tui/ui.h"

/* Runs the lines of options->config; "#" begins a comment line. A line that fails is said with file
 * and line number and stays in the status line until a key is pressed; the others still run. What
 * the command line asked for, and what a session holds that was taken up, wins over the file, also
 * over scripts that it plays; what nobody wants at every start is refused. No file, nothing
 * happens. */
void config_run(struct ui *ui);

#endif
