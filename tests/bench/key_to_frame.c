/* How soon the explorer answers, through a pseudo-terminal of 120x40:
 *
 *     key_to_frame PROGRAM [MODEL DATA]
 *
 * prints the time from start to the first frame and to the first one with classes, then for 500
 * presses that move epsilon the time to the frame that shows the new epsilon, to the frame that
 * shows the exact error there, and the bytes written for it. Without MODEL the embedded sample. */
#include "terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PRESSES = 500, ROWS = 40, COLUMNS = 120 };

static double now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

/* The line of epsilon, up to the next event. */
static void epsilon_line(struct terminal *terminal, char *out, size_t size) {
    const char *text = terminal_text(terminal), *line = strchr(text, '\n');
    size_t length = line ? strcspn(line + 1, "\n") : 0;
    snprintf(out, size, "%.*s", (int)length, line ? line + 1 : "");
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

static void print_quantiles(const char *what, const char *unit, double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
    printf("%-34s p50 %7.2f %s   p99 %7.2f %s   max %7.2f %s\n", what, values[count / 2], unit,
           values[count * 99 / 100], unit, values[count - 1], unit);
}

static double until_shown(struct terminal *terminal, double start, const char *text) {
    while (!terminal_shows(terminal, text) && now_ms() - start < 60000)
        terminal_read(terminal, 1);
    return now_ms() - start;
}

static void press(struct terminal *terminal, const char *key, double *frame, double *exact,
                  double *bytes) {
    char before[512], after[512];
    size_t written = terminal_bytes(terminal);
    epsilon_line(terminal, before, sizeof before);
    double start = now_ms();
    terminal_send(terminal, key);
    do {
        terminal_read(terminal, 1);
        epsilon_line(terminal, after, sizeof after);
    } while (strcmp(before, after) == 0 && now_ms() - start < 5000);
    *frame = now_ms() - start;
    *exact = until_shown(terminal, start, "exact");
    while (terminal_read(terminal, 30))
        continue;
    *bytes = (double)(terminal_bytes(terminal) - written);
}

int main(int count, char **words) {
    if (count != 2 && count != 4) {
        fprintf(stderr, "key_to_frame PROGRAM [MODEL DATA]\n");
        return 2;
    }
    const char *arguments[] = {count == 4 ? words[2] : NULL, "--data", words[count - 1], NULL};
    static double frame[PRESSES], exact[PRESSES], bytes[PRESSES];
    double start = now_ms();
    struct terminal *terminal = terminal_start(ROWS, COLUMNS, words[1], arguments, NULL);
    double first = until_shown(terminal, start, "lumpscope");
    printf("first frame                        %.1f ms\n", first);
    printf("first frame with classes           %.1f ms\n",
           until_shown(terminal, start, "classes   next merge"));
    printf("first exact error                  %.1f ms\n", until_shown(terminal, start, "exact"));
    while (terminal_read(terminal, 300))
        continue;
    for (int k = 0; k < PRESSES; k++)
        press(terminal, k / 50 % 2 ? "h" : "l", &frame[k], &exact[k], &bytes[k]);
    print_quantiles("key to frame with the new epsilon", "ms", frame, PRESSES);
    print_quantiles("key to frame with the exact error", "ms", exact, PRESSES);
    print_quantiles("bytes to the terminal per step", "B ", bytes, PRESSES);
    terminal_free(terminal);
    return 0;
}
