/* Internal: what the commands of the explorer do, by the table of explorer_commands.c. */
#ifndef LUMPSCOPE_COMMAND_HANDLERS_H
#define LUMPSCOPE_COMMAND_HANDLERS_H

#include "lumpscope/command.h"

#define HANDLER(name)                                                                              \
    enum command_outcome name(struct command_context *context, size_t count,                       \
                              const char *const *arguments, struct error *error)

/* The same, run only when `check` finds everything there that it needs. */
#define HANDLER_WHEN(check, name)                                                                  \
    static HANDLER(name##_checked);                                                                \
    HANDLER(name) {                                                                                \
        return check(context, error) ? name##_checked(context, count, arguments, error)            \
                                     : COMMAND_FAILED;                                             \
    }                                                                                              \
    static HANDLER(name##_checked)

/* For handlers that do without some of what they are given. */
static inline void handler_unused(const void *context, size_t count, const void *arguments,
                                  const void *error) {
    (void)context, (void)count, (void)arguments, (void)error;
}
#define UNUSED() handler_unused(context, count, arguments, error)

/* The status line; nothing in scripts. */
void handler_say(struct command_context *context, const char *sentence);
/* The status line; in scripts the line is printed. */
void handler_tell(struct command_context *context, const char *sentence);
/* Sets a usage error; COMMAND_FAILED. */
enum command_outcome handler_fail(struct error *error, const char *sentence);
/* There is no such file yet; else a sentence that names the command that writes over it. */
bool handler_check_new(const char *path, const char *command, struct error *error);
/* A file, where there is a screen: standard output is drawn on, and the explorer waits for no
 * reader of a pipe. */
bool handler_check_file(const struct command_context *context, const char *path,
                        struct error *error);
/* After the first analysis was stopped or failed there is nothing to move along and to measure. */
bool check_analysed(struct command_context *context, struct error *error);
/* Errors can be measured, as far as that is known. */
bool check_judged(struct command_context *context, struct error *error);

/* What is recorded of the command: lines that lead to where the session is then. */
void handler_note_state(struct command_context *context);

/* The chosen hidden layer, on the screen or where a script has chosen it; 0: there is none. */
size_t handler_layer(const struct command_context *context);

HANDLER(run_open);
HANDLER(run_sample);
HANDLER(run_data);
HANDLER(run_set);
HANDLER(run_eps);
HANDLER(run_budget);
HANDLER(run_loss);
HANDLER(run_exact);
HANDLER(run_write);
HANDLER(run_replace);
HANDLER(run_export);
HANDLER(run_export_over);
HANDLER(run_sweep);
HANDLER(run_polish);
HANDLER(run_cancel);
HANDLER(run_lock);
HANDLER(run_layer);
HANDLER(run_pane);
HANDLER(run_theme);
HANDLER(run_mouse);
HANDLER(run_help);
HANDLER(run_quit);
HANDLER(run_next_event);
HANDLER(run_previous_event);
HANDLER(run_first_event);
HANDLER(run_last_event);
HANDLER(run_slide);
HANDLER(run_cycle);
HANDLER(run_reset);
HANDLER(run_back);
HANDLER(run_move);
HANDLER(run_neuron);
HANDLER(run_class);
HANDLER(run_row);
HANDLER(run_enter);
HANDLER(run_zoom);
HANDLER(run_view);
HANDLER(run_weights);
HANDLER(run_plot);
HANDLER(run_undo);
HANDLER(run_redo);
HANDLER(run_mark);
HANDLER(run_unmark);
HANDLER(run_jump);
HANDLER(run_source);
HANDLER(run_record);
HANDLER(run_record_over);
HANDLER(run_say);
HANDLER(run_try);
HANDLER(run_answer);
HANDLER(run_tour);
HANDLER(run_show);
HANDLER(run_resume);
HANDLER(run_redraw);
HANDLER(run_prompt);
HANDLER(run_goto);
HANDLER(run_find);
HANDLER(run_sort);
HANDLER(run_bind);
HANDLER(run_unbind);

#endif
