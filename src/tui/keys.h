/* The keys. Said once: default keys, the pane they belong to, the command they give in the user's
 * own grammar, and the line of help. The live table begins with these and changes with bind and
 * unbind; lookup, help and the status line come from it. */
#ifndef LUMPSCOPE_TUI_KEYS_H
#define LUMPSCOPE_TUI_KEYS_H

#include "lumpscope/text.h"
#include "tui/input.h"
#include "tui/layout.h"

/* Keys of one pane come before those of every pane when both name the same key. */
#define KEY_TABLE(KEY)                                                                             \
    KEY("j Down", LAYERS, "layer down", "next layer")                                              \
    KEY("k Up", LAYERS, "layer up", "previous layer")                                              \
    KEY("Enter", LAYERS, "enter", "look at the classes of the layer")                              \
    KEY("Left", CLASSES, "move left", "cursor left")                                               \
    KEY("Right", CLASSES, "move right", "cursor right")                                            \
    KEY("Up", CLASSES, "move up", "cursor up")                                                     \
    KEY("Down", CLASSES, "move down", "cursor down")                                               \
    KEY("PgUp", CLASSES, "move page-up", "cursor up by ten rows")                                  \
    KEY("PgDn", CLASSES, "move page-down", "cursor down by ten rows")                              \
    KEY("+ =", CLASSES, "zoom in", "larger cells, more branches")                                  \
    KEY("-", CLASSES, "zoom out", "smaller cells, fewer branches")                                 \
    KEY("Enter", CLASSES, "enter", "look at the neuron under the cursor; weights: read or sent")   \
    KEY("Up", INSPECTOR, "move up", "line up")                                                     \
    KEY("Down", INSPECTOR, "move down", "line down")                                               \
    KEY("PgUp", INSPECTOR, "move page-up", "ten lines up")                                         \
    KEY("PgDn", INSPECTOR, "move page-down", "ten lines down")                                     \
    KEY("Left", INSPECTOR, "neuron previous", "previous neuron")                                   \
    KEY("Right", INSPECTOR, "neuron next", "next neuron")                                          \
    KEY("Enter", INSPECTOR, "enter", "go to the neuron of the line")                               \
    KEY("o", INSPECTOR, "sort", "largest first, or in order")                                      \
    KEY("Left", PLOT, "move left", "next smaller network")                                         \
    KEY("Right", PLOT, "move right", "next larger network")                                        \
    KEY("Enter", PLOT, "enter", "epsilon to this point")                                           \
    KEY("j Down", OVERLAY, "move down", "a line down")                                             \
    KEY("k Up", OVERLAY, "move up", "a line up")                                                   \
    KEY("Space PgDn", OVERLAY, "move page-down", "ten lines down")                                 \
    KEY("PgUp", OVERLAY, "move page-up", "ten lines up")                                           \
    KEY("Home", OVERLAY, "move top", "to the top")                                                 \
    KEY("End", OVERLAY, "move bottom", "to the bottom")                                            \
    KEY("Enter", OVERLAY, "enter", "take what is chosen")                                          \
    KEY("Esc q", OVERLAY, "back", "close")                                                         \
    KEY("h Left", ANY, "previous-event", "previous merge event")                                   \
    KEY("l Right", ANY, "next-event", "next merge event")                                          \
    KEY("H", ANY, "slide -10%", "epsilon down by a tenth of the slider")                           \
    KEY("L", ANY, "slide +10%", "epsilon up by a tenth of the slider")                             \
    KEY("0 Home", ANY, "first-event", "epsilon 0")                                                 \
    KEY("$ End", ANY, "last-event", "last merge event")                                            \
    KEY("e", ANY, "prompt eps", "type an epsilon")                                                 \
    KEY("j Down", ANY, "layer down", "next layer")                                                 \
    KEY("k Up", ANY, "layer up", "previous layer")                                                 \
    KEY("Tab", ANY, "pane next", "next pane")                                                      \
    KEY("S-Tab", ANY, "pane previous", "previous pane")                                            \
    KEY(",", ANY, "neuron previous", "previous neuron")                                            \
    KEY(".", ANY, "neuron next", "next neuron")                                                    \
    KEY("<", ANY, "class previous", "previous class")                                              \
    KEY(">", ANY, "class next", "next class")                                                      \
    KEY("r", ANY, "cycle relation", "next relation (forward, backward, joint)")                    \
    KEY("g", ANY, "cycle linkage", "next linkage (chain, complete)")                               \
    KEY("n", ANY, "cycle norm", "next norm")                                                       \
    KEY("b", ANY, "cycle balance", "balance on or off")                                            \
    KEY("f", ANY, "cycle refit", "refit on or off")                                                \
    KEY("x", ANY, "lock", "lock or unlock the layer")                                              \
    KEY("v", ANY, "view next", "next view of the middle pane")                                     \
    KEY("E", ANY, "view equations", "why the class is one: its coefficients side by side")         \
    KEY("T", ANY, "view trajectories", "the class over time, original and reduced")                \
    KEY("[", ANY, "row previous", "trajectories: previous test row")                               \
    KEY("]", ANY, "row next", "trajectories: next test row")                                       \
    KEY("p", ANY, "plot", "the plot over the whole screen")                                        \
    KEY("u", ANY, "undo", "take the last change back")                                             \
    KEY("U", ANY, "redo", "do it again")                                                           \
    KEY("m", ANY, "mark", "mark this point")                                                       \
    KEY("'", ANY, "jump", "back to the last mark")                                                 \
    KEY("R", ANY, "resume", "go on with the session of last time")                                 \
    KEY("s", ANY, "sweep", "measure size against error (fills the plot)")                          \
    KEY("P", ANY, "polish", "polish: fit all weights once more")                                   \
    KEY("w", ANY, "prompt write", "write the reduced network")                                     \
    KEY("M", ANY, "mouse", "release or take the mouse")                                            \
    KEY("C-l", ANY, "redraw", "draw the screen again")                                             \
    KEY("/", ANY, "prompt find", "find a neuron, input or output")                                 \
    KEY(":", ANY, "prompt", "command line")                                                        \
    KEY("Esc", ANY, "back", "stop work; close; leave the pane")                                    \
    KEY("?", ANY, "help", "this help")                                                             \
    KEY("q", ANY, "quit", "leave the explorer")

struct key_binding {
    const char *keys;    /* names of input.h, separated by spaces */
    enum pane pane;      /* PANE_ANY: everywhere */
    const char *command; /* what the key gives */
    const char *help;
};

/* The defaults. */
extern const struct key_binding key_bindings[];
extern const size_t key_binding_count;

struct key_entry {
    int32_t key;
    enum pane pane;
    char *command; /* owned */
};

/* The keys as they are now, in the order in which help lists them. Free with keymap_free. */
struct keymap {
    struct key_entry *items; /* [count] owned */
    size_t count, capacity;
};

bool keymap_init(struct keymap *map, struct error *error);
void keymap_free(struct keymap *map);
/* The command of a key in a pane, or else everywhere; NULL when it has none. */
const char *keymap_command(const struct keymap *map, int32_t key, enum pane pane);
/* The same without the keys that work everywhere. */
const char *keymap_own_command(const struct keymap *map, int32_t key, enum pane pane);
/* Gives a key another command; a new binding is listed last. */
bool keymap_bind(struct keymap *map, int32_t key, enum pane pane, const char *command,
                 struct error *error);
/* ERROR_USAGE when the key is not bound there. */
bool keymap_unbind(struct keymap *map, int32_t key, enum pane pane, struct error *error);
/* The names of the keys bound in `place` to entry `index`'s command, separated by spaces, without
 * those that mean something else in `pane`. Empty for an entry whose command was bound there before
 * it, so that each command is listed once. */
void keymap_names(const struct keymap *map, size_t index, enum pane pane, struct text *out);
/* The first key that gives a command in a pane; 0 when none does. */
int32_t keymap_key(const struct keymap *map, const char *command, enum pane pane);
/* What a command does, in words: as the defaults put it, else as its command does. */
const char *keymap_help(const char *command, enum pane pane);

/* "layers", "overlay"; "" for PANE_ANY. */
const char *keymap_place_name(enum pane pane);
/* The place a name means; PANE_ANY when it is none. */
enum pane keymap_place(const char *name);

#endif
