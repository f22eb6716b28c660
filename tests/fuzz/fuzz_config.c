/* The user's settings, read before the first frame. */
#include "fuzz.h"
#include "headless.h"
#include "small.h"

#include "tui/frame.h"
#include "tui/start.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error error = {0};
    struct explorer_options options = {.config = "config", .mouse = true};
    int before = small_enter();
    if (small_write("config", data, size)) {
        struct ui ui = {.options = &options, .session = session_new(&error)};
        fuzz_require(ui.session, "%s", error.text);
        session_open(ui.session, "m0.json", "d0.csv", NULL, NULL);
        small_settle(ui.session);
        fuzz_require(ui_start(&ui, &error), "%s", error.text);
        ui_watch(&ui);
        frame_draw(&ui);
        small_settle(ui.session);
        small_check(ui.snapshot);
        ui_end(&ui);
        session_free(ui.session);
    }
    small_leave(before);
    return 0;
}
