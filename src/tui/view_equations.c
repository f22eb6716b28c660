/* Why a class is one: a sentence, the equation in which its members are compared, and the
 * coefficients member beside member, adding up to the distance. */
#include "lumpscope/text.h"
#include "tui/columns.h"
#include "tui/sheet.h"
#include "tui/view_class.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>

enum {
    MARK = 1,   /* column of the mark on the deciding row */
    LABEL = 2,  /* column of the rows' names */
    NUMBER = 9, /* columns of a coefficient, the space before it among them */
    LEAST = 13, /* columns of a name at least */
    MOST = 30,  /* and at most */
    ROOMY = 16, /* rows from which on there are empty lines */
};

/* What is drawn, and how the table lies. */
struct page {
    const struct ui *ui;
    const struct detail *detail;
    const struct explanation *seen;
    struct sheet sheet;
    size_t shown[EXPLAIN_MEMBERS], count; /* positions of the members with a column */
    size_t a, b;                          /* positions of the two furthest apart */
    int label, end;                       /* columns of a name; end of the table */
    int decimals;                         /* of the equation's coefficients; -1: digits count */
    int table_decimals, apart_decimals;   /* of the same over the unit, and of the differences */
};

static bool is_joint(const struct page *page) {
    return page->seen->measure == EXPLAIN_OUTPUT;
}

static bool is_alone(const struct page *page) {
    return page->seen->class_size == 1;
}

static size_t position_of(const struct explanation *seen, size_t member) {
    size_t k = 0;
    while (k + 1 < seen->member_count && seen->members[k] != member)
        k++;
    return k;
}

static bool is_shown(const struct page *page, size_t position) {
    for (size_t k = 0; k < page->count; k++)
        if (page->shown[k] == position)
            return true;
    return false;
}

static void show(struct page *page, size_t position, size_t room) {
    if (page->count == room || is_shown(page, position))
        return;
    size_t at = page->count++;
    for (; at > 0 && page->shown[at - 1] > position; at--)
        page->shown[at] = page->shown[at - 1];
    page->shown[at] = position;
}

/* As many members as there is room for: the two that decide, the one under the cursor, the first of
 * the others. */
static void choose_columns(struct page *page) {
    const struct explanation *seen = page->seen;
    int columns = page->end - LABEL - (is_joint(page) ? 0 : NUMBER);
    size_t room = columns - LEAST < NUMBER ? 1 : (size_t)((columns - LEAST) / NUMBER);
    show(page, page->a, room);
    show(page, page->b, room);
    show(page, position_of(seen, page->detail->neuron), room);
    for (size_t k = 0; k < seen->member_count; k++)
        show(page, k, room);
    page->label = columns - NUMBER * (int)page->count;
    page->label = page->label > MOST ? MOST : page->label;
    page->end = LABEL + page->label + NUMBER * (int)page->count + (is_joint(page) ? 0 : NUMBER);
}

/* ---- Numbers ---- */

/* Decimals that give `smallest` this many digits and leave `largest` room in the column; -1 when
 * that cannot be. */
static int decimals_for(double smallest, int digits, double largest) {
    if (!(smallest > 0) || largest < 1e-3 || largest >= 1e5)
        return -1;
    int decimals = digits - 1 - (int)floor(log10(smallest));
    int most = NUMBER - 4 - (largest >= 10 ? (int)floor(log10(largest)) : 0);
    return decimals > most ? most : decimals < 2 ? 2 : decimals;
}

/* One number of decimals for all coefficients of the table, so that they stand in line and show
 * what decides, and one for the differences, so that they can be added up. */
static void choose_decimals(struct page *page) {
    const struct explanation *seen = page->seen;
    double largest = 0, decides = 0;
    for (size_t t = 0; t < seen->term_count; t++) {
        decides = fmax(decides, seen->term[t].difference);
        for (size_t k = 0; k < seen->member_count; k++)
            largest = fmax(largest, fabs(seen->term[t].value[k]));
    }
    double smallest = decides > 0 ? decides : largest;
    page->decimals = decimals_for(smallest, 3, largest);
    page->table_decimals = decimals_for(smallest / seen->unit, 3, largest / seen->unit);
    page->apart_decimals = decimals_for(seen->widest, seen->widest < 1e-3 ? 3 : 4, seen->widest);
}

static const char *number_text(double value, int decimals, char *out) {
    if (decimals < 0)
        return text_human(value, 3, out);
    bool zero = fabs(value) < 0.5 * pow(10, -decimals); /* without the sign of what rounding took */
    snprintf(out, TEXT_NUMBER_SIZE, "%.*f", decimals, zero ? 0 : value);
    return out;
}

/* ---- Names ---- */

/* An input's or output's name, else what it is and its number; safe to show, in at most `columns`.
 */
static void end_name(const struct page *page, bool output, size_t i, int columns, char *out,
                     size_t size) {
    const struct network *network = page->ui->snapshot->network;
    const struct scaling *ends = output ? &network->output : &network->input;
    char safe[256];
    scaling_name(ends, output ? "output" : "input", i, safe, sizeof safe);
    columns_shorten(out, size, safe, columns, screen_glyph(page->ui->screen, GLYPH_MARK_CUT));
}

static bool sends_to_outputs(const struct page *page) {
    return page->seen->layer == page->ui->snapshot->hidden;
}

/* A row's name: "to class 2", "from S1"; of a square layer "class 2, x9", and "class 2" for what is
 * sent without another neuron. */
static void term_name(const struct page *page, const struct explain_term *term, char *out,
                      size_t size) {
    char place[128];
    bool product = term->kind == EXPLAIN_PRODUCT || term->kind == EXPLAIN_SLOPE;
    bool reads = term->kind >= EXPLAIN_READ_FROM_CLASS;
    const char *word = product ? "" : reads ? "from " : "to ";
    int room = page->label - columns_width(word) - (product ? 7 : 0);
    if (term->kind == EXPLAIN_READ_FROM_INPUT || (!reads && sends_to_outputs(page)))
        end_name(page, !reads, term->place, room, place, sizeof place);
    else
        snprintf(place, sizeof place, "%s %zu",
                 term->kind == EXPLAIN_SENT_TO_NEURON ? "neuron" : "class", term->place);
    if (term->kind == EXPLAIN_BIAS)
        snprintf(out, size, "bias");
    else if (term->kind == EXPLAIN_PRODUCT)
        snprintf(out, size, "%s, x%zu", place, term->other);
    else
        snprintf(out, size, "%s%s", word, place);
}

/* What z is: "the sum of class 2 of layer 4". */
static void place_text(const struct page *page, const struct explain_term *term,
                       struct text *text) {
    const struct explanation *seen = page->seen;
    bool reads = term->kind >= EXPLAIN_READ_FROM_CLASS;
    char name[128];
    if (term->kind == EXPLAIN_READ_FROM_INPUT || (!reads && sends_to_outputs(page))) {
        end_name(page, !reads, term->place, 32, name, sizeof name);
        text_format(text, "%s %s", reads ? "input" : "output", name);
    } else if (term->kind == EXPLAIN_SENT_TO_NEURON)
        text_format(text, "neuron %zu of layer %zu", term->place, seen->layer + 1);
    else
        text_format(text, "%s of class %zu of layer %zu", reads ? "each neuron" : "the sum",
                    term->place, reads ? seen->layer - 1 : seen->layer + 1);
}

/* ---- The equation ---- */

/* A line of an equation; where it goes on is further right. */
static void put_equation(struct page *page, struct text *text) {
    sheet_wrap_text(&page->sheet, LABEL, 2, ROLE_TEXT, text);
}

static void put_words(struct page *page, unsigned ink, struct text *text) {
    sheet_wrap_text(&page->sheet, LABEL, 0, ink, text);
}

/* "y = x3 + x17 + x42": the class as one variable; members joined by the sign. */
static void draw_variable(struct page *page, const char *begin, const char *sign) {
    const struct explanation *seen = page->seen;
    struct text text = {0};
    text_append(&text, begin);
    for (size_t k = 0; k < seen->member_count; k++)
        text_format(&text, "%s x%zu", k ? sign : "", seen->members[k]);
    if (seen->member_count < seen->class_size)
        text_format(&text, "%s %s (%zu neurons)", sign,
                    screen_glyph(page->ui->screen, GLYPH_ELLIPSIS), seen->class_size);
    put_equation(page, &text);
}

static void add_coefficient(const struct page *page, struct text *text, double value, bool first,
                            const char *variable, size_t number) {
    char digits[TEXT_NUMBER_SIZE];
    const char *sign = first ? (value < 0 ? "-" : "") : value < 0 ? " - " : " + ";
    text_format(text, "%s%s%s", sign, number_text(fabs(value), page->decimals, digits), variable);
    if (number != SIZE_MAX)
        text_format(text, "%zu", number);
}

/* "z' = 0.41 x3 + 0.40 x17 + ..." and what it is about with y for the members. */
static void draw_linear(struct page *page, const struct explain_term *term, const char *left) {
    const struct explanation *seen = page->seen;
    const char *dots = screen_glyph(page->ui->screen, GLYPH_ELLIPSIS);
    const char *about = screen_glyph(page->ui->screen, GLYPH_ABOUT);
    struct text text = {0};
    double sum = 0;
    text_format(&text, "%s = ", left);
    for (size_t k = 0; k < page->count; k++) {
        size_t at = page->shown[k];
        add_coefficient(page, &text, term->value[at], k == 0, " x", seen->members[at]);
        sum += term->value[at];
    }
    text_format(&text, " + %s", dots);
    put_equation(page, &text);
    if (is_alone(page))
        return;
    if (page->count == seen->class_size) {
        text_format(&text, "   %s ", about);
        add_coefficient(page, &text, sum / (double)page->count, true, " y", SIZE_MAX);
        text_format(&text, " + %s", dots);
    } else
        text_format(&text, "   %s m y + %s   m: the mean of all %zu", about, dots,
                    seen->class_size);
    put_equation(page, &text);
}

/* Columns of the longer number of the two furthest apart. */
static int pair_columns(const struct page *page) {
    return snprintf(NULL, 0, "%zu", page->seen->members[page->a > page->b ? page->a : page->b]);
}

/* One of the two furthest apart: how z' changes with it. */
static void draw_slope(struct page *page, const struct explain_term *term, size_t at) {
    const char *d = screen_glyph(page->ui->screen, GLYPH_PARTIAL);
    struct text text = {0};
    bool product = term->kind == EXPLAIN_PRODUCT;
    text_format(&text, "%sz'/%sx%-*zu = ", d, d, pair_columns(page), page->seen->members[at]);
    add_coefficient(page, &text, term->value[at], true, product ? " x" : "",
                    product ? term->other : SIZE_MAX);
    text_format(&text, " + %s", screen_glyph(page->ui->screen, GLYPH_ELLIPSIS));
    put_equation(page, &text);
}

/* One of the two furthest apart: what it reads. */
static void draw_reading(struct page *page, const struct explain_term *term, size_t at) {
    const struct explanation *seen = page->seen;
    struct text text = {0};
    bool bias = term->kind == EXPLAIN_BIAS;
    const char *activation = page->ui->snapshot->layers[seen->layer - 1].activation;
    char prime[32];
    snprintf(prime, sizeof prime, "%zu'", seen->members[at]);
    text_format(&text, "x%-*s= %s(", pair_columns(page) + 2, prime, activation);
    add_coefficient(page, &text, term->value[at], true, bias ? "" : " z", SIZE_MAX);
    text_format(&text, " + %s)", screen_glyph(page->ui->screen, GLYPH_ELLIPSIS));
    put_equation(page, &text);
}

static const char *meaning_of(const struct page *page) {
    if (is_alone(page))
        return "With equal coefficients one neuron could stand for both.";
    if (page->seen->relation == RELATION_BACKWARD)
        return "With equal coefficients the members start equal and stay equal: one neuron y can "
               "stand for each.";
    return "With equal coefficients all that counts of the members is their sum y, and one neuron "
           "can stand for all.";
}

/* Under the equation: what its letters are, and what equal coefficients would mean. */
static void draw_meaning(struct page *page, const struct explain_term *term, const char *before) {
    struct text text = {0};
    if (term->kind != EXPLAIN_BIAS) {
        text_format(&text, "%s", before);
        place_text(page, term, &text);
        text_append(&text, ". ");
    }
    text_append(&text, meaning_of(page));
    if (page->seen->relation == RELATION_FORWARD && page->ui->snapshot->sufficient_only)
        text_append(&text, " That is a sufficient condition.");
    put_words(page, ROLE_LABEL, &text);
}

static void draw_forward(struct page *page, const struct explain_term *term) {
    bool neuron = term->kind == EXPLAIN_SENT_TO_NEURON;
    if (!is_alone(page))
        draw_variable(page, "y =", " +");
    if (term->kind == EXPLAIN_PRODUCT || term->kind == EXPLAIN_SLOPE) {
        draw_slope(page, term, page->a);
        draw_slope(page, term, page->b);
    } else
        draw_linear(page, term, neuron ? "u" : "z'");
    draw_meaning(page, term, neuron ? "u: what is read by " : "z: ");
}

static void draw_backward(struct page *page, const struct explain_term *term) {
    if (!is_alone(page))
        draw_variable(page, "y =", " =");
    draw_reading(page, term, page->a);
    draw_reading(page, term, page->b);
    draw_meaning(page, term, "z: ");
}

static void draw_joint(struct page *page) {
    struct text text = {0};
    text_append(&text, "Measured on the calibration rows: how far the output moves when one neuron "
                       "reads the weighted mean of what the two read, and sends what fits best. "
                       "What they send now is in the table.");
    put_words(page, ROLE_LABEL, &text);
}

static void draw_equation(struct page *page) {
    const struct explain_term *term = &page->seen->term[0];
    if (page->seen->relation == RELATION_JOINT)
        draw_joint(page);
    else if (page->seen->relation == RELATION_FORWARD)
        draw_forward(page, term);
    else
        draw_backward(page, term);
}

/* ---- The table ---- */

/* End of the column of the k-th member shown. */
static int column_end(const struct page *page, size_t k) {
    return LABEL + page->label + NUMBER * ((int)k + 1);
}

/* What the columns hold: "coefficient / 1.58" where epsilon counts in that unit, so that what
 * stands in a row can be subtracted. It may reach to the first column's own heading. */
static void draw_heading(struct page *page, int room) {
    const struct explanation *seen = page->seen;
    bool all = page->count >= seen->class_size;
    char text[64], unit[TEXT_NUMBER_SIZE + 4] = "", number[TEXT_NUMBER_SIZE];
    if (seen->unit != 1)
        snprintf(unit, sizeof unit, " / %s", text_human(seen->unit, 3, number));
    if (all)
        snprintf(text, sizeof text, "%s%s", is_joint(page) ? "sent" : "coefficient", unit);
    else
        snprintf(text, sizeof text, "%zu of %zu shown%s", page->count, seen->class_size, unit);
    if (!all && columns_width(text) > room)
        snprintf(text, sizeof text, "%zu of %zu%s", page->count, seen->class_size, unit);
    sheet_put(&page->sheet, LABEL, ROLE_LABEL, text);
}

/* Stars are on the two that are furthest apart. */
static void draw_header(struct page *page) {
    const struct explanation *seen = page->seen;
    char text[64];
    draw_heading(page,
                 page->label + NUMBER - snprintf(NULL, 0, " *x%zu", seen->members[page->shown[0]]));
    for (size_t k = 0; k < page->count; k++) {
        size_t at = page->shown[k], member = seen->members[at];
        bool star = seen->member_count > 1 && (at == page->a || at == page->b);
        snprintf(text, sizeof text, "%sx%zu", star ? "*" : "", member);
        unsigned ink = member == page->detail->neuron ? ROLE_SELECTED
                       : star                         ? ROLE_KEY
                                                      : ROLE_LABEL;
        sheet_put_right(&page->sheet, column_end(page, k), ink, text);
    }
    if (!is_joint(page) && seen->member_count > 1)
        sheet_put_right(&page->sheet, page->end, ROLE_KEY, "* apart");
    sheet_next(&page->sheet);
}

static void draw_term(struct page *page, size_t t) {
    const struct explanation *seen = page->seen;
    const struct explain_term *term = &seen->term[t];
    char name[160], shown[160], number[TEXT_NUMBER_SIZE];
    bool compared = !is_joint(page) && seen->member_count > 1;
    bool decides = compared && t == 0 && term->difference > 0;
    unsigned ink = decides ? ROLE_VALUE : ROLE_TEXT;
    term_name(page, term, name, sizeof name);
    columns_shorten(shown, sizeof shown, name, page->label,
                    screen_glyph(page->ui->screen, GLYPH_MARK_CUT));
    if (decides)
        sheet_put_glyph(&page->sheet, MARK, ROLE_KEY, GLYPH_ROW_MARK);
    sheet_put(&page->sheet, LABEL, ink, shown);
    for (size_t k = 0; k < page->count; k++)
        sheet_put_right(
            &page->sheet, column_end(page, k), ink,
            number_text(term->value[page->shown[k]] / seen->unit, page->table_decimals, number));
    if (compared)
        sheet_put_right(&page->sheet, page->end, ink,
                        number_text(term->difference / seen->unit, page->apart_decimals, number));
    sheet_next(&page->sheet);
}

/* A line of the table's end: words on the left, a number under the differences. */
static void draw_end(struct page *page, unsigned ink, const char *words, double value) {
    char number[TEXT_NUMBER_SIZE], shown[160];
    int start = page->end;
    if (isfinite(value))
        start = sheet_put_right(&page->sheet, page->end, ink,
                                number_text(value, page->apart_decimals, number));
    columns_shorten(shown, sizeof shown, words, start - LABEL - 1,
                    screen_glyph(page->ui->screen, GLYPH_MARK_CUT));
    sheet_put(&page->sheet, LABEL, ink, shown);
    sheet_next(&page->sheet);
}

static void draw_left_out(struct page *page) {
    const struct explanation *seen = page->seen;
    size_t count = seen->terms_compared - seen->term_count;
    char words[64];
    snprintf(words, sizeof words, "%zu other%s, each less", count, count == 1 ? "" : "s");
    if (count > 0)
        draw_end(page, ROLE_TEXT, words, seen->measure == EXPLAIN_SUM ? seen->others : NAN);
}

static const char *verdict(const struct page *page) {
    const struct explanation *seen = page->seen;
    bool within = seen->widest <= seen->epsilon + 1e-9 * (seen->epsilon + 1);
    if (is_alone(page))
        return within ? "epsilon, but its class exceeds it" : "epsilon, exceeded: they stay apart";
    return within ? "epsilon, not exceeded: they merge" : "epsilon, exceeded: others link them";
}

/* What the differences come to, against epsilon. */
static void draw_total(struct page *page) {
    static const char *const words[] = {[EXPLAIN_SUM] = "added up: distance",
                                        [EXPLAIN_ROOT] = "root of sum of squares: distance",
                                        [EXPLAIN_LARGEST] = "largest: distance",
                                        [EXPLAIN_ERODE] = "as ERODE counts: distance",
                                        [EXPLAIN_TENSOR] = "with higher powers: distance",
                                        [EXPLAIN_OUTPUT] = "output moves"};
    const struct explanation *seen = page->seen;
    const char *dash = screen_glyph(page->ui->screen, GLYPH_DASH);
    char text[96];
    snprintf(text, sizeof text, "%s %zu%s%zu", words[seen->measure], seen->widest_a, dash,
             seen->widest_b);
    if (is_joint(page))
        snprintf(text, sizeof text, "output moves, as share of its spread");
    draw_end(page, ROLE_VALUE, text, seen->widest);
    draw_end(page, ROLE_EPSILON, verdict(page), seen->epsilon);
}

static void draw_table(struct page *page) {
    draw_header(page);
    for (size_t t = 0; t < page->seen->term_count; t++)
        draw_term(page, t);
    draw_left_out(page);
    if (page->seen->member_count > 1)
        draw_total(page);
}

/* ---- The rest ---- */

static void draw_next_merge(struct page *page) {
    const struct inspection *inspection = &page->ui->snapshot->inspection;
    struct text text = {0};
    char number[TEXT_NUMBER_SIZE];
    bool same = inspection->layer == page->detail->layer && !inspection->dead &&
                inspection->class_id == page->detail->class_id;
    if (!same || !isfinite(inspection->next_merge))
        return;
    text_format(&text, "The class merges next at epsilon %s",
                text_human(inspection->next_merge, 4, number));
    if (inspection->next_class != SIZE_MAX)
        text_format(&text, ", with class %zu", inspection->next_class);
    text_append(&text, ".");
    put_words(page, ROLE_LABEL, &text);
}

/* What the numbers are. */
static void draw_units(struct page *page) {
    const struct explanation *seen = page->seen;
    struct text text = {0};
    char number[TEXT_NUMBER_SIZE];
    if (!is_joint(page) && seen->member_count > 1) {
        text_format(&text, "* apart: |x%zu - x%zu|. ", seen->widest_a, seen->widest_b);
        if (seen->unit != 1)
            text_format(&text, "The table is divided by %s, the layer's mean, as epsilon counts. ",
                        text_human(seen->unit, 4, number));
    }
    if (is_joint(page) || page->ui->snapshot->options.balance)
        text_append(&text, "Coefficients are those of the balanced network.");
    put_words(page, ROLE_DIM, &text);
}

static void space(struct page *page) {
    if (page->sheet.area->rows >= ROOMY)
        sheet_next(&page->sheet);
}

/* In a low pane the table comes before the equation; words alone always come behind it. */
static void lay_out(struct page *page) {
    const struct explanation *seen = page->seen;
    bool compared = seen->member_count > 1;
    bool first = compared && !is_joint(page) && page->sheet.area->rows >= ROOMY;
    sheet_wrap(&page->sheet, LABEL, 0, ROLE_VALUE, seen->sentence);
    space(page);
    if (first) {
        draw_equation(page);
        space(page);
    }
    draw_table(page);
    space(page);
    if (compared && !first)
        draw_equation(page);
    draw_next_merge(page);
    draw_units(page);
}

/* The page in an area, from line `first` on. */
static struct page page_of(const struct ui *ui, const struct detail *detail,
                           const struct area *area, int first) {
    struct page page = {.ui = ui,
                        .detail = detail,
                        .seen = &detail->explanation,
                        .sheet = {.screen = ui->screen, .area = area, .first = first},
                        .a = position_of(&detail->explanation, detail->explanation.widest_a),
                        .b = position_of(&detail->explanation, detail->explanation.widest_b),
                        .end = area->columns - 1};
    choose_columns(&page);
    choose_decimals(&page);
    return page;
}

/* Lines there are in all, for the rows of `area`. None of them is in sight. */
static int count_lines(const struct ui *ui, const struct detail *detail, const struct area *area) {
    struct page page = page_of(ui, detail, area, INT_MAX / 2);
    lay_out(&page);
    return page.sheet.line;
}

static void draw(const struct ui *ui, const struct area *area) {
    const struct detail *detail = class_detail(ui, area);
    if (!detail)
        return;
    int lines = count_lines(ui, detail, area);
    struct page page =
        page_of(ui, detail, area, sheet_clamp(ui->equations_scroll, lines, area->rows));
    lay_out(&page);
    sheet_draw_more(&page.sheet);
}

static void move(struct ui *ui, int down, int right) {
    const struct area *area = &ui->layout.pane[PANE_CLASSES];
    char text[256];
    const struct detail *detail = ui_detail(ui, text, sizeof text);
    if (right != 0)
        class_step(ui, right);
    else if (detail) {
        int lines = count_lines(ui, detail, area);
        int first = sheet_clamp(ui->equations_scroll, lines, area->rows);
        ui->equations_scroll = sheet_clamp((long)first + down, lines, area->rows);
    }
}

static void title(const struct ui *ui, int columns, char *out, size_t size) {
    char text[256];
    (void)columns;
    const struct detail *detail = ui_detail(ui, text, sizeof text);
    if (!detail)
        snprintf(out, size, "Equations");
    else if (detail->explanation.class_size == 1)
        snprintf(out, size, "Layer %zu: why neuron %zu is alone", detail->layer, detail->neuron);
    else
        snprintf(out, size, "Layer %zu, class %zu: why %zu neurons merge", detail->layer,
                 detail->class_id, detail->explanation.class_size);
    ui_title_work(ui, out, size);
}

const struct view view_equations = {
    .help = "Why the neurons of the class under the cursor merge: the coefficients that are "
            "compared, one column per neuron, the one that decides first. The last column is how "
            "far the two with a star are apart; it comes to the distance, which epsilon bounds. A "
            "neuron that is alone stands beside its nearest.",
    .detail = DETAIL_EXPLANATION,
    .title = title,
    .draw = draw,
    .move = move,
    .enter = ui_enter_inspector,
};
