#include "lumpscope/program.h"

#include <cblas.h>
#include <locale.h>

int main(int argc, char **argv) {
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");  /* numbers are written and read alike everywhere */
    openblas_set_num_threads(1); /* a result does not depend on the number of threads */
    return program_main(argc, argv);
}
