/* Polynomial systems in the .ode format of the tool ERODE (method.md section 2).
 *
 * What is written, and what is read:
 *
 *     // comments
 *     begin model NAME
 *      begin init
 *       x0_1            initial value 0; "x0_1 = 0.5" is read and the value forgotten
 *      end init
 *      begin partition
 *       {x0_1,x0_2},    variables that are in no block are one further block
 *       {x1_1}
 *      end partition
 *      begin ODE
 *       d(x0_1) = 0
 *       d(x1_1) = 1.5+2.0*x0_1-x0_1*x0_2
 *      end ODE
 *     end model
 *
 * Powers are written as products, x*x: ERODE's approximate equivalences refuse powers. Numbers
 * carry a point or an exponent, because ERODE reads bare integers as 32 bits. */
#ifndef LUMPSCOPE_ODE_FILE_H
#define LUMPSCOPE_ODE_FILE_H

#include "lumpscope/polynomial.h"

struct text;

/* Appends the system. The model's name is "network_" and `name` with everything but letters and
 * digits made an underscore, so that it is no word of ERODE's. Labels become comments; `comment`
 * (NULL: none) goes first, each of its lines a comment. Names must be different identifiers. */
bool ode_file_print(const struct polynomial_system *system, const char *name, const char *comment,
                    struct text *out, struct error *error);

/* Reads a system from memory; `file` stands for it in sentences. Gives the same system, coefficient
 * by coefficient, names and partition included, but for the labels. Sums of products of numbers and
 * variables, no parentheses, powers, parameters or commands: anything else is an ERROR_REQUEST with
 * file, line and what was expected. `text` [length] is NUL-terminated. */
struct polynomial_system *ode_file_parse(const char *file, const char *text, size_t length,
                                         struct error *error);
struct polynomial_system *ode_file_load(const char *path, struct error *error);

#endif
