/* Every lesson that comes with the program: its answers do what its tasks ask for, and a reader who
 * only presses Space comes to its end. */
#include "program_support.h"
#include "terminal.h"

#include "lumpscope/lesson.h"
#include "lumpscope/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LESSONS = 4, SPACES = 200, WAITS = 300 };

static int set_up(void **state) {
    if (enter_directory(state) != 0)
        return -1;
    return setenv("XDG_STATE_HOME", *state, 1) || setenv("XDG_DATA_HOME", *state, 1) ||
           setenv("XDG_CONFIG_HOME", *state, 1);
}

/* The lessons of the tree the test was built in. */
static struct lesson_list lessons(void) {
    struct lesson_list list;
    struct error error = {0};
    if (!lesson_list_read(&list, &error))
        fail_msg("%s", error.text);
    assert_true(list.count >= LESSONS);
    return list;
}

static size_t count_lines(const char *path, const char *beginning) {
    char *script = read_file(path);
    size_t count = 0;
    assert_non_null(script);
    for (const char *line = script; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += !strncmp(line, beginning, strlen(beginning));
    }
    free(script);
    return count;
}

static void every_lesson_says_what_it_is_and_ends_in_a_task(void **state) {
    (void)state;
    struct lesson_list list = lessons();
    for (size_t i = 0; i < list.count; i++) {
        const struct lesson *lesson = &list.items[i];
        assert_string_not_equal(lesson->title, lesson->name);
        assert_in_range(lesson->minutes, 3, 5);
        assert_int_equal(lesson->order, i + 1);
        assert_true(count_lines(lesson->path, "try ") >= 1);
        assert_true(count_lines(lesson->path, "answer ") >= count_lines(lesson->path, "try "));
    }
    lesson_list_free(&list);
}

static void the_answers_do_what_the_tasks_ask_for(void **state) {
    (void)state;
    struct lesson_list list = lessons();
    for (size_t i = 0; i < list.count; i++) {
        struct text line = {0};
        text_format(&line, "run '%s'", list.items[i].path);
        char *said = run_good(line.data);
        assert_non_null(strstr(said, "to do: "));
        free(said);
        text_free(&line);
    }
    lesson_list_free(&list);
}

/* What a lesson begins with has to be computed first. */
static void wait_for_the_first_card(struct terminal *terminal) {
    for (int waits = 0; !terminal_shows(terminal, "1 of "); waits++) {
        if (waits > WAITS)
            fail_msg("the lesson does not begin:\n%s", terminal_text(terminal));
        terminal_read(terminal, 100);
    }
}

/* A task whose answer was shown is done as soon as the program has computed it. */
static void wait_until_done(struct terminal *terminal) {
    int waits = 0;
    while (terminal_shows(terminal, "to do, ") && !terminal_shows(terminal, "shows how") &&
           !terminal_shows(terminal, "reads on"))
        if (!terminal_read(terminal, 100) && ++waits > WAITS)
            fail_msg("the task is not done by its answer:\n%s", terminal_text(terminal));
}

static void follow(const struct lesson *lesson, int rows, int columns, size_t tasks) {
    const char *const words[] = {"run", "--tour", lesson->name, NULL};
    struct terminal *terminal =
        terminal_start(rows, columns, getenv("LUMPSCOPE_PROGRAM"), words, NULL);
    char seen[32] = "", place[32];
    size_t done = 0;
    wait_for_the_first_card(terminal);
    for (int spaces = 0; !terminal_shows(terminal, "the lesson is over"); spaces++) {
        int row, column;
        assert_true(spaces < SPACES);
        wait_until_done(terminal);
        if (terminal_find(terminal, "done, ", &row, &column)) {
            const char *at = strstr(terminal_text(terminal), "done, ");
            snprintf(place, sizeof place, "%.10s", at);
            done += strcmp(place, seen) != 0;
            snprintf(seen, sizeof seen, "%s", place);
        }
        if (terminal_shows(terminal, " Space "))
            terminal_send(terminal, " ");
        terminal_settle(terminal);
    }
    assert_int_equal(done, tasks);
    terminal_send(terminal, "q");
    assert_int_equal(terminal_exit(terminal), 0);
    terminal_expect_restored(terminal);
    terminal_free(terminal);
}

static void space_alone_leads_to_the_end_of_every_lesson(void **state) {
    (void)state;
    struct lesson_list list = lessons();
    for (size_t i = 0; i < list.count; i++) {
        const struct lesson *lesson = &list.items[i];
        size_t tasks = count_lines(lesson->path, "try ");
        bool small = i % 2 == 0;
        follow(lesson, small ? 24 : 40, small ? 80 : 120, tasks);
    }
    lesson_list_free(&list);
}

static void lessons_want_a_terminal_and_say_what_does_without(void **state) {
    (void)state;
    struct run run = run_program("run --tour equivalence");
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.err, "without one play its script: \"lumpscope run /"));
    run_free(&run);
    run = run_program("run --tour nosuch");
    assert_int_equal(run.status, 1);
    assert_non_null(strstr(run.err, "there is no lesson \"nosuch\"; there are equivalence, "));
    run_free(&run);
}

static void expect_refused(const char *line, int status, const char *sentence) {
    struct run run = run_program(line);
    assert_int_equal(run.status, status);
    const char *said = run.err ? run.err : "";
    if (!strstr(said, sentence))
        fail_msg("\"%s\" does not say \"%s\"", said, sentence);
    run_free(&run);
}

static void errors_of_a_run_are_its_exit_status(void **state) {
    (void)state;
    write_file("bad", "say first\nfrobnicate\n");
    write_file("absent", "open nosuch.json\n");
    expect_refused("run", 2, "run needs SCRIPT or --tour LESSON");
    expect_refused("run nosuch", 1, "nosuch: ");
    expect_refused("run bad --tour balance", 2, "not both");
    expect_refused("run bad", 2, "lumpscope: bad:2: there is no command \"frobnicate\"");
    expect_refused("run absent", 1, "absent:1: nosuch.json");
    expect_refused("run bad --json", 2, "");
    struct run run = run_program("run bad");
    assert_string_equal(run.out, "first\n");
    run_free(&run);
}

static void lessons_are_listed(void **state) {
    (void)state;
    write_file("list", "tour\n");
    char *said = run_good("run list");
    assert_non_null(strstr(said, "lessons: equivalence (What is a forward equivalence); "));
    free(said);
    write_file("bad", "sample nosuch\n");
    expect_refused("run bad", 1, "bad:1: sample nosuch: ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lesson_says_what_it_is_and_ends_in_a_task),
        cmocka_unit_test(the_answers_do_what_the_tasks_ask_for),
        cmocka_unit_test(space_alone_leads_to_the_end_of_every_lesson),
        cmocka_unit_test(lessons_want_a_terminal_and_say_what_does_without),
        cmocka_unit_test(errors_of_a_run_are_its_exit_status),
        cmocka_unit_test(lessons_are_listed),
    };
    return cmocka_run_group_tests(tests, set_up, leave_directory);
}
