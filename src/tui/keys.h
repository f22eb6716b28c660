/* The keys, said once: default keys, the pane they belong to, the command they give in the user's
 * own grammar, and the line of help. Lookup and help come from this table. */
#ifndef LUMPSCOPE_TUI_KEYS_H
#define LUMPSCOPE_TUI_KEYS_H

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
    KEY("+ =", CLASSES, "zoom in", "larger cells")                                                 \
    KEY("-", CLASSES, "zoom out", "smaller cells")                                                 \
    KEY("Enter", CLASSES, "enter", "look at the neuron under the cursor")                          \
    KEY("Up", INSPECTOR, "move up", "scroll up")                                                   \
    KEY("Down", INSPECTOR, "move down", "scroll down")                                             \
    KEY("PgUp", INSPECTOR, "move page-up", "scroll up by ten rows")                                \
    KEY("PgDn", INSPECTOR, "move page-down", "scroll down by ten rows")                            \
    KEY("Left", INSPECTOR, "neuron previous", "previous neuron")                                   \
    KEY("Right", INSPECTOR, "neuron next", "next neuron")                                          \
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
    KEY("s", ANY, "sweep", "measure size against error (fills the plot)")                          \
    KEY("w", ANY, "prompt write", "write the reduced network")                                     \
    KEY("M", ANY, "mouse", "release or take the mouse")                                            \
    KEY("C-l", ANY, "redraw", "draw the screen again")                                             \
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

extern const struct key_binding key_bindings[];
extern const size_t key_binding_count;

/* The command of a key in a pane; NULL when it has none. */
const char *keys_command(int32_t key, enum pane pane);
/* Whether a key of this list, in this pane, is taken by a binding of the pane itself: the help then
 * leaves the general one out. */
bool keys_hidden(const struct key_binding *binding, enum pane pane);

#endif
