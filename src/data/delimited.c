#include "table.h"

#include "lumpscope/memory.h"

#include <csv.h>
#include <string.h>

enum { SAMPLE_BYTES = 1 << 16, SAMPLE_ROWS = 64, FIELD_BLOCK = 1 << 16 };

static bool parser_init(struct csv_parser *parser, char delimiter, struct error *error) {
    /* Empty cells that were not quoted come as NULL, so that runs of spaces can be told. */
    if (csv_init(parser, CSV_EMPTY_IS_NULL) != 0)
        return error_memory(error, sizeof *parser);
    csv_set_delim(parser, (unsigned char)delimiter);
    csv_set_blk_size(parser, FIELD_BLOCK);
    return true;
}

/* What one delimiter makes of the first rows. */
struct sample {
    char delimiter;
    size_t rows, fields;
    size_t first; /* cells of the first row */
    bool ragged;
};

static void sample_field(void *bytes, size_t length, void *user) {
    (void)length;
    struct sample *sample = user;
    if (bytes || sample->delimiter != ' ')
        sample->fields++;
}

static void sample_row(int end, void *user) {
    (void)end;
    struct sample *sample = user;
    if (sample->fields > 0 && sample->rows < SAMPLE_ROWS) {
        if (sample->rows++ == 0)
            sample->first = sample->fields;
        else if (sample->fields != sample->first)
            sample->ragged = true;
    }
    sample->fields = 0;
}

static struct sample sample_take(const char *text, size_t size, char delimiter) {
    struct sample sample = {.delimiter = delimiter};
    struct csv_parser parser;
    if (!parser_init(&parser, delimiter, NULL))
        return sample;
    size_t taken = size < SAMPLE_BYTES ? size : SAMPLE_BYTES;
    csv_parse(&parser, text, taken, sample_field, sample_row, &sample);
    /* A last row that the sample cuts off says nothing, unless there is no other. */
    if (taken == size || sample.rows == 0)
        csv_fini(&parser, sample_field, sample_row, &sample);
    csv_free(&parser);
    return sample;
}

char delimited_find(const char *text, size_t size) {
    static const char candidates[] = {',', ';', '\t', ' '};
    struct sample best = {.delimiter = ','}, widest = {.delimiter = ','};
    for (size_t i = 0; i < sizeof candidates; i++) {
        struct sample sample = sample_take(text, size, candidates[i]);
        bool space = sample.delimiter == ' ';
        if (sample.first < 2)
            continue;
        if (!sample.ragged && sample.first > best.first && !(space && best.first))
            best = sample;
        if (sample.first > widest.first && !(space && widest.first))
            widest = sample;
    }
    return (char)(best.first ? best.delimiter : widest.delimiter);
}

/* The state of reading: cells are written over the part of the text that has been read, which is
 * never shorter than they are with their NULs. */
struct reader {
    struct table *table;
    struct error *error;
    char delimiter;
    bool failed;
    size_t written;     /* bytes of text used by cells */
    size_t cells, rows; /* so far */
    size_t row_cells;   /* cells of the row that is being read */
    size_t cell_capacity, row_capacity;
    size_t line;      /* line that is being read, from 1 */
    size_t row_line;  /* where the row began; 0 between rows */
    size_t cell_line; /* where the cell that is not yet complete began */
};

static void read_field(void *bytes, size_t length, void *user) {
    struct reader *reader = user;
    if (reader->failed || (!bytes && reader->delimiter == ' '))
        return;
    struct table *table = reader->table;
    if (++reader->row_cells > DATASET_COLUMN_LIMIT) {
        error_set(reader->error, ERROR_REQUEST, "line %zu has more than %d columns; use fewer",
                  reader->row_line, DATASET_COLUMN_LIMIT);
        reader->failed = true;
    } else if (!memory_reserve(&table->cells, &reader->cell_capacity, reader->cells + 1,
                               sizeof *table->cells, reader->error))
        reader->failed = true;
    if (reader->failed)
        return;
    table->cells[reader->cells++] = (uint32_t)reader->written;
    if (bytes)
        memcpy(table->text + reader->written, bytes, length);
    table->text[reader->written + length] = '\0';
    reader->written += length + 1;
    reader->cell_line = 0;
}

static bool row_fits(struct reader *reader) {
    const struct table *table = reader->table;
    if (reader->rows == 0 || reader->row_cells == table->columns)
        return true;
    return error_set(reader->error, ERROR_REQUEST,
                     "line %zu has %zu %s where line %u has %zu; give every row the same columns, "
                     "or name the delimiter",
                     reader->row_line, reader->row_cells, reader->row_cells == 1 ? "cell" : "cells",
                     table->lines[0], table->columns);
}

static void read_row(int end, void *user) {
    (void)end;
    struct reader *reader = user;
    struct table *table = reader->table;
    if (!reader->failed && reader->row_cells > 0) {
        if (reader->rows == 0)
            table->columns = reader->row_cells;
        reader->failed = !row_fits(reader) ||
                         !memory_reserve(&table->lines, &reader->row_capacity, reader->rows + 1,
                                         sizeof *table->lines, reader->error);
        if (!reader->failed)
            table->lines[reader->rows++] = (uint32_t)reader->row_line;
    }
    reader->row_cells = 0;
    reader->row_line = 0;
    reader->cell_line = 0;
}

/* The length of a line with its end: LF, CR LF, or CR. */
static size_t line_length(const char *text, size_t size) {
    size_t length = strcspn(text, "\r\n");
    if (length < size && text[length] == '\r' && text[length + 1] == '\n')
        length++;
    return length < size ? length + 1 : size;
}

/* (strspn would run on through all blank lines that follow, once for each.) */
static bool is_blank(const char *line, size_t length) {
    size_t i = 0;
    while (i < length && strchr(" \t\r\n", line[i]))
        i++;
    return i == length;
}

/* The parser is given line after line, so that it is known where rows and open quotes began. */
static bool read_lines(struct reader *reader, struct csv_parser *parser, const char *text,
                       size_t size) {
    for (size_t at = 0; at < size && !reader->failed; reader->line++) {
        size_t length = line_length(text + at, size - at);
        if (!reader->row_line)
            reader->row_line = reader->line;
        if (!reader->cell_line)
            reader->cell_line = reader->line;
        if (csv_parse(parser, text + at, length, read_field, read_row, reader) != length)
            return error_memory(reader->error, csv_get_buffer_size(parser));
        /* A row that is not over stands in an open quote, but for a blank line, which is none. */
        if (reader->row_line == reader->line && is_blank(text + at, length))
            reader->row_line = reader->cell_line = 0;
        else if (reader->row_line && !reader->cell_line)
            reader->cell_line = reader->line;
        at += length;
    }
    return !reader->failed;
}

/* The last line may have no end; a row that goes on after it stands in an open quote. */
static bool read_end(struct reader *reader, struct csv_parser *parser) {
    csv_parse(parser, "\n", 1, read_field, read_row, reader);
    if (!reader->failed && reader->row_line)
        return error_set(reader->error, ERROR_REQUEST,
                         "line %zu opens a quote that is never closed; close it or remove it",
                         reader->cell_line);
    return !reader->failed;
}

bool delimited_read(struct table *table, char *text, size_t size, char delimiter,
                    struct error *error) {
    table->text = text;
    struct csv_parser parser;
    if (!parser_init(&parser, delimiter, error))
        return false;
    struct reader reader = {.table = table, .error = error, .delimiter = delimiter, .line = 1};
    bool done = read_lines(&reader, &parser, text, size) && read_end(&reader, &parser);
    csv_free(&parser);
    table->rows = reader.rows;
    return done && memory_resize(&table->text, reader.written, 1, error) &&
           memory_resize(&table->cells, reader.cells, sizeof *table->cells, error);
}
