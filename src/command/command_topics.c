/* What help says of each command beside its row: its group, its arguments, an example. */
#include "lumpscope/command.h"

#include <string.h>

const char *const command_group_titles[COMMAND_GROUP_COUNT] = {
#define GROUP(name, title) title,
    COMMAND_GROUP_TABLE(GROUP)
#undef GROUP
};

const struct command_topic command_topics[] = {
    {"eps", COMMAND_GROUP_EPSILON, "E: a number of at least 0", "eps 0.05"},
    {"budget", COMMAND_GROUP_EPSILON,
     "G: the size to stay below, in percent of the parameters, 0 to 100", "budget 30%"},
    {"loss", COMMAND_GROUP_EPSILON,
     "P: how much the test error may grow, in percent; needs data with targets", "loss 5%"},
    {"exact", COMMAND_GROUP_EPSILON, "", "exact"},
    {"next-event", COMMAND_GROUP_EPSILON, "N: how many merges to go on; 1 when left out",
     "next-event 5"},
    {"previous-event", COMMAND_GROUP_EPSILON, "N: how many merges to go back; 1 when left out",
     "previous-event"},
    {"first-event", COMMAND_GROUP_EPSILON, "", "first-event"},
    {"last-event", COMMAND_GROUP_EPSILON, "", "last-event"},
    {"slide", COMMAND_GROUP_EPSILON, "P: part of the slider's length, negative to the left",
     "slide -10%"},
    {"layer", COMMAND_GROUP_LOOKING, "N: a hidden layer, numbered from 1", "layer 2"},
    {"goto", COMMAND_GROUP_LOOKING, "N: a neuron, numbered from 0, of the chosen LAYER or another",
     "goto 3 12"},
    {"find", COMMAND_GROUP_LOOKING,
     "N and LAYER as goto; NAME: of an input or output, its beginning suffices (in: and out: "
     "choose "
     "the side); the same again finds the next strongest",
     "find S1"},
    {"sort", COMMAND_GROUP_LOOKING, "order: as they are numbered; size: the largest first",
     "sort size"},
    {"pane", COMMAND_GROUP_LOOKING, "NAME: layers, classes, inspector, plot or numbers",
     "pane inspector"},
    {"move", COMMAND_GROUP_LOOKING,
     "DIRECTION: left, right, up, down, page-up, page-down, top or bottom", "move down"},
    {"neuron", COMMAND_GROUP_LOOKING, "", "neuron next"},
    {"class", COMMAND_GROUP_LOOKING, "NUMBER: a class of the chosen layer, numbered from 0",
     "class 7"},
    {"enter", COMMAND_GROUP_LOOKING, "", "enter"},
    {"back", COMMAND_GROUP_LOOKING, "", "back"},
    {"view", COMMAND_GROUP_VIEWS, "", "view dendrogram"},
    {"row", COMMAND_GROUP_VIEWS,
     "N: a test row, numbered from 1; its inputs drive the trajectories", "row 17"},
    {"weights", COMMAND_GROUP_VIEWS, "", "weights sends"},
    {"plot", COMMAND_GROUP_VIEWS, "", "plot on"},
    {"zoom", COMMAND_GROUP_VIEWS, "", "zoom in"},
    {"theme", COMMAND_GROUP_VIEWS,
     "NAME: a theme, or the path of a theme file; without it a list opens", "theme light"},
    {"mouse", COMMAND_GROUP_VIEWS,
     "released, the mouse selects text as in every other program of the terminal", "mouse off"},
    {"redraw", COMMAND_GROUP_VIEWS, "", "redraw"},
    {"set", COMMAND_GROUP_OPTIONS,
     "OPTION and VALUE: as listed below; without VALUE it says what is set", "set relation joint"},
    {"cycle", COMMAND_GROUP_OPTIONS, "OPTION: one with a list of values", "cycle norm"},
    {"reset", COMMAND_GROUP_OPTIONS, "", "reset"},
    {"lock", COMMAND_GROUP_OPTIONS, "LAYER: a hidden layer from 1; the chosen one when left out",
     "lock 2"},
    {"undo", COMMAND_GROUP_HISTORY, "", "undo"},
    {"redo", COMMAND_GROUP_HISTORY, "", "redo"},
    {"mark", COMMAND_GROUP_HISTORY, "NAME: any word; the next free letter when left out",
     "mark small"},
    {"unmark", COMMAND_GROUP_HISTORY, "NAME: of a mark", "unmark small"},
    {"jump", COMMAND_GROUP_HISTORY, "NAME: of a mark; the newest when left out", "jump small"},
    {"resume", COMMAND_GROUP_WORK, "", "resume"},
    {"open", COMMAND_GROUP_WORK,
     "MODEL: a model file (.json, .safetensors, .onnx, .npz); DATA: a table of rows to measure the "
     "error on; OPTION VALUE: what the file does not say, as on the command line: activation "
     "NAME[,NAME...], layers NAME,..., block UP,DOWN",
     "open net.safetensors rows.csv activation relu"},
    {"sample", COMMAND_GROUP_WORK, "NAME: as the files in the directories of samples are called",
     "sample polymer"},
    {"data", COMMAND_GROUP_WORK,
     "FILE: a table with a column for every input and output; OPTION VALUE: how it is read, as on "
     "the "
     "command line (target, delimiter, header, drop, range, test-fraction, split-seed, split)",
     "data rows.csv test-fraction 0.5"},
    {"export", COMMAND_GROUP_WORK,
     "FILE: .csv, .json, .md or .svg, or the equations as .ode; WHAT: state (sizes, errors, "
     "classes), curve, dendrogram or classes (as .svg their distances); the curve for .svg and the "
     "state for the others when left out; LAYER: of dendrogram and classes; the chosen one when "
     "left out",
     "export tree.svg dendrogram 2"},
    {"export!", COMMAND_GROUP_WORK, "FILE, WHAT, LAYER: as above", "export! report.md"},
    {"write", COMMAND_GROUP_WORK,
     "FILE: where to, its suffix (.json, .safetensors, .onnx, .npz) is the format; a file that "
     "exists is refused. DTYPE: f64, f32, f16 or bf16, that of the file that was read when left "
     "out",
     "write small.json"},
    {"write!", COMMAND_GROUP_WORK, "FILE and DTYPE: as above", "write! small.safetensors f32"},
    {"sweep", COMMAND_GROUP_WORK, "POINTS: how many sizes to measure, 2 to 10000; 40 when left out",
     "sweep 80"},
    {"polish", COMMAND_GROUP_WORK,
     "N: iterations at most, 1 to 100000; 100 when left out. It is for the epsilon of the moment; "
     "set polish N polishes everywhere",
     "polish 200"},
    {"cancel", COMMAND_GROUP_WORK, "", "cancel"},
    {"show", COMMAND_GROUP_WORK, "", "show"},
    {"tour", COMMAND_GROUP_SCRIPTS, "LESSON: its name; help lessons lists them", "tour balance"},
    {"source", COMMAND_GROUP_SCRIPTS, "FILE: commands, one on a line; # begins a comment",
     "source steps.lumpscope"},
    {"record", COMMAND_GROUP_SCRIPTS,
     "FILE: where to, a file that exists is refused; off ends the recording",
     "record steps.lumpscope"},
    {"record!", COMMAND_GROUP_SCRIPTS, "FILE: where to", "record! steps.lumpscope"},
    {"say", COMMAND_GROUP_SCRIPTS, "TEXT: to the end of the line, without quotes",
     "say Look at the layers."},
    {"try", COMMAND_GROUP_SCRIPTS,
     "CONDITION: when it is done, such as grp<50, increase<=5, relation=backward&epsilon>0.1; "
     "TEXT: "
     "what to do",
     "try grp<50 Halve the network."},
    {"answer", COMMAND_GROUP_SCRIPTS,
     "COMMAND: one of those that do it, in the line behind the try", "answer budget 50%"},
    {"prompt", COMMAND_GROUP_PROGRAM, "COMMAND: what stands in the line already", "prompt eps"},
    {"help", COMMAND_GROUP_PROGRAM,
     "TOPIC: a command, an option, a pane, a view, keys, commands or options", "help budget"},
    {"bind", COMMAND_GROUP_PROGRAM,
     "KEY: a character, C-a to C-z, or a name such as Enter, Left, PgDn; PANE: only in that pane "
     "(overlay: in help and lists); COMMAND: a line of this list",
     "bind x lock"},
    {"unbind", COMMAND_GROUP_PROGRAM, "KEY and PANE: as bind takes them", "unbind classes Enter"},
    {"quit", COMMAND_GROUP_PROGRAM, "", "quit"},
};
const size_t command_topic_count = sizeof command_topics / sizeof *command_topics;

const struct command_topic *command_topic_find(const char *name) {
    for (size_t i = 0; i < command_topic_count; i++)
        if (!strcmp(command_topics[i].name, name))
            return &command_topics[i];
    return NULL;
}
