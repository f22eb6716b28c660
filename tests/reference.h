/* The reference numbers in tests/reference, as cJSON. */
#ifndef LUMPSCOPE_TESTS_REFERENCE_H
#define LUMPSCOPE_TESTS_REFERENCE_H

#include "lumpscope/network.h"
#include "lumpscope/options.h"
#include "lumpscope/partition.h"

#include <cjson/cJSON.h>

/* Parses tests/reference/NAME; fails the test when it is not there. */
cJSON *reference_load(const char *name);
/* The member "model" as a network. */
struct network *reference_network(const cJSON *reference);
/* A member that is an array of equally long arrays of numbers. */
struct matrix reference_matrix(const cJSON *array);
/* Whether classes are those of an array [per layer [per class [members]]]; dead neurons in none. */
bool reference_classes_equal(const struct partition *partition, const cJSON *classes);
/* |a - b| <= tolerance * max(|b|, floor). */
bool close_to(double a, double b, double tolerance, double floor);

#endif
