/* Details of one class. */
#include "fake_detail.h"

void fake_explanation(const struct snapshot *snapshot, struct detail *detail) {
    (void)snapshot, (void)detail;
}

void fake_trajectory(const struct snapshot *snapshot, struct detail *detail) {
    (void)snapshot, (void)detail;
}
