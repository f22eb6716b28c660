/* The explorer: the session on a terminal. */
#ifndef LUMPSCOPE_EXPLORER_H
#define LUMPSCOPE_EXPLORER_H

#include <stdbool.h>

struct session;
struct option_choices;
struct saved_session;

enum colour_mode { COLOUR_MODE_AUTO, COLOUR_MODE_NEVER, COLOUR_MODE_ALWAYS };

/* Strings and lists stay the caller's and must outlive explorer_run. */
struct explorer_options {
    const char *theme;                    /* name, or path with a slash; NULL: dark or light as the
                                             terminal says */
    const char *const *theme_directories; /* where NAME.json is looked for, the user's first;
                                             NULL-terminated; NULL: no themes */
    const char *own_themes;               /* the user's own among them; NULL: none */
    const char *config;                   /* the user's settings, a file of commands that need not
                                             be there; NULL: none */
    bool named;                           /* what is open: settings open nothing else */
    const double *epsilon;                /* likewise; NULL: not given */
    const struct option_choices *choices; /* what the command line gave wins over the settings;
                                             NULL: nothing */
    const char *history;                  /* file of the command line's history; its directory is
                                             made when needed; NULL: not kept */
    const char *script;                   /* played from the start; NULL: none */
    const char *sessions;                 /* directory the session is saved in, made when needed;
                                             NULL: not kept */
    const struct saved_session *last;     /* the session of last time; NULL: none */
    bool resumed;                         /* it was restored already; else it is offered */
    const char *sessions_error;           /* why there is none; NULL: no reason */
    enum colour_mode colour;              /* auto honours NO_COLOR and what the terminal can do */
    bool ascii;                           /* ASCII even when the locale is UTF-8 */
    bool mouse;
};

/* Shows the session until the user quits; the terminal is then as it was before. Returns the exit
 * status; a failure has been said in one sentence on standard error. A signal that ends the program
 * (SIGINT, SIGTERM, SIGHUP) ends it here, with the terminal restored. The session stays the
 * caller's. */
int explorer_run(struct session *session, const struct explorer_options *options);

#endif
