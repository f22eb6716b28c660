/* Details of one layer. */
#include "fake_detail.h"

void fake_tree(const struct snapshot *snapshot, struct detail *detail) {
    (void)snapshot, (void)detail;
}

void fake_weights(const struct snapshot *snapshot, struct detail *detail) {
    (void)snapshot, (void)detail;
}
