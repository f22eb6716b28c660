/* The state of the explorer's screen, and the views that draw it. A view draws from the snapshot
 * and never computes results; what it keeps (cursor, scroll, zoom) is here. */
#ifndef LUMPSCOPE_TUI_UI_H
#define LUMPSCOPE_TUI_UI_H

#include "lumpscope/command.h"
#include "lumpscope/lesson.h"
#include "tui/cells.h"
#include "tui/chooser.h"
#include "tui/keys.h"
#include "tui/layout.h"
#include "tui/prompt.h"

/* What the middle pane shows. */
#define MIDDLE_TABLE(MIDDLE)                                                                       \
    MIDDLE(CLASSES, "classes")                                                                     \
    MIDDLE(DENDROGRAM, "dendrogram")                                                               \
    MIDDLE(EQUATIONS, "equations")                                                                 \
    MIDDLE(TRAJECTORIES, "trajectories")                                                           \
    MIDDLE(WEIGHTS, "weights")

/* Where someone stood in the inspector. */
struct place {
    size_t layer, neuron;
    int line, scroll;
};
enum { TRAIL_PLACES = 32 };

enum middle {
#define MIDDLE(name, text) MIDDLE_##name,
    MIDDLE_TABLE(MIDDLE)
#undef MIDDLE
        MIDDLE_COUNT
};
extern const char *const middle_names[MIDDLE_COUNT];

/* Where a drawing that may be larger than its pane is looked at. */
struct pan {
    int zoom;        /* how often it was doubled */
    int row, column; /* first in sight */
};

struct ui {
    struct session *session;
    struct snapshot *snapshot; /* held; never NULL while the loop runs */
    const struct explorer_options *options;
    struct screen *screen;
    struct prompt *prompt;
    struct player *player;      /* plays scripts and records */
    struct lesson_list lessons; /* that the help lists */
    struct keymap keymap;       /* the keys as they are now */
    struct theme theme;
    struct chooser chooser; /* of themes */
    struct layout layout;
    enum pane pane;     /* where the user is */
    size_t layer;       /* chosen hidden layer from 1; 0: there is none */
    size_t neuron;      /* under the cursor, original number */
    enum middle middle; /* what PANE_CLASSES shows */
    struct watch watch; /* what the session was asked to watch for it */
    bool plot_full;     /* the plot lies over all panes */
    /* Of the dendrogram's branches, and of the weights' cells: what the layer sends, or reads. */
    struct pan tree, matrix;
    bool weights_sent;
    enum zoom zoom;
    struct cells cells;                                /* of the chosen layer */
    int classes_scroll, inspector_scroll, help_scroll; /* first row shown */
    int equations_scroll;                              /* likewise, if there is so much below it */
    size_t row;                                        /* test row of the trajectories, from 0 */
    bool help;                                         /* the help lies over the panes */
    char help_topic[32];                               /* "": all there is */
    int inspector_line;                                /* under its cursor */
    bool by_size;                                      /* its lists: largest first */
    struct place trail[TRAIL_PLACES]; /* neurons one came from, the last one last */
    size_t trail_count;
    double plot_cursor;                 /* epsilon of the plot's cursor; NaN: it follows epsilon */
    char searched[COMMAND_SEARCH_SIZE]; /* the last search, and how often it was repeated */
    size_t searched_again;
    bool dragging;    /* the slider's knob is held */
    int drag_column;  /* where */
    char notice[640]; /* the status line */
    bool notice_is_error;
    bool notice_stays;     /* until a key is pressed, whatever the session says */
    bool notice_of_move;   /* it says where epsilon is: the next move says it anew */
    long notice_since;     /* milliseconds of the clock; it goes after a while */
    uint64_t strip_serial; /* of the card that was turned over */
    int strip_page;        /* to this page, from 0 */
    bool greeted;          /* what epsilon means was said, or is known */
    char offer[384];       /* behind it, until it is passed by: the last session; "" none */
    const struct saved_session *resuming; /* its view is shown once it is open; NULL: none */
    uint64_t change_seen;                 /* change_serial of the last snapshot */
    long save_at; /* monotonic ms when the session is to be saved; 0: never; negative: soon after
                     now */
    struct saving *saving;           /* on its way to the disk (sessions.c); NULL: none */
    bool save_failed;                /* and that was said */
    struct command_held settings;    /* what the settings leave alone */
    const struct command_held *held; /* the same while they are run; else NULL */
    uint64_t message_seen;           /* serial of the session's last message shown */
    bool work_passes; /* figures are being measured, but not for long: nothing to say */
    long rested;      /* clock when no figures were being measured last */
    bool dirty;       /* the screen must be drawn again */
    bool quit;
    int ended_by; /* a signal; 0: the user quit */
};

struct view {
    const char *help;        /* what the pane shows, a sentence or two */
    enum detail_kind detail; /* what the session watches for it */
    /* The pane's title in the longest of its forms that fits `columns`, at most `size` bytes. */
    void (*title)(const struct ui *ui, int columns, char *out, size_t size);
    void (*draw)(const struct ui *ui, const struct area *area);
    /* Cursor or scroll; NULL: nothing moves here. */
    void (*move)(struct ui *ui, int down, int right);
    /* Enter; NULL: nothing to open. */
    void (*enter)(struct ui *ui);
    /* A click at a place of the area: runs commands (actions_run), so that it can be recorded.
     * NULL: only the focus moves. */
    void (*click)(struct ui *ui, const struct area *area, int row, int column);
    /* What it wants of the detail, beside its kind; NULL: nothing. */
    void (*watch)(const struct ui *ui, const struct area *area, struct watch *watch);
    /* Larger (1) or smaller (-1), in the middle pane; NULL: it has one size. */
    void (*zoom)(struct ui *ui, int step);
    /* Before a frame of the middle pane: brings the cursor into sight; NULL: always is. */
    void (*arrange)(struct ui *ui, const struct area *area);
};

extern const struct view view_layers, view_classes, view_inspector, view_plot, view_numbers;
/* Instead of the classes, in their pane. */
extern const struct view view_dendrogram, view_equations, view_trajectories, view_weights;
const struct view *view_of_pane(enum pane pane, enum middle middle);
const struct view *view_of(const struct ui *ui, enum pane pane);
/* Tells the session what the middle pane shows now, when that has changed; nothing while there is
 * no room for any pane. */
void ui_watch(struct ui *ui);
/* The detail the middle pane shows, NULL while there is none of its kind for the chosen layer:
 * `text` (`size` bytes) then says why. An older one is shown while the next is made. */
const struct detail *ui_detail(const struct ui *ui, char *text, size_t size);
/* The current pane: the plot while it lies over the others. */
enum pane ui_focus(const struct ui *ui);
/* The place whose keys work now: the current pane, or what lies over the panes. */
enum pane ui_place(const struct ui *ui);
/* What the middle pane shows is being made, for the first time or anew. */
bool ui_awaits_detail(const struct ui *ui);
/* And that comes next, so that a frame may wait for it: what takes long to make comes after an
 * estimate of the figures (worker_watch_due). */
bool ui_detail_is_next(const struct ui *ui);
/* Adds to the middle pane's title a sign while what it shows is being made. The sign comes and
 * goes; a form that is chosen for the columns ui_title_room leaves stays. */
void ui_title_work(const struct ui *ui, char *out, size_t size);
int ui_title_room(const struct ui *ui, int columns);
/* Enter in the middle pane: to the inspector. */
void ui_enter_inspector(struct ui *ui);
/* Where the middle pane lies; at 80 columns the inspector may have taken its place. */
const struct area *ui_middle_area(const struct ui *ui);
/* Panes in which something can be done; Tab passes the others by. */
bool ui_pane_is_active(const struct ui *ui, enum pane pane);

/* Lines the header would like at this width: 1, or 2 when one would have to leave words out. */
int header_rows(const struct ui *ui, int columns);
void header_draw(const struct ui *ui, const struct area *area);
/* Whether "? help" stands at this place of the screen. */
bool header_has_help(const struct area *area, int row, int column);
void slider_draw(const struct ui *ui, const struct area *area);
/* Epsilon under a column of the slider. */
double slider_epsilon_at(const struct ui *ui, const struct area *area, int column);
/* Rows of the strip on a screen of `rows`; 0 while a script says nothing. */
int strip_rows(const struct ui *ui, int rows);
void strip_draw(const struct ui *ui, const struct area *area);
/* Turns to the next page of a long text; false: there is none. */
bool strip_turn(struct ui *ui);
void status_draw(const struct ui *ui, const struct area *area);
/* Over the panes. */
void plot_full_draw(const struct ui *ui, const struct area *area);
void plot_full_click(struct ui *ui, const struct area *area, int row, int column);
void help_draw(const struct ui *ui, const struct area *area);
/* Lines the help has at this width, and how many of them a box of `rows` shows. */
int help_lines(const struct ui *ui, int columns);
int help_rows(int rows);
/* Names of its pages that are topics of their own; NULL at the end of the list. */
const char *help_page(size_t index);
/* Whether help has something to say of it. */
bool help_knows(const char *topic);
/* Instead of everything, on a screen below LAYOUT_ROWS x LAYOUT_COLUMNS. */
void too_small_draw(const struct ui *ui, const struct area *area);

/* Chooses a layer; the cursor goes to its first neuron. False when there is no such layer. */
bool ui_choose_layer(struct ui *ui, size_t layer);
/* Puts the cursor on a neuron of the chosen layer and tells the session. */
void ui_choose_neuron(struct ui *ui, size_t neuron);
/* Test rows that can drive the trajectories: 0 without data, SIZE_MAX while that is not known. */
size_t ui_rows(const struct ui *ui);
/* Chooses one, from 0; false when there is no such row. */
bool ui_choose_row(struct ui *ui, size_t row);
/* While a network is open whose classes are not known: "analysing", and how far it is, or why
 * nothing goes on. NULL once they are known, and when no network is open. `out` has `size` bytes.
 */
const char *ui_waiting(const struct ui *ui, char *out, size_t size);
/* The session has not come to an answer about the first network yet. */
bool ui_is_opening(const struct ui *ui);
enum { EPSILON_SENTENCE_SIZE = 160 };
/* What epsilon measures under the options in force: "eps: a merge may ..."; `out` has
 * EPSILON_SENTENCE_SIZE bytes. */
const char *ui_epsilon_sentence(const struct ui *ui, char *out);
/* The colour number of a class as an ink. A neuron alone is dim, so that colour shows what merged,
 * and what is still apart does not change colour when a merge moves it on. */
unsigned ui_class_ink(const struct ui *ui, size_t layer, uint32_t class_id);
/* "exact, 800 rows", "estimate, 256 of 800 rows", and what else a figure can be. */
void ui_figure_state(const struct figure *figure, char *out, size_t size);
/* The figure with its unit in at most `columns` (8 or more): MSE as a number of as many digits as
 * there is room for, four at most, accuracy in percent; "-" when there is none. */
void ui_figure_text(const struct figure *figure, enum task task, int columns, char *out,
                    size_t size);
/* A horizontal bar of `share` (0 to 1) of `columns`, in half columns. */
void ui_bar(const struct ui *ui, const struct area *area, int row, int column, int columns,
            double share, unsigned ink);

#endif
