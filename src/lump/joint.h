/* Internal: one joint distance. */
#ifndef LUMPSCOPE_LUMP_JOINT_H
#define LUMPSCOPE_LUMP_JOINT_H

#include "lumpscope/distance.h"

/* d(i,j) of a SOURCE_JOINT; `work` [rows]. */
double joint_pair(const struct distance_source *source, size_t i, size_t j, double *work);

#endif
