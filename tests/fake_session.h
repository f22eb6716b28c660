/* A session without computation: a handmade network whose merges, sizes and errors follow simple
 * formulas, so that every screen is the same on every machine. Implements session.h and the
 * counting of snapshot.h; answers at once, in the caller's thread. */
#ifndef LUMPSCOPE_FAKE_SESSION_H
#define LUMPSCOPE_FAKE_SESSION_H

#include "lumpscope/session.h"

enum fake_kind {
    FAKE_SQUARE,    /* glycolysis, 7-64-4-64-7, square and linear, with data */
    FAKE_EMPTY,     /* nothing open */
    FAKE_WIDE,      /* a classifier with layers of 2048 and 300 neurons, some dead */
    FAKE_DEEP,      /* 24 hidden layers */
    FAKE_ESTIMATE,  /* as FAKE_SQUARE, the error an estimate, a baseline refused */
    FAKE_BUSY,      /* as FAKE_SQUARE; a sweep stays at 12 of 40 until it is cancelled */
    FAKE_TINY,      /* as FAKE_SQUARE, errors from 4e-20 that grow by orders of magnitude */
    FAKE_OPENING,   /* nothing published yet */
    FAKE_ANALYSING, /* as FAKE_SQUARE, while its first analysis runs; cancelled it is stopped */
    FAKE_UNJUDGED,  /* as FAKE_SQUARE, data without target columns */
    FAKE_DATALESS,  /* as FAKE_SQUARE, without data */
    FAKE_LARGE,     /* as FAKE_SQUARE, the numbers as long as they can be */
    FAKE_TURNED,    /* as FAKE_SQUARE, a curve that is not monotone, marks, a class that keeps a
                       neuron */
    FAKE_FEW,       /* as FAKE_SQUARE, layers of 1, 6 dead, 1 live of 6, 5 live of 8 neurons */
    FAKE_LATE,      /* as FAKE_SQUARE, every detail a request behind */
    FAKE_FORMAT,    /* as FAKE_SQUARE, opened from a safetensors file of BF16 */
    FAKE_HOSTILE,   /* names with escape sequences, wide and combining characters, very long ones */
};

struct session *fake_session_new(enum fake_kind kind);

#endif
