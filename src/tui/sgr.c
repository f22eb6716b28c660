#include "tui/sgr.h"

#include <string.h>

enum { ESCAPE = 0x1b, SHIFT_OUT = 0x0e, SHIFT_IN = 0x0f, BELL = '\a', PARAMETERS = 24 };

/* Attributes that do not show where nothing is printed: bold, dim, italic. */
static const unsigned unseen = 1u << 1 | 1u << 2 | 1u << 3;

void sgr_forget(struct sgr_filter *filter) {
    filter->known = false;
    filter->charset = filter->wanted_charset = 0;
    filter->shift = filter->wanted_shift = 0;
}

void sgr_free(struct sgr_filter *filter) {
    text_free(&filter->held);
}

/* ---- Writing a state ---- */

/* What switches attribute k off; bold and dim go together. */
static int off_code(int k) {
    return k <= 2 ? 22 : 20 + k;
}

static void put_colour(struct text *out, uint32_t colour, int base) {
    uint32_t value = colour & 0xffffff;
    if (colour == 0)
        text_format(out, "%d;", base + 9);
    else if (colour >= SGR_DIRECT)
        text_format(out, "%d;2;%u;%u;%u;", base + 8, value >> 16, value >> 8 & 0xff, value & 0xff);
    else if (value < 8)
        text_format(out, "%d;", base + (int)value);
    else if (value < 16)
        text_format(out, "%d;", base + 60 + (int)value - 8);
    else
        text_format(out, "%d;5;%u;", base + 8, value);
}

/* The way from one state to another without a reset. */
static void put_difference(struct text *out, struct sgr_state from, const struct sgr_state *to) {
    unsigned gone = from.attributes & ~to->attributes;
    for (int k = 1; k <= 9; k++)
        if (gone >> k & 1) {
            text_format(out, "%d;", off_code(k));
            unsigned both = k <= 2 ? 6u : 1u << k;
            from.attributes &= ~both;
            gone &= ~both;
        }
    for (int k = 1; k <= 9; k++)
        if ((to->attributes & ~from.attributes) >> k & 1)
            text_format(out, "%d;", k);
    if (from.foreground != to->foreground)
        put_colour(out, to->foreground, 30);
    if (from.background != to->background)
        put_colour(out, to->background, 40);
}

/* Attributes a terminal cannot switch off by themselves need a reset, as does a colour that is to
 * be the terminal's own. */
static bool needs_reset(const struct sgr_filter *filter, const struct sgr_state *to) {
    const struct sgr_state *from = &filter->terminal;
    return !filter->selective &&
           ((from->attributes & ~to->attributes) || (from->foreground && !to->foreground) ||
            (from->background && !to->background));
}

static void put_sgr(struct text *out, const struct text *codes) {
    text_append(out, "\033[");
    if (codes->length > 0)
        text_append_bytes(out, codes->data, codes->length - 1); /* without the last semicolon */
    text_append(out, "m");
    out->failed |= codes->failed;
}

static bool same_state(const struct sgr_state *x, const struct sgr_state *y) {
    return x->foreground == y->foreground && x->background == y->background &&
           x->attributes == y->attributes;
}

/* The shorter of two ways: from where the terminal is, or from a reset. */
static void put_state(struct sgr_filter *filter, const struct sgr_state *to, struct text *out) {
    static const struct sgr_state plain = {0};
    if (!filter->known || same_state(&filter->terminal, to))
        return;
    struct text difference = {0}, anew = {0};
    put_difference(&difference, filter->terminal, to);
    if (!same_state(to, &plain))
        text_append(&anew, "0;");
    put_difference(&anew, plain, to);
    put_sgr(out, needs_reset(filter, to) || anew.length < difference.length ? &anew : &difference);
    filter->terminal = *to;
    text_free(&difference);
    text_free(&anew);
}

static void settle_charset(struct sgr_filter *filter, struct text *out) {
    if (filter->charset != filter->wanted_charset)
        text_format(out, "\033(%c", filter->wanted_charset);
    if (filter->shift != filter->wanted_shift)
        text_format(out, "%c", filter->wanted_shift);
    filter->charset = filter->wanted_charset;
    filter->shift = filter->wanted_shift;
}

/* Brings the terminal to what was asked of it, before something shows. */
static void settle(struct sgr_filter *filter, struct text *out) {
    settle_charset(filter, out);
    put_state(filter, &filter->wanted, out);
}

/* The same before blanks: of them only the background shows, unless they are marked. */
static void settle_blank(struct sgr_filter *filter, struct text *out) {
    struct sgr_state to = filter->terminal;
    if (filter->wanted.attributes & ~unseen) {
        settle(filter, out);
        return;
    }
    to.background = filter->wanted.background;
    to.attributes &= unseen;
    settle_charset(filter, out);
    put_state(filter, needs_reset(filter, &to) ? &filter->wanted : &to, out);
}

/* ---- Reading sequences ---- */

static bool within(char c, int low, int high) {
    return (unsigned char)c >= low && (unsigned char)c <= high;
}

static size_t control_length(const char *bytes, size_t length) {
    for (size_t i = 2; i < length; i++)
        if (within(bytes[i], 0x40, 0x7e))
            return i + 1;
        else if (!within(bytes[i], 0x20, 0x3f))
            return i; /* broken off by what follows */
    return 0;
}

/* Up to BEL or ESC \. */
static size_t string_length(const char *bytes, size_t length) {
    for (size_t i = 2; i < length; i++)
        if (bytes[i] == BELL)
            return i + 1;
        else if (bytes[i] == ESCAPE && i + 1 < length)
            return bytes[i + 1] == '\\' ? i + 2 : i;
    return 0;
}

/* Of the sequence that begins with ESC here; 0: its end is not there yet. */
static size_t sequence_length(const char *bytes, size_t length) {
    if (length < 2)
        return 0;
    if (bytes[1] == '[')
        return control_length(bytes, length);
    if (bytes[1] && strchr("]PX^_", bytes[1]))
        return string_length(bytes, length);
    size_t i = 1;
    while (i < length && within(bytes[i], 0x20, 0x2f))
        i++;
    return i < length ? i + 1 : 0;
}

/* Numbers between semicolons, an empty one is 0; false for anything else. */
static bool read_parameters(const char *bytes, size_t length, int *values, size_t *count) {
    *count = 1;
    values[0] = 0;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == ';' && *count < PARAMETERS)
            values[(*count)++] = 0;
        else if (within(bytes[i], '0', '9') && values[*count - 1] < 1000)
            values[*count - 1] = 10 * values[*count - 1] + bytes[i] - '0';
        else
            return false;
    return true;
}

/* After 38 or 48: "5;N" or "2;R;G;B". Returns how many values it took, 0: not understood. */
static size_t read_colour(const int *values, size_t count, uint32_t *colour) {
    if (count >= 2 && values[0] == 5 && values[1] < 256) {
        *colour = SGR_INDEXED + (uint32_t)values[1];
        return 2;
    }
    if (count >= 4 && values[0] == 2 && values[1] < 256 && values[2] < 256 && values[3] < 256) {
        *colour = SGR_DIRECT + (uint32_t)(values[1] << 16 | values[2] << 8 | values[3]);
        return 4;
    }
    return 0;
}

/* The colours that are one number: 30 to 37, 39, 90 to 97, and ten more for backgrounds. */
static bool read_short_colour(int value, struct sgr_state *state) {
    bool ground = value / 10 == 4 || value / 10 == 10;
    int rest = value - (ground ? 10 : 0);
    uint32_t *colour = ground ? &state->background : &state->foreground;
    if (rest == 39)
        *colour = 0;
    else if (rest >= 30 && rest <= 37)
        *colour = SGR_INDEXED + (uint32_t)(rest - 30);
    else if (rest >= 90 && rest <= 97)
        *colour = SGR_INDEXED + (uint32_t)(rest - 90 + 8);
    else
        return false;
    return true;
}

static bool read_attribute(int value, struct sgr_state *state) {
    if (value >= 1 && value <= 9 && value != 6)
        state->attributes |= 1u << value;
    else if (value == 22)
        state->attributes &= ~6u;
    else if (value >= 23 && value <= 29 && value != 26)
        state->attributes &= ~(1u << (value - 20));
    else
        return false;
    return true;
}

/* One sequence of SGR numbers; `reset` when one of them was 0. False: some are not understood. */
static bool read_sgr(const int *values, size_t count, struct sgr_state *state, bool *reset) {
    for (size_t i = 0; i < count; i++) {
        if (values[i] == 38 || values[i] == 48) {
            size_t used = read_colour(values + i + 1, count - i - 1,
                                      values[i] == 38 ? &state->foreground : &state->background);
            if (used == 0)
                return false;
            i += used;
        } else if (values[i] == 0) {
            *state = (struct sgr_state){0};
            *reset = true;
        } else if (!read_attribute(values[i], state) && !read_short_colour(values[i], state)) {
            return false;
        }
    }
    return true;
}

/* ---- What each sequence means here ---- */

static void take_sgr(struct sgr_filter *filter, const char *bytes, size_t length,
                     struct text *out) {
    int values[PARAMETERS];
    size_t count;
    bool reset = false;
    struct sgr_state state = filter->wanted;
    bool understood = read_parameters(bytes + 2, length - 3, values, &count) &&
                      read_sgr(values, count, &state, &reset);
    if (filter->known && understood) {
        filter->wanted = state;
        return;
    }
    settle(filter, out);
    text_append_bytes(out, bytes, length);
    filter->known = understood && reset;
    filter->terminal = filter->wanted = state;
}

/* Modes that change nothing of what is drawn. */
static bool is_harmless_mode(const char *bytes, size_t length) {
    static const int modes[] = {1,    7,    12,   25,   1000, 1001, 1002,
                                1003, 1004, 1005, 1006, 1015, 2004, 2026};
    int values[PARAMETERS];
    size_t count;
    if (bytes[2] != '?' || !read_parameters(bytes + 3, length - 4, values, &count) || count != 1)
        return false;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (modes[i] == values[0])
            return true;
    return false;
}

/* What a sequence has to do with colours and attributes. */
enum concern {
    NOTHING,    /* it only moves the cursor or the like */
    BACKGROUND, /* it leaves blanks */
    ALL,
    UNKNOWN, /* it may change them */
};

static void pass(struct sgr_filter *filter, const char *bytes, size_t length, struct text *out,
                 enum concern concern) {
    if (concern == BACKGROUND)
        settle_blank(filter, out);
    else if (concern != NOTHING)
        settle(filter, out);
    text_append_bytes(out, bytes, length);
    if (concern == UNKNOWN)
        sgr_forget(filter);
}

static void take_control(struct sgr_filter *filter, const char *bytes, size_t length,
                         struct text *out) {
    char end = bytes[length - 1];
    bool plain = length == 3 || bytes[2] == ';' || within(bytes[2], '0', '9');
    if (plain && end == 'm')
        take_sgr(filter, bytes, length, out);
    else if (plain && strchr("ABCDEFGHIZadef`", end)) /* the cursor moves */
        pass(filter, bytes, length, out, NOTHING);
    else if (plain && strchr("JKXPLM@ST", end))
        pass(filter, bytes, length, out, BACKGROUND);
    else if (plain && strchr("brcnt", end))
        pass(filter, bytes, length, out, ALL);
    else if ((end == 'h' || end == 'l') && length > 3 && is_harmless_mode(bytes, length))
        pass(filter, bytes, length, out, NOTHING);
    else
        pass(filter, bytes, length, out, UNKNOWN);
}

static void take_sequence(struct sgr_filter *filter, const char *bytes, size_t length,
                          struct text *out) {
    if (bytes[1] == '[')
        take_control(filter, bytes, length, out);
    else if (length == 3 && bytes[1] == '(') {
        filter->wanted_charset = bytes[2];
        if (!filter->known)
            settle(filter, out);
    } else if (length == 2 && (bytes[1] == '=' || bytes[1] == '>'))
        pass(filter, bytes, length, out, NOTHING);
    else
        pass(filter, bytes, length, out, UNKNOWN);
}

/* What is no sequence: printed, or one of the control characters. */
static size_t take_plain(struct sgr_filter *filter, const char *bytes, size_t length,
                         struct text *out) {
    size_t count = 0;
    if (*bytes == SHIFT_IN || *bytes == SHIFT_OUT) {
        filter->wanted_shift = *bytes;
        if (!filter->known)
            settle(filter, out);
        return 1;
    }
    if (strchr("\r\b\t\a", *bytes)) { /* or NUL: nothing is drawn */
        text_append_bytes(out, bytes, 1);
        return 1;
    }
    bool blank = *bytes == ' ' || *bytes == '\n';
    while (count < length && (count == 0 || !within(bytes[count], 0, 0x1f)) &&
           blank == (bytes[count] == ' ' || bytes[count] == '\n'))
        count++;
    pass(filter, bytes, count, out, blank ? BACKGROUND : ALL);
    return count;
}

/* Returns how many bytes were taken: all but a sequence that is not complete. */
static size_t take(struct sgr_filter *filter, const char *bytes, size_t length, struct text *out) {
    size_t at = 0;
    while (at < length) {
        if (bytes[at] != ESCAPE) {
            at += take_plain(filter, bytes + at, length - at, out);
            continue;
        }
        size_t count = sequence_length(bytes + at, length - at);
        if (count == 0)
            break;
        take_sequence(filter, bytes + at, count, out);
        at += count;
    }
    return at;
}

void sgr_feed(struct sgr_filter *filter, const char *bytes, size_t length, struct text *out) {
    struct text *held = &filter->held;
    if (held->length == 0) {
        size_t taken = take(filter, bytes, length, out);
        text_append_bytes(held, bytes + taken, length - taken);
    } else {
        text_append_bytes(held, bytes, length);
        size_t taken = take(filter, held->data, held->length, out);
        memmove(held->data, held->data + taken, held->length - taken);
        held->length -= taken;
    }
    out->failed |= held->failed;
}
