/* The parts of test_allocation. */
#ifndef LUMPSCOPE_TESTS_ALLOCATION_PARTS_H
#define LUMPSCOPE_TESTS_ALLOCATION_PARTS_H

/* What no command reads: ODE files, themes, saved sessions, lessons, results of bench. The working
 * directory holds m.json, m.onnx, m.npz, m.safetensors, d.csv and their kin. */
void ode_files_survive_every_failing_allocation(void **state);
void themes_survive_every_failing_allocation(void **state);
void saved_sessions_survive_every_failing_allocation(void **state);
void lessons_survive_every_failing_allocation(void **state);
void bench_survives_every_failing_allocation(void **state);

/* Removes all files of a directory. */
void remove_files(const char *path);

/* The session and the explorer. */
void opening_a_session_survives_every_failing_allocation(void **state);
void restoring_a_session_survives_every_failing_allocation(void **state);
void requests_without_memory_are_said_to_be_lost(void **state);
void the_explorer_survives_every_failing_allocation(void **state);

#endif
