#include "program_command.h"

#include <string.h>

const struct program_option_description program_options[PROGRAM_OPTIONS] = {
    [PROGRAM_DATA] = {"data", 0, false, "FILE", "the data: CSV and its kin, .gz, .npy or .npz"},
    [PROGRAM_CALIBRATE_ON] = {"calibrate-on", 0, false, "FILE",
                              "calibrate on the first rows of this file (default: on training rows "
                              "of the data)"},
    [PROGRAM_OUTPUT] = {"output", 'o', false, "OUT", "the file to write"},
    [PROGRAM_DTYPE] = {"dtype", 0, false, TENSOR_FLOAT_NAMES,
                       "the type of the numbers that are written (default: as in the file that is "
                       "read)"},
    [PROGRAM_TENSORS] =
        {"tensors", 0, false, "",
         "also every tensor: type, shape, bytes, least, greatest and mean value, and "
         "how many are not finite"},
    [PROGRAM_EPS] = {"eps", 0, false, "E", "merge what is within E"},
    [PROGRAM_BUDGET] = {"budget", 0, false, "G",
                        "the largest network of at most G % of the parameters"},
    [PROGRAM_LOSS] = {"loss", 0, false, "P",
                      "the smallest network whose test error is at most P % above the original's "
                      "(classification: accuracy at most P points lower)"},
    [PROGRAM_EXACT] = {"exact", 0, false, "",
                       "the smallest network that moves no output by more than 1e-9 of its RMS"},
    [PROGRAM_METHODS] = {"methods", 0, false, "lump,magnitude,wanda,neuron,id",
                         "what is compared; lump, magnitude and wanda also with +polish (default "
                         "lump,magnitude,wanda)"},
    [PROGRAM_POINTS] = {"points", 0, false, "N",
                        "merge events, spread evenly in parameters (default 40)"},
    [PROGRAM_GRP] = {"grp", 0, false, "G,...",
                     "instead of points: every method at these sizes, percent of the parameters"},
    [PROGRAM_LAYERS] = {"layers", 0, false, "N[:ACTIVATION],...",
                        "the hidden layers, for instance 64:square,4:linear,64:square"},
    [PROGRAM_TASK] = {"task", 0, false, "auto|regression|classification",
                      "auto: a text target makes classification (default auto)"},
    [PROGRAM_EPOCHS] = {"epochs", 0, false, "N",
                        "passes over the training rows at most (default: by the size of the work, "
                        "about half a minute)"},
    [PROGRAM_BATCH] = {"batch", 0, false, "N", "rows of a minibatch (default 32)"},
    [PROGRAM_RATE] = {"rate", 0, false, "R", "Adam's step at its height (default 0.005)"},
    [PROGRAM_DECAY] = {"decay", 0, false, "D", "weight decay (default 0.01)"},
    [PROGRAM_ROWS] = {"rows", 0, false, "N", "rows (default 4000)"},
    [PROGRAM_SEED] = {"seed", 0, false, "S", "seed of everything random (default 1)"},
    [PROGRAM_TOUR] = {"tour", 0, false, "LESSON",
                      "opens the explorer with this lesson (:tour there lists them)"},
    [PROGRAM_THEME] = {"theme", 0, false, "THEME|FILE",
                       "colours: dark, light, mono or a theme file (default: as the terminal is)"},
    [PROGRAM_COLOR] = {"color", 0, false, "auto|always|never",
                       "auto honours NO_COLOR and the terminal (default auto)"},
    [PROGRAM_ASCII] = {"ascii", 0, false, "", "draw with ASCII alone"},
    [PROGRAM_MOUSE] = {"mouse", 0, false, "on|off",
                       "whether the mouse is listened to (default on)"},
    [PROGRAM_RESUME] = {"resume", 0, false, "",
                        "go on with the session of last time: MODEL's, or the newest"},
    [PROGRAM_FLOAT] = {"float", 0, false, "", "in single precision"},
    [PROGRAM_JSON] = {"json", 0, false, "", "one JSON document instead of text"},
    [PROGRAM_CSV] = {"csv", 0, false, "", "comma-separated values instead of text"},
    [PROGRAM_SVG] = {"svg", 0, false, "", "a picture: error (log) against size"},
    [PROGRAM_MARKDOWN] = {"markdown", 0, false, "", "a Markdown table"},
    [PROGRAM_SUITE] = {"suite", 0, false, "paper|quick",
                       "paper: 10 seeds of four systems, 30 of four public data sets; quick: about "
                       "ten minutes on two cores (default quick)"},
    [PROGRAM_DATA_DIR] = {"data-dir", 0, false, "DIR",
                          "where abalone/, metro/, hepc/ and protein/ are (without: the systems "
                          "alone)"},
    [PROGRAM_SEEDS] = {"seeds", 0, false, "N", "seeds of every data set, instead of the suite's"},
    [PROGRAM_JOBS] = {"jobs", 0, false, "N", "jobs side by side (default 1)"},
    [PROGRAM_SHARD] = {"shard", 0, false, "K/N",
                       "only every Nth job, from the Kth: one of N machines' part"},
    [PROGRAM_ABLATION] = {"ablation", 0, false, "",
                          "instead of the rivals: every relation, linkage, balance, scale and "
                          "refit against the default, on the quick suite"},
    [PROGRAM_WHAT] = {"what", 0, false, "state|curve|dendrogram|classes",
                      "state: sizes, errors and classes; curve: size against error; dendrogram: "
                      "what merges at which epsilon; classes: which neurons are one, as a picture "
                      "their distances (default: curve for .svg, else state)"},
    [PROGRAM_LAYER] = {"layer", 0, false, "L",
                       "one hidden layer of the dendrograms or classes (default: all)"},
    [PROGRAM_MAN] = {"man", 0, false, "",
                     "instead: the manual page's part about all commands and options, in scdoc's "
                     "markup"},
    [PROGRAM_HELP] = {"help", 'h', true, "", ""},
};

static const struct program_use open_uses[] = {
    {PROGRAM_DATA, false, NULL},   {PROGRAM_EPS, false, "begin at this epsilon (default 0)"},
    {PROGRAM_THEME, false, NULL},  {PROGRAM_COLOR, false, NULL},
    {PROGRAM_ASCII, false, NULL},  {PROGRAM_MOUSE, false, NULL},
    {PROGRAM_RESUME, false, NULL},
};
static const struct program_use json_uses[] = {{PROGRAM_JSON, false, NULL}};
static const struct program_use info_uses[] = {{PROGRAM_TENSORS, false, NULL},
                                               {PROGRAM_JSON, false, NULL}};
static const struct program_use convert_uses[] = {{PROGRAM_DTYPE, false, NULL},
                                                  {PROGRAM_JSON, false, NULL}};
static const struct program_use diff_uses[] = {
    {PROGRAM_DATA, false, "compare outputs and errors on its test rows as well"},
    {PROGRAM_JSON, false, NULL},
};
static const struct program_use evaluate_uses[] = {
    {PROGRAM_DATA, true, NULL},
    {PROGRAM_FLOAT, false, "also in single precision, and how far the outputs differ"},
    {PROGRAM_JSON, false, NULL},
};
static const struct program_use predict_uses[] = {
    {PROGRAM_DATA, true, NULL},
    {PROGRAM_OUTPUT, false, "the file to write (default: standard output)"},
    {PROGRAM_FLOAT, false, NULL},
    {PROGRAM_JSON, false, "one JSON document instead of comma-separated values"},
};
static const struct program_use partition_uses[] = {
    {PROGRAM_EPS, true, NULL},
    {PROGRAM_DATA, false, NULL},
    {PROGRAM_CALIBRATE_ON, false, NULL},
    {PROGRAM_JSON, false, NULL},
};
static const char model_output[] = "the model to write, .json, .safetensors, .onnx or .npz";
static const struct program_use compress_uses[] = {
    {PROGRAM_OUTPUT, true, model_output}, {PROGRAM_DTYPE, false, NULL},
    {PROGRAM_EPS, false, NULL},           {PROGRAM_BUDGET, false, NULL},
    {PROGRAM_LOSS, false, NULL},          {PROGRAM_EXACT, false, NULL},
    {PROGRAM_DATA, false, NULL},          {PROGRAM_CALIBRATE_ON, false, NULL},
    {PROGRAM_JSON, false, NULL},
};
static const struct program_use sweep_uses[] = {
    {PROGRAM_DATA, true, NULL},
    {PROGRAM_METHODS, false, NULL},
    {PROGRAM_POINTS, false, NULL},
    {PROGRAM_GRP, false, NULL},
    {PROGRAM_CALIBRATE_ON, false, NULL},
    {PROGRAM_OUTPUT, false,
     "the file to write, .json, .csv, .svg or .md (default: standard output)"},
    {PROGRAM_JSON, false, NULL},
    {PROGRAM_CSV, false, NULL},
    {PROGRAM_SVG, false, NULL},
    {PROGRAM_MARKDOWN, false, NULL},
};
static const struct program_use export_uses[] = {
    {PROGRAM_OUTPUT, true, "the file to write, .json, .csv, .svg or .md"},
    {PROGRAM_WHAT, false, NULL},
    {PROGRAM_LAYER, false, NULL},
    {PROGRAM_EPS, false, "what is within E has merged"},
    {PROGRAM_BUDGET, false, NULL},
    {PROGRAM_LOSS, false, NULL},
    {PROGRAM_EXACT, false, NULL},
    {PROGRAM_DATA, false, NULL},
    {PROGRAM_CALIBRATE_ON, false, NULL},
};
static const struct program_use train_uses[] = {
    {PROGRAM_DATA, true, NULL},           {PROGRAM_LAYERS, true, NULL},
    {PROGRAM_OUTPUT, true, model_output}, {PROGRAM_TASK, false, NULL},
    {PROGRAM_EPOCHS, false, NULL},        {PROGRAM_BATCH, false, NULL},
    {PROGRAM_RATE, false, NULL},          {PROGRAM_DECAY, false, NULL},
    {PROGRAM_SEED, false, NULL},          {PROGRAM_JSON, false, NULL},
};
static const struct program_use generate_uses[] = {
    {PROGRAM_OUTPUT, true, "the file to write, .csv"},
    {PROGRAM_ROWS, false, NULL},
    {PROGRAM_SEED, false, NULL},
};
static const struct program_use run_uses[] = {
    {PROGRAM_TOUR, false, NULL},  {PROGRAM_THEME, false, NULL}, {PROGRAM_COLOR, false, NULL},
    {PROGRAM_ASCII, false, NULL}, {PROGRAM_MOUSE, false, NULL},
};
static const struct program_use bench_uses[] = {
    {PROGRAM_SUITE, false, NULL},
    {PROGRAM_DATA_DIR, false, NULL},
    {PROGRAM_SEEDS, false, NULL},
    {PROGRAM_JOBS, false, NULL},
    {PROGRAM_SHARD, false, NULL},
    {PROGRAM_OUTPUT, false,
     "the directory of the results (default bench-SUITE; merge: where they are put together)"},
    {PROGRAM_ABLATION, false, NULL},
    {PROGRAM_JSON, false, NULL},
    {PROGRAM_CSV, false, NULL},
    {PROGRAM_SVG, false, NULL},
    {PROGRAM_MARKDOWN, false, NULL},
};
static const struct program_use encode_uses[] = {{PROGRAM_OUTPUT, true, "the file to write, .ode"}};
static const struct program_use help_uses[] = {{PROGRAM_MAN, false, NULL}};

#define USES(array) .uses = array, .use_count = sizeof(array) / sizeof *(array)

const struct program_command program_commands[] = {
    {.name = "open",
     .operand = "[MODEL]",
     .help = "the explorer; without MODEL the embedded sample",
     .more = "`open` may be left out unless MODEL is named like a command. What was open, the "
             "options, epsilon and the marks are saved while you work; the next start offers them.",
     .example = "lumpscope model.json --data data.csv",
     USES(open_uses),
     .model = true,
     .equivalence = true,
     .data = true,
     .run = program_run_open},
    {.name = "info",
     .operand = "MODEL",
     .help = "layers, shapes, activations, parameters, bytes",
     .more =
         "Of a checkpoint that holds a larger network it lists the pairs of layers that --block "
         "opens.",
     .example = "lumpscope info model.safetensors --tensors",
     USES(info_uses),
     .model = true,
     .run = program_run_info},
    {.name = "evaluate",
     .operand = "MODEL",
     .help = "the errors on the test rows",
     .example = "lumpscope evaluate model.json --data data.csv",
     USES(evaluate_uses),
     .model = true,
     .data = true,
     .run = program_run_evaluate},
    {.name = "predict",
     .operand = "MODEL",
     .help = "the outputs for every data row, in raw units",
     .more = "One line per data row, in the order of the file; empty where the row misses a value. "
             "Classification gives probabilities and a column `class`.",
     .example = "lumpscope predict model.json --data data.csv -o predictions.csv",
     USES(predict_uses),
     .model = true,
     .data = true,
     .run = program_run_predict},
    {.name = "partition",
     .operand = "MODEL",
     .help = "which neurons are equivalent within epsilon",
     .example = "lumpscope partition model.json --eps 0.05 --data data.csv",
     USES(partition_uses),
     .model = true,
     .equivalence = true,
     .data = true,
     .run = program_run_partition},
    {.name = "compress",
     .operand = "MODEL",
     .help = "writes the smaller network",
     .more = "The epsilon it prints is the merge event itself: --eps with it gives the same "
             "network.",
     .example = "lumpscope compress model.json -o small.json --budget 30 --data data.csv",
     USES(compress_uses),
     .model = true,
     .equivalence = true,
     .data = true,
     .one_of = PROGRAM_BIT(PROGRAM_EPS) | PROGRAM_BIT(PROGRAM_BUDGET) | PROGRAM_BIT(PROGRAM_LOSS) |
               PROGRAM_BIT(PROGRAM_EXACT),
     .run = program_run_compress},
    {.name = "convert",
     .operand = "IN OUT",
     .help = "writes a network in another format or type of numbers",
     .more = "The format is OUT's suffix: .json, .safetensors, .onnx or .npz. It says what is lost "
             "where the type has fewer digits. --json: input, output, format, dtype, bytes, "
             "original_format, original_dtype, original_bytes, and rounding: the largest relative "
             "change of a weight or bias.",
     .example = "lumpscope convert model.onnx model.safetensors --dtype f32",
     USES(convert_uses),
     .model = true,
     .run = program_run_convert},
    {.name = "diff",
     .operand = "A B",
     .help = "compares two networks, layer by layer and on data",
     .more =
         "Differences are B's from A; relative ones are of the larger of both. The exit status is "
         "0 however different they are. --json: identical; a and b with path, format, dtype, "
         "parameters, bytes; layers, each with layer, a and b (inputs, neurons, activation; null "
         "where there is no such layer), weights and bias (count, differing, largest, "
         "largest_relative; null where the shapes differ) and merged (classes, single, dead; null "
         "unless B says that it was made from A's layer); data (null without) with rows, largest, "
         "rms, outputs (name, largest, rms) and the metrics of a and b (null without targets).",
     .example = "lumpscope diff model.json small.json --data data.csv",
     USES(diff_uses),
     .model = true,
     .data = true,
     .run = program_run_diff},
    {.name = "sweep",
     .operand = "MODEL",
     .help = "size against error, for lumping and for pruning",
     .example = "lumpscope sweep model.json --data data.csv --grp 75,50,30",
     USES(sweep_uses),
     .model = true,
     .equivalence = true,
     .data = true,
     .exclusive = {PROGRAM_BIT(PROGRAM_POINTS) | PROGRAM_BIT(PROGRAM_GRP),
                   PROGRAM_BIT(PROGRAM_JSON) | PROGRAM_BIT(PROGRAM_CSV) | PROGRAM_BIT(PROGRAM_SVG) |
                       PROGRAM_BIT(PROGRAM_MARKDOWN)},
     .run = program_run_sweep},
    {.name = "export",
     .operand = "MODEL",
     .help = "a report: sizes, classes, dendrograms, curve",
     .more = "The state at the epsilon that is chosen, for a spreadsheet, a program, a notebook or "
             "as a picture. The curve holds every epsilon and needs none; it needs data.",
     .example = "lumpscope export model.json -o report.md --budget 30 --data data.csv",
     USES(export_uses),
     .model = true,
     .equivalence = true,
     .data = true,
     .exclusive = {PROGRAM_BIT(PROGRAM_EPS) | PROGRAM_BIT(PROGRAM_BUDGET) |
                   PROGRAM_BIT(PROGRAM_LOSS) | PROGRAM_BIT(PROGRAM_EXACT)},
     .run = program_run_export},
    {.name = "bench",
     .operand = "[merge DIR...]",
     .help = "the paper's evaluation: every method on every data set",
     .more =
         "Trains networks, makes them smaller in every way to 90, 75, 60, 50, 40, 30, 20 and 10 "
         "% of their parameters, and prints mean test errors with 95 % confidence intervals and "
         "the scores. Every job's result is a file: a run that was stopped goes on where it "
         "was. `merge` puts the directories of several machines together.",
     .example = "lumpscope bench --suite quick --data-dir data --jobs 2",
     USES(bench_uses),
     .exclusive = {PROGRAM_BIT(PROGRAM_SUITE) | PROGRAM_BIT(PROGRAM_ABLATION),
                   PROGRAM_BIT(PROGRAM_JSON) | PROGRAM_BIT(PROGRAM_CSV) | PROGRAM_BIT(PROGRAM_SVG) |
                       PROGRAM_BIT(PROGRAM_MARKDOWN)},
     .run = program_run_bench},
    {.name = "train",
     .help = "trains a network on data",
     .more = "Adam with minibatches; the output layer is linear, or softmax for classification. "
             "The model that is written knows how its data is read.",
     .example = "lumpscope train --data data.csv --layers 64:relu,64:relu -o model.json",
     USES(train_uses),
     .data = true,
     .run = program_run_train},
    {.name = "generate",
     .operand = "rn|htree|polymer|glycolysis",
     .help = "data of a dynamical system with known structure",
     .more = "Columns are the variables, then their derivatives as d_NAME.",
     .example = "lumpscope generate glycolysis --rows 8000 -o glycolysis.csv",
     USES(generate_uses),
     .systems = true,
     .run = program_run_generate},
    {.name = "encode",
     .operand = "MODEL",
     .help = "the network as polynomial ODE, in ERODE's format",
     .example = "lumpscope encode model.json -o model.ode",
     USES(encode_uses),
     .model = true,
     .run = program_run_encode},
    {.name = "run",
     .operand = "[SCRIPT]",
     .help = "plays a script of the explorer's commands, no terminal needed",
     .more =
         "One command per line, as typed behind the explorer's colon; # begins a comment. `say` "
         "prints its text, `show` the state in a line. The first error ends it. The lessons "
         "are such scripts; with --tour one is shown in the explorer instead.",
     .example = "lumpscope run script.lumpscope",
     USES(run_uses),
     .run = program_run_run},
    {.name = "paths",
     .help = "where files are looked for, and which exist",
     .example = "lumpscope paths",
     USES(json_uses),
     .run = program_run_paths},
    {.name = "completion",
     .operand = "bash|zsh|fish|lessons|themes",
     .help = "the script that completes this command line in a shell",
     .more = "Installing the program installs the scripts. lessons and themes are the names that "
             "the scripts ask for, one on a line.",
     .example = "lumpscope completion bash > lumpscope.bash && source lumpscope.bash",
     .run = program_run_completion},
    {.name = "help",
     .operand = "[COMMAND]",
     .help = "this overview, or all options of a command",
     .example = "lumpscope help compress",
     USES(help_uses),
     .run = program_run_help},
};
const size_t program_command_count = sizeof program_commands / sizeof *program_commands;

const struct program_command *program_command_find(const char *name) {
    for (size_t k = 0; k < program_command_count; k++)
        if (strcmp(program_commands[k].name, name) == 0)
            return &program_commands[k];
    return NULL;
}

const struct program_command *program_command_default(void) {
    return &program_commands[0];
}

static struct program_entry own_entry(const struct program_use *use) {
    const struct program_option_description *option = &program_options[use->option];
    return (struct program_entry){.group = GROUP_OWN,
                                  .id = (int)use->option,
                                  .name = option->name,
                                  .letter = option->letter,
                                  .values = option->values,
                                  .help = use->help ? use->help : option->help,
                                  .required = use->required,
                                  .hidden = option->hidden};
}

static struct program_entry table_entry(enum program_group group, size_t id,
                                        const struct option_description *option) {
    return (struct program_entry){.group = group,
                                  .id = (int)id,
                                  .name = option->name,
                                  .values = option->values,
                                  .help = option->help};
}

static struct program_entry system_entry(size_t id) {
    const struct system_option_description *option = &system_options[id];
    return (struct program_entry){.group = GROUP_SYSTEM,
                                  .id = (int)id,
                                  .name = option->name,
                                  .values = option->values ? option->values : "",
                                  .help = option->help};
}

bool program_entry_at(const struct program_command *command, size_t index,
                      struct program_entry *entry) {
    static const struct program_use help = {PROGRAM_HELP, false, NULL};
    size_t counts[PROGRAM_GROUPS] = {
        [GROUP_OWN] = command->use_count,
        [GROUP_MODEL] = command->model ? MODEL_OPTION_COUNT : 0,
        [GROUP_SYSTEM] = command->systems ? SYSTEM_OPTIONS : 0,
        [GROUP_EQUIVALENCE] = command->equivalence ? OPTION_COUNT : 0,
        [GROUP_DATA] = command->data ? DATA_OPTION_COUNT : 0,
    };
    size_t group = 0;
    while (group < PROGRAM_GROUPS && index >= counts[group])
        index -= counts[group++];
    if (group == GROUP_OWN)
        *entry = own_entry(&command->uses[index]);
    else if (group == GROUP_MODEL)
        *entry = table_entry(GROUP_MODEL, index, &model_option_descriptions[index]);
    else if (group == GROUP_EQUIVALENCE)
        *entry = table_entry(GROUP_EQUIVALENCE, index, &option_descriptions[index]);
    else if (group == GROUP_DATA)
        *entry = table_entry(GROUP_DATA, index, &data_option_descriptions[index]);
    else if (group == GROUP_SYSTEM)
        *entry = system_entry(index);
    else
        *entry = own_entry(&help);
    return group < PROGRAM_GROUPS || index == 0;
}
