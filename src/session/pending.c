#include "lumpscope/saved.h"
#include "lumpscope/session.h"

bool session_undo(struct session *session, struct text *what, struct error *error) {
    (void)session, (void)what;
    return error_set(error, ERROR_USAGE, "nothing to undo");
}

bool session_redo(struct session *session, struct text *what, struct error *error) {
    (void)session, (void)what;
    return error_set(error, ERROR_USAGE, "nothing to do again");
}

void session_join_moves(struct session *session, bool on) {
    (void)session, (void)on;
}

bool session_mark(struct session *session, const char *name, struct text *used,
                  struct error *error) {
    (void)session, (void)name, (void)used;
    return error_set(error, ERROR_USAGE, "no marks");
}

bool session_unmark(struct session *session, const char *name, struct error *error) {
    (void)session, (void)name;
    return error_set(error, ERROR_USAGE, "no marks");
}

bool session_jump(struct session *session, const char *name, struct text *used,
                  struct error *error) {
    (void)session, (void)name, (void)used;
    return error_set(error, ERROR_USAGE, "no marks");
}

bool session_saved(struct session *session, struct saved_session *saved) {
    (void)session, (void)saved;
    return false;
}

void session_restore(struct session *session, const struct saved_session *saved) {
    (void)session, (void)saved;
}
