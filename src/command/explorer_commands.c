/* The table of the explorer's commands. */
#include "command/handlers.h"

#include "lumpscope/file.h"
#include "lumpscope/player.h"

#include <stdio.h>
#include <string.h>

void handler_say(struct command_context *context, const char *sentence) {
    if (context->ui)
        context->ui->say(context->user, sentence);
}

void handler_tell(struct command_context *context, const char *sentence) {
    if (context->ui)
        context->ui->say(context->user, sentence);
    else if (context->player)
        player_print(context->player, sentence);
}

size_t handler_layer(const struct command_context *context) {
    if (context->ui)
        return context->ui->layer(context->user);
    return context->player ? player_place(context->player)->layer : 0;
}

enum command_outcome handler_fail(struct error *error, const char *sentence) {
    error_set(error, ERROR_USAGE, "%s", sentence);
    return COMMAND_FAILED;
}

bool handler_check_new(const char *path, const char *command, struct error *error) {
    return !file_exists(path) ||
           error_set(error, ERROR_USAGE, "%s: exists; %s FILE replaces it", path, command);
}

bool handler_check_file(const struct command_context *context, const char *path,
                        struct error *error) {
    return !context->ui || !file_is_stream(path) ||
           error_set(error, ERROR_REQUEST, "%s: not a file; choose the name of one", path);
}

bool check_analysed(struct command_context *context, struct error *error) {
    struct snapshot *snapshot = session_latest(context->session);
    bool stopped = snapshot->network && !snapshot->analysed && snapshot->work == WORK_IDLE;
    snapshot_release(snapshot);
    return !stopped || error_set(error, ERROR_USAGE,
                                 "not analysed: press r or :set OPTION VALUE to start again");
}

bool check_judged(struct command_context *context, struct error *error) {
    struct snapshot *snapshot = session_latest(context->session);
    bool lacks = snapshot_lacks_targets(snapshot);
    snapshot_release(snapshot);
    if (lacks)
        return error_set(error, ERROR_USAGE,
                         "the data has no target columns, so that no error can be measured: "
                         ":data FILE opens data with a column for every output");
    return check_analysed(context, error);
}

bool command_option_value(enum option_id option, size_t index, char *out) {
    const char *values = option_descriptions[option].values;
    if (!values || !strchr(values, '|'))
        return false;
    for (; index > 0; index--) {
        values = strchr(values, '|');
        if (!values)
            return false;
        values++;
    }
    snprintf(out, 32, "%.*s", (int)strcspn(values, "|"), values);
    return true;
}

const char command_all_layers[] = "all";

const struct explorer_command explorer_commands[] = {
    {"open", "MODEL [DATA] [OPTION...]", "open a network, with data if given", COMPLETE_MODEL, 1,
     2 + 2 * MODEL_OPTION_COUNT, true, run_open},
    {"sample", "NAME", "open a network that comes along, with its data", COMPLETE_SAMPLE, 1, 1,
     true, run_sample},
    {"data", "FILE [OPTION...]", "load data for the open network", COMPLETE_DATA, 1,
     1 + 2 * DATA_OPTION_COUNT, true, run_data},
    {"set", "OPTION VALUE", "set an equivalence option", COMPLETE_OPTION, 1, 2, true, run_set},
    {"eps", "E", "set epsilon", COMPLETE_NOTHING, 1, 1, true, run_eps},
    {"budget", "G%", "best network within G % of the parameters", COMPLETE_NOTHING, 1, 1, true,
     run_budget},
    {"loss", "P%", "smallest network whose test error grows by at most P %", COMPLETE_NOTHING, 1, 1,
     true, run_loss},
    {"exact", "", "largest epsilon that changes no output", COMPLETE_NOTHING, 0, 0, true,
     run_exact},
    {"write", "FILE [DTYPE]", "write the reduced network", COMPLETE_WRITE, 1, 2, true, run_write},
    {"write!", "FILE [DTYPE]", "the same, over a file that exists", COMPLETE_WRITE, 1, 2, true,
     run_replace},
    {"export", "FILE [WHAT] [LAYER|all]",
     "write a report (.csv .json .md), a picture (.svg) or the equations (.ode)", COMPLETE_REPORT,
     1, 3, true, run_export},
    {"export!", "FILE [WHAT] [LAYER|all]", "the same, over a file that exists", COMPLETE_REPORT, 1,
     3, true, run_export_over},
    {"sweep", "[POINTS]", "measure size against error in the background", COMPLETE_NOTHING, 0, 1,
     true, run_sweep},
    {"polish", "[N]", "fit all weights to the original once more, and show what it brings",
     COMPLETE_NOTHING, 0, 1, true, run_polish},
    {"cancel", "", "stop the work that is running, keep what is done", COMPLETE_NOTHING, 0, 0, true,
     run_cancel},
    {"lock", "[LAYER]", "leave a layer as it is, or let it merge again", COMPLETE_LAYER, 0, 1, true,
     run_lock},
    {"layer", "N|up|down", "choose a hidden layer", COMPLETE_LAYER, 1, 1, true, run_layer},
    {"pane", "NAME|next|previous", "go to a pane", COMPLETE_PANE, 1, 1, true, run_pane},
    {"theme", "[NAME]", "change the colours; without a name from a list", COMPLETE_THEME, 0, 1,
     true, run_theme},
    {"mouse", "[on|off]", "take or release the mouse", COMPLETE_WORD, 0, 1, true, run_mouse},
    {"help", "[TOPIC]", "keys and commands, or one of them", COMPLETE_TOPIC, 0, 1, true, run_help},
    {"bind", "[PANE] KEY COMMAND...", "give a key another command", COMPLETE_BIND, 2,
     COMMAND_MAX_WORDS - 1, true, run_bind},
    {"unbind", "[PANE] KEY", "let a key do nothing", COMPLETE_BIND, 1, 2, true, run_unbind},
    {"quit", "", "leave the explorer", COMPLETE_NOTHING, 0, 0, true, run_quit},
    {"next-event", "[N]", "epsilon to the next merge event", COMPLETE_NOTHING, 0, 1, false,
     run_next_event},
    {"previous-event", "[N]", "epsilon to the previous merge event", COMPLETE_NOTHING, 0, 1, false,
     run_previous_event},
    {"first-event", "", "epsilon to 0", COMPLETE_NOTHING, 0, 0, false, run_first_event},
    {"last-event", "", "epsilon to the last merge event", COMPLETE_NOTHING, 0, 0, false,
     run_last_event},
    {"slide", "P%", "epsilon by a part of the slider", COMPLETE_NOTHING, 1, 1, false, run_slide},
    {"cycle", "OPTION", "next value of an option", COMPLETE_OPTION, 1, 1, false, run_cycle},
    {"back", "", "stop work, close help, or leave the pane", COMPLETE_NOTHING, 0, 0, false,
     run_back},
    {"reset", "", "every option as usual", COMPLETE_NOTHING, 0, 0, false, run_reset},
    {"move", "DIRECTION", "move in the current pane", COMPLETE_NOTHING, 1, 1, false, run_move},
    {"neuron", "next|previous", "move the cursor by a neuron", COMPLETE_WORD, 1, 1, false,
     run_neuron},
    {"row", "N|next|previous", "choose the test row that drives the trajectories", COMPLETE_WORD, 1,
     1, true, run_row},
    {"class", "NUMBER|next|previous", "the cursor to a class of the layer", COMPLETE_CLASS, 1, 1,
     true, run_class},
    {"enter", "", "open what is under the cursor", COMPLETE_NOTHING, 0, 0, false, run_enter},
    {"zoom", "in|out", "larger or smaller cells", COMPLETE_WORD, 1, 1, false, run_zoom},
    {"view", "classes|dendrogram|equations|trajectories|weights|next|previous",
     "what the middle pane shows", COMPLETE_WORD, 1, 1, true, run_view},
    {"weights", "reads|sends", "the weight matrix: what the layer reads, or what it sends",
     COMPLETE_WORD, 1, 1, true, run_weights},
    {"plot", "[on|off]", "the plot over the whole screen, or back", COMPLETE_WORD, 0, 1, true,
     run_plot},
    {"undo", "", "take the last change back", COMPLETE_NOTHING, 0, 0, true, run_undo},
    {"redo", "", "do again what was taken back", COMPLETE_NOTHING, 0, 0, true, run_redo},
    {"mark", "[NAME]", "mark where epsilon is, with the options", COMPLETE_NOTHING, 0, 1, true,
     run_mark},
    {"unmark", "NAME", "forget a mark", COMPLETE_MARK, 1, 1, true, run_unmark},
    {"jump", "[NAME]", "back to a mark; without a name the newest", COMPLETE_MARK, 0, 1, true,
     run_jump},
    {"source", "FILE", "play a script of commands", COMPLETE_FILE, 1, 1, true, run_source},
    {"record", "FILE|off", "write the commands you give to a file", COMPLETE_FILE, 1, 1, true,
     run_record},
    {"record!", "FILE", "the same, over a file that exists", COMPLETE_FILE, 1, 1, true,
     run_record_over},
    {"say", "TEXT...", "tell the reader of a script something", COMPLETE_NOTHING, 1, 1, true,
     run_say},
    {"try", "CONDITION TEXT...", "give the reader of a script something to do", COMPLETE_NOTHING, 2,
     2, true, run_try},
    {"answer", "COMMAND...", "what does it, shown on request", COMPLETE_COMMAND, 1, 1, true,
     run_answer},
    {"tour", "[LESSON]", "start a lesson; without a name: which there are", COMPLETE_LESSON, 0, 1,
     true, run_tour},
    {"show", "", "say epsilon, size and error in one line", COMPLETE_NOTHING, 0, 0, true, run_show},
    {"resume", "", "go on with the session of last time", COMPLETE_NOTHING, 0, 0, true, run_resume},
    {"redraw", "", "draw the screen again", COMPLETE_NOTHING, 0, 0, false, run_redraw},
    {"goto", "N|LAYER N", "choose a neuron of the layer, or of another", COMPLETE_NOTHING, 1, 2,
     true, run_goto},
    {"find", "[N|LAYER N|NAME]", "a neuron by number, or the strongest for an input or output",
     COMPLETE_NAME, 0, 8, true, run_find},
    {"sort", "[order|size]", "the inspector's weights and distances, largest first or in order",
     COMPLETE_WORD, 0, 1, true, run_sort},
    {"prompt", "[COMMAND]", "open the command line", COMPLETE_COMMAND, 0, 1, false, run_prompt},
};
const size_t explorer_command_count = sizeof explorer_commands / sizeof *explorer_commands;

/* Commands that are not here can stand in the settings as they are. `back` and `cancel` stop what
 * is on its way. */
static const struct {
    const char *name;
    unsigned touches;
} touching[] = {
    {"open", HOLD_FILES},
    {"sample", HOLD_FILES},
    {"data", HOLD_FILES},
    {"resume", HOLD_FILES},
    {"set", HOLD_OPTIONS},
    {"cycle", HOLD_OPTIONS},
    {"lock", HOLD_OPTIONS},
    {"reset", HOLD_OPTIONS},
    {"mark", HOLD_OPTIONS},
    {"unmark", HOLD_OPTIONS},
    {"jump", HOLD_OPTIONS | HOLD_EPSILON},
    {"undo", HOLD_OPTIONS | HOLD_EPSILON},
    {"redo", HOLD_OPTIONS | HOLD_EPSILON},
    {"cancel", HOLD_OPTIONS | HOLD_EPSILON},
    {"back", HOLD_OPTIONS | HOLD_EPSILON},
    {"eps", HOLD_EPSILON},
    {"budget", HOLD_EPSILON},
    {"loss", HOLD_EPSILON},
    {"exact", HOLD_EPSILON},
    {"next-event", HOLD_EPSILON},
    {"previous-event", HOLD_EPSILON},
    {"first-event", HOLD_EPSILON},
    {"last-event", HOLD_EPSILON},
    {"slide", HOLD_EPSILON},
    {"theme", HOLD_THEME},
    {"mouse", HOLD_MOUSE},
    {"source", HOLD_SCRIPT},
    {"tour", HOLD_START},
    {"write", HOLD_START},
    {"write!", HOLD_START},
    {"export", HOLD_START},
    {"export!", HOLD_START},
    {"record", HOLD_START},
    {"record!", HOLD_START},
    {"quit", HOLD_START},
};

unsigned command_touches(const struct explorer_command *command) {
    for (size_t i = 0; i < sizeof touching / sizeof *touching; i++)
        if (!strcmp(touching[i].name, command->name))
            return touching[i].touches;
    return 0;
}
