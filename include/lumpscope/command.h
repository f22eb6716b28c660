/* What a user can tell the explorer, as one table: keys, the command line, scripts and help all
 * come from it. Nothing here knows a terminal; what touches the screen goes through command_ui. */
#ifndef LUMPSCOPE_COMMAND_H
#define LUMPSCOPE_COMMAND_H

#include "lumpscope/session.h"

enum command_outcome {
    COMMAND_DONE,   /* a snapshot will show what comes of it */
    COMMAND_REDRAW, /* the screen itself changed */
    COMMAND_QUIT,
    COMMAND_FAILED, /* the error says why */
};

/* What the arguments of a command are completed with. */
enum command_completion {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_MODEL,  /* files, then a model's options and their values */
    COMPLETE_DATA,   /* a file, then the options of reading it and their values */
    COMPLETE_WRITE,  /* a file, then a type of numbers */
    COMPLETE_OPTION, /* an option's name, then its values */
    COMPLETE_THEME,
    COMPLETE_PANE,
    COMPLETE_COMMAND,
    COMPLETE_WORD,   /* the small words of `arguments` ("[on|off]") */
    COMPLETE_LAYER,  /* these, and the number of a hidden layer */
    COMPLETE_MARK,   /* names of marks */
    COMPLETE_CLASS,  /* the words, and the number of a class of the chosen layer */
    COMPLETE_BIND,   /* a pane, a key, then a command with what completes it */
    COMPLETE_TOPIC,  /* what help knows something about */
    COMPLETE_SAMPLE, /* names of samples */
    COMPLETE_LESSON, /* names of lessons */
    COMPLETE_REPORT, /* a file, what of, and the number of a hidden layer */
    COMPLETE_NAME,   /* names of inputs and outputs */
};

enum { COMMAND_SEARCH_SIZE = 128 };

/* The screen as commands see it; every function gets `user`. Scripts have none. */
struct command_ui {
    void (*prompt)(void *user, const char *text); /* opens the command line with `text` in it */
    bool (*theme)(void *user, const char *name, struct error *error); /* NULL: shows the list */
    /* NULL: from the current pane on, or closes it; else a command, an option, a pane or view,
     * "keys", "commands" or "options". */
    bool (*help)(void *user, const char *topic, struct error *error);
    bool (*pane)(void *user, const char *name, struct error *error); /* "next", "previous", name */
    size_t (*layer)(void *user);                        /* the chosen hidden layer, 0 none */
    bool (*choose_layer)(void *user, size_t layer);     /* false: there is no such layer */
    void (*move)(void *user, int down, int right);      /* in the current pane */
    void (*neuron)(void *user, int step, bool classes); /* the cursor by neurons or classes */
    size_t (*row)(void *user); /* the test row that drives the trajectories, from 0 */
    bool (*choose_row)(void *user, size_t row);      /* false: there is no such row */
    bool (*choose_class)(void *user, size_t number); /* false: the chosen layer has no such class */
    /* "[PANE] KEY COMMAND..." and "[PANE] KEY". */
    bool (*bind)(void *user, size_t count, const char *const *words, struct error *error);
    bool (*unbind)(void *user, size_t count, const char *const *words, struct error *error);
    void (*enter)(void *user);
    bool (*close)(void *user); /* what lies over the panes; false: nothing does */
    bool (*back)(void *user);  /* leaves a pane; false: nothing to leave */
    void (*zoom)(void *user, int step);
    void (*mouse)(void *user, int on); /* 0, 1; -1: the other way */
    /* The middle pane: a view's name, "next" or "previous". */
    bool (*view)(void *user, const char *name, struct error *error);
    void (*weights)(void *user, bool sent); /* the weight matrix: what the layer sends, or reads */
    void (*plot)(void *user, int on);       /* over the whole screen: 0, 1; -1: the other way */
    void (*redraw)(void *user); /* everything again, should something have spoilt the screen */
    void (*say)(void *user, const char *sentence);    /* the status line */
    bool (*choose_neuron)(void *user, size_t neuron); /* of the chosen layer; false: it has none
                                                         of that number */
    void (*sort)(void *user, int by_size);            /* the inspector's lists: 0, 1; -1 */
    /* `what` (COMMAND_SEARCH_SIZE bytes) is looked for: how often it was, just before. "": gets
     * what was looked for last, stays "" when nothing was. */
    size_t (*search)(void *user, char *what);
    /* What is shown where: "view" and "pane" give a name, "plot" on or off. */
    const char *(*shown)(void *user, const char *what);
    /* Takes up the session of last time; false with a sentence when there is none. */
    bool (*resume)(void *user, struct error *error);
};

struct player;

/* What a start can hold, by the command line or by a session that is taken up: lines of the user's
 * settings leave it alone. */
enum command_hold {
    HOLD_FILES = 1,   /* what is open */
    HOLD_OPTIONS = 2, /* and all else of a session that is taken up, but epsilon */
    HOLD_EPSILON = 4,
    HOLD_THEME = 8,
    HOLD_MOUSE = 16,
    HOLD_SCRIPT = 32, /* the script that is being played */
    HOLD_START = 64,  /* every start: what only somebody who is there can want is refused */
};
struct command_held {
    unsigned what;                        /* of command_hold; HOLD_START is always in it */
    const struct option_choices *choices; /* options that are held one by one; NULL: none */
};

struct command_context {
    struct session *session;
    const struct command_ui *ui; /* NULL in scripts */
    void *user;
    struct player *player;           /* plays scripts and records; NULL: there is none */
    const struct command_held *held; /* for a line of the settings; NULL: it is somebody's own */
};

enum { COMMAND_MAX_WORDS = 24 };

struct explorer_command {
    const char *name;
    const char *arguments; /* "MODEL [DATA]"; when it ends in "...", the last argument is the rest
                              of the line as it is, without quoting */
    const char *help;      /* one line */
    enum command_completion completion;
    size_t least, most; /* number of arguments */
    bool listed;        /* false: meant for keys, left out of the help's list */
    enum command_outcome (*run)(struct command_context *context, size_t count,
                                const char *const *arguments, struct error *error);
};

extern const struct explorer_command explorer_commands[];
extern const size_t explorer_command_count;

/* What a command changes that can be held; 0: nothing. */
unsigned command_touches(const struct explorer_command *command);

/* By name, or by a beginning that only one listed command has; NULL and a sentence otherwise. */
const struct explorer_command *command_find(const char *name, struct error *error);
/* Runs one line: a command and its arguments, separated by spaces, quoted with " or ' or \. An
 * empty line does nothing. What succeeds is recorded while the player does so. A line of the
 * settings does nothing to what is held. */
enum command_outcome command_run(struct command_context *context, const char *line,
                                 struct error *error);

/* Whether the line is a command with as many arguments as it takes. */
bool command_check(const char *line, struct error *error);

struct command_words {
    char *text; /* owned; the words lie in it */
    size_t count;
    const char *word[COMMAND_MAX_WORDS];
};
/* Splits a line as command_run does; false with a sentence for an open quote or too many words. */
bool command_split(const char *line, struct command_words *words, struct error *error);
void command_words_free(struct command_words *words);
/* The words as a line that command_split reads back; a single word is taken for a whole line. */
void command_join(size_t count, const char *const *words, struct text *line);

/* What a command is about; help lists commands and keys in this order. */
#define COMMAND_GROUP_TABLE(GROUP)                                                                 \
    GROUP(EPSILON, "Moving epsilon")                                                               \
    GROUP(LOOKING, "Looking around")                                                               \
    GROUP(VIEWS, "Views and the screen")                                                           \
    GROUP(OPTIONS, "Which neurons are equivalent")                                                 \
    GROUP(HISTORY, "Changes and marks")                                                            \
    GROUP(WORK, "Measuring, files")                                                                \
    GROUP(SCRIPTS, "Lessons and scripts")                                                          \
    GROUP(PROGRAM, "Help, keys, leaving")

/* The word for all layers, where a layer can be named. */
extern const char command_all_layers[];

enum command_group {
#define GROUP(name, title) COMMAND_GROUP_##name,
    COMMAND_GROUP_TABLE(GROUP)
#undef GROUP
        COMMAND_GROUP_COUNT
};
extern const char *const command_group_titles[COMMAND_GROUP_COUNT];

/* What help says of a command beside its row in the table. */
struct command_topic {
    const char *name;
    enum command_group group;
    const char *takes;   /* what the arguments mean; "": it takes none, or they speak for
                            themselves */
    const char *example; /* a line that could be typed */
};
extern const struct command_topic command_topics[];
extern const size_t command_topic_count;
/* NULL when there is none of that name. */
const struct command_topic *command_topic_find(const char *name);

/* The k-th of an option's values ("forward|backward|joint"), copied to `out` (32 bytes); false when
 * there are not so many or the values are a placeholder such as "N". */
bool command_option_value(enum option_id option, size_t index, char *out);
/* Whether `word` is one of the small words of the command's `arguments` ("on|off"). */
bool command_takes_word(const struct explorer_command *command, const char *word);
/* One word as command_split reads it back. */
void command_append_quoted(struct text *out, const char *word);

#endif
