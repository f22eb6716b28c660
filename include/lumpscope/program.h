/* The command line of the program (cli.md). */
#ifndef LUMPSCOPE_PROGRAM_H
#define LUMPSCOPE_PROGRAM_H

/* Runs one command and returns the exit status: 0 done, 1 the request cannot be served, 2 usage,
 * 3 internal error, 128 + N stopped by signal N. Results go to standard output; messages, progress
 * and the one sentence of a failure to standard error. */
int program_main(int argc, char **argv);

#endif
