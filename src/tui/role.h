/* What is drawn is said in roles, never in colours: ROLE(name in themes, attributes without
 * colour). A terminal without colours, or a theme that leaves a role out, uses the attributes here.
 */
#ifndef LUMPSCOPE_TUI_ROLE_H
#define LUMPSCOPE_TUI_ROLE_H

enum attribute {
    ATTRIBUTE_BOLD = 1,
    ATTRIBUTE_DIM = 2,
    ATTRIBUTE_UNDERLINE = 4,
    ATTRIBUTE_REVERSE = 8,
    ATTRIBUTE_ITALIC = 16,
};

#define ROLE_TABLE(ROLE)                                                                           \
    ROLE(TEXT, "text", 0)                                                                          \
    ROLE(DIM, "dim", 0)                                                                            \
    ROLE(HEADER, "header", ATTRIBUTE_REVERSE)                                                      \
    ROLE(HEADER_NAME, "header-name", ATTRIBUTE_REVERSE | ATTRIBUTE_BOLD)                           \
    ROLE(FRAME, "frame", 0)                                                                        \
    ROLE(TITLE, "title", ATTRIBUTE_BOLD)                                                           \
    ROLE(TITLE_FOCUS, "title-focus", ATTRIBUTE_REVERSE | ATTRIBUTE_BOLD)                           \
    ROLE(LABEL, "label", 0)                                                                        \
    ROLE(VALUE, "value", ATTRIBUTE_BOLD)                                                           \
    ROLE(GOOD, "good", ATTRIBUTE_BOLD)                                                             \
    ROLE(BAD, "bad", ATTRIBUTE_BOLD)                                                               \
    ROLE(ESTIMATE, "estimate", ATTRIBUTE_UNDERLINE)                                                \
    ROLE(EPSILON, "epsilon", ATTRIBUTE_BOLD)                                                       \
    ROLE(TRACK, "track", 0)                                                                        \
    ROLE(TRACK_DONE, "track-done", ATTRIBUTE_BOLD)                                                 \
    ROLE(MARK, "mark", 0)                                                                          \
    ROLE(KNOB, "knob", ATTRIBUTE_REVERSE | ATTRIBUTE_BOLD)                                         \
    ROLE(SELECTED, "selected", ATTRIBUTE_REVERSE)                                                  \
    ROLE(CURSOR, "cursor", ATTRIBUTE_REVERSE | ATTRIBUTE_BOLD)                                     \
    ROLE(LOCKED, "locked", ATTRIBUTE_UNDERLINE)                                                    \
    ROLE(DEAD, "dead", 0)                                                                          \
    ROLE(POSITIVE, "positive", 0)                                                                  \
    ROLE(NEGATIVE, "negative", ATTRIBUTE_BOLD)                                                     \
    ROLE(AXIS, "axis", 0)                                                                          \
    ROLE(CURVE_LUMP, "curve-lump", ATTRIBUTE_BOLD)                                                 \
    ROLE(CURVE_MAGNITUDE, "curve-magnitude", 0)                                                    \
    ROLE(CURVE_WANDA, "curve-wanda", 0)                                                            \
    ROLE(CURVE_NEURON, "curve-neuron", 0)                                                          \
    ROLE(CURVE_ID, "curve-id", 0)                                                                  \
    ROLE(CURVE_POLISH, "curve-polish", ATTRIBUTE_BOLD)                                             \
    ROLE(MARKER, "marker", ATTRIBUTE_REVERSE | ATTRIBUTE_BOLD)                                     \
    ROLE(STATUS, "status", 0)                                                                      \
    ROLE(ERROR, "error", ATTRIBUTE_REVERSE)                                                        \
    ROLE(PROGRESS, "progress", ATTRIBUTE_BOLD)                                                     \
    ROLE(PROMPT, "prompt", 0)                                                                      \
    ROLE(KEY, "key", ATTRIBUTE_BOLD)                                                               \
    ROLE(OVERLAY, "overlay", 0)                                                                    \
    ROLE(OVERLAY_TITLE, "overlay-title", ATTRIBUTE_BOLD | ATTRIBUTE_UNDERLINE)

enum role {
#define ROLE(name, text, attributes) ROLE_##name,
    ROLE_TABLE(ROLE)
#undef ROLE
        ROLE_COUNT,
    ROLE_CLASS = ROLE_COUNT, /* class colour number k is role ROLE_CLASS + k */
};

enum { THEME_CLASSES = 24, ROLE_ALL = ROLE_CLASS + THEME_CLASSES };

/* An ink is a role and what is done to it: one number, so that drawing calls stay short. */
enum {
    INK_REVERSE = 1 << 8,
    INK_BOLD = 1 << 9,
    INK_UNDERLINE = 1 << 10,
    INK_GROUND = 1 << 16, /* times (role + 1): that role's colour becomes the background */
};

#endif
