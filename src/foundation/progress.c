#include "lumpscope/progress.h"

bool progress_step(const struct progress *progress, const char *what, size_t done, size_t total,
                   struct error *error) {
    if (!progress || !progress->report || progress->report(progress->user, what, done, total))
        return true;
    return error_set(error, ERROR_CANCELLED, "stopped");
}

static bool report_part(void *user, const char *what, size_t done, size_t total) {
    const struct progress_part *part = user;
    if (part->what)
        return progress_step(part->whole, part->what, part->done, part->total, NULL);
    return progress_step(part->whole, what, part->done * total + done, part->total * total, NULL);
}

void progress_part_begin(struct progress_part *part, const struct progress *whole, const char *what,
                         size_t done, size_t total) {
    *part = (struct progress_part){.whole = whole, .what = what, .done = done, .total = total};
    part->progress = (struct progress){.report = report_part, .user = part};
}
